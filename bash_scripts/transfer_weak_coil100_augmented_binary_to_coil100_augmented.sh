#!/usr/bin/env bash
# 20 transfers weak_coil100_augmented_binary -> coil100_augmented: 2 betas x 10 seeds. Flags are passed on; SEEDS="0 1" runs fewer.
# RENDERED=rendered_ takes stand-ins for the sets whose files are not there.
set -euo pipefail
cd "$(dirname "$0")/.."
for seed in ${SEEDS:-0 1 2 3 4 5 6 7 8 9}; do
  for beta in "" _beta2; do
    python train_and_transfer_model.py --source ${RENDERED:-}weak_coil100_augmented_binary$beta --target ${RENDERED:-}coil100_augmented$beta --seed "$seed" "$@"
  done
done
