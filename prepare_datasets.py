"""Published data sets: what is here, how to get the others, and whether they are what they say.

    python prepare_datasets.py list                          # what is here, and what the others would take
    python prepare_datasets.py fetch dsprites 3dshapes       # from mirrors, resumed where it was cut, proved, unpacked
    python prepare_datasets.py verify                        # all that is here: hashes and structure; or verify NAME
    python prepare_datasets.py augment coil100 --binary      # rotated and scaled photographs, or masks, as files
    python prepare_datasets.py pack mug_fed FACES            # a folder of aligned faces -> the two files that the loader reads
    python prepare_datasets.py card dsprites --output cards  # what a set holds, with a picture of each of its factors

Files lie in the folder that DISENTANGLEMENT_TRANSFER_DATA names, or --root. No other command downloads anything. Without files the
images of many sets are rendered here. Exit codes: 0 done, 2 bad input or something wrong (one line says what).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from command_line import Parser, command
from datasets.data_folder import VARIABLE, data_folder
from datasets.preparation.catalogue import plain_name, published
from datasets.preparation.published_sets import PUBLISHED
from foundation.errors import UserError

LEAST_WIDTH = 60


def main() -> None:
    arguments = parsed()
    if arguments.root is not None:
        os.environ[VARIABLE] = str(arguments.root.absolute())
    arguments.do(arguments)


def parsed() -> argparse.Namespace:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Parser(add_help=False)
    shared.add_argument("--root", type=Path, metavar="DIR", help=f"the data folder (default: {VARIABLE})")
    parts = parser.add_subparsers(metavar="list|fetch|verify|augment|pack|card", required=True)

    part = parts.add_parser("list", parents=[shared], help="what is here, and what the others would take")
    part.set_defaults(do=do_list)

    part = parts.add_parser("fetch", parents=[shared], help="bring published sets into the data folder")
    part.add_argument("names", nargs="+", metavar="NAME")
    part.add_argument("--any_hash", action="store_true", help="take another edition of a file, if its structure is right")
    part.set_defaults(do=do_fetch)

    part = parts.add_parser("verify", parents=[shared], help="whether files are what they say")
    part.add_argument("names", nargs="*", metavar="NAME", help="(default: every set that is here)")
    part.add_argument("--no_hash", action="store_true", help="structure only; hashes take some 2 seconds a gigabyte")
    part.set_defaults(do=do_verify)

    part = parts.add_parser("augment", parents=[shared], help="write the augmented COIL-100 as files")
    part.add_argument("name", choices=("coil100",))
    part.add_argument("--binary", action="store_true", help="masks instead of photographs")
    part.set_defaults(do=do_augment)

    part = parts.add_parser("pack", parents=[shared], help="turn a folder of aligned faces into the files of MUG-FED")
    part.add_argument("name", choices=("mug_fed",))
    part.add_argument("folder", type=Path, metavar="FOLDER")
    part.add_argument("--output", type=Path, metavar="DIR", help="where the two files go (default: MUG-FED in the data folder)")
    part.set_defaults(do=do_pack)

    part = parts.add_parser("card", parents=[shared], help="what a set holds, with a picture of each of its factors")
    part.add_argument("name", metavar="NAME", help="a file in configs/datasets/, or a .gin file of your own")
    part.add_argument("--output", type=Path, default=Path("cards"), metavar="DIR", help="(default: cards)")
    part.add_argument("--seed", type=_natural, default=0, metavar="N", help="which images the picture shows (default: 0)")
    part.set_defaults(do=do_card)
    return parser.parse_args()


def do_list(arguments: argparse.Namespace) -> None:
    from datasets.preparation.listing import listing

    rendered = {path.stem for path in (Path(__file__).parent / "configs" / "datasets").glob("rendered_*.gin")}
    say(listing(PUBLISHED, rendered, max(LEAST_WIDTH, shutil.get_terminal_size((120, 40)).columns)).rstrip("\n"))


def do_fetch(arguments: argparse.Namespace) -> None:
    from datasets.preparation.fetching import fetch

    root, sets = _root(), [published(name, PUBLISHED) for name in arguments.names]
    failures = []
    for one in dict.fromkeys(sets):
        try:
            fetch(one, root, say, arguments.any_hash)
        except UserError as failure:
            if len(sets) == 1:
                raise
            failures.append(one.name)
            say(f"error: {failure}")
    if failures:
        raise UserError(f"{len(failures)} of {len(sets)} sets could not be fetched, see above: {', '.join(failures)}")


def do_verify(arguments: argparse.Namespace) -> None:
    from datasets.preparation.verification import verify

    root = _root()
    sets = [published(name, PUBLISHED) for name in arguments.names] or [one for one in PUBLISHED if one.present(root)]
    if not sets:
        say(f"there is no published set in {root}; `python prepare_datasets.py list` shows what there could be")
    wrong = 0
    for one in dict.fromkeys(sets):
        problems = verify(one, root, say, hashes=not arguments.no_hash)
        wrong += bool(problems)
        say(f"{one.name}: {'right' if not problems else 'WRONG'} ({', '.join(map(str, one.present(root)[:1]))})")
        for problem in problems:
            say(f"  {problem}")
    if wrong:
        raise UserError(
            f"{wrong} of {len(sets)} sets {'is' if wrong == 1 else 'are'} not as published, see above; move them away and fetch them again"
        )


def do_augment(arguments: argparse.Namespace) -> None:
    from datasets.images.coil100 import write_augmented

    say(f"{write_augmented(str(_root()), arguments.binary)} holds the augmented files and their classes.csv")


def do_pack(arguments: argparse.Namespace) -> None:
    from datasets.sequences.mug_fed_packing import pack

    output = arguments.output or _root() / "MUG-FED"
    say(pack(arguments.folder, output))


def do_card(arguments: argparse.Namespace) -> None:
    from experiments.configured_dataset import configured_dataset
    from results.data_card import write_card

    with configured_dataset(arguments.name) as (dataset, said):
        about = next((one for one in PUBLISHED if plain_name(dataset.name) in map(plain_name, (one.name, *one.serves))), None)
        for path in write_card(dataset, arguments.output, arguments.seed, said, about):
            say(str(path))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _root() -> Path:
    """The data folder. Raises UserError where nobody named one."""
    folder = data_folder()
    if folder is None:
        raise UserError(f"no data folder: set {VARIABLE}, or give --root DIR")
    if folder.exists() and not folder.is_dir():
        raise UserError(f"the data folder {folder} is a file; set {VARIABLE}, or give --root DIR")
    return folder


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return int(text)


if __name__ == "__main__":
    command(main)
