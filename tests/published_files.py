"""Small files in the formats in which image sets are published, written by the real kinds of writers, and pictures that tell their factors.

A picture is one stripe per factor, as bright as the value of the factor, over a black foot, so that an observation says which factors
it was made of.
"""

import gzip
import struct

import numpy as np
import scipy.io
from PIL import Image

from datasets.factor_tables import GridTable

DARKEST, STEP = 130, 3
"""Brighter than 127: bytes that are taken for signed numbers come out wrong."""


def striped(factors, height, width, channels=3):
    """Pictures [..., height, width, channels] uint8 of the factors [..., F]."""
    factors = np.asarray(factors)
    stripe = np.arange(width) * factors.shape[-1] // width
    row = DARKEST + STEP * factors[..., stripe]
    lit = np.arange(height) < height * 7 // 8
    return np.repeat((row[..., None, :, None] * lit[:, None, None]).astype(np.uint8), channels, axis=-1)


def factors_seen(observations, count, tolerance=0.1):
    """The factors [..., count] in the middles of the stripes of observations [..., C, H, W]."""
    pixels = np.asarray(observations) * 255
    width = pixels.shape[-1]
    middles = ((np.arange(count) + 0.5) * width / count).astype(int)
    values = (pixels[..., :, pixels.shape[-2] // 2, :][..., middles] - DARKEST) / STEP
    assert np.abs(values - values.round()).max() < tolerance and np.array_equal(values.min(axis=-2).round(), values.max(axis=-2).round())
    return values[..., 0, :].round().astype(int)


def all_factors(space):
    return GridTable(space)[np.arange(len(GridTable(space)))]


def write_cars(root, space, listed=True):
    """cars/*.mat; car k of the table is the last but k in the alphabet, so that only list.txt has the order."""
    elevations, azimuths, cars = space.sizes
    folder = root / "cars"
    folder.mkdir(parents=True)
    names = [f"car_{number:03d}_mesh" for number in range(cars, 0, -1)]
    for car, name in enumerate(names):
        views = np.stack(np.meshgrid(np.arange(elevations), np.arange(azimuths), [car], indexing="ij"), axis=-1)[:, :, 0]
        pictures = striped(views, 128, 128)  # [elevation, azimuth, H, W, C]
        masks = np.zeros((128, 128, azimuths, elevations), np.uint8)
        scipy.io.savemat(folder / f"{name}.mat", {"im": pictures.transpose(2, 3, 4, 1, 0), "mask": masks}, do_compression=True)
    if listed:
        (folder / "list.txt").write_text("".join(f"{name}\n" for name in names))
    return folder


def norb_bytes(array):
    """An array as smallNORB stores it."""
    magic = {"uint8": 0x1E3D4C55, "int32": 0x1E3D4C54, "int16": 0x1E3D4C56}[array.dtype.name]
    lengths = (*array.shape, 1, 1)[: max(3, array.ndim)]
    return struct.pack(f"<II{len(lengths)}I", magic, array.ndim, *lengths) + array.astype(array.dtype.newbyteorder("<")).tobytes()


def norb_arrays(factors):
    """`dat`, `cat` and `info` of pictures with these factors [N, 5]; the second camera sees another thing."""
    pictures = striped(factors, 96, 96, 1)[..., 0]
    category, instance, elevation, azimuth, lighting = factors.astype(np.int32).T
    info = np.stack([instance, elevation, 2 * azimuth, lighting], axis=1)
    return {"dat": np.stack([pictures, 255 - pictures], axis=1), "cat": category.copy(), "info": info}


def write_norb(folder, prefix, arrays, packed=False):
    folder.mkdir(parents=True, exist_ok=True)
    for part, array in arrays.items():
        content = norb_bytes(array)
        path = folder / f"{prefix}-{part}.mat{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(content) if packed else content)


def write_npz(path, space, compressed=True):
    path.parent.mkdir(parents=True, exist_ok=True)
    (np.savez_compressed if compressed else np.savez)(path, images=striped(all_factors(space), 64, 64))
    return path


def write_numbered(folder, space, side=128):
    folder.mkdir(parents=True)
    for row, factors in enumerate(all_factors(space)):
        Image.fromarray(np.ascontiguousarray(striped(factors, side, side))).save(folder / f"{row:06d}.png")
    return folder


def write_faces(root, attributes, names, pictures, ending="txt"):
    """celeba/img_align_celeba/*.jpg and the list of attributes [N, 40] of 0 and 1, as the publisher or as Kaggle writes it."""
    folder = root / "celeba" / "img_align_celeba"
    folder.mkdir(parents=True)
    files = [f"{row + 1:06d}.jpg" for row in range(len(attributes))]
    for file, picture in zip(files, pictures, strict=True):
        Image.fromarray(np.ascontiguousarray(picture)).save(folder / file, quality=95)
    signs = np.where(attributes, 1, -1)
    if ending == "txt":
        lines = [str(len(files)), " ".join(names) + " "]
        lines += [f"{file} " + " ".join(f"{sign:2d}" for sign in row) for file, row in zip(files, signs, strict=True)]
        text = "\r\n".join(lines) + "\r\n"
    else:
        rows = zip(files, signs, strict=True)
        text = "\n".join([",".join(["image_id", *names]), *(",".join([file, *map(str, row)]) for file, row in rows)]) + "\n"
    (root / "celeba" / f"list_attr_celeba.{ending}").write_bytes(text.encode())
    return folder
