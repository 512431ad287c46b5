"""RGB-D objects: table, colours and depth, the released behaviour, and what is said of damaged files."""

import numpy as np
import pytest
from PIL import Image

from datasets.images.rgbd_objects import RGBDObjects, check
from foundation.errors import UserError
from foundation.randomness import stream
from tests.photograph_files import write_rgbd_frames

TRAIN = "rgbd-objects/train"


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))
    write_rgbd_frames(tmp_path / TRAIN)
    return tmp_path


def picture(dataset, *factors):
    return dataset.get_img_by_latent(np.array(factors), stream(0, "unused")).numpy()


def test_cells_are_listed_as_they_are_and_instances_by_number(root):
    dataset = RGBDObjects(root=str(root))
    assert dataset.factor_space.names == ("category", "instance", "azimuth", "pose")
    assert dataset.factor_space.sizes == (3, 1, 4, 7)
    rows = dataset.factors[np.arange(len(dataset.factors))]
    assert len(rows) == 3 * 2 * 3 - 1 and set(rows[:, 2]) == {0, 3} and set(rows[:, 3]) == {0, 1, 6}
    with pytest.raises(UserError, match="category=1, instance=0, azimuth=3, pose=1"):
        dataset.latent_to_index(np.array([1, 0, 3, 1]))
    everything = RGBDObjects(every_instance=True, root=str(root))
    assert everything.factor_space.sizes == (3, 2, 4, 7) and len(everything.factors) == 4 * 2 * 3 - 1
    assert np.array_equal(picture(everything, 1, 0, 0, 0), picture(dataset, 1, 0, 0, 0)), "instance 2 comes before instance 10"


def test_a_tall_picture_stands_upright_in_a_square_and_its_mask_is_black(root):
    kept = picture(RGBDObjects(root=str(root)), 0, 0, 0, 0).max(axis=0) > 0
    rows, columns = (np.flatnonzero(kept.any(axis=axis)) for axis in (1, 0))
    assert (np.ptp(rows) + 1) / (np.ptp(columns) + 1) == pytest.approx(80 / 30, rel=0.1), "90 x 40, cut by 5 on every side"
    whole = picture(RGBDObjects(masked=False, root=str(root)), 0, 0, 0, 0).max(axis=0) > 0
    assert whole.sum() > kept.sum()


def test_the_released_loader_squashes_what_is_tall(root):
    kept = picture(RGBDObjects(paper=True, root=str(root)), 0, 0, 0, 0).max(axis=0) > 0
    rows, columns = (np.flatnonzero(kept.any(axis=axis)) for axis in (1, 0))
    assert np.ptp(columns) + 1 == pytest.approx(64 * 30 / 40, abs=2) and np.ptp(rows) + 1 == pytest.approx(64 * 80 / 140, abs=2)


def test_depth_is_metres_over_four_where_it_was_measured(root):
    depth = picture(RGBDObjects(depth=True, root=str(root)), 2, 0, 3, 6)
    assert (depth[0] == depth[1]).all() and (depth[0] == depth[2]).all()
    metres = depth[0] * 4
    seen = metres[metres > 0]
    assert seen.min() >= 0.9 and seen.max() < 0.94, "video 4 was written at 900 to 939 mm; nothing is mixed with what was not measured"
    assert len(np.unique(seen)) > 20, "16 bits, not five levels"
    unmasked = picture(RGBDObjects(depth=True, masked=False, root=str(root)), 2, 0, 3, 6)
    assert (unmasked > 0).sum() > (depth > 0).sum()


def test_depth_beyond_four_metres_is_cut(root):
    path = root / TRAIN / "toy" / "toy_1" / "toy_1_1_1_depthcrop.png"
    Image.fromarray(np.full((49, 81), 9000, np.uint16)).save(path)
    assert picture(RGBDObjects(depth=True, root=str(root)), 2, 0, 0, 0).max() == 1


def test_released_depth_is_the_high_byte_and_wraps(root):
    path = root / TRAIN / "toy" / "toy_1" / "toy_1_1_1_depthcrop.png"
    for millimetres, level in ((300, 63), (800, 191), (1100, 255), (1300, 318 - 256)):
        Image.fromarray(np.full((64, 64), millimetres, np.uint16)).save(path)
        image = picture(RGBDObjects(depth=True, paper=True, root=str(root)), 2, 0, 0, 0)
        assert np.unique(np.rint(image * 255)).tolist() == [level]


def test_the_order_of_factors_is_that_of_the_pictures(root):
    dataset = RGBDObjects(depth=True, root=str(root))
    nearer, farther = picture(dataset, 2, 0, 0, 0), picture(dataset, 2, 0, 3, 0)
    assert farther[farther > 0].mean() - nearer[nearer > 0].mean() == pytest.approx(0.3 / 4, abs=0.002), "azimuth is the video"
    tall, wide = (picture(dataset, category, 0, 0, 0)[0] > 0 for category in (0, 1))
    assert tall.any(axis=1).sum() > tall.any(axis=0).sum() and wide.any(axis=1).sum() < wide.any(axis=0).sum()
    low, high = (picture(dataset, 1, 0, 0, pose)[0] > 0 for pose in (0, 6))
    assert high.any(axis=1).sum() > low.any(axis=1).sum(), "pose is the frame"


@pytest.mark.parametrize("paper", [False, True])
def test_an_empty_mask_is_an_empty_picture(root, paper):
    Image.fromarray(np.zeros((49, 81), np.uint8)).save(root / TRAIN / "toy" / "toy_1" / "toy_1_1_1_maskcrop.png")
    assert picture(RGBDObjects(paper=paper, root=str(root)), 2, 0, 0, 0).max() == 0


def test_frames_without_all_their_files_are_left_out_and_said(root, caplog):
    (root / TRAIN / "apple" / "apple_1" / "apple_1_1_2_maskcrop.png").unlink()
    assert len(RGBDObjects(root=str(root)).factors) == 16 and "apple_1_1_2_" in caplog.text
    assert len(RGBDObjects(masked=False, root=str(root)).factors) == 17
    assert any("1 frames lack" in line for line in check(str(root)))


def test_the_check_knows_what_is_not_published(root):
    (few,) = check(str(root))
    assert "3 categories, not 51" in few
    place = root / TRAIN / "toy" / "toy_1"
    Image.fromarray(np.zeros((49, 81), np.uint8)).save(place / "toy_1_1_1_depthcrop.png")
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(place / "toy_1_1_2_maskcrop.png")
    lines = check(str(root))
    assert any("toy_1_1_1_depthcrop.png is a picture of mode L, not depth in 16 bits" in line for line in lines)
    assert any("toy_1_1_2_maskcrop.png is [9, 9]" in line for line in lines)
    with pytest.raises(UserError, match="not depth in 16 bits"):
        picture(RGBDObjects(depth=True, root=str(root)), 2, 0, 0, 0)


def test_a_cut_file_and_an_empty_folder_are_said_in_one_line(root, tmp_path):
    path = root / TRAIN / "toy" / "toy_1" / "toy_1_1_1_crop.png"
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UserError, match="toy_1_1_1_crop.png is cut"):
        picture(RGBDObjects(root=str(root)), 2, 0, 0, 0)
    (tmp_path / "other" / TRAIN).mkdir(parents=True)
    with pytest.raises(UserError, match="unpack rgbd-dataset.tar there"):
        RGBDObjects(root=str(tmp_path / "other"))
    with pytest.raises(UserError, match="rgbd-objects/eval"):
        RGBDObjects(evaluation=True, root=str(root))
