"""A table of text, written for a terminal, Markdown, LaTeX (booktabs, everything escaped) or a report."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

LARGE = 1e6
GAP = "–"
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

    def text(self) -> str:
        """Aligned columns for a terminal."""
        widths = self._widths()
        rule = "  ".join("-" * width for width in widths)
        lines = [self.title, "", self._aligned(self.header, widths), rule]
        for i, row in enumerate(self.rows):
            lines += [rule] * (i in self.rules) + [self._aligned(row, widths)]
        return "\n".join([*lines, *([""] if self.notes else []), *self.notes])

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
