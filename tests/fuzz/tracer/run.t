#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A short run of each of the host tools' fuzzers, the same inputs each time.

build=$(realpath "${U4_BUILD:-build}")
root=$(realpath "$(dirname "$0")/../../..")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
n=0
for fuzzer in u4t memory schema filter state; do
    corpus=()
    [[ -d $root/tests/fuzz/corpus/$fuzzer ]] && corpus=("$root/tests/fuzz/corpus/$fuzzer")
    mkdir "$scratch/$fuzzer"
    n=$((n + 1))
    if "$build/tests/fuzz/$fuzzer" -seed=1 -runs=4000 -max_total_time=30 -timeout=10 -rss_limit_mb=1024 \
        -artifact_prefix="$scratch/" "$scratch/$fuzzer" "${corpus[@]}" >"$scratch/log" 2>&1; then
        echo "ok $n - $fuzzer: $(grep -c . <(ls "$scratch/$fuzzer")) inputs that do something new"
    else
        echo "not ok $n - $fuzzer"
        tail -40 "$scratch/log" | sed 's/^/# /'
    fi
done
echo "1..$n"
