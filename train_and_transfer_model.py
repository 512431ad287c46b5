"""Trains one seed of a Source experiment; with --target, carries it over to a Target and scores it before and after fine-tuning.

    python train_and_transfer_model.py --source weak_dsprites_color --seed 0
    python train_and_transfer_model.py --source weak_dsprites_color --target 3dshapes --seed 0
    python train_and_transfer_model.py --source stib --seeds 0-2

--seeds runs several, one after another; a seed that fails is told at the end, and the others go on.

A run that was interrupted goes on where it stopped; what is complete is not done again. Exit codes: 0 done, 2 bad input (one line says
what to do), 75 stopped by a signal after a checkpoint (the same command goes on from it).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from command_line import Parser, command
from foundation.allocator import keep_freed_memory
from foundation.errors import UserError

if TYPE_CHECKING:
    from experiments.run import Options

STOPPED = 75


def main() -> None:
    options = parsed()
    # Imported late: a wrong flag or --help need not wait for torch.
    from experiments.catalogue import locate
    from experiments.run import Options, chosen_device, stop_signals
    from training.fit import Interrupted

    for name in filter(None, (options.source, options.target)):
        locate(name)
    if options.weights and (options.target or options.only == "train"):
        raise UserError("--weights brings a trained Source: it goes without --target and without --only train")
    if options.target is None and options.source_set:
        raise UserError("--source_set goes with --target; without one, --set changes the Source")
    keep_freed_memory()
    with stop_signals() as interrupted:
        chosen = Options(
            output=options.output,
            device=chosen_device(options.device),
            steps=options.steps,
            only=options.only,
            weights=options.weights,
            accept_change=options.accept_change,
            tensorboard=not options.no_tensorboard,
            overrides=tuple(options.set),
            source_overrides=tuple(options.source_set),
            interrupted=interrupted,
            say=lambda line: print(line, flush=True),
        )
        if options.steps is not None:
            print(f"--steps {options.steps}: every training ends there at the latest; warm-ups keep their own length")
        try:
            failed = [seed for seed in options.seeds if not ran(options, chosen, seed, alone=len(options.seeds) == 1)]
        except Interrupted as reason:
            print(f"{reason}; the checkpoint is written, and the same command goes on from it", file=sys.stderr)
            raise SystemExit(STOPPED) from None
    if failed:
        told = ", ".join(map(str, failed))
        raise UserError(
            f"{len(failed)} of {len(options.seeds)} seeds failed, for the reasons above: {told}; the same command tries them again"
        )


def ran(options: argparse.Namespace, chosen: Options, seed: int, alone: bool) -> bool:
    """Runs one seed. Whether it went well; where it is `alone`, an error is not held back."""
    from experiments.transfer import run_source, run_transfer

    try:
        if options.target is None:
            run_source(options.source, seed, chosen, tuple(options.set))
        else:
            run_transfer(options.source, options.target, seed, chosen)
    except UserError as error:
        if alone:
            raise
        print(f"seed {seed} failed: {error}", file=sys.stderr, flush=True)
        return False
    return True


def parsed() -> argparse.Namespace:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True, metavar="NAME", help="an experiment in configs/experiments/")
    parser.add_argument("--target", metavar="NAME", help="the experiment to carry the Source over to")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--seed", dest="seeds", type=lambda text: [natural(text)], metavar="N", help="0 or more; the run's number")
    which.add_argument("--seeds", type=several, metavar="LIST", help="several, one after another: 0-4 or 0,2,7")
    parser.add_argument("--output", default=Path("output"), type=Path, metavar="DIR", help="where runs are kept (default: output)")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--steps", type=positive, metavar="N", help="end every training at step N, for trying things out")
    parser.add_argument("--only", choices=("train", "represent", "score"), help="one part of the work")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="score these weights (safetensors) in place of training")
    target_set = "change the Target where there is one, else the Source, as in --set 'beta = 2.0'"
    parser.add_argument("--set", action="append", default=[], metavar="BINDING", help=target_set)
    parser.add_argument("--source_set", action="append", default=[], metavar="BINDING", help="change the Source of a transfer")
    parser.add_argument("--accept_change", action="store_true", help="carry on in a folder of another configuration; it is recorded")
    parser.add_argument("--no_tensorboard", action="store_true", help="write no TensorBoard events (terms.csv is always written)")
    return parser.parse_args()


def natural(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative")
    return value


def several(text: str) -> list[int]:
    seeds: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not (first.isdecimal() and (last or first).isdecimal() and int(first) <= int(last or first)):
            raise argparse.ArgumentTypeError(f"{text!r} is no list of seeds; write 0-4 or 0,2,7")
        seeds += range(int(first), int(last or first) + 1)
    return list(dict.fromkeys(seeds))


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


if __name__ == "__main__":
    command(main)
