"""Pictures of what a model sees and makes: originals beside reconstructions, random samples, latent traversals (PNG and GIF).

All functions take images as numpy arrays [..., C, H, W] with C = 1 or 3 and values in [0, 1] (values outside are clipped), enlarge
small ones by a whole factor without smoothing, and write one file that appears only when it is complete.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from foundation.atomic_files import atomic_path

TILE = 128  # pixels that the longer side of an enlarged image comes close to
GAP = 4
INK, PAPER = (30, 34, 40), (255, 255, 255)
FONT_SIZE = 15
FRAME_MILLISECONDS = 110
GIF_COLUMNS = 5


def reconstructions(originals: np.ndarray, reconstructed: np.ndarray, path: Path, columns: int = 8) -> None:
    """Each of N originals [N, C, H, W] above its reconstruction, `columns` to a line.

    Raises ValueError where the two differ in shape.
    """
    if originals.shape != reconstructed.shape:
        raise ValueError(f"originals {originals.shape} and reconstructions {reconstructed.shape} differ in shape")
    above, below = _tiles(originals), _tiles(reconstructed)
    lines, labels = [], []
    for start in range(0, len(above), columns):
        lines += [above[start : start + columns], below[start : start + columns]]
        labels += ["original", "reconstruction"]
    _save(_grid(lines, labels, block=2), path)


def random_samples(images: np.ndarray, path: Path, columns: int = 8) -> None:
    """N images [N, C, H, W] drawn from a model, `columns` to a line."""
    tiles = _tiles(images)
    _save(_grid([tiles[start : start + columns] for start in range(0, len(tiles), columns)]), path)


def traversal(frames: np.ndarray, labels: Sequence[str], values: np.ndarray, path_png: Path, path_gif: Path | None = None) -> None:
    """What the decoder shows while one code dimension sweeps: one line per dimension, and an animation of all at once.

    `frames` [D, S, C, H, W]: dimension d at its s-th value; `labels`: D texts, lines broken by newlines (see `dimension_label`);
    `values`: [S] where all dimensions sweep the same values, else [D, S].
    """
    if len(labels) != len(frames) or values.shape not in (frames.shape[1:2], frames.shape[:2]):
        raise ValueError(f"frames {frames.shape} do not fit {len(labels)} labels and values {values.shape}")
    lines = [_tiles(line) for line in frames]
    if values.ndim == 1:
        _save(_grid(lines, labels, [f"{value:+.2f}" for value in values]), path_png)
    else:
        ranges = [f"{first:+.2f} to {last:+.2f}" for first, last in values[:, [0, -1]]]
        _save(_grid(lines, [f"{label}\n{range_}" for label, range_ in zip(labels, ranges, strict=True)]), path_png)
    if path_gif is not None:
        _save_animation(lines, labels, path_gif)


def swaps(rows: np.ndarray, columns: np.ndarray, made: np.ndarray, names: tuple[str, str], path: Path) -> None:
    """What a decoder makes of one part of the code of each image on the left and the other part of the code of each image above.

    `rows` [R, C, H, W], `columns` [K, C, H, W], `made` [R, K, C, H, W]; `names`: the part that a line holds, and the part that a column
    holds.
    """
    corner = Image.new("RGB", _tiles(rows[:1])[0].size, PAPER)
    lines = [[corner, *_tiles(columns)], *([left, *_tiles(line)] for left, line in zip(_tiles(rows), made, strict=True))]
    _save(_grid(lines, [f"{names[1]} of", *[f"{names[0]} of"] * len(rows)]), path)


def labelled_rows(rows: Sequence[np.ndarray], labels: Sequence[str], path: Path) -> None:
    """Rows of images [S, C, H, W], S may differ, each behind its label."""
    _save(_grid([_tiles(row) for row in rows], labels), path)


def animation(frames: np.ndarray, labels: Sequence[str], path: Path, there_and_back: bool = True) -> None:
    """D tiles that go through S images each, all at once, `frames` [D, S, C, H, W], with the label below each; and back on request."""
    _save_animation([_tiles(line) for line in frames], labels, path, there_and_back)


def dimension_label(dimension: int, kl: float | None = None, factor: str | None = None) -> str:
    """The label of one line of a traversal: its dimension, KL in nats, and the factor that it encodes best, where known."""
    return "\n".join([f"dimension {dimension}", *([f"KL {kl:.2f} nats"] if kl is not None else []), *([factor] if factor else [])])


def _tiles(images: np.ndarray) -> list[Image.Image]:
    """N enlarged RGB images of images [N, C, H, W]."""
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise ValueError(f"a picture needs images [N, C, H, W] with 1 or 3 channels, not {images.shape}")
    scale = max(1, round(TILE / max(images.shape[2:])))
    bytes_ = np.rint(np.clip(np.nan_to_num(images), 0.0, 1.0) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    rgb = np.broadcast_to(bytes_, (*bytes_.shape[:3], 3)).repeat(scale, axis=1).repeat(scale, axis=2)
    return [Image.fromarray(one) for one in rgb]


def _grid(
    lines: Sequence[Sequence[Image.Image]], labels: Sequence[str] | None = None, header: Sequence[str] | None = None, block: int = 1
) -> Image.Image:
    """Tiles in lines, with a label to the left of each line, a header above the columns, and more room after each `block` lines."""
    width, height = lines[0][0].size
    font = ImageFont.load_default(FONT_SIZE)
    pen = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    left = 3 * GAP + round(max(pen.multiline_textbbox((0, 0), label, font=font)[2] for label in labels)) if labels else GAP
    top = FONT_SIZE + 3 * GAP if header else GAP
    tops = [top + i * (height + GAP) + (i // block) * (3 * GAP if block > 1 else 0) for i in range(len(lines))]
    canvas = Image.new("RGB", (left + max(map(len, lines)) * (width + GAP), tops[-1] + height + GAP), PAPER)
    pen = ImageDraw.Draw(canvas)
    for i, line in enumerate(lines):
        if labels:
            pen.multiline_text((left - 2 * GAP, tops[i] + height // 2), labels[i], INK, font, anchor="rm", align="right")
        for j, tile in enumerate(line):
            canvas.paste(tile, (left + j * (width + GAP), tops[i]))
    for j, text in enumerate(header or ()):
        pen.text((left + j * (width + GAP) + width // 2, top - GAP), text, INK, font, anchor="ms")
    return canvas


def _save_animation(lines: Sequence[Sequence[Image.Image]], labels: Sequence[str], path: Path, there_and_back: bool = True) -> None:
    """One tile per dimension, all sweeping there and (unless told not to) back, with the label below each."""
    width, height = lines[0][0].size
    font = ImageFont.load_default(FONT_SIZE)
    texts = ["\n".join(textwrap.fill(part, max(8, width // 8)) for part in label.split("\n")) for label in labels]
    below = (FONT_SIZE + 6) * max(text.count("\n") + 1 for text in texts) + GAP
    columns = min(GIF_COLUMNS, len(lines))
    size = (GAP + columns * (width + GAP), GAP + -(-len(lines) // columns) * (height + below + GAP))
    base = Image.new("RGB", size, PAPER)
    corners = [(GAP + d % columns * (width + GAP), GAP + d // columns * (height + below + GAP)) for d in range(len(lines))]
    for (x, y), text in zip(corners, texts, strict=True):
        ImageDraw.Draw(base).multiline_text((x + width // 2, y + height + GAP), text, INK, font, anchor="ma", align="center")
    steps = range(len(lines[0]))
    frames = []
    for step in [*steps, *(reversed(steps[1:-1]) if there_and_back else ())]:
        frame = base.copy()
        for corner, line in zip(corners, lines, strict=True):
            frame.paste(line[step], corner)
        frames.append(frame)
    # One palette for all frames, else colours flicker; it is chosen from a third of them side by side.
    sample = frames[:: max(1, len(frames) // 3)]
    strip = Image.new("RGB", (size[0], size[1] * len(sample)))
    for i, frame in enumerate(sample):
        strip.paste(frame, (0, i * size[1]))
    palette = strip.quantize(256)
    first, *others = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    with atomic_path(path) as temporary:
        first.save(temporary, "GIF", save_all=True, append_images=others, duration=FRAME_MILLISECONDS, loop=0)


def _save(image: Image.Image, path: Path) -> None:
    with atomic_path(path) as temporary:
        image.save(temporary, "PNG", optimize=True)
