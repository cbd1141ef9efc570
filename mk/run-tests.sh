#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: mk/run-tests.sh PATTERN TEST...
# Runs those TESTs whose path contains PATTERN (a glob; empty: all) through prove, each under
# a time limit of TEST_TIMEOUT seconds. V=1 shows each test's own lines. Tests find in their
# environment U4_ROOT, U4_BUILD and U4_TRACE_PROCESSOR (the directory of Perfetto's).

set -euo pipefail

pattern=$1
shift
tests=()
for t in "$@"; do
    # shellcheck disable=SC2053 # the pattern is meant as one
    [[ $t == *$pattern* ]] && tests+=("$t")
done
if ((${#tests[@]} == 0)); then
    echo "make test: no test matches '$pattern' ($# tests are known)" >&2
    exit 1
fi

U4_TRACE_PROCESSOR=$(mk/setup.sh --trace-processor)
export U4_TRACE_PROCESSOR
export CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

options=(-j "${TEST_JOBS:-1}")
[[ ${V:-} == 1 ]] && options+=(-v)
exec prove "${options[@]}" --exec "timeout -k 5 ${TEST_TIMEOUT:-600}" "${tests[@]}" </dev/null
