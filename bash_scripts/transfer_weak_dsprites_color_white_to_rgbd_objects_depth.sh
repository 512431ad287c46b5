#!/usr/bin/env bash
# 20 transfers weak_dsprites_color_white -> rgbd_objects_depth: 2 betas x 10 seeds. Flags are passed on; SEEDS="0 1" runs fewer.
# RENDERED=rendered_ takes stand-ins for the sets whose files are not there.
set -euo pipefail
cd "$(dirname "$0")/.."
for seed in ${SEEDS:-0 1 2 3 4 5 6 7 8 9}; do
  for beta in "" _beta2; do
    python train_and_transfer_model.py --source weak_dsprites_color_white$beta --target ${RENDERED:-}rgbd_objects_depth$beta --seed "$seed" "$@"
  done
done
