"""Arrays whose headers make numpy stumble in unusual ways are refused in one line by whatever reads npz files."""

import struct
import zipfile

import numpy as np
import pytest

from datasets.array_dataset import from_npz
from datasets.spiral import SpiralTestSet
from foundation.errors import UserError
from metrics.representation_files import load_representation

HEADERS = {
    "unclosed": b"{'descr': (",
    "indented": b"  {\n 'descr'",
    "no type": b"{'descr': 7, 'fortran_order': False, 'shape': (3,), }",
    "huge": b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999, 99999999999), }",
}


def write(path, names, header):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header + b"\n" + bytes(24))


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_foreign_header_is_one_line(tmp_path, header):
    write(tmp_path / "own.npz", ("images", "factors", "names"), header)
    with pytest.raises(UserError, match=r"own\.npz"):
        from_npz(str(tmp_path / "own.npz"))
    write(tmp_path / "codes" / "representations.npz", ("mean",), header)
    (tmp_path / "codes" / "classes.csv").write_text("hue\n0\n1\n0\n")
    with pytest.raises(UserError, match=r"representations\.npz"):
        load_representation(tmp_path / "codes", "mean")
    write(tmp_path / "stib" / "stib_testset.npz", ("x", "y", "t"), header)
    with pytest.raises(UserError, match="stib_testset"):
        SpiralTestSet(root=str(tmp_path)).observations(np.arange(2), np.random.default_rng(0))
