#!/usr/bin/env bash
# The demo: two seeds side by side, a Source trained on colour dSprites and carried over to Shapes3D, then the tables and the report.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
output=${OUTPUT:-demo_output}
steps=${STEPS:+--steps $STEPS}
source=demo_weak_dsprites_color target=demo_3dshapes
transfer=${source}_to_${target}

cores=$(nproc)
export OMP_NUM_THREADS=$((cores > 1 ? cores / 2 : 1))
# shellcheck disable=SC2086
run() { "$python" train_and_transfer_model.py --source $source --target $target --seed "$1" --output "$output" $steps; }
run 0 & first=$!
run 1 & second=$!
trap 'kill $first $second 2>/dev/null || true' EXIT
wait $first
wait $second
trap - EXIT

"$python" aggregate_results.py --experiment $source $transfer --output "$output"
"$python" compare_transfer.py --experiment $transfer --output "$output"
"$python" make_report.py --experiment $source $transfer --output "$output"
