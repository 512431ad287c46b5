"""What the training loop costs beside a bare one: the same network, loss, optimiser and batches, without anything around them.

    python -m benchmarks.training [--steps 40] [--rounds 5] [--threads 2] [--source weak_dsprites_color]

Both are timed in turn in one process; the ratio of their medians is what counts. `waiting` is the share of the loop's time spent
waiting for batches.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from experiments.catalogue import open_experiment
from experiments.experiment import Experiment
from experiments.run import build
from foundation.randomness import stream
from tests.toys import MemoryJournal
from training import fit as loop
from training.prefetch import Prefetch

CPU = torch.device("cpu")


def bare(experiment: Experiment, steps: int) -> float:
    """Seconds per step of the plainest loop: forward, backward, clip, step, on batches drawn beforehand."""
    model = build(experiment, 0).to(memory_format=torch.channels_last)
    setting = experiment.training.optimisers["model"]
    optimiser = torch.optim.Adam(model.parameters(), lr=setting.learning_rate, fused=True)
    batches = [experiment.source.draw(experiment.training.batch_size, stream(0, "data", step)) for step in range(4)]
    begun = time.perf_counter()
    for step in range(steps):
        optimiser.zero_grad()
        model.losses(batches[step % 4], step, "model").objective.backward()
        if setting.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), setting.clip_norm)
        optimiser.step()
    return (time.perf_counter() - begun) / steps


def whole(experiment: Experiment, steps: int) -> tuple[float, float]:
    """Seconds per step of `fit`, data included, and the share of its time spent waiting for data."""
    waited: list[float] = []

    class Watched(Prefetch):
        def __exit__(self, *details: object) -> None:
            waited.append(self.waited)
            super().__exit__(*details)  # type: ignore[arg-type]

    model = build(experiment, 0)
    plain, loop.Prefetch = loop.Prefetch, Watched  # type: ignore[misc]
    begun = time.perf_counter()
    try:
        loop.fit(model, experiment.source, experiment.training, MemoryJournal(), 0, device=CPU, steps=steps)
    finally:
        loop.Prefetch = plain  # type: ignore[misc]
    taken = time.perf_counter() - begun
    return taken / steps, waited[0] / taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", default="weak_dsprites_color")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with open_experiment(options.source) as opened:
        bare(opened.experiment, 3)
        ours, plain, waiting = [], [], []
        for _ in range(options.rounds):
            plain.append(bare(opened.experiment, options.steps))
            seconds, share = whole(opened.experiment, options.steps)
            ours.append(seconds)
            waiting.append(share)
    a, b = statistics.median(ours), statistics.median(plain)
    print(f"{options.source}, {options.threads} threads: fit {1e3 * a:.1f} ms per step, bare loop {1e3 * b:.1f} ms, ratio {a / b:.3f}")
    print(f"waiting for data: {100 * statistics.median(waiting):.2f} % of the time")


if __name__ == "__main__":
    main()
