"""inputs.npy and actions.npy as FlatLand's public generator writes them, with its traps on request."""

import numpy as np


def write_flatland(folder, world, unwritten=(), spare=0):
    """The walk of `world`, whose first frame is there: all frames but the last, and as many actions.

    Frames `unwritten` are missing, as entirely black ones are; `spare` pictures of an earlier run come first.
    """
    frames = world.observations(np.arange(world.frames - 1), None).numpy()
    frames = np.repeat(frames, 3 // frames.shape[1], axis=1).transpose(0, 2, 3, 1)
    written = np.delete(frames, list(unwritten), axis=0)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "inputs", np.concatenate([written[:spare], written]).astype("float32"))
    np.save(folder / "actions", np.array(world.walk.actions.tolist()))
    return folder
