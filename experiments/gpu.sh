#!/usr/bin/env bash
# What is missing of the runs meant for one GPU, the most wanted first, for SECONDS (default 540); then one pack in OUT.
#   bash experiments/gpu.sh OUT [SECONDS] [options of `experiments run`]
#     --only cifar10-jpeg      only runs whose names begin so: those whose images are at hand
#     --jobs 6                 several small networks side by side keep a large GPU busier than one
#     --compile                a replayed step of LookNet alone takes two thirds of the time; it compiles anew where crops
#                              grow, some half a minute the first time on a machine, and nothing stops it meanwhile
#     --from DIR               first take over the pack of an earlier call; unfinished runs go on
#     --data-dir DIR           where the images lie
# On an H200, compiled and under NVIDIA's multi-process service (nvidia-cuda-mps-control -d), six of 4.0 M parameters came
# to their end in 306 s, two large ones (39.8 M) beside them; what a large one takes, the small ones lack.
# Carry the pack to where the next call shall go on; `experiments collect OUT` takes the results over. A pack has room
# for 60 MB: new checkpoints (LookNet: 8 MB) come before states (32 MB). Of WRN-28-10 and the large LookNet neither finds
# room: give such a run a call in which it can come to its end (without --jobs), and its result comes back alone; where
# its first epochs say that it will not, it gives up and leaves the time to others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${1:?a folder for the pack} seconds=540
shift
if [[ ${1-} =~ ^[0-9.]+$ ]]; then
  seconds=$1
  shift
fi
exec python3 -m ricap_explorer experiments run --scale gpu --out runs --pack "$out" --budget "$seconds" "$@"
