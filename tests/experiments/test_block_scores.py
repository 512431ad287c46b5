"""Scores of a block of the code: the metric on those dimensions alone, told apart from scores of the whole in rows, files and tables."""

import dataclasses
from functools import partial

import numpy as np
import pandas as pd
import pytest

from experiments.experiment import Score
from foundation.errors import UserError
from foundation.randomness import stream
from metrics.ksg import ksg
from metrics.mig import mig
from metrics.omes import omes
from metrics.reference_codes import ReferenceCodes
from metrics.scores import Row
from results.collect import COLUMNS, setting_text
from results.measures import BLOCKS, MEASURES, choose, companion
from tests.metrics.codes import grid, of


def split():
    """Three factors; Z0 holds the first two, Z1 the third."""
    factors = np.concatenate([grid((4, 4, 4))] * 8)
    codes = factors + 0.01 * stream(0, "codes").standard_normal(factors.shape)
    return dataclasses.replace(of(codes, factors), blocks={"invariant": slice(0, 2), "target": slice(2, 3)})


@pytest.mark.parametrize("metric", [partial(omes, jackknife_blocks=0), mig])
def test_a_block_is_scored_by_itself_and_says_so(metric):
    whole = split()
    found = Score(metric, shuffles=0, ceiling=False, block="invariant")(whole, stream(0, "score"))
    alone = metric(whole.block("invariant"), stream(0, "score"))
    assert [(row.metric, row.factor, row.value) for row in found.rows] == [(row.metric, row.factor, row.value) for row in alone.rows]
    assert all(row.setting["block"] == "invariant" for row in found.rows) and all("block" not in row.setting for row in alone.rows)
    assert set(found.matrices) == {f"{name}_invariant" for name in alone.matrices}


def test_the_information_of_a_block_is_that_of_its_dimensions():
    information = {}
    for block in ("invariant", "target"):
        found = Score(partial(ksg, code="whole"), shuffles=1, block=block)(split(), stream(0, "score"))
        information[block] = [row.value for row in found.rows if row.metric == "ksg" and row.factor is not None]
        null = [row.value for row in found.rows if row.metric == "ksg_null" and row.setting["block"] == block and row.factor is not None]
        assert len(null) == 3 and max(np.abs(null)) < 0.2
    assert min(information["invariant"][:2]) > 1.5 and abs(information["invariant"][2]) < 0.15
    assert max(np.abs(information["target"][:2])) < 0.15 and information["target"][2] > 1.5


def test_shuffled_codes_of_a_block_are_of_the_block():
    score, whole = Score(mig, shuffles=1, block="target"), split()
    references = ReferenceCodes(score.part(whole), stream(0, "shuffled"))
    assert references.shuffled(1)[0].codes.shape == (len(whole.codes), 1)
    assert score.part(whole).codes.shape == (len(whole.codes), 1) and Score(mig).part(whole) is whole


def test_an_unknown_block_is_named():
    with pytest.raises(UserError, match="no block 'identity' of dimensions; blocks are invariant, target"):
        Score(mig, block="identity")(split(), stream(0, "score"))


def test_tables_do_not_mix_blocks_with_the_whole():
    setting = {"pooling": "max", "alpha": 0.5, "mode": "mean", "sample": "uniform"}
    rows = [
        Row(metric, {**setting, **block}, None, value)
        for metric, first in (("omes", 0.1), ("omes_null", 0.4))
        for block, value in (({"block": "invariant"}, first), ({}, first + 0.1), ({"block": "target"}, first + 0.2))
    ]
    lines = [("e", 0, "trained", "d", "m", row.metric, setting_text(row.setting), "", row.value) for row in rows]
    table = pd.DataFrame(lines, columns=COLUMNS)
    whole = choose(table, MEASURES[0])
    assert whole.table["value"].tolist() == [0.2]
    assert companion(table, whole, "null").table["value"].tolist() == [0.5]
    of_blocks = [choose(table, measure) for measure in BLOCKS if measure.metric == "omes"]
    assert [one.table["value"].tolist() for one in of_blocks] == [[0.1], [pytest.approx(0.3)]]
    assert companion(table, of_blocks[0], "null").table["value"].tolist() == [0.4]
