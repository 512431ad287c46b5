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
    assert "Not run: stib_wo_reg" not in text and "Not run: stib_vae, stib_wo_reg, stib_cvib" in text and "arXiv 2002.02782" in text
    assert "0.040 ± 0.014" in (tmp_path / "published_stib.md").read_text()


def test_measures_without_a_published_figure_stand_alone(tmp_path):
    def add(experiment, seed, found, chosen_by):
        stage = RunFolder(tmp_path, experiment, seed).stage(TRAINED)
        stage.update_status(state="complete", step=10, steps=10, seed=seed, stage=TRAINED, dataset="FlatLand", model=experiment)
        rows = [Row("independence", {"fit": fit}, None, value) for fit, value in (("released", 0.1), ("least_squares", 0.9))]
        if chosen_by:
            accuracies = {"mean": 0.8, "min": 0.2}
            rows += [Row("action_accuracy", {"chosen_by": by, **({"statistic": "min"} if one == "min" else {})}, None, value)
                     for by in chosen_by for one, value in accuracies.items()]  # fmt: skip
            rows += [Row("symmetry_found", {"chosen_by": chosen_by[0]}, None, found)]
        stage.write_scores([Scores(rows)])

    for seed in range(3):
        add("flatland_rgrvae", seed, float(seed > 0), ("policy", "nearest"))
    add("flatland_forward", 0, 1.0, ("nearest",))
    add("flatland_beta", 0, 0.0, ())
    text = published_table(tmp_path, "flatland")
    lines = {line.split("  ")[0]: line.split() for line in text.splitlines()}
    assert "published" not in text.splitlines()[2] and "not known" in text.splitlines()[0]
    assert lines["RGrVAE"][1:] == ["3", "2", "of", "3", "0.800", "±", "0.000", "–", "–", "0.900", "±", "0.000", *"––––"]
    assert lines["ForwardVAE"][1:] == ["1", "yes", "0.800", "–", "–", "0.900", *"––––"]
    assert lines["beta-VAE"][1:] == ["1", "–", "–", "–", "–", "0.900", *"––––"]
    assert "action accuracy: chosen_by nearest (ForwardVAE); chosen_by policy (RGrVAE)" in text
    assert max(map(len, text.splitlines()[:-1])) <= 140


def test_what_cannot_be_shown_is_refused_in_one_line(tmp_path):
    with pytest.raises(UserError, match="no published table 'sitb'; there are .*stib"):
        published_table(tmp_path, "sitb")
    with pytest.raises(UserError, match="none of the experiments"):
        published_table(tmp_path, "stib")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.stem)
def test_tables_name_experiments_and_measures_that_there_are(path):
    table = pd.read_csv(path, comment="#")
    assert not set(table["experiment"]) - set(experiment_names())
    assert set(table.columns[2:]) <= {measure.name for measure in HEADLINE}
    figures = table[table.columns[2:]].notna()
    assert figures.any(axis=1).all() or not figures.any(axis=None)
    assert "arXiv" in path.read_text().splitlines()[0]
