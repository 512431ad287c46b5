"""The one error that a user can act on: every command line turns it into one line and exit code 2."""

from __future__ import annotations


class UserError(Exception):
    """Bad input: the message says what is wrong, where, and what to do about it, in one line."""
