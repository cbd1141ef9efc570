#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: mk/run-fuzz.sh WORKDIR SECONDS FUZZER...
# Runs each fuzzer for SECONDS, from the corpus in tests/fuzz/corpus/NAME and from what
# earlier runs found (kept in WORKDIR/NAME). Stops at the first finding.

set -euo pipefail

work=$1 seconds=$2
shift 2
if (($# == 0)); then
    echo "make fuzz: no module defines a fuzzer" >&2
    exit 1
fi
for fuzzer in "$@"; do
    name=$(basename "$fuzzer")
    corpus=("$work/$name")
    mkdir -p "$work/$name" "$work/findings"
    [[ -d tests/fuzz/corpus/$name ]] && corpus+=("tests/fuzz/corpus/$name")
    echo "fuzz: $name for $seconds s"
    if ! "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$work/findings/$name-" "${corpus[@]}" >"$work/$name.log" 2>&1; then
        tail -n 40 "$work/$name.log" >&2
        echo "fuzz: $name failed; the input is in $work/findings/, the log is $work/$name.log" >&2
        exit 1
    fi
    sed -n 's/^stat::number_of_executed_units: */      runs: /p' "$work/$name.log"
done
