#!/usr/bin/env bash
# What is missing of the runs meant for one GPU, the most wanted first, for SECONDS (default 540); then one pack in OUT.
#   bash experiments/gpu.sh OUT [SECONDS] [options of `experiments run`]
#     --only cifar10-jpeg      only runs whose names begin so: those whose images are at hand
#     --jobs 3                 several small networks side by side keep a large GPU busier than one
#     --compile                where bench finds the compiled network faster (speed.sh)
#     --from DIR               first take over the pack of an earlier call; unfinished runs go on
#     --data-dir DIR           where the images lie
# Carry the pack to where the next call shall go on; `experiments collect OUT` takes the results over. A state of more
# than 60 MB (WRN-28-10) finds no room in a pack: give such a run a call in which it can come to its end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec python3 -m ricap_explorer experiments run --scale gpu --out runs --pack "$1" --budget "${2:-540}" "${@:3}"
