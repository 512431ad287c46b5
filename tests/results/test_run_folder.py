"""The run folder: what is written is read again, nothing overwrites anything unasked, and what cannot be read is named."""

from __future__ import annotations

import math

import numpy as np
import pytest

from foundation.errors import UserError
from metrics.scores import Matrix, Refusal, Row, Scores
from results.run_folder import RunFolder, runs_of, source_and_target
from tests.results.fake_runs import SOURCE, TRANSFER


def test_scores_matrices_and_refusals_are_read_as_they_were_written(tmp_path):
    stage = RunFolder(tmp_path, SOURCE, 0).stage("trained")
    rows = [Row("omes", {"alpha": 0.5, "pooling": "max"}, None, 0.25), Row("omes", {}, "shape", math.nan)]
    refusals = [Refusal("omes", "shape", "no pairs")]
    stage.write_scores([Scores(rows, {"association": Matrix(np.eye(2), ("0", "1"), ("a", "b"))}, refusals)])
    first, second = stage.read_rows()
    assert first == rows[0]
    assert math.isnan(second.value) and second.factor == "shape"
    assert stage.read_refusals() == refusals
    assert stage.read_matrices()["association"].values.tolist() == [[1, 0], [0, 1]]


def test_a_matrix_of_a_second_sample_gets_a_name_of_its_own(tmp_path):
    stage = RunFolder(tmp_path, SOURCE, 0).stage("trained")

    def scores(sample: str, value: float) -> Scores:
        row = Row("omes", {"sample": sample, "mode": "mean"}, None, value)
        return Scores([row], {"association": Matrix(np.full((1, 1), value), ("0",), ("a",))})

    stage.write_scores([scores("intervention", 0.1), scores("uniform", 0.2)])
    found = {name: matrix.values.item() for name, matrix in stage.read_matrices().items()}
    assert found == {"association": 0.1, "association_uniform_mean": 0.2}


def test_a_status_keeps_what_an_update_does_not_change(tmp_path):
    stage = RunFolder(tmp_path, SOURCE, 0).stage("untrained")
    assert stage.read_status() == {}
    stage.update_status(state="training", step=1)
    stage.update_status(step=2)
    assert stage.read_status() == {"state": "training", "step": 2}
    stage.status.write_text("{")
    with pytest.raises(UserError, match=r"status\.json"):
        stage.read_status()


def test_a_transfer_has_three_stages_and_two_names(tmp_path):
    assert [stage.stage for stage in RunFolder(tmp_path, TRANSFER, 0).stages] == ["untrained", "before", "after"]
    assert [stage.stage for stage in RunFolder(tmp_path, SOURCE, 0).stages] == ["untrained", "trained"]
    assert source_and_target(TRANSFER) == (SOURCE, "3dshapes")


def test_seeds_are_read_in_numerical_order(tmp_path):
    for name in ("10", "9", "comparison", "x1"):
        (tmp_path / SOURCE / name).mkdir(parents=True)
    assert [run.seed for run in runs_of(tmp_path, SOURCE)] == [9, 10]
    with pytest.raises(UserError, match=f"no runs of 'other' .* experiments there: {SOURCE}"):
        runs_of(tmp_path, "other")
