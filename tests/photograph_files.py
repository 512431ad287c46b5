"""Small files in the formats of COIL-100, RGB-D Objects, the Normalized Brodatz textures and the painting of scream-dsprites."""

from itertools import product

import numpy as np
from PIL import Image

RGBD_FRAMES = [("apple", 1), ("food_bag", 2), ("food_bag", 10), ("toy", 1)]
"""Categories and instances; `food_bag_2` is the first of its category in numeric order, not in that of names."""


def turntable_photo(thing, pose, side=128):
    """A photograph [side, side, 3] uint8 in whole numbers only: a striped ellipse and a bar on black, and noise of the sensor."""
    y, x = np.mgrid[:side, :side]
    across, down = 20 + 3 * thing, 45 - 2 * thing
    middle = side // 2 + (pose // 5) % 7
    inside = ((x - middle) * down) ** 2 + ((y - side // 2) * across) ** 2 < (across * down) ** 2
    stripes = 40 * ((x + 2 * y + pose) // (5 + thing) % 4)
    photo = np.stack([60 + stripes, 200 - stripes, 30 * thing % 150 + stripes], axis=2) * inside[..., None]
    photo[10 + 4 * thing : 24 + 4 * thing, side // 2 : side // 2 + 40] = 90, 160, 220 - pose // 3
    noise = np.random.default_rng((thing, pose)).integers(0, 12, photo.shape)
    return np.clip(photo + noise, 0, 255).astype(np.uint8)


def write_photographs(folder, objects=(1, 2), poses=(0, 5, 10), suffix=""):
    """objO__P.png, as in coil-100.zip."""
    folder.mkdir(parents=True, exist_ok=True)
    for thing, pose in product(objects, poses):
        Image.fromarray(turntable_photo(thing, pose)).save(folder / f"obj{thing}__{pose}{suffix}.png")


def write_rgbd_frames(folder, frames=RGBD_FRAMES, videos=(1, 4), poses=(1, 2, 7), leave_out=("food_bag_2_4_2",)):
    """category/category_I/category_I_V_F_{crop,depthcrop,maskcrop}.png of sizes that differ; `leave_out` are missing cells."""
    rng = np.random.default_rng(0)
    for (category, instance), video, pose in product(frames, videos, poses):
        stem = f"{category}_{instance}_{video}_{pose}"
        if stem in leave_out:
            continue
        place = folder / category / f"{category}_{instance}"
        place.mkdir(parents=True, exist_ok=True)
        height, width = (90, 40) if category == "apple" else (48 + pose, 80 + video)
        mask = np.zeros((height, width), np.uint8)
        mask[5:-5, 5:-5] = 255
        depth = np.full((height, width), 500 + 100 * video, np.uint16) + rng.integers(0, 40, (height, width), np.uint16)
        depth[:, width // 2] = 0
        Image.fromarray(rng.integers(1, 256, (height, width, 3), dtype=np.uint8)).save(place / f"{stem}_crop.png")
        Image.fromarray(mask).save(place / f"{stem}_maskcrop.png")
        Image.fromarray(depth).save(place / f"{stem}_depthcrop.png")
        (place / f"{stem}_loc.txt").write_text("200,180")


def write_textures(folder):
    """The five textures that Texture-dSprites uses, 640x640 grey TIFF."""
    folder.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[:640, :640]
    for number, name in enumerate(("D11", "D40", "D23", "D109", "D102")):
        Image.fromarray((60 + (x * (number + 1) + 7 * y) % 190).astype(np.uint8)).save(folder / f"{name}.tif")


def write_painting(path):
    """A JPEG of the proportions of the painting."""
    path.parent.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[:940, :738]
    Image.fromarray(np.stack([x // 3 % 256, y // 4 % 256, (x + y) // 7 % 256], axis=2).astype(np.uint8)).save(path, quality=95)
