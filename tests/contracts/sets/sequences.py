"""Sets of sequences: small published files in their formats, packed faces, stand-ins, and a part of a set."""

from datasets.rendered.sprites import RenderedSprites
from datasets.sequences.moving_digits import MovingDigits
from datasets.sequences.mug_fed import MugFed
from datasets.sequences.pendulum import Pendulum
from datasets.sequences.sequence_split import SequenceSplit
from datasets.sequences.sprites import Sprites
from tests.datasets.sequences.mug_files import write_mug_files
from tests.datasets.sequences.sprite_files import write_sprite_files


def mug_fed(folder):
    write_mug_files(folder)
    return MugFed(root=str(folder))


def sprites(folder):
    write_sprite_files(folder)
    return Sprites(root=str(folder))


SETS = {
    "mug_fed": mug_fed,
    "sprites": sprites,
    "rendered-pendulum": lambda folder: Pendulum(),
    "moving-digits": lambda folder: MovingDigits(),
    "rendered-sprites": lambda folder: RenderedSprites(),
    "held out sprites": lambda folder: SequenceSplit(RenderedSprites(), "test", 0.1, by=("body", "shirt", "pants", "hair")),
}
PUBLISHED_SIZES = {
    "rendered-pendulum": (5, 3, 6, 8, 60),
    "rendered-sprites": (7, 4, 5, 6, 3, 3, 8),
}
