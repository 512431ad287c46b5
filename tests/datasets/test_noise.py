"""Noise is what it is called, is drawn from the stream, and leaves factors and actions alone."""

import numpy as np
import pytest
import torch
from PIL import Image

from datasets.array_dataset import ArrayDataset
from datasets.backgrounds import Background, BackgroundRelease
from datasets.batches import Observed
from datasets.noise import Gaussian, GaussianRelease, SaltAndPepper, SaltRelease
from datasets.walks import RecordedWalks
from datasets.worlds.flatland import FlatLand
from foundation.errors import UserError
from foundation.randomness import stream

PICTURES = stream(0, "pictures").integers(0, 256, (30, 16, 16, 3)).astype(np.uint8)


def grey(level):
    """Four images 1x32x32 of one level."""
    return ArrayDataset(np.full((4, 32, 32), level, np.float32), np.arange(4)[:, None], ("which",))


def seen(dataset, rows=400):
    return dataset.observations(np.arange(rows) % 4, stream(0, "noise")).double()


def test_gaussian_noise_has_its_deviation_and_the_tails_of_a_normal_law():
    noise = seen(Gaussian(grey(0.5), deviation=0.05)) - 0.5
    assert noise.mean() == pytest.approx(0, abs=5e-4) and noise.std() == pytest.approx(0.05, rel=0.01)
    assert (noise.abs() > 0.1).double().mean() == pytest.approx(0.0455, rel=0.05)


def test_the_released_gaussian_is_uniform():
    noise = seen(GaussianRelease(grey(0.5))) - 0.5
    assert noise.min() >= 0 and noise.max() <= 0.1 + 1e-6
    assert noise.mean() == pytest.approx(0.05, rel=0.01) and noise.std() == pytest.approx(0.1 / np.sqrt(12), rel=0.01)


def test_salt_and_pepper_come_in_equal_parts_and_the_release_has_salt_alone():
    both, salt = seen(SaltAndPepper(grey(0.5), fraction=0.2)), seen(SaltRelease(grey(0.5), fraction=0.2))
    shares = [[(images == level).double().mean().item() for level in (0, 0.5, 1)] for images in (both, salt)]
    assert shares[0] == pytest.approx([0.1, 0.8, 0.1], abs=0.005)
    assert shares[1] == pytest.approx([0, 0.8, 0.2], abs=0.005)
    with pytest.raises(UserError, match="between 0 and 1"):
        SaltAndPepper(grey(0.5), fraction=1.5)


@pytest.mark.parametrize("kind", [Gaussian, GaussianRelease, SaltAndPepper, SaltRelease])
def test_noise_differs_between_observations_unless_it_is_shared(kind):
    indices = np.array([[0, 1], [0, 1]])
    own, shared = (kind(grey(0.5), shared=shared).observations(indices, stream(0, "noise")) for shared in (False, True))
    assert not torch.equal(own[0, 0], own[0, 1])
    assert torch.equal(shared[:, 0], shared[:, 1]) and not torch.equal(shared[0], shared[1])
    plain = kind(grey(0.5), shared=True).observations(np.array([0, 1]), stream(0, "noise"))
    assert not torch.equal(plain[0], plain[1]), "rows of a sample are not a pair"


def test_factors_walk_and_origin_stay_and_the_noise_is_said():
    world = FlatLand(frames=100)
    noisy = Gaussian(world)
    assert noisy.factors is world.factors and noisy.walk is world.walk
    assert noisy.name == "noisy-flatland-gaussian"
    assert noisy.provenance == world.provenance + "; Gaussian noise of deviation 0.1"
    assert "shared" in SaltAndPepper(world, shared=True).provenance
    batch, clean = (Observed(dataset, RecordedWalks()).draw(8, stream(0, "data")) for dataset in (noisy, world))
    assert torch.equal(batch.actions, clean.actions)
    assert 0.01 < (batch.observations - clean.observations).abs().mean() < 0.1


def test_a_background_shows_on_black_and_vanishes_behind_white():
    black, white = (seen(Background(grey(level), PICTURES, strength=0.5), 40) for level in (0.0, 1.0))
    assert (white == 1).all()
    assert black.max() <= 0.5 and black.std() > 0.02
    one = Background(grey(0.0), np.full((1, 8, 8), 102, np.uint8), strength=0.5)
    assert torch.allclose(seen(one), torch.tensor(0.2).double())


def test_a_pair_has_one_background_and_pairs_have_different_ones():
    dataset = BackgroundRelease(grey(0.0), PICTURES)
    images = dataset.observations(np.zeros((200, 2), np.int64), stream(0, "noise"))
    assert torch.equal(images[:, 0], images[:, 1])
    different = {images[k, 0].numpy().tobytes() for k in range(200)}
    assert len(different) == 10, "ten pictures are chosen once"
    # Less 0.1, cut at 0, every pixel repeated.
    level = np.full((1, 16, 16), 51, np.uint8)
    assert torch.allclose(seen(BackgroundRelease(grey(0.0), level)), torch.tensor(0.1).double())
    assert torch.equal(images[0, 0, 0, ::2], images[0, 0, 0, 1::2])


def test_a_folder_of_pictures_is_read_in_the_order_of_names(tmp_path):
    for number, picture in enumerate(PICTURES[:3]):
        Image.fromarray(picture).save(tmp_path / f"{number}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    dataset = FlatLand(channels=3, frames=10)
    from_folder, from_array = Background(dataset, str(tmp_path)), Background(dataset, PICTURES[:3])
    assert str(tmp_path) in from_folder.provenance
    indices = np.arange(8).reshape(4, 2)
    assert torch.equal(from_folder.observations(indices, stream(0, "n")), from_array.observations(indices, stream(0, "n")))


def test_folders_without_pictures_are_refused_in_one_line(tmp_path):
    for pictures, match in ((str(tmp_path / "none"), "no folder"), (str(tmp_path), "no pictures"), (np.zeros((2, 4, 4)), "uint8")):
        with pytest.raises(UserError, match=match):
            seen(Background(grey(0.0), pictures))
    (tmp_path / "page.png").write_text("<html>not found</html>")
    with pytest.raises(UserError, match=r"page\.png"):
        seen(Background(grey(0.0), str(tmp_path)))
    with pytest.raises(UserError, match="strength"):
        Background(grey(0.0), PICTURES, strength=2.0)
