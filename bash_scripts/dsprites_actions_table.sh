#!/usr/bin/env bash
# Group models and their baselines on dSprites with four symmetries, SEEDS (default 0) of each, then the table. Flags are passed on to the runs; OUTPUT is their
# folder. Some 2 hours of one core; the runs may be shared out, each model and seed is its own.
set -euo pipefail
cd "$(dirname "$0")/.."
output=${OUTPUT:-output}
for model in dsprites_beta dsprites_annealed dsprites_tc dsprites_factor dsprites_dip_i dsprites_dip_ii dsprites_forward dsprites_dforward dsprites_rgrvae; do
  python train_and_transfer_model.py --source $model --seeds "${SEEDS:-0}" --output "$output" "$@"
done
python aggregate_results.py --published dsprites_actions --output "$output"
