#!/usr/bin/env bash
# Fetches published data sets into DISENTANGLEMENT_TRANSFER_DATA: those named, else all that a program can fetch in minutes.
# Goes on where it was stopped; flags are passed on (--root DIR). MPI3D (12 GB each) and RGB-D objects (84 GB) must be named.
set -euo pipefail
cd "$(dirname "$0")/.."
names=() flags=()
while (($#)); do
  case $1 in
    --root) flags+=("$1" "${2:?--root needs a folder}"); shift 2 ;;
    -*) flags+=("$1"); shift ;;
    *) names+=("$1"); shift ;;
  esac
done
if ((!${#names[@]})); then names=(dsprites 3dshapes cars3d smallnorb coil100 scream-dsprites); fi
"${PYTHON:-python}" prepare_datasets.py fetch "${names[@]}" ${flags[@]+"${flags[@]}"}
