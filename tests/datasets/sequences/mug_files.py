"""Small files of MUG-FED in the authors' edition: drawn faces, pickled by numpy as theirs are."""

import numpy as np

from datasets.sequences.mug_fed_file import FRAMES_FILE, LABELS_FILE
from foundation.randomness import stream

LENGTHS = (12, 9, 15, 4, 11, 10, 13, 9, 8, 14, 12, 10)


def face_frames(length, identity, action):
    """[length, 112, 112, 3] uint8: a disc whose colour is the identity and whose size grows with the frames and the action."""
    row, column = np.mgrid[:112, :112] - 55.5
    radius = 20 + 2 * action + np.arange(length)[:, None, None]
    inside = (np.hypot(row, column + 10) < radius).astype(np.uint8)
    colour = stream(identity, "face").integers(60, 255, 3, dtype=np.uint8)
    return inside[..., None] * colour


def write_mug_files(folder, lengths=LENGTHS, identities=3):
    """Writes both files into folder/MUG-FED and returns (frames per sequence, labels)."""
    (folder / "MUG-FED").mkdir(parents=True, exist_ok=True)
    labels = np.array([(number % identities, number % 9) for number in range(len(lengths))])
    frames = [face_frames(length, *label) for length, label in zip(lengths, labels, strict=True)]
    listed = np.empty(len(frames), dtype=object)
    listed[:] = frames
    np.savez(folder / "MUG-FED" / FRAMES_FILE, listed)
    np.savez(folder / "MUG-FED" / LABELS_FILE, labels)
    return frames, labels
