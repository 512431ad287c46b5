#!/usr/bin/env bash
# The study's 20 models of the Source weak_3dshapes: 2 betas x 10 seeds. Flags are passed on; SEEDS="0 1" runs fewer.
set -euo pipefail
cd "$(dirname "$0")/.."
for seed in ${SEEDS:-0 1 2 3 4 5 6 7 8 9}; do
  for beta in "" _beta2; do
    python train_and_transfer_model.py --source weak_3dshapes$beta --seed "$seed" "$@"
  done
done
