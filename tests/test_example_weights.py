"""The trained weights in example/stib, scored by the main command without any training: the table of STIB, to its tolerances."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from results.published import FOLDER

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = pd.read_csv(FOLDER / "stib.csv", comment="#").set_index("experiment")


@pytest.mark.parametrize("name", PUBLISHED.index)
def test_the_weights_give_the_table_again(tmp_path, name):
    weights = ROOT / "example" / "stib" / f"{name}.safetensors"
    assert weights.stat().st_size < 1_000_000
    words = ["train_and_transfer_model.py", "--source", name, "--seed", "0", "--only", "score", "--weights", weights, "--output", tmp_path]
    environment = {key: value for key, value in os.environ.items() if key != "DISENTANGLEMENT_TRANSFER_DATA"} | {"OMP_NUM_THREADS": "1"}
    result = subprocess.run([sys.executable, *map(str, words)], cwd=ROOT, capture_output=True, text=True, timeout=300, env=environment)
    assert result.returncode == 0, result.stderr
    rows = json.loads((tmp_path / name / "0" / "scores.json").read_text())
    scores = {row["metric"]: row["value"] for row in rows if row["factor"] is None}
    row = PUBLISHED.loc[name]
    if name == "stib":
        assert scores["x_mae"] < 0.08 and scores["y_mae"] < 0.50 and scores["mi_z0_y"] < 0.30
        assert scores["symmetry_error"] < 0.3 and scores["symmetry_motion"] > 2
        assert (tmp_path / name / "0" / "figures" / "symmetry.png").is_file()
    elif name == "stib_wo_reg":
        assert scores["x_mae"] < 0.03 and scores["mi_z0_y"] > 2
    else:
        assert abs(scores["x_mae"] - row["X MAE"]) < 0.05 and abs(scores["mi_z0_y"] - row["MI(Z0, Y)"]) < 0.35
    assert ("y_mae" in scores) == pd.notna(row["Y MAE"])
