#!/bin/bash
# A study on a cluster with Slurm and a shared folder: each task of the array runs a part of the trials.
#
#   sbatch --array=1-8 slurm-array.sh study.mjs --trials 1000
#
# Tasks may run at the same time or one after the other, on any nodes. To run the third of eight again: SHARDS=8 sbatch --array=3 …
# The folder of results is STORE, by default the name of the study with .study where sbatch was called.
#SBATCH --job-name=sweep
#SBATCH --array=1-4
#SBATCH --cpus-per-task=1
#SBATCH --time=04:00:00
#SBATCH --requeue
# A minute before the time is over: what was finished is kept, and the same command goes on from there.
#SBATCH --signal=B:TERM@60
set -euo pipefail
: "${1:?usage: sbatch slurm-array.sh STUDY [options of lapicque sweep]}"
study=$1
shift
name=$(basename "$study")
# Not `exec npx`, which would keep the signal to itself.
lapicque=${LAPICQUE:-node_modules/.bin/lapicque}
exec $lapicque sweep "$study" --store "${STORE:-${name%.*}.study}" \
  --shard "$SLURM_ARRAY_TASK_ID/${SHARDS:-$SLURM_ARRAY_TASK_COUNT}" --jobs "${SLURM_CPUS_PER_TASK:-1}" "$@"
