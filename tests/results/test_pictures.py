"""Pictures: what is drawn where, at which size, and that nothing half-written is left behind."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from foundation.randomness import stream
from results.pictures import dimension_label, random_samples, reconstructions, traversal


def images(*shape: int) -> np.ndarray:
    return stream(0, "pictures").random(shape)


@pytest.mark.parametrize(("channels", "side", "scale"), [(1, 64, 2), (3, 64, 2), (3, 28, 5), (1, 128, 1), (3, 256, 1)])
def test_samples_are_enlarged_by_a_whole_factor_without_smoothing(tmp_path, channels, side, scale):
    batch = images(5, channels, side, side)
    random_samples(batch, tmp_path / "samples.png", columns=4)
    picture = np.asarray(Image.open(tmp_path / "samples.png"))
    assert picture.shape == (4 + 2 * (side * scale + 4), 4 + 4 * (side * scale + 4), 3)
    tile = picture[4 : 4 + side * scale : scale, 4 : 4 + side * scale : scale]
    expected = np.broadcast_to(np.rint(batch[0] * 255).transpose(1, 2, 0), (side, side, 3))
    np.testing.assert_array_equal(tile, expected)


def test_values_outside_zero_and_one_are_clipped(tmp_path):
    batch = np.stack([np.full((1, 8, 8), 1.7), np.full((1, 8, 8), -0.3)])
    random_samples(batch, tmp_path / "samples.png")
    picture = np.asarray(Image.open(tmp_path / "samples.png"))
    assert picture[10, 10].tolist() == [255, 255, 255]
    assert picture[10, -10].tolist() == [0, 0, 0]


def test_originals_stand_above_their_reconstructions(tmp_path):
    originals, reconstructed = np.full((3, 3, 64, 64), 0.2), np.full((3, 3, 64, 64), 0.6)
    reconstructions(originals, reconstructed, tmp_path / "r.png")
    column = np.asarray(Image.open(tmp_path / "r.png"))[:, -20, 0]
    assert np.flatnonzero(column == 51).max() < np.flatnonzero(column == 153).min()


def test_a_traversal_is_written_as_a_picture_and_an_animation_there_and_back(tmp_path):
    frames = images(3, 5, 3, 32, 32)
    labels = [dimension_label(0, 1.5, "scale"), dimension_label(1), dimension_label(2, factor="a factor with a very long name")]
    traversal(frames, labels, np.linspace(-2, 2, 5), tmp_path / "t.png", tmp_path / "t.gif")
    assert Image.open(tmp_path / "t.png").height > 3 * 128
    animation = Image.open(tmp_path / "t.gif")
    assert (animation.n_frames, animation.width) == (8, 4 + 3 * 132)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.gif", "t.png"]


def test_each_dimension_may_sweep_values_of_its_own(tmp_path):
    traversal(images(2, 4, 1, 16, 16), ["a", "b"], np.array([[-1.0, 0, 1, 2], [0.0, 1, 2, 3]]), tmp_path / "t.png")
    assert Image.open(tmp_path / "t.png").width > 4 * 132


def test_arrays_that_cannot_be_drawn_are_refused(tmp_path):
    with pytest.raises(ValueError, match="1 or 3 channels"):
        random_samples(images(2, 2, 8, 8), tmp_path / "x.png")
    with pytest.raises(ValueError, match="differ in shape"):
        reconstructions(images(2, 1, 8, 8), images(3, 1, 8, 8), tmp_path / "x.png")
    with pytest.raises(ValueError, match="do not fit"):
        traversal(images(2, 4, 1, 8, 8), ["a"], np.zeros(4), tmp_path / "x.png")
    assert not list(tmp_path.iterdir())
