#!/usr/bin/env bash
# The published pair on a GPU: standard and RICAP beta 0.3, same recipe, 200 epochs, seeds 0 to 2, most wanted first.
#   bash experiments/gpu.sh OUT [SECONDS] [options of train, as in --data-dir /data]
# Stops after SECONDS (default 540). The same command goes on where it stopped. OUT/<run>/ then holds the checkpoint
# <run>.safetensors, for checkpoints/, and the result <run>.json, for results/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=$1 end=$((SECONDS + ${2:-540}))
shift; [ $# -eq 0 ] || shift

for seed in 0 1 2; do
  for method in "standard" "ricap --beta 0.3"; do
    run="$out/imagenette_looknet_${method%% *}_s$seed"
    [ ! -e "$run/$(basename "$run").json" ] || continue
    left=$((end - SECONDS))
    [ "$left" -gt 20 ] || { echo "time is up; run the same command again to go on"; exit 0; }
    resume=(); [ ! -e "$run/state.safetensors" ] || resume=(--resume)
    # shellcheck disable=SC2086 - the method carries its setting
    timeout --signal=INT "$left" python3 -m ricap_explorer train --method $method --seed "$seed" --epochs 200 \
      --batch-size 256 --lr 0.2 --warmup 5 --train-size 160 --eval-every 5 --out "$run" "${resume[@]}" "$@" ||
      [ $? = 124 ] # out of time: the next call resumes
  done
done
ls "$out"/*/*.json
