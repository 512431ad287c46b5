"""The published data sets of the field: publisher, licence, files, mirrors, checksums, and where each file belongs.

Checksums are those that loaders of the field quote (disentanglement_lib, disent, readers of smallNORB, torchvision). A set whose
files cannot be fetched by an address alone (a licence to sign, a page that asks a human) says what to do by hand. Sizes are
approximate. Licences are in a few words: the publisher's own count.
"""

from __future__ import annotations

from datasets.preparation.catalogue import PublishedFile, PublishedSet

_MB, _GB = 10**6, 10**9
_CREATIVE_COMMONS = "CC BY 4.0"
_CARS = "www.scottreed.info/files/nips2015-analogy-data.tar.gz"
_COIL = "www.cs.columbia.edu/CAVE/databases/SLAM_coil-20_coil-100/coil-100/coil-100.zip"
_DSPRITES = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
_MPI3D = "https://github.com/rr-learning/disentanglement_dataset"
_MPI3D_MIRRORS = (
    "https://huggingface.co/datasets/waleedgondal/mpi3d/resolve/main/",
    "https://storage.googleapis.com/disentanglement_dataset/Final_Dataset/",
)
_NORB = "https://cs.nyu.edu/~ylclab/data/norb-v1.0-small/"
_NVIDIA = "https://github.com/NVlabs/High-res-disentanglement-datasets"
_ON_DRIVE = "the publisher's page links it on Google Drive, which asks a human: "


def _norb(chunk: str, part: str, bytes_: int, packed: str, unpacked: str) -> PublishedFile:
    instances = {"training": "46789", "testing": "01235"}[chunk]
    name = f"smallnorb-5x{instances}x9x18x6x2x96x96-{chunk}-{part}.mat"
    return PublishedFile(
        name=f"{name}.gz",
        places=tuple(f"{folder}{name}{end}" for folder in ("small_norb/", "smallnorb/", "norb-v1.0-small/", "") for end in ("", ".gz")),
        bytes_=bytes_,
        mirrors=(f"{_NORB}{name}.gz",),
        hash_=f"md5:{packed}",
        unpacked_hash=f"md5:{unpacked}",
        unpacked_bytes=450 * _MB,
    )


def _mpi3d(edition: str, md5: str, note: str = "", more_places: tuple[str, ...] = ()) -> PublishedSet:
    name = f"mpi3d_{edition}"
    file = PublishedFile(
        name=f"{name}.npz",
        places=(f"{name}/{name}.npz", f"{name}.npz", f"mpi3d/{name}.npz", *more_places),
        bytes_=12 * _GB,
        mirrors=tuple(f"{mirror}{name}.npz" for mirror in _MPI3D_MIRRORS),
        hash_=f"md5:{md5}",
    )
    return PublishedSet(
        name=name,
        publisher=_MPI3D,
        licence=_CREATIVE_COMMONS,
        files=(file,),
        loader="datasets.images.mpi3d",
        edition=(edition,),
        stand_in="rendered_mpi3d",
        packed_as=(name,),
        note=note,
    )


def _pictures_of_nvidia(name: str, title: str, bytes_: int, drive: str) -> PublishedSet:
    folders = (title, f"{title}_down128", f"{title}_128x128", name)
    return PublishedSet(
        name=name,
        publisher=_NVIDIA,
        licence=_CREATIVE_COMMONS,
        files=(
            PublishedFile(
                name=f"{title}_down128.zip",
                places=tuple(f"{folder}/images" for folder in folders),
                bytes_=bytes_,
                inside=f"{title}_down128",
                unpacked_to=f"{title}_down128",
                unpacked_bytes=2 * bytes_,
            ),
        ),
        loader=f"datasets.images.{name}",
        packed_as=(name,),
        by_hand=f"{_ON_DRIVE}{title}_128x128, file {drive}",
    )


PUBLISHED = (
    PublishedSet(
        name="dsprites",
        publisher="https://github.com/google-deepmind/dsprites-dataset",
        licence="Apache 2.0",
        files=(
            PublishedFile(
                name=_DSPRITES,
                places=(f"dsprites/{_DSPRITES}", _DSPRITES),
                bytes_=26 * _MB,
                mirrors=(
                    f"https://github.com/google-deepmind/dsprites-dataset/raw/master/{_DSPRITES}",
                    f"https://raw.githubusercontent.com/google-deepmind/dsprites-dataset/master/{_DSPRITES}",
                ),
            ),
        ),
        loader="datasets.images.dsprites_file",
        stand_in="itself, rendered",
        packed_as=("dsprites",),
        serves=("dsprites-color", "dsprites-color-white", "noisy-dsprites", "noisy-dsprites-color"),
    ),
    PublishedSet(
        name="3dshapes",
        publisher="https://github.com/google-deepmind/3d-shapes",
        licence="Apache 2.0",
        files=(
            PublishedFile(
                name="3dshapes.h5",
                places=("3dshapes/3dshapes.h5", "shapes3d/3dshapes.h5", "3dshapes.h5"),
                bytes_=267_573_662,
                mirrors=("https://storage.googleapis.com/3d-shapes/3dshapes.h5",),
                hash_="md5:099a2078d58cec4daad0702c55d06868",
            ),
        ),
        loader="datasets.images.shapes3d_file",
        stand_in="itself, rendered",
        packed_as=("3dshapes",),
    ),
    PublishedSet(
        name="cars3d",
        publisher="http://www.scottreed.info",
        licence="none stated; cite Reed et al. 2015",
        files=(
            PublishedFile(
                name="nips2015-analogy-data.tar.gz",
                places=("cars", "cars3d/cars", "cars3d", "data/cars"),
                bytes_=300 * _MB,
                mirrors=(f"http://{_CARS}", f"https://{_CARS}"),
                hash_="md5:4e866a7919c1beedf53964e6f7a23686",
                inside="data/cars",
                unpacked_to="cars",
                unpacked_bytes=2 * _GB,
            ),
        ),
        loader="datasets.images.cars3d",
        packed_as=("cars3d",),
    ),
    PublishedSet(
        name="smallnorb",
        publisher=_NORB,
        licence="research only, not to be sold",
        files=(
            _norb("training", "dat", 75 * _MB, "66054832f9accfe74a0f4c36a75bc0a2", "8138a0902307b32dfa0025a36dfa45ec"),
            _norb("training", "cat", 1000, "23c8b86101fbf0904a000b43d3ed2fd9", "fd5120d3f770ad57ebe620eb61a0b633"),
            _norb("training", "info", 10_000, "51dee1210a742582ff607dfd94e332e3", "19faee774120001fc7e17980d6960451"),
            _norb("testing", "dat", 75 * _MB, "e4ad715691ed5a3a5f138751a4ceb071", "e9920b7f7b2869a8f1a12e945b2c166c"),
            _norb("testing", "cat", 1000, "5aa791cd7e6016cf957ce9bdb93b8603", "fd5120d3f770ad57ebe620eb61a0b633"),
            _norb("testing", "info", 10_000, "a9454f3864d7fd4bb3ea7fc3eb84924e", "7c5b871cc69dcadec1bf6a18141f5edc"),
        ),
        loader="datasets.images.smallnorb",
        packed_as=("smallnorb",),
    ),
    _mpi3d(
        "toy",
        "55889cb7c7dfc655d6e0277beee88868",
        "the edition of the challenge (460,800 images) is read too, under its own name sim_toy_64x_ordered_without_heldout_factors.npz",
        (
            "mpi3d_toy/sim_toy_64x_ordered_without_heldout_factors.npz",
            "sim_toy_64x_ordered_without_heldout_factors.npz",
        ),
    ),
    _mpi3d("realistic", "59a6225b88b635365f70c91b3e52f70f"),
    _mpi3d("real", "0f33f609918fb5c97996692f91129802"),
    PublishedSet(
        name="mpi3d_real_complex",
        publisher=_MPI3D,
        licence=_CREATIVE_COMMONS,
        files=(
            PublishedFile(
                name="mpi3d_real_complex.npz",
                places=("mpi3d_real_complex/mpi3d_real_complex.npz", "mpi3d_real_complex.npz", "mpi3d/mpi3d_real_complex.npz"),
                bytes_=6 * _GB,
            ),
        ),
        loader="datasets.images.mpi3d",
        edition=("real_complex",),
        stand_in="rendered_mpi3d",
        packed_as=("mpi3d_real_complex",),
        by_hand=f"{_ON_DRIVE}file 1Tp8eTdHxgUMtsZv5uAoYAbJR1BOa_OQm",
    ),
    _pictures_of_nvidia("isaac3d", "Isaac3D", 13 * _GB, "1OmQ1G2wnm6eTsSFGTKFZZAh5D3nQTW1B"),
    _pictures_of_nvidia("falcor3d", "Falcor3D", 3_700 * _MB, "1XAQfFK1x6cpN1eiovbP0hVfLTm5SsSoJ"),
    PublishedSet(
        name="coil100",
        publisher="https://www.cs.columbia.edu/CAVE/software/softlib/coil-100.php",
        licence="research only, cite Nene et al. 1996",
        files=(
            PublishedFile(
                name="coil-100.zip",
                places=("coil-100/obj1__0.png", "coil-100/coil-100/obj1__0.png"),
                bytes_=125 * _MB,
                mirrors=(f"https://{_COIL}", f"http://{_COIL}"),
                inside="coil-100",
                unpacked_to="coil-100",
                unpacked_bytes=200 * _MB,
            ),
        ),
        loader="datasets.images.coil100",
        packed_as=("coil100",),
        serves=("coil100_augmented", "coil100_augmented_binary"),
        note="augmented images are made from the photographs when they are asked for; `augment coil100` writes them as files",
    ),
    PublishedSet(
        name="rgbd_objects",
        publisher="https://rgbd-dataset.cs.washington.edu",
        licence="non-commercial research",
        files=(
            PublishedFile(
                name="rgbd-dataset.tar",
                places=("rgbd-objects/train", "rgbd-dataset"),
                bytes_=84 * _GB,
                mirrors=("https://rgbd-dataset.cs.washington.edu/dataset/rgbd-dataset/rgbd-dataset.tar",),
                inside="rgbd-dataset",
                unpacked_to="rgbd-objects/train",
                unpacked_bytes=90 * _GB,
            ),
        ),
        loader="datasets.images.rgbd_objects",
        packed_as=("rgbd_objects", "rgbd_objects_depth"),
        serves=("rgbd_objects_depth",),
    ),
    PublishedSet(
        name="texture-dsprites",
        publisher="https://multibandtexture.recherche.usherbrooke.ca/normalized_brodatz.html",
        licence="research only",
        files=tuple(
            PublishedFile(name=f"D{number}.tif", places=(f"texture/Normalized_Brodatz/D{number}.tif",), bytes_=410_000)
            for number in (11, 40, 23, 109, 102)
        ),
        loader="datasets.images.texture_dsprites",
        by_hand="save five textures of the Normalized Brodatz page; the sprites are those of dSprites, published or rendered",
    ),
    PublishedSet(
        name="scream-dsprites",
        publisher="https://commons.wikimedia.org/wiki/File:The_Scream.jpg",
        licence="public domain",
        files=(
            PublishedFile(
                name="scream.jpg",
                places=("scream/scream.jpg",),
                bytes_=5 * _MB,
                mirrors=("https://upload.wikimedia.org/wikipedia/commons/f/f4/The_Scream.jpg",),
            ),
        ),
        loader="datasets.images.scream_dsprites",
        note="the sprites are those of dSprites, published or rendered",
    ),
    PublishedSet(
        name="celeba",
        publisher="http://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
        licence="non-commercial research",
        files=(
            PublishedFile(
                name="img_align_celeba.zip",
                places=("celeba/img_align_celeba", "img_align_celeba", "CelebA/img_align_celeba"),
                bytes_=1_443 * _MB,
                hash_="md5:00d2c5bc6d35e252742224ab0c1e8fcb",
                inside="img_align_celeba",
                unpacked_to="celeba/img_align_celeba",
                unpacked_bytes=2 * _GB,
            ),
            PublishedFile(
                name="list_attr_celeba.txt",
                places=tuple(
                    f"{folder}list_attr_celeba.{end}" for folder in ("celeba/", "celeba/Anno/", "", "CelebA/") for end in ("txt", "csv")
                ),
                bytes_=26 * _MB,
                hash_="md5:75e246fa4810816ffd6ee81facbd244c",
            ),
        ),
        loader="datasets.images.celeba",
        packed_as=("celeba",),
        by_hand="the publisher's page links both files on Google Drive, after its terms (folders Img and Anno)",
    ),
    PublishedSet(
        name="sprites",
        publisher="https://github.com/yatindandi/Disentangled-Sequential-Autoencoder",
        licence="CC BY-SA 3.0 and GPL 3.0 (artists of LPC)",
        files=(
            PublishedFile(
                name="lpc-dataset.zip",
                places=("sprites/lpc-dataset/train", "lpc-dataset/train", "sprites/train"),
                bytes_=2 * _GB,
                inside="lpc-dataset",
                unpacked_to="sprites/lpc-dataset",
                unpacked_bytes=4 * _GB,
            ),
        ),
        loader="datasets.sequences.sprites",
        packed_as=("sprites",),
        by_hand="nobody serves the clips: make them with the Universal LPC Spritesheet Character Generator, a file k.sprite each",
    ),
    PublishedSet(
        name="flatland_file",
        publisher="https://github.com/Caselles/NeurIPS19-SBDRL",
        licence="MIT",
        files=tuple(
            PublishedFile(name=name, places=tuple(f"{folder}{name}" for folder in ("flatland/", "flat_game/", "")), bytes_=bytes_)
            for name, bytes_ in (("inputs.npy", 491 * _MB), ("actions.npy", 80_000))
        ),
        loader="datasets.worlds.flatland_file",
        packed_as=("flatland-file",),
        by_hand="nobody serves the walk: the publisher's flat_game/generate_data.py (pygame, pymunk) makes both files; empty images/ first",
        note="the data set flatland follows the same rules and needs no file",
    ),
    PublishedSet(
        name="mug_fed",
        publisher="https://mug.ee.auth.gr/fed",
        licence="by signed agreement",
        files=tuple(
            PublishedFile(name=name, places=(f"MUG-FED/{name}", f"mug_fed/{name}"), bytes_=bytes_)
            for name, bytes_ in (("MUG_0-255_OF_112x112_color.npz", 2 * _GB), ("labels.npz", 100_000))
        ),
        loader="datasets.sequences.mug_fed",
        packed_as=("mug_fed",),
        by_hand="sign the publisher's agreement, align faces with OpenFace 2.0, `python prepare_datasets.py pack mug_fed FOLDER`",
    ),
)
"""In the order in which they are listed."""
