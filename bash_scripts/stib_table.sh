#!/usr/bin/env bash
# The published table of STIB: five models, SEEDS (default 0-2) of each, then the table. Flags are passed on to the runs; OUTPUT is their folder.
# Some 50 minutes of one core; the runs may be shared out, each model and seed is its own.
set -euo pipefail
cd "$(dirname "$0")/.."
output=${OUTPUT:-output}
for model in stib_vae stib_wo_reg stib_cvae stib_cvib stib; do
  python train_and_transfer_model.py --source $model --seeds "${SEEDS:-0-2}" --output "$output" "$@"
done
python aggregate_results.py --published stib --output "$output"
