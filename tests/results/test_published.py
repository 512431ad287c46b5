"""Published tables: our means beside their figures."""

import pandas as pd
import pytest

from experiments.catalogue import experiment_names
from foundation.errors import UserError
from metrics.scores import Row, Scores
from results.measures import HEADLINE
from results.published import FOLDER, published_table
from results.run_folder import TRAINED, RunFolder


def write(output, experiment, seed, **values):
    stage = RunFolder(output, experiment, seed).stage(TRAINED)
    stage.update_status(state="complete", step=10, steps=10, seed=seed, stage=TRAINED, dataset="Spiral", model=experiment)
    stage.write_scores([Scores([Row(name, {"rows": 10000}, None, value) for name, value in values.items()])])


def test_means_and_deviations_stand_before_what_was_published(tmp_path):
    write(tmp_path, "stib", 0, x_mae=0.03, y_mae=0.45, mi_z0_y=0.2)
    write(tmp_path, "stib", 1, x_mae=0.05, y_mae=0.47, mi_z0_y=0.3)
    write(tmp_path, "stib_cvae", 0, x_mae=0.35, mi_z0_y=2.5)
    text = published_table(tmp_path, "stib")
    stib, cvae, vae = (
        next(line.split("  ") for line in text.splitlines() if line.startswith(name)) for name in ("STIB  ", "CVAE  ", "VAE  ")
    )
    assert [cell.strip() for cell in stib if cell] == [
        "STIB",
        "2",
        "0.040 ± 0.014",
        "0.04",
        "0.460 ± 0.014",
        "0.47",
        "0.250 ± 0.071",
        "0.25",
    ]
    assert [cell.strip() for cell in cvae if cell] == ["CVAE", "1", "0.350", "0.33", "–", "–", "2.500", "2.57"]
    assert [cell.strip() for cell in vae if cell] == ["VAE", "0", "–", "0.21", "–", "0.49", "–", "3.89"]
    assert "there are no runs of 'stib_vae'" in text and "arXiv 2002.02782" in text
    assert "0.040 ± 0.014" in (tmp_path / "published_stib.md").read_text()


def test_what_cannot_be_shown_is_refused_in_one_line(tmp_path):
    with pytest.raises(UserError, match="no published table 'sitb'; there are .*stib"):
        published_table(tmp_path, "sitb")
    with pytest.raises(UserError, match="none of the experiments"):
        published_table(tmp_path, "stib")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.stem)
def test_tables_name_experiments_and_measures_that_there_are(path):
    table = pd.read_csv(path, comment="#")
    assert set(table["experiment"]) <= set(experiment_names())
    assert set(table.columns[2:]) <= {measure.name for measure in HEADLINE}
    assert table[table.columns[2:]].notna().any(axis=1).all()
    assert "arXiv" in path.read_text().splitlines()[0]
