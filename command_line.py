"""What every command line of the project shares: one clear line for bad input, and exit codes that scripts can rely on.

Exit codes: 0 done, 2 bad input, 130 interrupted, 141 nobody reads the output any more. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from foundation.errors import UserError

BAD_INPUT, INTERRUPTED, BROKEN_PIPE = 2, 130, 141


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, as those of the command itself."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; {self.prog} --help lists the options")


def command(main: Callable[[], None]) -> None:
    """Runs `main` and ends the process where it fails: bad input (UserError) as one line on standard error, without a traceback."""
    try:
        main()
        sys.stdout.flush()
    except UserError as error:
        # The first line is the message; gin adds where it was called from.
        sys.stderr.write(f"error: {next(iter(str(error).splitlines()), 'bad input')}\n")
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The interpreter flushes standard output once more at its end; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
