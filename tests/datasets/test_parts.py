"""What is held out is never trained on."""

import numpy as np
import pytest

from datasets.batches import Observed
from datasets.images.dsprites import DSprites
from datasets.noise import Gaussian
from datasets.parts import HeldOut, Training
from datasets.views import RandomPairs, Single, WeakPairs
from datasets.walks import ActionWalks, RecordedWalks
from datasets.worlds.flatland import FlatLand
from foundation.errors import UserError
from foundation.randomness import stream
from settings.opening import opened
from tests.toys import Squares

VIEWS = {
    "single": lambda part: Single(part),
    "random pairs": lambda part: RandomPairs(part),
    "weak pairs": lambda part: WeakPairs(part=part),
    "walks": lambda part: ActionWalks({"x": 1, "y": 1}, part=part),
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_of_two_parts_begin_in_different_rows_and_all_rows_are_in_one(name):
    (kept, _), (held, _) = (VIEWS[name](part).draw(Squares(), 3000, stream(0, "rows")) for part in (Training(), HeldOut()))
    assert not set(kept[:, 0]) & set(held[:, 0])
    assert set(kept[:, 0]) | set(held[:, 0]) == set(range(72))


def test_a_tenth_of_the_rows_is_held_out_and_another_seed_holds_out_others():
    dsprites = DSprites(root="")
    rows = HeldOut(seed=3).rows(dsprites, 50_000, stream(0, "rows"))
    uniform = np.bincount(dsprites.factors[rows][:, 4], minlength=32)
    assert np.all(np.abs(uniform - 50_000 / 32) < 5 * np.sqrt(50_000 / 32))
    # Of rows drawn uniformly, so many are in the part: those met twice among two draws tell its size (737,280 / 10).
    again = HeldOut(seed=3).rows(dsprites, 50_000, stream(1, "rows"))
    assert np.isin(again, rows).mean() == pytest.approx(1 - np.exp(-50_000 / 73_728), abs=0.02)
    assert np.isin(HeldOut(seed=4).rows(dsprites, 50_000, stream(1, "rows")), rows).mean() < 0.07


@pytest.mark.parametrize("world", [FlatLand(frames=1000), Gaussian(FlatLand(frames=1000))], ids=["plain", "noisy"])
def test_the_end_of_a_recorded_walk_is_held_out_whole(world):
    kept, _ = RecordedWalks(3, part=Training()).draw(world, 5000, stream(0, "rows"))
    held, _ = RecordedWalks(3, part=HeldOut()).draw(world, 5000, stream(0, "rows"))
    assert kept.min() == 0 and kept.max() == 899 and held.min() == 900 and held.max() == 999
    assert Single(Training()).draw(world, 5000, stream(0, "rows"))[0].max() == 899


def test_shares_that_leave_nothing_are_refused():
    with pytest.raises(UserError, match="between 0 and 1"):
        HeldOut(fraction=1.0)
    with pytest.raises(UserError, match="none of its 72 rows"):
        HeldOut(fraction=1e-9).rows(Squares(), 4, stream(0, "rows"))


def test_noisy_pairs_of_one_part_can_be_configured(tmp_path):
    source = tmp_path / "source.gin"
    source.write_text("""from __gin__ import dynamic_registration
from datasets import batches
from datasets import noise
from datasets import parts
from datasets import walks
from datasets.images import dsprites
from datasets.worlds import paired_dsprites

batches.Observed.dataset = @noise.Gaussian()
batches.Observed.views = @walks.ActionWalks()
noise.Gaussian.dataset = @dsprites.DSprites()
walks.ActionWalks.steps = @paired_dsprites.steps()
walks.ActionWalks.part = @parts.Training()
walks.ActionWalks.length = 3
walks.ActionWalks.ends_only = True
paired_dsprites.steps.offset = 4
""")
    with opened(source, Observed) as configuration:
        spec = configuration.built.spec
        assert len(spec.actions) == 8 and (spec.views, spec.apart) == (2, 3)
        batch = configuration.built.draw(4, stream(0, "data"))
        assert batch.observations.shape == (4, 2, 1, 64, 64) and batch.actions.shape == (4, 3)
