#!/usr/bin/env bash
# offline.sh WHEELS OUT SECONDS: tests and benchmarks on a CUDA machine without a package index.
#
# WHEELS is the folder that `nox -s wheelhouse` filled, OUT receives a log and a bundle that
# `groundspeed bench report` reads. Ends within SECONDS; every stage leaves what it has.
set -uo pipefail
wheels=$(realpath "$1") out=$(realpath -m "$2") seconds=${3:-540}
root=$(realpath "$(dirname "$0")/..")
python=${PYTHON:-python3}
site=${GROUNDSPEED_SITE:-$out/.site}
mkdir -p "$out" "$site"
cd "$root"

"$python" -m pip install --quiet --no-index --no-deps --no-compile --no-cache-dir --upgrade --target "$site" "$wheels"/*.whl
export PYTHONPATH="$root/impl:$root:$site${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
if [ -z "${CUDA_HOME:-}" ] && command -v nvcc >/dev/null; then
    CUDA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v nvcc)")")")
    export CUDA_HOME
fi
exec "$python" -m groundspeed.referee.measure.offline "$out" "$seconds"
