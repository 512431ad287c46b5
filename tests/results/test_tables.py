"""Tables: the same cells in a terminal, in Markdown and in LaTeX, with nothing that LaTeX would stumble over."""

from __future__ import annotations

import math

from results.tables import Table, latex_escape, number

TABLE = Table("a_b: 100%", ("score", "before"), (("floor_hue", "-1.5 ± 0.2"), ("A & B | C", "–")), ("in 5% steps",), frozenset({1}))


def test_everything_that_latex_would_read_as_a_command_is_escaped():
    assert latex_escape(r"a_b 5% & #1 {x} $ ~ ^ \n") == (r"a\_b 5\% \& \#1 \{x\} \$ \textasciitilde{} \textasciicircum{} \textbackslash{}n")


def test_latex_has_rules_and_signs():
    lines = TABLE.latex("tab:x").splitlines()
    assert r"\caption{a\_b: 100\%. in 5\% steps.}" in lines
    assert r"floor\_hue & $-$1.5 $\pm$ 0.2 \\" in lines
    assert lines[lines.index(r"A \& B \textbar{} C & -- \\") - 1] == r"\midrule"
    assert lines[0] == r"\begin{table}" and lines[-1] == r"\end{table}"


def test_markdown_cells_are_aligned_and_pipes_escaped():
    lines = TABLE.markdown().splitlines()
    assert lines[0] == "### a_b: 100%"
    assert r"A & B \| C" in lines[5]
    assert len({len(line) for line in lines[2:6]}) == 1
    assert lines[3].endswith(": |")


def test_text_columns_line_up():
    lines = TABLE.text().splitlines()
    assert len({len(line) for line in lines[2:7]}) == 1
    assert lines[5] == lines[3]


def test_numbers_and_gaps():
    assert number(0.12345, 0.01) == "0.123 ± 0.010"
    assert number(20.04, digits=1, sign=True) == "+20.0"
    assert number(math.nan, 0.1) == number(math.inf) == "–"


def test_what_is_wider_than_a_terminal_is_narrowed_step_by_step():
    names = [f"a long heading {k}" for k in range(8)]
    note = ("a note " * 30).strip()
    table = Table("t", ("stage", *names), (("before", *["0.123 ± 0.001"] * 8), ("after", *["–"] * 8)), (note,))
    wide, broken, blocks = (table.text(width).splitlines() for width in (200, 130, 60))
    assert len(wide[2]) == 6 + 8 * 18 and wide[4].count("0.123 ± 0.001") == 8
    assert broken[2].split() == ["a", "long"] * 8 and broken[3].split()[:5] == ["stage", "heading", "0", "heading", "1"]
    assert broken[5].count("0.123±0.001") == 8
    assert sum(line.startswith("before") for line in blocks) == 2 and sum(line.count("0.123±0.001") for line in blocks) == 8
    for lines, width in ((wide, 200), (broken, 130), (blocks, 60)):
        assert max(map(len, lines)) <= width
        assert " ".join(" ".join(lines).split()).endswith(note)
