"""Texture-dSprites: each factor in the pixels, and likeness to the released way of putting images together."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import interpolate

from datasets.images.dsprites import PALETTES, DSprites
from datasets.images.texture_dsprites import TEXTURES, TextureDSprites, check
from foundation.errors import UserError
from foundation.randomness import stream
from tests.photograph_files import write_textures


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    write_textures(folder / "texture" / "Normalized_Brodatz")
    return folder


def picture(dataset, *factors):
    return dataset.get_img_by_latent(np.array(factors), stream(0, "unused")).numpy()


def test_an_image_is_put_together_as_the_released_code_does(root):
    dataset, sprites = TextureDSprites(root=str(root)), DSprites(root=str(root))
    for factors in ((3, 4, 2, 5, 11, 20, 7), (0, 0, 0, 0, 0, 0, 31)):
        sprite = sprites.get_img_by_latent(np.array([0, *factors[2:]]), stream(0, "unused")).numpy()[0]
        coloured = (255 * sprite * np.array(PALETTES["husl"][factors[1]])[:, None, None]).astype(np.uint8)
        enlarged = interpolate(torch.from_numpy(coloured)[None].to(torch.float32) / 255, (224, 224), mode="bilinear", antialias=True)[0]
        with Image.open(root / "texture" / "Normalized_Brodatz" / f"{TEXTURES[factors[0]]}.tif") as texture:
            expected = enlarged.numpy() * (np.asarray(texture)[20:244, 20:244] / 255)
        assert abs(picture(dataset, *factors) - expected).max() < 1e-6


def test_small_images_are_the_large_ones_resized(root):
    large, small = (picture(TextureDSprites(size, str(root)), 1, 2, 0, 5, 3, 10, 20) for size in (224, 64))
    expected = interpolate(torch.from_numpy(large)[None], (64, 64), mode="bilinear", antialias=True)[0]
    assert abs(small - expected.numpy()).max() < 1e-6


def test_texture_and_colour_come_first_and_the_background_stays_black(root):
    dataset = TextureDSprites(root=str(root))
    assert len(dataset.factors) == 25_804_800
    one, other = picture(dataset, 0, 0, 0, 5, 0, 16, 16), picture(dataset, 4, 0, 0, 5, 0, 16, 16)
    shape = one.max(axis=0) > 0
    assert np.array_equal(shape, other.max(axis=0) > 0) and (one != other)[:, shape].mean() > 0.9
    coloured = picture(dataset, 0, 1, 0, 5, 0, 16, 16)
    ratio = coloured[:, shape] / one[:, shape]
    assert np.ptp(ratio, axis=1).max() < 1e-4 and ratio.mean(axis=1) == pytest.approx(PALETTES["husl"][1], abs=1 / 255)
    right, down = picture(dataset, 0, 0, 0, 5, 0, 20, 16), picture(dataset, 0, 0, 0, 5, 0, 16, 20)
    rows, columns = np.argwhere(shape).mean(axis=0)
    assert np.argwhere(right.max(axis=0) > 0).mean(axis=0) == pytest.approx([rows, columns + 3.5 * 32 * 4 / 31], abs=3)
    assert np.argwhere(down.max(axis=0) > 0).mean(axis=0) == pytest.approx([rows + 3.5 * 32 * 4 / 31, columns], abs=3)


def test_rendered_sprites_are_said_to_be_rendered(root):
    assert TextureDSprites(root=str(root)).provenance.startswith("rendered: ")


def test_textures_that_are_not_there_small_or_damaged_are_named(root, tmp_path):
    assert check(str(root)) == []
    with pytest.raises(UserError, match="D11.tif"):
        TextureDSprites(root=str(tmp_path))
    folder = tmp_path / "texture" / "Normalized_Brodatz"
    write_textures(folder)
    Image.new("L", (100, 100)).save(folder / "D40.tif")
    (folder / "D23.tif").write_bytes(b"<html>")
    (folder / "D102.tif").unlink()
    assert [line.split(".tif")[0].rsplit("/", 1)[1] for line in check(str(tmp_path))] == ["D40", "D23", "D102"]
    with pytest.raises(UserError, match="D40.tif is 100x100"):
        picture(TextureDSprites(root=str(tmp_path)), 0, 0, 0, 0, 0, 0, 0)
    with pytest.raises(UserError, match="1 to 224"):
        TextureDSprites(300, str(root))
