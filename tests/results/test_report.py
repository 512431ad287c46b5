"""The report: it holds the numbers and the pictures, stands alone, and says what is missing and what was rendered."""

from __future__ import annotations

import re

import pytest

from foundation.errors import UserError
from results.report import report_path, write_report
from tests.results.fake_runs import SOURCE, TRANSFER, fail, write_run


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    output = tmp_path_factory.mktemp("output")
    for seed in (0, 1):
        write_run(output, SOURCE, seed, pictures=seed == 0)
        write_run(output, TRANSFER, seed, pictures=seed == 0)
    fail(write_run(output, TRANSFER, 2).stage("after"), "kl is <not> finite")
    experiments = [SOURCE, TRANSFER]
    return write_report(output, experiments, report_path(output, experiments)).read_text()


def cells(page: str, first: str) -> list[str]:
    """The cells of the table row that begins with `first`."""
    rows = [re.findall(r"<td>(.*?)</td>", line) for line in page.splitlines()]
    return next(row for row in rows if row and row[0] == first)


def test_headline_numbers_stand_beside_untrained_ceiling_and_null(page):
    assert cells(page, "trained, seed 1")[1:6] == ["0.670", "+0.400", "0.830", "0.150", "0.300"]
    assert cells(page, "trained, mean")[1:3] == ["0.660 ± 0.014", "+0.400 ± 0.000"]
    assert cells(page, "untrained, seed 0")[1:3] == ["0.250", "–"]


def test_learning_curves_of_several_seeds_are_shown(page):
    assert page.count("Learning curves of all seeds") == 2 and "thin lines are seeds" in page


def test_the_comparison_is_there_by_factor_and_overall(page):
    assert cells(page, "OMES (max pooling, alpha 0.5)")[1:5] == ["26.0 ± 1.4", "36.0 ± 1.4", "56.0 ± 1.4", "+20.0 ± 0.0"]
    assert cells(page, "all factors")[1] == "36.0 (+20.0)"
    assert cells(page, "OMES: scale")[4] == "+20.0 ± 0.0"


def test_it_stands_alone(page):
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!data:|#)""", page)
    assert "http" not in re.sub(r"data:image/\w+;base64,[\w+/=]+", "", page)
    assert "@import" not in page and "<script" not in page
    assert len(re.findall("data:image/gif", page)) == 3  # trained, before, after
    assert len(re.findall("data:image/png", page)) >= 10


def test_it_says_what_was_run_and_what_is_missing(page):
    assert "commit 0123abc" in page and "torch 2.9.0" in page
    assert "Rendered data." in page and "dsprites-color (rendered)" in page
    assert "seed 2, stage after: it failed: kl is &lt;not&gt; finite" in page


def test_a_transfer_without_a_complete_pair_is_reported_all_the_same(tmp_path):
    write_run(tmp_path, TRANSFER, 0, stages=["untrained", "before"])
    text = write_report(tmp_path, [TRANSFER], tmp_path / "r.html").read_text()
    assert "There is no comparison: no run of" in text
    assert "No pictures of this experiment were drawn." in text


def test_an_unknown_experiment_writes_nothing(tmp_path):
    with pytest.raises(UserError, match="there are no runs of 'nothing'"):
        write_report(tmp_path, ["nothing"], tmp_path / "r.html")
    assert not list(tmp_path.iterdir())
