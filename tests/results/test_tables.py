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


def test_what_is_wider_than_a_terminal_has_broken_headings_then_blocks_and_broken_notes():
    names = [f"a long heading {k}" for k in range(8)]
    table = Table("t", ("stage", *names), (("before", *["0.123 ± 0.001"] * 8), ("after", *["–"] * 8)), ("a note " * 30,))
    assert len(table.text(200).splitlines()[2]) == 6 + 8 * 18
    lines = table.text(130).splitlines()
    assert lines[2].split() == ["a", "long"] * 8 and lines[3].split()[:5] == ["stage", "heading", "0", "heading", "1"]
    blocks = table.text(60).splitlines()
    assert sum(line.startswith("before") for line in blocks) == 3 and max(map(len, blocks)) <= 60
    assert sum(line.count("0.123") for line in blocks) == 8
    for text in (table.text(130), table.text(60)):
        assert " ".join(text.split()).endswith(("a note " * 30).strip())
