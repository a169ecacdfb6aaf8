#!/usr/bin/env bash
# What this machine reaches, in a few minutes: its own tests, ratios and images per second into OUT (as results/speed).
#   bash experiments/speed.sh OUT NAME        NAME: the hardware, in the files' names, as h200
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${1:?a folder} name=${2:?a name of the hardware}
mkdir -p "$out"
status=0
python3 -m pytest -q tests/training/test_gpu.py tests/training/test_replay.py tests/test_transfer.py || status=$?
python3 -m ricap_explorer bench --only ricap,mix,step,gpu,rate --json "$out/bench-$name.json" || status=$?
python3 -m ricap_explorer bench --throughput | tee "$out/throughput-$name.txt" || status=$?
exit "$status"
