"""What a step of STIB costs beside the plainest one: in CPU time: both players, a batch of 60 fresh draws, one thread.

    python -m benchmarks.symmetry [--steps 200] [--rounds 7]

The plain step is what one writes first: torch's softplus and Adam, `backward()` through everything, gradients that nobody uses. Ours is the
whole of `fit` on the experiment `stib`, data included. Both are timed in turn in one process; the ratio of their medians is what counts.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import torch
from torch import Tensor, nn

from datasets.spiral import draw
from experiments.catalogue import open_experiment
from experiments.experiment import Experiment
from experiments.run import build
from tests.toys import MemoryJournal
from training.fit import fit

CPU = torch.device("cpu")


class PlainSTIB(nn.Module):
    """The published networks and losses, written straight down."""

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(3))
        self.encoder, self.decoder, self.predictor = _perceptron(2, 3, False), _perceptron(3, 2), _perceptron(1, 2)
        self.invariance, self.forward_map, self.back_map = _perceptron(2, 2), _perceptron(2, 2), _perceptron(2, 2)
        self.minimiser = torch.optim.Adam(
            [self.log_scale, *self.encoder.parameters(), *self.decoder.parameters(), *self.predictor.parameters()], lr=1e-4
        )
        self.maximiser = torch.optim.Adam(
            [*self.invariance.parameters(), *self.forward_map.parameters(), *self.back_map.parameters()], lr=1e-4
        )

    def step(self, x: Tensor, y: Tensor, weight: float) -> None:
        mean = self.encoder(x)
        scale = self.log_scale.exp()
        codes = mean + scale * torch.randn_like(mean)
        kl = (-self.log_scale + (mean.square() + scale.square()) / 2 - 0.5).sum(1).mean()
        x_loss = (self.decoder(codes) - x).square().sum(1).mean()
        y_loss = (self.predictor(codes[:, 2:]) - y).square().sum(1).mean()
        information = _information(self.invariance(codes[:, :2]), self.forward_map(y))
        self.minimiser.zero_grad()
        (kl + weight * (x_loss + y_loss + 400 * information)).backward()
        self.minimiser.step()
        mean = self.encoder(x)
        codes = mean + self.log_scale.exp() * torch.randn_like(mean)
        mapped = self.forward_map(y)
        back = (self.back_map(mapped) - y).square().sum(1).mean()
        self.maximiser.zero_grad()
        (-3000 * (_information(self.invariance(codes[:, :2]), mapped) - 0.01 * back)).backward()
        self.maximiser.step()


def _perceptron(inputs: int, outputs: int, bias: bool = True) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, 256, bias), nn.Softplus(), nn.Linear(256, 256, bias), nn.Softplus(), nn.Linear(256, outputs, bias)
    )


def _information(first: Tensor, second: Tensor) -> Tensor:
    correlations = [torch.corrcoef(part.T) for part in (first, second, torch.cat([first, second], 1))]
    a, b, both = (torch.linalg.slogdet(correlation)[1] for correlation in correlations)
    return a + b - both


def plain(steps: int) -> float:
    """CPU seconds per step."""
    model, rng = PlainSTIB(), np.random.default_rng(0)
    begun = time.process_time()
    for _ in range(steps):
        x, y, _ = draw(60, rng)
        model.step(torch.from_numpy(x).float(), torch.from_numpy(y).float(), 0.7)
    return (time.process_time() - begun) / steps


def ours(experiment: Experiment, steps: int) -> float:
    """CPU seconds per step of the whole loop."""
    model = build(experiment, 0)
    begun = time.process_time()
    fit(model, experiment.source, experiment.training, MemoryJournal(), 0, device=CPU, steps=steps)
    return (time.process_time() - begun) / steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with open_experiment("stib") as opened:
        plain(3)
        ours(opened.experiment, 3)
        times = [(plain(options.steps), ours(opened.experiment, options.steps)) for _ in range(options.rounds)]
    before, after = (statistics.median(column) for column in zip(*times, strict=True))
    print(
        f"a step of STIB: plain {1000 * before:.2f} CPU ms, ours {1000 * after:.2f} CPU ms with data and loop: {after / before:.2f} of it"
    )


if __name__ == "__main__":
    main()
