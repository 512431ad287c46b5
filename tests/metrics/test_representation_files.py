"""Saved representations: what is written is read, user files of any values are understood, and every fault is named."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from datasets.factor_space import FactorSpace
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.representation_files import load_files, load_representation, save_representation

SPACE = FactorSpace(("hue", "angle", "size"), (4, 6, 0), ("categorical", "circular", "continuous"))


def user_folder(folder, classes, **arrays):
    folder.mkdir(exist_ok=True)
    (folder / "classes.csv").write_text(classes)
    np.savez(folder / "representations.npz", **arrays)
    return folder


def of_three(folder, classes, **arrays):
    return user_folder(folder, classes, **(arrays or {"mean": np.arange(6.0).reshape(3, 2)}))


def refused(folder, mode="mean", kinds=None):
    with pytest.raises(UserError) as caught:
        load_representation(folder, mode, kinds)
    message = str(caught.value)
    assert "\n" not in message and str(folder) in message
    return message


def test_what_is_saved_is_read(tmp_path):
    rng = stream(0, "codes")
    codes = {mode: rng.normal(size=(20, 5)).astype(np.float32) for mode in ("mean", "sampled")}
    factors = np.column_stack([rng.integers(0, 3, 20), rng.integers(0, 6, 20), rng.random(20)])
    save_representation(tmp_path / "a", codes, factors, SPACE, sample="intervention", blocks={"identity": slice(0, 2)})
    for mode in codes:
        read = load_representation(tmp_path / "a", mode)
        assert read.codes.dtype == np.float64 and (read.codes == codes[mode]).all()
        assert np.allclose(read.factors, factors, rtol=1e-14), "pandas may err in the last digit"
        assert read.factor_space == SPACE, "sizes are those told, though value 3 of hue does not occur"
        assert (read.mode, read.sample, read.blocks) == (mode, "intervention", {"identity": slice(0, 2)})
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["classes.csv", "factors.json", "representations.npz"]
    with np.load(tmp_path / "a/representations.npz") as archive:
        assert {name: archive[name].dtype for name in archive} == {"mean": np.float32, "sampled": np.float32}


def test_saving_again_replaces_and_a_failure_in_between_leaves_no_complete_folder(tmp_path, monkeypatch):
    integer = FactorSpace(("hue",), (4,), ("ordinal",))
    factors = np.arange(4)[:, None]
    save_representation(tmp_path, {"mean": np.ones((4, 2)), "sampled": np.ones((4, 2))}, factors, integer)
    save_representation(tmp_path, {"mean": np.zeros((4, 3))}, factors[::-1], integer)
    assert load_representation(tmp_path).codes.shape == (4, 3)
    assert load_representation(tmp_path).factors.dtype == np.int64
    assert "'sampled'" in refused(tmp_path, "sampled")
    with pytest.raises(UserError):
        save_representation(tmp_path, {"mean": np.full((4, 3), np.nan)}, factors, integer)
    assert load_representation(tmp_path).codes.shape == (4, 3), "what is refused replaces nothing"

    def interrupted(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_representation(tmp_path, {"mean": np.ones((4, 2))}, factors, integer)
    assert "representations.npz" in refused(tmp_path)


def test_any_values_are_ranked(tmp_path):
    of_three(tmp_path, "shape,scale\n7.0,1.5\n0.0,-0.5\n3.0,1.5\n")
    read = load_representation(tmp_path)
    assert read.factors.tolist() == [[2, 1], [0, 0], [1, 1]] and read.factors.dtype == np.int64
    assert read.factor_space == FactorSpace(("shape", "scale"), (3, 2), ("ordinal", "ordinal"))
    kinds = load_representation(tmp_path, kinds={"scale": "continuous", "shape": "circular"})
    assert kinds.factors.tolist() == [[2, 1.5], [0, -0.5], [1, 1.5]]
    assert kinds.factor_space == FactorSpace(("shape", "scale"), (3, 0), ("circular", "continuous"))


@pytest.mark.parametrize(
    "text",
    [
        "shape,scale\n1,2\n3,4\n5,6\n",
        "\ufeffshape,scale\r\n1,2\r\n3,4\r\n5,6\r\n",
        '"shape", scale\n1, 2\n3, 4\n5, 6',
        "shape,scale\n1.0,2\n3e0,4.0\n5,+6\n\n",
    ],
)
def test_ways_to_write_the_same_table(tmp_path, text):
    of_three(tmp_path, text)
    read = load_representation(tmp_path)
    assert read.factor_space.names == ("shape", "scale")
    assert read.factors.tolist() == [[0, 0], [1, 1], [2, 2]]


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "empty"),
        ("\n", "empty"),
        ("shape,scale\n", "no rows"),
        ("shape,scale\n1,2\n3,4\n", "has 3 rows, but classes.csv 2"),
        ("shape,scale\n1,2\n3,\n5,6\n", "line 3: the value of scale is missing"),
        ("shape,scale\n1,2\n3,big\n5,6\n", "line 3: the value of scale is 'big'"),
        ("shape,scale\n1,2\n3,4\ninf,6\n", "line 4: the value of shape"),
        ("shape,scale\n1,2\nnan,4\n5,6\n", "line 3: the value of shape is missing"),
        ("shape,scale\n1,2\n3\n5,6\n", "line 3: the value of scale is missing"),
        ("shape,scale\n1,2\n3,4,5\n5,6\n", "2 columns"),
        ("shape,scale\n0,1,2\n1,3,4\n2,5,6\n", "2 columns"),
        (",shape,scale\n0,1,2\n1,3,4\n2,5,6\n", "column 1"),
        ("shape,shape\n1,2\n3,4\n5,6\n", "twice"),
        ("1.0,2.0\n3,4\n5,6\n7,8\n", "must name the factors"),
        ('shape,scale\n1,2\n3,"4\n5,6\n', "EOF inside string"),
    ],
)
def test_faults_of_the_table(tmp_path, text, said):
    of_three(tmp_path, text)
    message = refused(tmp_path)
    assert "classes.csv" in message and said in message


def test_table_that_is_not_text(tmp_path):
    of_three(tmp_path, "")
    (tmp_path / "classes.csv").write_bytes(b"shape\n\xff\xfe\x00\n1\n2\n")
    assert "classes.csv" in refused(tmp_path)
    (tmp_path / "classes.csv").write_bytes(b"sh\xff\xfepe\n1\n2\n3\n")
    assert "UTF-8" in refused(tmp_path)


@pytest.mark.parametrize(
    "arrays, said",
    [
        ({"sampled": np.zeros((3, 2)), "z": np.zeros(1)}, "no array 'mean'; the arrays there are sampled, z"),
        ({"mean": np.zeros((4, 2))}, "4 rows"),
        ({"mean": np.zeros(3)}, "[samples, dimensions]"),
        ({"mean": np.zeros((3, 2, 2))}, "[samples, dimensions]"),
        ({"mean": np.zeros((3, 0))}, "[samples, dimensions]"),
        ({"mean": np.array([[1, 2], [3, np.nan], [5, 6]])}, "first in row 2"),
        ({"mean": np.array([[1, 2], [3, 4], [5, np.inf]])}, "first in row 3"),
        ({"mean": np.array([["a", "b"]] * 3)}, "real numbers"),
        ({"mean": np.ones((3, 2), dtype=complex)}, "real numbers"),
        ({"mean": np.array([[1, "a"], [2, None], [3, 4]], dtype=object)}, "np.savez"),
    ],
)
def test_faults_of_the_codes(tmp_path, arrays, said):
    message = refused(of_three(tmp_path, "shape\n1\n2\n3\n", **arrays))
    assert "representations.npz" in message and said in message


def test_broken_npz_files(tmp_path):
    of_three(tmp_path, "shape\n1\n2\n3\n")
    path = tmp_path / "representations.npz"
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 3] ^= 0xFF
    for content in (whole[: len(whole) // 2], whole[:-10], b"", b"<html>not found</html>", bytes(damaged)):
        path.write_bytes(content)
        assert "representations.npz" in refused(tmp_path)
    np.save(tmp_path / "bare.npy", np.zeros((3, 2)))
    (tmp_path / "bare.npy").rename(path)
    assert "one bare array" in refused(tmp_path)
    path.unlink()
    assert "there is no file" in refused(tmp_path)
    path.mkdir()
    assert "representations.npz" in refused(tmp_path)


def test_one_sample_missing_folder_and_missing_table(tmp_path):
    user_folder(tmp_path / "one", "shape\n1\n", mean=np.zeros((1, 2)))
    assert "at least 2" in refused(tmp_path / "one")
    assert "no folder" in refused(tmp_path / "nowhere")
    of_three(tmp_path / "half", "shape\n1\n2\n3\n")
    (tmp_path / "half/classes.csv").unlink()
    assert "there is no file" in refused(tmp_path / "half")


def test_unknown_factors_and_kinds(tmp_path):
    of_three(tmp_path, "shape,scale\n1,2\n3,4\n5,6\n")
    assert "the factors are shape, scale" in refused(tmp_path, kinds={"colour": "circular"})
    assert "categorical, ordinal, circular, continuous" in refused_kind(tmp_path)


def refused_kind(folder):
    with pytest.raises(UserError) as caught:
        load_representation(folder, kinds={"shape": "round"})
    return str(caught.value)


def test_description_that_does_not_fit(tmp_path):
    of_three(tmp_path, "shape,scale\n1,2\n3,4\n5,6\n")
    path = tmp_path / "factors.json"
    description = {"names": ["shape", "scale"], "sizes": [6, 7], "kinds": ["ordinal", "ordinal"]}
    path.write_text(json.dumps(description))
    assert load_representation(tmp_path).factors.tolist() == [[1, 2], [3, 4], [5, 6]]
    path.write_text(json.dumps({**description, "sizes": [6, 6]}))
    assert "line 4: scale is 6, but factors.json gives it 6 values" in refused(tmp_path)
    path.write_text(json.dumps({**description, "names": ["scale", "shape"]}))
    assert "factors.json" in refused(tmp_path)
    for text in ("{", "[]", "3", '{"names": ["shape"]}', json.dumps({**description, "kinds": ["round", "ordinal"]})):
        path.write_text(text)
        assert "factors.json" in refused(tmp_path)


def test_two_files_of_any_name(tmp_path):
    np.savez(tmp_path / "codes.npz", mean=np.eye(3))
    (tmp_path / "labels.csv").write_text("shape\n1\n2\n3\n")
    assert load_files(tmp_path / "codes.npz", tmp_path / "labels.csv").codes.shape == (3, 3)


def test_a_million_rows_are_read_in_seconds(tmp_path):
    rng = stream(1, "many")
    factors = rng.integers(0, 10, (1_000_000, 6))
    space = FactorSpace(tuple("abcdef"), (10,) * 6, ("ordinal",) * 6)
    save_representation(tmp_path, {"mean": rng.normal(size=(1_000_000, 4))}, factors, space)
    started = time.process_time()
    assert load_representation(tmp_path).factors.shape == (1_000_000, 6)
    assert time.process_time() - started < 6
