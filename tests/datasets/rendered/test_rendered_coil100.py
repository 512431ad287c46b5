"""Rendered COIL-100: objects and poses that can be told apart, and augmentations that are those of the published pictures."""

import numpy as np
import pytest

from datasets.rendered import coil100
from datasets.rendered.catalogue import KINDS, catalogue_object
from datasets.rendered.coil100 import RenderedCoil100, RenderedCoil100Augmented
from datasets.rendered.turntable import photographs
from foundation.randomness import stream

UNUSED = stream(0, "unused")


@pytest.fixture(scope="module")
def pictures():
    """All pictures [100, 72, 3, 64, 64]."""
    images = RenderedCoil100().observations(np.arange(7200), UNUSED)
    return images.view(100, 72, 3, 64, 64).numpy()


@pytest.fixture(scope="module")
def augmented():
    return RenderedCoil100Augmented()


@pytest.fixture(scope="module")
def masks():
    return RenderedCoil100Augmented(binary=True)


def test_every_object_fills_its_picture_and_stands_in_front_of_black(pictures):
    covered = pictures.max(axis=2) > 0
    assert not covered[..., [0, -1], :].any() or covered[..., [0, -1], :].mean() < 0.02
    across, down = covered.any(axis=2).sum(axis=2), covered.any(axis=3).sum(axis=2)
    assert np.maximum(across, down).max(axis=1).min() > 44, "in one pose at least, along its longest side"
    assert pictures.std(axis=(1, 2, 3, 4)).min() > 0.05


def test_poses_of_an_object_can_be_told_apart(pictures):
    told = [min(np.abs(one[pose + 1 :] - one[pose]).max(axis=(1, 2, 3)).min() for pose in range(71)) > 0.08 for one in pictures]
    assert np.mean(told) > 0.95


def test_pose_is_the_last_factor_and_goes_round_in_small_steps(pictures):
    step = np.abs(pictures - np.roll(pictures, -1, axis=1)).mean(axis=(2, 3, 4))
    quarter = np.abs(pictures - np.roll(pictures, -18, axis=1)).mean(axis=(2, 3, 4))
    objects = np.abs(pictures - np.roll(pictures, -1, axis=0)).mean(axis=(2, 3, 4))
    assert np.all(step.mean(axis=1) < quarter.mean(axis=1))
    assert np.all(step.max(axis=1) < 4 * np.median(step, axis=1) + 0.01), "no jump, not even from the last pose to the first"
    assert np.median(objects) > 3 * np.median(step)


def test_objects_differ_also_within_a_kind(pictures):
    for number in range(100 - len(KINDS)):
        assert np.abs(pictures[number, 7] - pictures[number + len(KINDS), 7]).mean() > 0.01


def test_what_is_neither_turned_nor_zoomed_is_the_picture(pictures, augmented):
    for factors in ((0, 0, 0, 0), (41, 13, 0, 0), (99, 71, 0, 0)):
        image = augmented.get_img_by_latent(np.array(factors), UNUSED).numpy()
        np.testing.assert_allclose(image, pictures[factors[:2]], atol=0.5 / 255 + 1e-6)


def test_rotation_turns_and_scale_shrinks(augmented, masks):
    for dataset in (augmented, masks):
        upright, upside_down, small = (
            dataset.get_img_by_latent(np.array([5, 10, rotation, scale]), UNUSED).numpy() for rotation, scale in ((0, 0), (9, 0), (0, 8))
        )
        assert np.abs(upside_down - upright[:, ::-1, ::-1]).mean() < 0.1 * np.abs(upside_down - upright).mean() + 0.03
        rows, few = ((image.max(axis=0) > 0).any(axis=1).sum() for image in (upright, small))
        assert few == pytest.approx(rows / 2, abs=2)


def test_a_mask_is_the_outline_of_the_picture(pictures, masks):
    for number, pose in ((0, 0), (17, 30), (60, 50), (99, 71)):
        mask = masks.get_img_by_latent(np.array([number, pose, 0, 0]), UNUSED).numpy()
        assert set(np.unique(mask)) == {0, 1} and np.array_equal(mask[0], mask[1]) and np.array_equal(mask[0], mask[2])
        covered = pictures[number, pose].max(axis=0) > 0
        assert np.all(covered[mask[0] == 1]) and (covered & (mask[0] == 0)).sum() < 0.35 * covered.sum()


def test_stored_pictures_are_those_that_are_rendered_now():
    """Where this fails after a change, raise the VERSION of what was changed."""
    drawn, _, covered = photographs(catalogue_object(77), [coil100.CAMERAS[33]])
    stored = coil100.picture_words()[77 * 72 + 33, :-1].view(np.uint8).reshape(128, 128, 4)
    assert np.array_equal(stored[..., :3].transpose(2, 0, 1), drawn[0])
    assert np.array_equal(drawn[0].max(axis=0) > 0, covered[0])
