"""COIL-100 and its augmented editions, RGB-D objects, and dSprites with textures and on a painting, on small files."""

from datasets.images.coil100 import Coil100
from datasets.images.coil100_augmented import Coil100Augmented
from datasets.images.rgbd_objects import RGBDObjects
from datasets.images.scream_dsprites import ScreamDSprites
from datasets.images.texture_dsprites import TextureDSprites
from tests.photograph_files import write_painting, write_photographs, write_rgbd_frames, write_textures


def photographs(folder):
    write_photographs(folder / "coil-100" / "coil-100")
    return str(folder)


def frames(folder):
    write_rgbd_frames(folder / "rgbd-objects" / "train")
    return str(folder)


def textures(folder):
    write_textures(folder / "texture" / "Normalized_Brodatz")
    return str(folder)


def painting(folder):
    write_painting(folder / "scream" / "scream.jpg")
    return str(folder)


SETS = {
    "coil100": lambda folder: Coil100(photographs(folder)),
    "coil100_augmented": lambda folder: Coil100Augmented(root=photographs(folder)),
    "coil100_augmented packed": lambda folder: Coil100Augmented(packed=True, root=photographs(folder)),
    "coil100_augmented_binary": lambda folder: Coil100Augmented(binary=True, root=photographs(folder)),
    "rgbd_objects": lambda folder: RGBDObjects(root=frames(folder)),
    "rgbd_objects, every instance": lambda folder: RGBDObjects(every_instance=True, root=frames(folder)),
    "rgbd_objects, paper": lambda folder: RGBDObjects(paper=True, root=frames(folder)),
    "rgbd_objects_depth": lambda folder: RGBDObjects(depth=True, root=frames(folder)),
    "rgbd_objects_depth, paper": lambda folder: RGBDObjects(depth=True, paper=True, root=frames(folder)),
    "texture-dsprites": lambda folder: TextureDSprites(root=textures(folder)),
    "texture-dsprites, small": lambda folder: TextureDSprites(64, root=textures(folder)),
    "scream-dsprites": lambda folder: ScreamDSprites(painting(folder)),
}
PUBLISHED_SIZES = {"scream-dsprites": (1, 3, 6, 40, 32, 32)}
