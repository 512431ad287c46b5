#!/usr/bin/env bash
# Group models and their baselines on FlatLand, SEEDS (default 0-4) of each, then the table. Flags are passed on to the runs; OUTPUT is their
# folder. Some 4 hours of one core; the runs may be shared out, each model and seed is its own.
set -euo pipefail
cd "$(dirname "$0")/.."
output=${OUTPUT:-output}
for model in flatland_beta flatland_annealed flatland_tc flatland_factor flatland_dip_i flatland_dip_ii flatland_forward flatland_dforward flatland_rgrvae; do
  python train_and_transfer_model.py --source $model --seeds "${SEEDS:-0-4}" --output "$output" "$@"
done
python aggregate_results.py --published flatland --output "$output"
