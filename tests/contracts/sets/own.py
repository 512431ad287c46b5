"""Own data: a folder of pictures with a CSV, a recorded walk, pairs with actions, clips."""

import csv

import numpy as np
from PIL import Image

from datasets.image_folder import ImageFolder
from datasets.own_actions import pairs_from_npz, walk_from_npz
from datasets.sequences.own_clips import from_npz
from foundation.randomness import stream


def image_folder(folder):
    """Fifteen of sixteen combinations of four words and four tilts, PNG and JPEG, upright and wide, in folders."""
    rng = stream(0, "own pictures")
    rows = [(word, tilt) for word in ("two", "one", "four", "three") for tilt in (-15, 0, 15, 30)][:-1]
    with open(folder / "factors.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "digit", "tilt"])
        for number, (word, tilt) in enumerate(rows):
            path = folder / word / f"{number}.{'png' if number % 2 else 'jpg'}"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (20, 16 + number % 3 * 8, 3), dtype=np.uint8)).save(path)
            writer.writerow([path.relative_to(folder), word, tilt])
    return ImageFolder(str(folder), size=16)


def recorded_walk(folder):
    rng = stream(0, "own walk")
    places = rng.integers(0, 2, (30, 2)).cumsum(axis=0) % 5
    images = np.zeros((30, 8, 8), np.uint8)
    images[np.arange(30), places[:, 0], places[:, 1]] = 255
    np.savez(folder / "walk.npz", images=images, actions=rng.integers(0, 4, 29), factors=places, names=np.array(["row", "column"]))
    return walk_from_npz(str(folder / "walk.npz"))


def action_pairs(folder):
    rng = stream(0, "own pairs")
    np.savez(folder / "pairs.npz", pairs=rng.random((12, 2, 8, 8, 3)), actions=np.arange(12) % 3)
    return pairs_from_npz(str(folder / "pairs.npz"))


def own_clips(folder):
    rng = stream(0, "own clips")
    lengths = np.array([5, 3, 7])
    images = rng.integers(0, 256, (15, 8, 8, 3), dtype=np.uint8)
    np.savez(folder / "clips.npz", images=images, lengths=lengths, factors=[[0, 1], [1, 0], [1, 1]], names=np.array(["who", "what"]))
    return from_npz(str(folder / "clips.npz"))


SETS = {"own folder": image_folder, "own walk": recorded_walk, "own pairs": action_pairs, "own clips": own_clips}
