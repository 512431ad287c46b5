"""Comparing: improvement in points, over the runs that have both stages, and groups that differ in one setting only."""

from __future__ import annotations

import statistics

import pytest

from foundation.errors import UserError
from results.run_folder import read_object, write_json
from results.transfer import comparison_folder, read_comparison, write_comparison
from tests.results.fake_runs import SOURCE, TRANSFER, write_run

BETA2 = "weak_dsprites_color_beta2"


def number_of(comparison, name: str, factor: str = "", group: str = TRANSFER):
    rows = comparison.compared
    rows = rows[(rows["group"] == group) & (rows["name"] == name) & (rows["factor"] == factor)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_improvement_is_in_points_over_the_runs_that_have_both_stages(tmp_path):
    for seed in (0, 1, 5):
        write_run(tmp_path, TRANSFER, seed)
    write_run(tmp_path, TRANSFER, 9, stages=["untrained", "before"])
    found = number_of(read_comparison(tmp_path, [TRANSFER]), "modularity", "floor_hue")
    before = [100 * (0.3 + 0.02 * seed + 0.1 - 0.1) for seed in (0, 1, 5)]
    assert found["before"] == pytest.approx(statistics.mean(before))
    assert found["before_deviation"] == pytest.approx(statistics.stdev(before))
    assert found["improvement"] == pytest.approx(20.0)
    assert found["improvement_deviation"] == pytest.approx(0.0, abs=1e-9)
    assert found["untrained"] == pytest.approx(statistics.mean(before) - 10)
    assert (found["runs"], found["runs_left_out"]) == (3, 1)


def test_ceiling_and_null_stand_beside_the_score_and_losses_stay_in_nats(tmp_path):
    write_run(tmp_path, TRANSFER, 0)
    comparison = read_comparison(tmp_path, [TRANSFER])
    found = number_of(comparison, "OMES")
    assert (found["ceiling"], found["null"]) == pytest.approx((83.0, 15.0))
    elbo = number_of(comparison, "ELBO")
    assert (elbo["unit"], elbo["before"]) == ("nats", -500.0)


def test_downstream_accuracy_is_compared_for_all_and_for_pruned_dimensions_where_there_is_any(tmp_path):
    write_run(tmp_path, TRANSFER, 0, downstream=True)
    comparison = read_comparison(tmp_path, [TRANSFER])
    assert number_of(comparison, "trees, all", "scale")["before"] == pytest.approx(80.0)
    assert number_of(comparison, "network, pruned")["after"] == pytest.approx(80.0)
    write_run(tmp_path, BETA2 + "_to_3dshapes", 0)
    names = read_comparison(tmp_path, [BETA2 + "_to_3dshapes"]).compared["name"]
    assert not names.str.contains("trees").any()


def test_transfers_may_have_different_scores(tmp_path):
    write_run(tmp_path, TRANSFER, 0, downstream=True)
    write_run(tmp_path, BETA2 + "_to_3dshapes", 0)
    experiments = [BETA2 + "_to_3dshapes", TRANSFER]
    shown = write_comparison(read_comparison(tmp_path, experiments), comparison_folder(tmp_path, experiments))
    assert shown.count("accuracy of boosted trees on all dimensions") == 1


def two_betas(output):
    experiments = []
    for source, beta in ((SOURCE, 1.0), (BETA2, 2.0)):
        experiments.append(f"{source}_to_3dshapes")
        for seed in (0, 1):
            write_run(output, source, seed, beta=beta)
            write_run(output, experiments[-1], seed + int(beta), beta=beta)
    return experiments


def test_experiments_that_differ_in_beta_alone_are_averaged_together_when_asked(tmp_path):
    experiments = two_betas(tmp_path)
    apart = read_comparison(tmp_path, experiments, ["model_num"])
    assert [group.name for group in apart.groups] == experiments
    together = read_comparison(tmp_path, experiments, ["beta"])
    (group,) = together.groups
    assert group.name == f"{TRANSFER} (beta 1.0, 2.0)"
    found = number_of(together, "OMES", group=group.name)
    values = [100 * (0.3 + 0.02 * seed + 0.05) for seed in (1, 2, 2, 3)]
    assert found["before"] == pytest.approx(statistics.mean(values))
    assert found["before_deviation"] == pytest.approx(statistics.stdev(values))
    assert found["runs"] == 4


def test_experiments_that_differ_in_more_stay_apart(tmp_path):
    experiments = two_betas(tmp_path)
    for seed in (2, 3):
        stage = next(iter((tmp_path / experiments[1] / str(seed)).glob("after")))
        settings = read_object(stage / "settings.json")
        write_json(stage / "settings.json", {**settings, "training.training.Training.steps": 9})
    assert len(read_comparison(tmp_path, experiments, ["beta"]).groups) == 2
    assert len(read_comparison(tmp_path, experiments, ["beta", "steps"]).groups) == 1


def test_two_sources_of_one_target_are_not_averaged_together(tmp_path):
    for experiment in ("a_to_c", "b_to_c"):
        write_run(tmp_path, experiment, 0)
    assert len(read_comparison(tmp_path, ["a_to_c", "b_to_c"], ["beta"]).groups) == 2


def test_seeds_that_were_run_with_other_settings_are_noted(tmp_path):
    write_run(tmp_path, TRANSFER, 0, beta=1.0)
    write_run(tmp_path, TRANSFER, 1, beta=4.0)
    (group,) = read_comparison(tmp_path, [TRANSFER]).groups
    assert any(note.startswith(f"Seeds of {TRANSFER} differ in beta") for note in group.notes)


def test_what_cannot_be_compared_is_refused(tmp_path):
    write_run(tmp_path, SOURCE, 0)
    write_run(tmp_path, TRANSFER, 0, stages=["untrained", "before"])
    with pytest.raises(UserError, match="is not a transfer"):
        read_comparison(tmp_path, [SOURCE])
    with pytest.raises(UserError, match="no run of .* both before and after"):
        read_comparison(tmp_path, [TRANSFER])
    write_run(tmp_path, TRANSFER, 0)
    with pytest.raises(UserError, match="no setting 'betta' .* did you mean beta"):
        read_comparison(tmp_path, [TRANSFER], ["betta"])


@pytest.mark.parametrize("seeds", [(0,), (0, 1), tuple(range(10))])
def test_files_of_a_comparison(tmp_path, seeds):
    for seed in seeds:
        write_run(tmp_path, TRANSFER, seed)
    folder = comparison_folder(tmp_path, [TRANSFER])
    shown = write_comparison(read_comparison(tmp_path, [TRANSFER]), folder)
    names = {path.name for path in folder.iterdir()}
    assert names == {"comparison.md", "comparison.csv", "comparison.tex", "violins.png", "improvement.png", "rank_correlation.png"}
    tex = (folder / "comparison.tex").read_text()
    assert r"weak\_dsprites\_color\_to\_3dshapes" in tex and "floor_hue" not in tex
    assert "+20.0" in shown and "+20.0" in (folder / "comparison.md").read_text() and "+20.0" in tex


def test_too_few_points_for_a_rank_correlation_are_said(tmp_path):
    write_run(tmp_path, TRANSFER, 0, stages=["before", "after"])
    folder = comparison_folder(tmp_path, [TRANSFER])
    shown = write_comparison(read_comparison(tmp_path, [TRANSFER]), folder)
    assert "no rank correlation: it needs 3 runs and stages" in shown
    assert not (folder / "rank_correlation.png").exists()
