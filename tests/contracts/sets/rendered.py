"""Rendered objects and scenes in the place of photographs, opened in full: together they take about a minute and a half to render."""

from datasets.rendered.coil100 import RenderedCoil100, RenderedCoil100Augmented
from datasets.rendered.isaac3d import RenderedIsaac3D
from datasets.rendered.mpi3d import RenderedMPI3D
from datasets.rendered.rgbd_objects import RenderedRGBDObjects

SETS = {
    "rendered-coil100": lambda folder: RenderedCoil100(),
    "rendered-coil100-augmented": lambda folder: RenderedCoil100Augmented(),
    "rendered-coil100-augmented-binary": lambda folder: RenderedCoil100Augmented(binary=True),
    "rendered-rgbd-objects": lambda folder: RenderedRGBDObjects(),
    "rendered-rgbd-objects-depth": lambda folder: RenderedRGBDObjects(depth=True),
    "rendered-isaac3d": lambda folder: RenderedIsaac3D(),
    "rendered-mpi3d": lambda folder: RenderedMPI3D(),
}
PUBLISHED_SIZES = {
    "rendered-coil100": (100, 72),
    "rendered-coil100-augmented": (100, 72, 18, 9),
    "rendered-coil100-augmented-binary": (100, 72, 18, 9),
    "rendered-rgbd-objects": (51, 1, 4, 263),
    "rendered-rgbd-objects-depth": (51, 1, 4, 263),
    "rendered-isaac3d": (3, 8, 5, 4, 4, 4, 6, 4, 4),
    "rendered-mpi3d": (6, 6, 2, 3, 3, 40, 40),
}
