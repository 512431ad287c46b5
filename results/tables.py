"""A table of text, written for a terminal, Markdown, LaTeX (booktabs, everything escaped) or a report."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

LARGE = 1e6
GAP = "–"
WIDTH = 140
"""Columns of a terminal that a table keeps to, where it can."""
LATEX_SYMBOLS = {
    "\\": r"\textbackslash{}",
    **{symbol: "\\" + symbol for symbol in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "±": r"$\pm$",
    "−": "$-$",
    "–": "--",
    "→": r"$\rightarrow$",
}


@dataclass(frozen=True)
class Table:
    """`rows` under a `header`; the first column is text, the others numbers. `rules`: indices of rows with a rule before them."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    rules: frozenset[int] = frozenset()

    def text(self, width: int = WIDTH) -> str:
        """Aligned columns for a terminal. Where they are wider, headings are broken and cells written closer; what is wider still stands in
        blocks below each other."""
        rows, headings, widths = self.rows, [[name] for name in self.header], self._widths()
        if _total(widths) > width:
            rows = tuple(tuple(cell.replace(" ± ", "±") for cell in row) for row in rows)
            headings, widths = _broken(self.header, rows)
        lines = [self.title]
        for block in _blocks(widths, width):
            own = [widths[i] for i in block]
            rule = "  ".join("-" * one for one in own)
            height = max(len(headings[i]) for i in block)
            padded = [[""] * (height - len(headings[i])) + headings[i] for i in block]
            lines += ["", *(self._aligned(line, own) for line in zip(*padded, strict=True)), rule]
            for place, row in enumerate(rows):
                lines += [rule] * (place in self.rules) + [self._aligned([row[i] for i in block], own)]
        notes = [textwrap.fill(one, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) for one in self.notes]
        return "\n".join([*lines, *([""] if notes else []), *notes])

    def markdown(self) -> str:
        """A pipe table below a heading, the notes as a list; still aligned when read as plain text."""
        rows = [tuple(cell.replace("|", r"\|") for cell in row) for row in (self.header, *self.rows)]
        widths = [max(4, *(len(row[i]) for row in rows)) for i in range(len(self.header))]
        lines = ["| " + self._aligned(row, widths, " | ") + " |" for row in rows]
        lines.insert(1, "| " + " | ".join("-" * (w - 1) + ("-" if i == 0 else ":") for i, w in enumerate(widths)) + " |")
        return "\n".join([f"### {self.title}", "", *lines, "", *(f"- {note}" for note in self.notes), *([""] if self.notes else [])])

    def latex(self, label: str) -> str:
        r"""A `table` environment (needs \usepackage{booktabs})."""
        body = []
        for i, row in enumerate(self.rows):
            # A minus sign in front of a number, not a hyphen.
            cells = [row[0], *(re.sub(r"(?<!\w)-(?=\d)", "−", cell) for cell in row[1:])]
            body += ([r"\midrule"] if i in self.rules else []) + [" & ".join(map(latex_escape, cells)) + r" \\"]
        caption = ". ".join([self.title, *(note.rstrip(".") for note in self.notes)]) + "."
        return "\n".join(
            [
                r"\begin{table}",
                r"\centering",
                rf"\caption{{{latex_escape(caption)}}}",
                rf"\label{{{label}}}",
                rf"\begin{{tabular}}{{l{'r' * (len(self.header) - 1)}}}",
                r"\toprule",
                " & ".join(map(latex_escape, self.header)) + r" \\",
                r"\midrule",
                *body,
                r"\bottomrule",
                r"\end{tabular}",
                r"\end{table}",
                "",
            ]
        )

    def _widths(self) -> list[int]:
        return [max(len(row[i]) for row in (self.header, *self.rows)) for i in range(len(self.header))]

    @staticmethod
    def _aligned(row: Sequence[str], widths: Sequence[int], between: str = "  ") -> str:
        first, *others = zip(row, widths, strict=True)
        return between.join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])


def _broken(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[int]]:
    """The lines of each heading, broken between words so that it is no wider than it must be; and the widths of the columns."""
    widths = [max([len(row[i]) for row in rows] + [len(word) for word in name.split()]) for i, name in enumerate(header)]
    wrapped = [
        textwrap.wrap(name, width, break_long_words=False, break_on_hyphens=False) for name, width in zip(header, widths, strict=True)
    ]
    return [lines or [""] for lines in wrapped], widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 1)


def _blocks(widths: Sequence[int], width: int) -> list[list[int]]:
    """Columns that fit beside each other; every block begins with the first."""
    blocks = [[0]]
    for i in range(1, len(widths)):
        if len(blocks[-1]) > 1 and _total([widths[k] for k in (*blocks[-1], i)]) > width:
            blocks.append([0])
        blocks[-1].append(i)
    return blocks


def latex_escape(text: str) -> str:
    """Text that LaTeX prints as it stands."""
    return "".join(LATEX_SYMBOLS.get(character, character) for character in text)


def number(mean: float, deviation: float = math.nan, digits: int = 3, sign: bool = False) -> str:
    """`mean ± deviation`; the deviation is left out where there is none, and a dash stands for what is not a number.

    From a million on, both have three significant digits: what a model makes of data that it was never trained on has no more.
    """
    if not math.isfinite(mean):
        return GAP
    form = f".{digits}f" if abs(mean) < LARGE else ".2e"
    text = f"{mean:{'+' if sign else ''}{form}}"
    return f"{text} ± {deviation:{form}}" if math.isfinite(deviation) else text
