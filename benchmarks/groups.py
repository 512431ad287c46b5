"""CPU seconds of a training step of RGrVAE and ForwardVAE, beside the plain way in which they were released.

    python -m benchmarks.groups [--steps 10] [--rounds 3] [--threads 1] [--precision float32]

Batches of 128 pairs 1x64x64, four latent dimensions, four actions, on one network. The reference is written from the description of the
released step: torch's SELU and convolutions, every module's own encoding and decoding (four of the one, three of the other for RGrVAE; two
and three for ForwardVAE), maps applied sample by sample, gradient clamps by hooks, Adam unfused. Ours runs through `fit`, batches
included. All are timed in turn in one process, by CPU time; the ratio of the medians is what counts, and 0.6 is the aim.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from datasets.batches import Observed
from datasets.walks import ActionWalks
from datasets.worlds.torus import Torus
from foundation.randomness import stream
from models.group_networks import ForwardNetwork
from models.groups.elements import GroupElements
from models.groups.estimation import Reinforce
from models.groups.forward_vae import ForwardVAE
from models.groups.policy import PolicyNetwork
from models.groups.rgrvae import RGrVAE
from models.likelihoods import SquaredError
from models.model import Model
from models.vae import VAE
from tests.toys import MemoryJournal
from training.fit import fit
from training.training import Optimiser, Training

CPU = torch.device("cpu")
BATCH, LATENTS = 128, 4
SOURCE = Observed(Torus(), ActionWalks({"x": 5, "y": 5}))
NETWORK = partial(ForwardNetwork, latent_dimensions=LATENTS)
MODELS: dict[str, Callable[[], Model]] = {
    "rgrvae": lambda: RGrVAE(
        SOURCE.spec,
        backbone=partial(VAE, network=NETWORK, likelihood=SquaredError),
        elements=GroupElements,
        policy=PolicyNetwork,
        estimation=Reinforce(accumulate="past"),
        absolute=True,
    ),
    "forward": lambda: ForwardVAE(SOURCE.spec, network=NETWORK, likelihood=SquaredError),
}


class Plain(nn.Module):
    """The released networks, layer by layer, and four maps on pairs of dimensions."""

    def __init__(self) -> None:
        super().__init__()
        down = [layer for before in (1, 32, 32, 32) for layer in (nn.Conv2d(before, 32, 4, 2, 1), nn.SELU())]
        self.encoder = nn.Sequential(
            *down, nn.Flatten(), nn.Linear(512, 256), nn.SELU(), nn.Linear(256, 256), nn.SELU(), nn.Linear(256, 8), nn.SELU()
        )
        up = [layer for after in (32, 32, 32, 1) for layer in (nn.ConvTranspose2d(32, after, 4, 2, 1), nn.SELU())][:-1]
        self.decoder = nn.Sequential(
            nn.Linear(4, 256), nn.SELU(), nn.Linear(256, 512), nn.SELU(), nn.Unflatten(1, (32, 4, 4)), *up
        )  # fmt: skip
        self.policy = PolicyNetwork((1, 64, 64), 4)
        self.angles = nn.ParameterList([nn.Parameter(torch.rand(1)) for _ in range(4)])
        self.maps = nn.ModuleList([nn.Linear(4, 4) for _ in range(4)])
        for parameter in self.parameters():
            parameter.register_hook(lambda gradient: gradient.clamp(-10, 10))

    def code(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.encoder(images).chunk(2, 1)
        return mean, log_variance, mean + torch.exp(log_variance / 2) * torch.randn_like(mean)

    def evidence(self, first: Tensor) -> Tensor:
        mean, log_variance, code = self.code(first)
        kl = 0.5 * (log_variance.exp() + mean.square() - 1 - log_variance).sum() / len(first)
        return (torch.sigmoid(self.decoder(code)) - first).square().sum() / len(first) + kl

    def rgrvae(self, first: Tensor, second: Tensor, actions: Tensor) -> Tensor:
        loss = self.evidence(first)
        code, target = self.code(first)[2], self.code(second)[0]
        policy = F.softmax(self.policy(first, second).abs(), 1)
        chosen = torch.distributions.Categorical(policy).sample()
        rotations = [self.rotation(action) for action in range(4)]
        moved = torch.stack([rotations[int(action)] @ z for action, z in zip(chosen, code, strict=True)])
        for codes in (moved, moved, target):  # what the policy is shown next, the prediction, and the target, as pictures
            self.decoder(codes)
        reward = ((code - target).square().sum(1) - (moved - target).square().sum(1)).detach()
        probability = policy.gather(1, chosen.unsqueeze(1)).squeeze(1)
        signed = torch.where(reward >= 0, probability, 1 - probability).clamp(1e-6).log()
        entropy = -(policy * policy.log()).sum(1).mean()
        return loss + 10 * (moved - target).square().sum(1).mean() - (reward.abs() * signed).mean() - 0.01 * entropy

    def rotation(self, action: int) -> Tensor:
        pair, angle = action // 2, self.angles[action]
        matrix = torch.eye(4)
        matrix[2 * pair, 2 * pair], matrix[2 * pair, 2 * pair + 1] = angle.cos()[0], -angle.sin()[0]
        matrix[2 * pair + 1, 2 * pair], matrix[2 * pair + 1, 2 * pair + 1] = angle.sin()[0], angle.cos()[0]
        return matrix

    def forward_vae(self, first: Tensor, second: Tensor, actions: Tensor) -> Tensor:
        loss = self.evidence(first) / 4096
        code, target = self.code(first)[2], self.code(second)[0]
        moved = torch.stack([self.maps[int(action)](z) for action, z in zip(actions, code, strict=True)])
        self.decoder(moved)
        return loss + (moved - target).square().mean()


def plain(name: str, steps: int) -> float:
    """CPU seconds per step of the reference, on batches drawn beforehand."""
    model = Plain()
    objective = model.rgrvae if name == "rgrvae" else model.forward_vae
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    batches = [SOURCE.draw(BATCH, stream(0, "data", step)) for step in range(2)]
    begun = time.process_time()
    for step in range(steps):
        batch = batches[step % 2]
        assert batch.actions is not None
        optimiser.zero_grad()
        objective(*batch.observations.unbind(1), batch.actions[:, 0]).backward()
        optimiser.step()
    return (time.process_time() - begun) / steps


def ours(name: str, steps: int, precision: str) -> float:
    """CPU seconds per step of `fit`, data included."""
    optimisers = {"model": Optimiser(1e-3, clip_value=10.0)}
    training = Training(steps, BATCH, optimisers, precision=precision, report_every=steps, checkpoint_every=steps)
    model = MODELS[name]()
    begun = time.process_time()
    fit(model, SOURCE, training, MemoryJournal(), 0, device=CPU)
    return (time.process_time() - begun) / steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", default="float32")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name in MODELS:
        ours(name, 2, options.precision)
        plain(name, 2)
        rounds = [(ours(name, options.steps, options.precision), plain(name, options.steps)) for _ in range(options.rounds)]
        one, other = (statistics.median(values) for values in zip(*rounds, strict=True))
        print(f"{name}, {options.precision}: {one:.3f} CPU s per step, as released {other:.3f}, ratio {one / other:.2f}")


if __name__ == "__main__":
    main()
