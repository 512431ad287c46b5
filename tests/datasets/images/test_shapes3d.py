"""Rendered Shapes3D: what each factor does to the pixels, and likeness to published pictures."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from datasets.images import shapes3d_renderer
from datasets.images.shapes3d import Shapes3D
from foundation.randomness import stream

NAMES = ("floor_hue", "wall_hue", "object_hue", "scale", "shape", "orientation")
FLOOR, WALL, SKY, MIDDLE = (slice(None), 62, 3), (slice(None), 24, 3), (slice(None), 2, 32), (slice(None), 35, 32)


@pytest.fixture(scope="module")
def shapes():
    return Shapes3D(root="")


def picture(dataset, **factors):
    """One image [3, 64, 64]; unnamed factors are in the middle of their range."""
    middle = dict(zip(NAMES, (0, 3, 6, 4, 0, 7), strict=True)) | factors
    return dataset.get_img_by_latent(np.array([middle[name] for name in NAMES]), stream(0, "unused")).numpy()


def hue_name(colour):
    """The strongest channels of a pixel: red (0), yellow (0, 1), green (1) ..."""
    return tuple(np.flatnonzero(colour > 0.5 * colour.max()))


@pytest.mark.parametrize(("factor", "place"), [("floor_hue", FLOOR), ("wall_hue", WALL), ("object_hue", MIDDLE)])
def test_a_hue_changes_its_own_surface_only(shapes, factor, place):
    red, cyan = picture(shapes, **{factor: 0}), picture(shapes, **{factor: 5})
    assert hue_name(red[place]) == (0,) and hue_name(cyan[place]) == (1, 2)
    for other in (FLOOR, WALL, MIDDLE, SKY):
        if other is not place:
            assert np.array_equal(red[other], cyan[other])


def test_the_sky_has_its_published_colour(shapes):
    assert picture(shapes)[SKY] * 255 == pytest.approx([153, 226, 249])


def silhouette(dataset, **factors):
    """Pixels [64, 64] that change with the hue of the object."""
    one, other = (picture(dataset, object_hue=hue, **factors) for hue in (0, 5))
    return (one != other).any(axis=0)


def test_scale_enlarges_the_object(shapes):
    areas = [silhouette(shapes, scale=scale).sum() for scale in range(8)]
    assert np.all(np.diff(areas) > 0)
    assert 1.9 < areas[-1] / areas[0] < 3.2, "the edge grows from 0.75 to 1.25"


def test_shapes_are_cube_cylinder_sphere_and_capsule(shapes):
    cube, cylinder, ball, capsule = (silhouette(shapes, shape=shape) for shape in range(4))
    widths = [outline.sum(axis=1)[outline.any(axis=1)] for outline in (cube, cylinder, ball, capsule)]
    assert widths[0][0] > 0.9 * widths[0].max() and widths[1][1] > 0.9 * widths[1].max(), "flat tops"
    assert widths[2][0] < 0.6 * widths[2].max() and widths[3][0] < 0.6 * widths[3].max(), "round tops"
    assert len(widths[3]) > 1.4 * len(widths[2]), "a capsule is taller than a sphere"


def test_orientation_turns_the_view_of_the_room(shapes):
    def corner(image):
        """Column where the sky reaches down farthest: over a corner of the room."""
        sky = (image * 255).round() == np.array([153, 226, 249])[:, None, None]
        return int(sky.all(axis=0).sum(axis=0).argmax())

    left, right = picture(shapes, orientation=0), picture(shapes, orientation=14)
    assert (corner(left) < 32) != (corner(right) < 32)
    straight = picture(shapes, orientation=7)[:, :10]
    assert np.array_equal(straight, straight[:, :, ::-1])


def test_an_image_is_the_sum_of_its_layers_and_stays_below_256(shapes):
    layers = shapes3d_renderer.render_layers(4, 3, 2).astype(np.int64)
    floor, wall, thing = layers[:6], layers[6:36], layers[36:]
    assert (floor.max(axis=0) + wall.max(axis=0) + thing.max(axis=0)).max() <= 255


def test_stored_layers_are_those_that_the_renderer_draws_now(shapes):
    """Where this fails after a change of the renderer, raise its VERSION."""
    layers = np.zeros((480, shapes3d_renderer.LAYERS, 4096), np.uint8)
    geometry = (6 * 4 + 1) * 15 + 13
    layers[geometry] = shapes3d_renderer.render_layers(6, 1, 13)
    factors = np.array([[hue, 9 - hue, (hue + 4) % 10, 6, 1, 13] for hue in range(10)])
    drawn = shapes3d_renderer.compose(layers, factors).reshape(-1, 3, 64, 64)
    stored = shapes.observations(shapes.factors.index_of(factors), stream(0, "unused")).numpy()
    assert np.array_equal((stored * 255).round(), drawn)


def similarity(one, other):
    """Structural similarity of two pictures [64, 64] from 0 to 1 (Wang et al. 2004; Gaussian window of 1.5 pixels)."""

    def blur(picture):
        return gaussian_filter(picture, 1.5, truncate=3.5)

    means = blur(one), blur(other)
    variances = blur(one**2) - means[0] ** 2, blur(other**2) - means[1] ** 2
    covariance = blur(one * other) - means[0] * means[1]
    structure = (2 * covariance + 0.03**2) / (sum(variances) + 0.03**2)
    return float(np.mean((2 * means[0] * means[1] + 0.01**2) / (means[0] ** 2 + means[1] ** 2 + 0.01**2) * structure))


def test_published_pictures_are_met_as_well_as_when_the_constants_were_fitted(shapes):
    if "FOVEA_REFERENCE" not in os.environ:
        pytest.skip("FOVEA_REFERENCE names no folder with the published pictures")
    with np.load(Path(os.environ["FOVEA_REFERENCE"]) / "frames" / "shapes3d_real.npz") as published:
        real, labels = published["gif"].transpose(0, 3, 1, 2) / 255.0, published["gif_labels"]
    drawn = shapes.observations(shapes.factors.index_of(labels), stream(0, "unused")).numpy().astype(np.float64)
    noise_ratio = -10 * np.log10(((drawn - real) ** 2).mean(axis=(1, 2, 3)))
    likeness = [np.mean([similarity(*channels) for channels in zip(*pair, strict=True)]) for pair in zip(drawn, real, strict=True)]
    assert noise_ratio.mean() > 28.15 and noise_ratio.min() > 24.2
    assert np.mean(likeness) > 0.893 and min(likeness) > 0.80
