"""smallNORB from its own binary files: unsigned, first camera, one grid of both chunks, plain or under gzip."""

import gzip

import numpy as np
import pytest
from PIL import Image

from datasets.factor_space import FactorSpace
from datasets.images import smallnorb, smallnorb_file
from datasets.images.smallnorb import SmallNORB
from foundation.errors import UserError
from foundation.randomness import stream
from tests.published_files import all_factors, factors_seen, norb_arrays, norb_bytes, write_norb

SPACE = FactorSpace(smallnorb.SPACE.names, (2, 4, 3, 4, 2), smallnorb.SPACE.kinds)
ROWS = np.arange(192)
UNUSED = stream(0, "unused")
TRAINING, TESTING = smallnorb.CHUNKS


@pytest.fixture(autouse=True)
def small_grid(monkeypatch, tmp_path):
    monkeypatch.setattr(smallnorb, "SPACE", SPACE)
    monkeypatch.setattr(smallnorb_file, "CHUNK_ROWS", 40)
    monkeypatch.setenv("FOVEA_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def chunks():
    """Arrays by chunk; rows stand in no order, as they do in the published files."""
    factors = stream(0, "order").permutation(all_factors(SPACE))
    return {name: norb_arrays(factors[np.isin(factors[:, 1], own)]) for name, own in ((TRAINING, (0, 3)), (TESTING, (1, 2)))}


def written(tmp_path, chunks, packed=False, folder="small_norb"):
    for name, arrays in chunks.items():
        write_norb(tmp_path / "data" / folder, name, arrays, packed)
    return tmp_path / "data" / folder


def opened(tmp_path):
    return SmallNORB(str(tmp_path / "data"))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("folder", ["small_norb", "smallnorb", ""])
def test_pictures_show_their_factors(tmp_path, chunks, packed, folder):
    written(tmp_path, chunks, packed, folder)
    dataset = opened(tmp_path)
    assert np.array_equal(factors_seen(dataset.observations(ROWS, UNUSED), 5), dataset.factors[ROWS])
    assert smallnorb.check(str(tmp_path / "data")) == []
    assert ("training-dat.mat.gz" in dataset.provenance) == packed


def test_bytes_are_unsigned_and_reduced_with_the_filter_of_lanczos(tmp_path, chunks):
    picture = stream(0, "picture").integers(0, 256, (96, 96), dtype=np.uint8)
    chunks[TESTING]["dat"][5, 0] = picture
    category, (instance, elevation, azimuth, lighting) = chunks[TESTING]["cat"][5], chunks[TESTING]["info"][5]
    written(tmp_path, chunks)
    seen = opened(tmp_path).get_img_by_latent(np.array([category, instance, elevation, azimuth // 2, lighting]), UNUSED)
    expected = np.asarray(Image.fromarray(picture).resize((64, 64), Image.Resampling.LANCZOS))
    assert np.array_equal((seen[0].numpy() * 255).round(), expected)
    assert expected.max() > 200 and expected.min() < 50


def refused(tmp_path, match, checked=True):
    with pytest.raises(UserError, match=match) as raised:
        opened(tmp_path).observations(ROWS, UNUSED)
    assert str(raised.value).startswith("smallnorb: ") and "fetch" in str(raised.value) and "\n" not in str(raised.value)
    assert not list((tmp_path / "cache").glob("*.npy"))
    if checked:
        assert len(smallnorb.check(str(tmp_path / "data"))) == 1


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("part", ["dat", "cat", "info"])
@pytest.mark.parametrize("share", [0, 0.001, 0.6, 0.999])
def test_a_cut_file_is_refused(tmp_path, chunks, part, packed, share):
    folder = written(tmp_path, chunks, packed)
    path = folder / f"{TESTING}-{part}.mat{'.gz' if packed else ''}"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(tmp_path, f"{path.name} is not the published file: it (ends early|is cut)")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"<!DOCTYPE html><html>404</html>", "it begins with 0x4f44213c, which means nothing, not 0x1e3d4c55"),
        (norb_bytes(np.zeros((96, 2, 96, 96), np.int32)), r"which means int32, not 0x1e3d4c55 \(bytes\)"),
        (norb_bytes(np.zeros((96, 96, 96), np.uint8)), "it has 3 axes, not 4"),
        (norb_bytes(np.zeros((95, 2, 96, 96), np.uint8)), r"it is \[95, 2, 96, 96\], not \[96, 2, 96, 96\]"),
    ],
)
def test_other_pictures_are_refused(tmp_path, chunks, content, match):
    (written(tmp_path, chunks) / f"{TRAINING}-dat.mat").write_bytes(content)
    refused(tmp_path, match)


def test_a_file_that_goes_on_is_refused(tmp_path, chunks):
    path = written(tmp_path, chunks) / f"{TRAINING}-dat.mat"
    path.write_bytes(path.read_bytes() + b"x")
    refused(tmp_path, "goes on")


def test_a_flipped_byte_under_gzip_is_noticed(tmp_path, chunks):
    folder = written(tmp_path, chunks)
    plain = folder / f"{TRAINING}-dat.mat"
    content = bytearray(gzip.compress(plain.read_bytes(), compresslevel=0))
    content[len(content) // 2] ^= 0x55
    plain.unlink()
    plain.with_suffix(".mat.gz").write_bytes(content)
    refused(tmp_path, "cut, damaged", checked=False)


def test_a_combination_that_is_missing_or_there_twice_is_counted(tmp_path, chunks):
    chunks[TESTING]["info"][7] = chunks[TESTING]["info"][8]
    chunks[TESTING]["cat"][7] = chunks[TESTING]["cat"][8]
    written(tmp_path, chunks)
    refused(tmp_path, "of 192 combinations of factors 1 have no picture in .* and 1 have several")


def test_instances_of_a_chunk_that_is_there_twice_are_refused(tmp_path, chunks):
    written(tmp_path, {TRAINING: chunks[TRAINING], TESTING: chunks[TRAINING]})
    refused(tmp_path, "96 have no picture in .* and 96 have several")


@pytest.mark.parametrize(("column", "value"), [(0, 4), (1, 3), (2, 8), (2, 3), (3, -1)])
def test_a_value_outside_the_table_is_named(tmp_path, chunks, column, value):
    chunks[TRAINING]["info"][3, column] = value
    written(tmp_path, chunks)
    refused(tmp_path, f"row 3 .*{smallnorb.SPACE.names[column + 1]} {value}.* is no published combination")


def test_lists_of_unequal_length_are_refused(tmp_path, chunks):
    chunks[TRAINING]["cat"] = chunks[TRAINING]["cat"][:-1]
    written(tmp_path, chunks)
    refused(tmp_path, "has 95 rows, .* 96")


def test_each_of_the_six_files_is_needed_at_once(tmp_path, chunks):
    folder = written(tmp_path, chunks)
    (folder / f"{TESTING}-info.mat").unlink()
    with pytest.raises(UserError, match=rf"there is no small_norb/{TESTING}-info.mat under .*fetch smallnorb"):
        opened(tmp_path)


def test_the_published_table_is_a_full_grid_of_its_rows():
    assert np.prod((5, 10, 9, 18, 6)) == 2 * 24_300
