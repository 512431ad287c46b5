"""Collecting: the numbers are those of the runs, and whatever is not there is listed with its reason."""

from __future__ import annotations

import math
import statistics

import pandas as pd
import pytest

from foundation.errors import UserError
from metrics.scores import Refusal, Row, Scores
from results.collect import COLUMNS, collect, setting_of, setting_text
from results.measures import HEADLINE
from results.run_folder import RunFolder
from results.summary import gaps, headline, summarise, summary_markdown, summary_tables
from tests.results.fake_runs import FACTORS, SOURCE, TRANSFER, fail, omes, write_run

INTERVENTION = "alpha=0.5,estimator=exact,mode=mean,pooling=max,sample=intervention"


def row_of(summary, **wanted):
    for key, value in wanted.items():
        summary = summary[summary[key] == value]
    assert len(summary) == 1
    return summary.iloc[0]


def test_mean_and_deviation_are_those_worked_out_by_hand(tmp_path):
    for seed in (0, 1, 3):
        write_run(tmp_path, SOURCE, seed)
    table = collect(tmp_path, [SOURCE]).table
    assert list(table.columns) == COLUMNS
    found = row_of(summarise(table), stage="trained", metric="omes", setting=INTERVENTION, factor="scale")
    values = [0.6 + 0.02 * seed + 0.05 + 0.1 for seed in (0, 1, 3)]
    assert found["mean"] == pytest.approx(statistics.mean(values))
    assert found["standard_deviation"] == pytest.approx(statistics.stdev(values))
    assert (found["seeds"], found["seeds_without_a_value"]) == (3, 0)


def test_one_seed_has_a_mean_and_no_deviation(tmp_path):
    write_run(tmp_path, SOURCE, 7)
    found = row_of(summarise(collect(tmp_path, [SOURCE]).table), stage="trained", metric="omes", setting=INTERVENTION, factor="")
    assert found["mean"] == pytest.approx(omes("trained", 7, 0.5))
    assert math.isnan(found["standard_deviation"])


def test_a_value_that_is_no_number_is_counted_and_left_out_of_the_mean(tmp_path):
    write_run(tmp_path, TRANSFER, 0)
    write_run(tmp_path, TRANSFER, 1, without_number="shape")
    collected = collect(tmp_path, [TRANSFER])
    found = row_of(summarise(collected.table), stage="after", metric="omes", setting=INTERVENTION, factor="shape")
    assert found["mean"] == pytest.approx(omes("after", 0, 0.5))
    assert (found["seeds"], found["seeds_without_a_value"]) == (1, 1)
    page = summary_markdown(TRANSFER, collected)
    assert "(1 of 2)" in page
    assert "no omes of shape: no two samples differ in it alone (untrained: seed 1; before: seed 1; after: seed 1)" in page


def test_missing_and_failed_seeds_are_listed_with_the_reason(tmp_path):
    write_run(tmp_path, TRANSFER, 0)
    write_run(tmp_path, TRANSFER, 2, stages=["untrained"])
    fail(write_run(tmp_path, TRANSFER, 3).stage("after"), "kl is not finite at step 120")
    write_run(tmp_path, TRANSFER, 4).stage("before").update_status(state="training", step=50, steps=100)
    write_run(tmp_path, TRANSFER, 5).stage("before").scores.unlink()
    collected = collect(tmp_path, [TRANSFER], seeds=7)
    assert [f"{one.seed} {one.stage}: {one.reason}" for one in collected.missing] == [
        "1 None: there is no run of this seed",
        "2 before: it was never begun",
        "2 after: it was never begun",
        "3 after: it failed: kl is not finite at step 120",
        "4 before: it is not complete: training at step 50 of 100",
        "5 before: it has no scores.json; run the same command again with --only score",
        "6 None: there is no run of this seed",
    ]
    after = collected.table[collected.table["stage"] == "after"]
    assert sorted(after["seed"].unique()) == [0, 4, 5]
    assert len(gaps(collected)) == 2 + 7


def test_seeds_that_were_not_trained_alike_are_noted(tmp_path):
    write_run(tmp_path, SOURCE, 0)
    changes = [{"step": 500, "change": "learning_rate = 0.1 there, 0.01 here"}]
    write_run(tmp_path, SOURCE, 1).stage("trained").update_status(step=60, accepted_changes=changes)
    assert gaps(collect(tmp_path, [SOURCE]))[2:] == [
        "To be known:",
        "",
        f"- {SOURCE}, stage trained: seeds were trained for different numbers of steps: 3000 (seed 0), 60 (seed 1)",
        f"- {SOURCE}, seed 1, stage trained: changed at step 500: learning_rate = 0.1 there, 0.01 here",
    ]


def test_without_a_number_of_seeds_only_gaps_between_seeds_are_missing(tmp_path):
    for seed in (2, 4):
        write_run(tmp_path, SOURCE, seed)
    assert [one.seed for one in collect(tmp_path, [SOURCE]).missing] == [3]
    write_run(tmp_path, SOURCE, 3)
    assert gaps(collect(tmp_path, [SOURCE])) == ["Nothing is missing: every stage of every seed is complete."]


def test_an_experiment_without_any_score_says_what_is_the_matter(tmp_path):
    fail(RunFolder(tmp_path, SOURCE, 0).stage("trained"), "out of memory")
    with pytest.raises(UserError, match="no seed of 'weak_dsprites_color' in .* has scores: .*out of memory"):
        collect(tmp_path, [SOURCE])


@pytest.mark.parametrize(
    "content", ["{", "[1]", '[{"metric": "omes"}]', "{}x", '[{"metric": "a", "setting": {}, "factor": null, "value": "b"}]']
)
def test_scores_that_are_no_scores_are_named(tmp_path, content):
    run = write_run(tmp_path, SOURCE, 0)
    run.stage("trained").scores.write_text(content)
    with pytest.raises(UserError, match=r"scores\.json"):
        collect(tmp_path, [SOURCE])


@pytest.mark.parametrize("name", ["status.json", "refusals.json"])
@pytest.mark.parametrize("content", ["5", "[1]", '{"a": 1}', "", None])
def test_other_files_of_a_run_that_are_broken_are_named_too(tmp_path, name, content):
    path = write_run(tmp_path, SOURCE, 0).stage("untrained").path / name
    if content is None:
        path.unlink()
        path.mkdir()
    else:
        path.write_text(content)
    if name == "status.json" and content == '{"a": 1}':
        assert "it is not complete" in collect(tmp_path, [SOURCE]).missing[0].reason
    else:
        with pytest.raises(UserError, match=name.replace(".", r"\.")):
            collect(tmp_path, [SOURCE])


def test_a_score_that_stands_twice_is_refused(tmp_path):
    scores = write_run(tmp_path, SOURCE, 0).stage("trained").scores
    text = scores.read_text().rstrip().removesuffix("]")
    scores.write_text(text + ',{"metric": "elbo", "setting": {"observations": 2048}, "factor": null, "value": 1.0}]')
    with pytest.raises(UserError, match="elbo / observations=2048 / .* more than once"):
        collect(tmp_path, [SOURCE])


def test_a_setting_is_one_text_whatever_the_order_of_its_keys():
    text = setting_text({"pooling": "max", "alpha": 0.1 + 0.2, "exact": True, "bins": 20})
    assert text == "alpha=0.3,bins=20,exact=true,pooling=max" == setting_text({"bins": 20, "exact": True, "alpha": 0.3, "pooling": "max"})
    assert setting_of(text) == {"alpha": "0.3", "bins": "20", "exact": "true", "pooling": "max"}
    assert setting_of(setting_text({})) == {}


def test_the_headline_prefers_the_sample_by_intervention(tmp_path):
    for seed in (0, 1):
        write_run(tmp_path, SOURCE, seed)
    table = headline(collect(tmp_path, [SOURCE]).table, "title")
    assert table.header[:6] == ("stage", "OMES", "ceiling", "null", "modularity", "compactness")
    trained = dict(zip(table.header, table.rows[1], strict=True))
    assert trained["stage"] == "trained" and table.title == "title, on dsprites-color (rendered)"
    assert trained["OMES"] == "0.660 ± 0.014"
    assert (trained["ceiling"], trained["null"]) == ("0.830", "0.150")
    assert "OMES, modularity, compactness: estimator exact, mode mean, sample intervention" in table.notes
    page = summary_markdown(SOURCE, collect(tmp_path, [SOURCE]))
    assert "pairs: " + ", ".join(f"{factor} 6,000" for factor in FACTORS) in page


def with_actions(output, seed, found):
    """A run that also knows actions: by policy 0.9 - 0.1 seed, by what is nearest 0.5."""
    stage = write_run(output, SOURCE, seed).stage("trained")
    rows = [*stage.read_rows(), Row("symmetry_found", {"chosen_by": "policy", "angle": 0.05}, None, found)]
    for by, accuracy in (("nearest", 0.5), ("policy", 0.9 - 0.1 * seed)):
        setting = {"chosen_by": by, "rows": 2000}
        rows += [Row("action_accuracy", {**setting, "statistic": "min"}, None, 0.1), Row("action_accuracy", setting, None, accuracy)]
        rows += [Row("action_accuracy", setting, name, accuracy) for name in ("x +", "x -")]
    rows += [Row("own_angle", {"rows": 2000}, name, 0.9) for name in ("x +", "x -")]
    rows += [Row("independence", {"fit": fit}, None, value) for fit, value in (("released", 0.2), ("least_squares", 0.8))]
    stage.write_scores([Scores(rows)])


def test_what_a_model_knows_of_actions_has_tables_of_its_own(tmp_path):
    for seed, found in enumerate((1.0, 0.0, 1.0)):
        with_actions(tmp_path, seed, found)
    actions, single, scores, *_ = summary_tables(SOURCE, collect(tmp_path, [SOURCE]).table)
    trained = dict(zip(actions.header, actions.rows[-1], strict=True))
    assert trained["found symmetry"] == "2 of 3"
    assert trained["action accuracy"] == "0.800 ± 0.100" and trained["worst accuracy"] == "0.100 ± 0.000"
    assert trained["independence"] == "0.800 ± 0.000" and trained["released independence"] == "0.200 ± 0.000"
    assert actions.rows[0][1:] == ("–",) * len(actions.rows[0][1:]) and "angle error" not in actions.header
    assert single.rows == (("trained: x +", "0.900 ± 0.000", "0.800 ± 0.100"), ("trained: x -", "0.900 ± 0.000", "0.800 ± 0.100"))
    assert scores.header[1] == "OMES" and scores.title.endswith("on dsprites-color (rendered)")


def test_a_run_without_actions_has_no_such_tables(tmp_path):
    write_run(tmp_path, SOURCE, 0)
    assert "headline" in summary_tables(SOURCE, collect(tmp_path, [SOURCE]).table)[0].title


def test_a_single_outcome_is_yes_or_no():
    found = next(measure for measure in HEADLINE if measure.counted)
    assert [found.text(pd.Series(values)) for values in ([1.0], [0.0], [math.nan], [1.0, math.nan, 0.0])] == ["yes", "no", "–", "1 of 2"]


def test_scores_without_a_number_for_one_reason_are_one_line(tmp_path):
    for seed in (0, 1):
        stage = write_run(tmp_path, SOURCE, seed).stage("trained")
        reasons = [Refusal(metric, None, "VAE has no actions of its own") for metric in ("symmetry_found", "angle_error")]
        stage.write_scores([Scores(stage.read_rows(), refusals=[*reasons, reasons[0], Refusal("mig", "shape", "one value")])])
    assert [str(one) for one in collect(tmp_path, [SOURCE]).refused] == [
        f"{SOURCE}: no symmetry_found, angle_error: VAE has no actions of its own (trained: seed 0, 1)",
        f"{SOURCE}: no mig of shape: one value (trained: seed 0, 1)",
    ]
