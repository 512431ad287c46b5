"""Charts of a split code: colours by equal bins, files that appear."""

import numpy as np
from PIL import Image

from foundation.randomness import stream
from results.symmetry_charts import Orbits, beside, bins, latent_space, symmetry


def test_bins_are_ten_of_equal_width():
    order = np.linspace(-3, 7, 101)
    found = bins(order)
    assert found[0] == 0 and found[-1] == 9 and np.array_equal(np.bincount(found), [10] * 9 + [11])
    assert set(bins(np.zeros(4))) == {0}


def test_charts_are_drawn(tmp_path):
    points, order = stream(0, "points").standard_normal((500, 2)), np.linspace(0, 1, 500)
    latent_space(points, ("Z0", "Z1"), order, tmp_path / "latent_space.png", invariant=0)
    beside(points, points, ("X", "reconstruction"), order, 0.0, tmp_path / "reconstruction.png")
    paths = points[:15].reshape(3, 5, 2)
    symmetry(Orbits(paths, paths, np.arange(3.0), 0.1, 2.0), points, points, tmp_path / "symmetry.png")
    for path in tmp_path.iterdir():
        pixels = np.asarray(Image.open(path).convert("RGB"))
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20, path
