"""COIL-100 augmented: what each factor does to the pixels."""

import numpy as np
import pytest

from datasets.images.coil100_augmented import Coil100Augmented
from foundation.randomness import stream
from tests.photograph_files import turntable_photo, write_photographs


@pytest.fixture(scope="module", params=[False, True], ids=["colour", "binary"])
def dataset(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("published")
    write_photographs(root / "coil-100" / "coil-100", objects=(1, 3, 6), poses=(0, 90, 180))
    return Coil100Augmented(binary=request.param, root=str(root))


def picture(dataset, thing=0, pose=0, rotation=0, scale=0):
    return dataset.get_img_by_latent(np.array([thing, pose, rotation, scale]), stream(0, "unused")).numpy()


def filled(image):
    """Pixels [64, 64] of the object."""
    return image.max(axis=0) > 0.3


def test_scale_shrinks_about_the_middle(dataset):
    areas = [filled(picture(dataset, scale=scale)).sum() for scale in range(9)]
    assert np.all(np.diff(areas) < 0)
    assert areas[8] / areas[0] == pytest.approx(0.25, abs=0.03)


def test_rotation_turns_by_twenty_degrees_counter_clockwise(dataset):
    def direction(image):
        """Of the bar, which reaches out to the upper right, in degrees."""
        y, x = np.nonzero(filled(image))
        far = np.hypot(x - 32, y - 32).argsort()[-40:]
        return np.degrees(np.arctan2(32 - y[far], x[far] - 32).mean())

    straight, turned = (direction(picture(dataset, thing=0, rotation=rotation, scale=4)) for rotation in (0, 1))
    assert turned - straight == pytest.approx(20, abs=3)
    over = filled(picture(dataset, rotation=9))[1:, 1:]
    assert (over != filled(picture(dataset))[1:, 1:][::-1, ::-1]).mean() < 0.02, "nine steps turn it over"


def test_object_and_pose_show_other_photographs(dataset):
    sizes = [filled(picture(dataset, thing=thing)).sum() for thing in range(3)]
    assert len(set(sizes)) == 3
    poses = [picture(dataset, pose=pose) for pose in range(3)]
    assert all((poses[i] != poses[j]).any() for i, j in ((0, 1), (0, 2), (1, 2)))


def test_an_unchanged_image_is_the_photograph_itself(dataset):
    original = turntable_photo(3, 90).reshape(64, 2, 64, 2, 3).mean(axis=(1, 3)).transpose(2, 0, 1) / 255
    image = picture(dataset, thing=1, pose=1)
    if "binary" in dataset.name:
        assert set(np.unique(image)) == {0, 1} and (image[0] == image[1]).all() and (image[0] == image[2]).all()
        assert ((original.max(axis=0) > 0.3) != (image[0] > 0)).mean() < 0.01
    else:
        assert abs(image - original).mean() < 0.03
