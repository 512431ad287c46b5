"""Image sets that need published files, on files of smaller grids."""

from unittest import mock

import numpy as np

from datasets.factor_space import FactorSpace
from datasets.images import cars3d, celeba, falcor3d, isaac3d, mpi3d, smallnorb
from foundation.randomness import stream
from tests import published_files


def smaller(space, *sizes):
    return FactorSpace(space.names, sizes, space.kinds)


def cars(folder):
    space = smaller(cars3d.SPACE, 2, 3, 4)
    published_files.write_cars(folder, space)
    with mock.patch.object(cars3d, "SPACE", space):
        return cars3d.Cars3D(str(folder))


def norb(folder):
    space = smaller(smallnorb.SPACE, 2, 4, 3, 4, 2)
    factors = stream(0, "norb").permutation(published_files.all_factors(space))
    for chunk, instances in zip(smallnorb.CHUNKS, ([0, 3], [1, 2]), strict=True):
        arrays = published_files.norb_arrays(factors[np.isin(factors[:, 1], instances)])
        published_files.write_norb(folder / "small_norb", chunk, arrays, packed=instances[0] == 0)
    with mock.patch.object(smallnorb, "SPACE", space):
        return smallnorb.SmallNORB(str(folder))


def arm(folder, edition, sizes):
    space = FactorSpace(mpi3d.NAMES, sizes, mpi3d.KINDS)
    published_files.write_npz(folder / f"mpi3d_{edition}" / f"mpi3d_{edition}.npz", space)
    dataset = mpi3d.MPI3D(edition, str(folder))
    with mock.patch.object(mpi3d, "SIZES", {edition: (sizes,)}):
        assert len(dataset.factors) == len(published_files.all_factors(space))
    return dataset


def kitchen(folder):
    space = smaller(isaac3d.SPACE, 2, 3, 2, 2, 2, 2, 1, 2, 2)
    published_files.write_numbered(folder / "Isaac3D" / "images", space)
    with mock.patch.object(isaac3d, "SPACE", space):
        return isaac3d.Isaac3D(root=str(folder))


def living_room(folder):
    space = smaller(falcor3d.SPACE, 2, 2, 2, 2, 2, 2, 2)
    published_files.write_numbered(folder / "Falcor3D" / "images", space)
    with mock.patch.object(falcor3d, "SPACE", space):
        return falcor3d.Falcor3D(size=32, root=str(folder))


def faces(folder):
    rng = stream(0, "faces")
    attributes = rng.integers(0, 2, (60, 40))
    # A crowd of two kinds that differ in one attribute each, so that there are pairs.
    attributes[40:] = attributes[0]
    attributes[np.arange(40, 60), np.arange(20)] ^= 1
    published_files.write_faces(folder, attributes, celeba.ATTRIBUTES, rng.integers(0, 256, (60, 218, 178, 3), dtype=np.uint8))
    return celeba.CelebA(root=str(folder))


SETS = {
    "cars3d": cars,
    "smallnorb": norb,
    "mpi3d_toy": lambda folder: arm(folder, "toy", (2, 2, 2, 3, 3, 3, 4)),
    "mpi3d_real_complex": lambda folder: arm(folder, "real_complex", (2, 3, 2, 1, 2, 4, 4)),
    "isaac3d": kitchen,
    "falcor3d": living_room,
    "celeba": faces,
}
