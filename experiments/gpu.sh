#!/usr/bin/env bash
# What is missing of the runs meant for one GPU, the most wanted first, for SECONDS (default 540); then one pack in OUT.
#   bash experiments/gpu.sh OUT [SECONDS] [options of `experiments run`, as in --jobs 2 --data-dir /data]
# Carry the pack to where the next call shall go on and name it with --from; `experiments collect OUT` takes the results over.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec python3 -m ricap_explorer experiments run --scale gpu --out runs --pack "$1" --budget "${2:-540}" "${@:3}"
