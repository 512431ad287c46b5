"""Images per second of every data set, drawn as training draws them, on one core.

    python -m benchmarks.data [--pairs 64] [--seconds 1.0] [--rounds 3] [--threads 1]

A batch is `pairs` weak pairs through Observed: views, look-up, conversion. Two references stand beside them in the same run: the
bare work on the same pixels (rows gathered from the packed frames, unpacked, coloured), and a DataLoader that makes one item after
another with Pillow, as the released code does. Everything is timed in turn, and the best round counts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset
from torchvision.transforms.functional import to_tensor

from datasets.batches import Observed
from datasets.factored_dataset import FactoredDataset
from datasets.images.dsprites import PALETTES, DSprites
from datasets.images.shapes3d import Shapes3D
from datasets.views import WeakPairs
from foundation.randomness import stream

FRAMES = 737_280


def bare(frames: np.ndarray, pairs: int) -> Callable[[int], object]:
    """Two random coloured images for each pair, and nothing else."""
    palette = torch.tensor(PALETTES["husl"])

    def draw(step: int) -> Tensor:
        rng = stream(0, "bare", step)
        rows, colours = rng.integers(0, FRAMES, 2 * pairs), torch.from_numpy(rng.integers(0, len(palette), 2 * pairs))
        bits = torch.from_numpy(np.unpackbits(frames[rows], axis=1)).view(-1, 1, 64, 64)
        return bits.to(torch.float32) * palette[colours][:, :, None, None]

    return draw


class PlainPairs(IterableDataset[tuple[Tensor, Tensor, int]]):
    """Weak pairs of colour dSprites one by one: factors, index, image, Pillow, tensor."""

    def __init__(self, frames: np.ndarray) -> None:
        self.frames = frames
        self.table = DSprites("husl").factors

    def image(self, factors: np.ndarray) -> Tensor:
        colour, row = divmod(int(self.table.index_of(factors)), FRAMES)
        bits = np.unpackbits(self.frames[row]).reshape(64, 64, 1)
        return to_tensor(Image.fromarray((bits * np.array(PALETTES["husl"][colour]) * 255).astype(np.uint8)))

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, int]]:
        rng = stream(0, "plain")
        sizes = self.table.space.sizes
        while True:
            factors = rng.integers(0, sizes)
            other, column = factors.copy(), int(rng.integers(len(sizes)))
            other[column] = rng.integers(sizes[column])
            yield self.image(factors), self.image(other), column


def plain(frames: np.ndarray, pairs: int) -> Callable[[int], object]:
    batches = iter(DataLoader(PlainPairs(frames), batch_size=pairs))
    return lambda _: next(batches)


def rate(draw: Callable[[int], object], images: int, seconds: float) -> float:
    """Images per second; two batches are alive at a time, as with a prefetching loop."""
    kept = draw(0)
    steps, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        steps += 1
        kept, _ = draw(steps), kept
    return steps * images / (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sets: list[FactoredDataset] = [DSprites(), DSprites("white"), DSprites("husl")]
    sets += [DSprites("white", noise=True), DSprites("husl", noise=True), Shapes3D()]
    frames = DSprites().frames
    # Every page is touched once: what is timed is the work, not the disk.
    np.add.reduce(frames[:, ::256], axis=None)
    draws: dict[str, Callable[[int], object]] = {
        "reference: bare gather, unpack, colour": bare(frames, options.pairs),
        "reference: DataLoader, item by item": plain(frames, options.pairs),
    }
    for dataset in sets:
        source = Observed(dataset, WeakPairs())
        source.draw(options.pairs, stream(0, "data", 0))
        draws[dataset.name] = lambda step, source=source: source.draw(options.pairs, stream(0, "data", step))  # type: ignore[misc]
        print(f"{dataset.name}: {dataset.provenance}")
    rates: dict[str, list[float]] = {name: [] for name in draws}
    for _ in range(options.rounds):
        for name, draw in draws.items():
            rates[name].append(rate(draw, 2 * options.pairs, options.seconds))
    best = {name: max(values) for name, values in rates.items()}
    bare_rate, plain_rate = list(best.values())[:2]
    print(f"\n{options.pairs} pairs a batch, {options.threads} thread(s), images per second\n")
    print("| set | images/s | of bare | times DataLoader |\n|---|---|---|---|")
    for name, images in best.items():
        print(f"| {name} | {images:,.0f} | {images / bare_rate:.2f} | {images / plain_rate:.0f} |")


if __name__ == "__main__":
    main()
