"""Small folders of .sprite files as the published script writes them."""

import itertools

import torch

FIGURES = list(itertools.product(range(2), range(2), (0, 4), range(2)))

SHOWN = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3))
"""Action and direction of the nine files of a character: slash was cut a row too low."""


def pictures(number, motion):
    """[8, 3, 64, 64] float32 from -1 to 1, different for every sequence and frame."""
    images = torch.full((8, 3, 64, 64), -1.0)
    for frame in range(8):
        images[frame, :, 4 * motion : 4 * motion + 4, 6 * frame : 6 * frame + 5] = number / 8 - 1 + 1 / 256
        images[frame, 0, 60:] = 1.0
    return images


def write_sprite_files(folder, joined=False, figures=FIGURES):
    """Every fifth character goes to test; `joined` numbers action and direction together. Returns the labels by part."""
    labels = {"train": [], "test": []}
    for number, (body, shirt, pant, hair) in enumerate(figures):
        part = "test" if number % 5 == 4 else "train"
        (folder / "lpc-dataset" / part).mkdir(parents=True, exist_ok=True)
        for motion in range(9):
            labels[part].append((body, shirt, pant, hair, *SHOWN[motion]))
            content = {"body": body, "shirt": shirt, "pant": pant, "hair": hair, "action": motion if joined else motion // 3}
            path = folder / "lpc-dataset" / part / f"{len(labels[part])}.sprite"
            torch.save(content | {"sprite": pictures(number, motion)}, path)
    return labels
