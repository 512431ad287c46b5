"""scream-dsprites: the sprite inverts a patch of the painting mixed with one colour."""

import numpy as np
import pytest

from datasets.image_files import read_picture
from datasets.images.dsprites import DSprites
from datasets.images.scream_dsprites import ScreamDSprites, check, shrunk_painting
from foundation.errors import UserError
from foundation.randomness import stream
from tests.photograph_files import write_painting


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    write_painting(folder / "scream" / "scream.jpg")
    return folder


def test_the_painting_is_shrunk_into_350_by_274(root):
    assert shrunk_painting(read_picture(root / "scream" / "scream.jpg", "scream-dsprites")).shape == (274, 215, 3)


def test_every_image_is_a_patch_with_a_colour_and_inverted_on_the_sprite(root):
    dataset, indices = ScreamDSprites(str(root)), np.arange(40) * 17_389
    images = dataset.observations(indices, stream(0, "draw")).numpy()
    sprites = DSprites(root="").observations(indices, stream(0, "unused")).numpy()[:, 0] > 0
    upright = np.where(sprites[:, None], 1 - images, images)
    patches = dataset.patches
    # The mean of patch and colour, minus half of the right patch, is one number for each channel: half of the colour.
    for image in upright[:3]:
        corner = 2 * image[:, 0, 0]
        steps = 2 * (image - image[:, :1, :1]) * 255
        found = np.all(np.abs(patches[..., 0, 7] - (patches[..., 0, 0] + steps[:, 0, 7].astype(np.float64))) < 1, axis=2)
        whole = [patch for patch in patches[found] if np.abs(patch - (patch[:, :1, :1] + steps)).max() < 0.01]
        assert whole
        colours = [corner - patch[:, 0, 0] / 255 for patch in whole]
        assert any(colour.min() >= 0 and colour.max() <= 1 for colour in colours)


def test_patches_are_drawn_anew_and_the_sprite_stays(root):
    dataset, index = ScreamDSprites(str(root)), np.asarray(400_000)
    one, same, other = (dataset.observations(index, stream(0, name)).numpy() for name in ("a", "a", "b"))
    assert np.array_equal(one, same) and (one != other).mean() > 0.9


def test_damaged_or_missing_paintings_are_named(root, tmp_path):
    assert check(str(root)) == []
    with pytest.raises(UserError, match="scream/scream.jpg"):
        ScreamDSprites(str(tmp_path))
    place = tmp_path / "scream" / "scream.jpg"
    place.parent.mkdir()
    place.write_bytes((root / "scream" / "scream.jpg").read_bytes()[:2000])
    with pytest.raises(UserError, match="scream.jpg is cut"):
        ScreamDSprites(str(tmp_path)).observations(np.array([0]), stream(0, "a"))
    assert "scream.jpg is cut" in check(str(tmp_path))[0]
