#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: tests/async/example.t
# The example of docs/async.md runs, says what the page says, and is the one in the page.

set -uo pipefail

root=${U4_ROOT:-.}
image=${U4_BUILD:-build}/images/async-example.elf
echo 1..2
out=$(timeout 100 qemu-system-riscv64 -M virt -cpu rv64 -m 128M -nographic -monitor none \
    -serial stdio -icount shift=0,sleep=off -kernel "$image" </dev/null 2>&1 | tr -d '\r')
failed=0
if grep -q '^done: slept' <<<"$out" && [[ $(grep -c ' + ' <<<"$out") == 9 ]] &&
    grep -q '^30 + 2 = 32$' <<<"$out" && grep -q '^copied a capability: error 0 (async' <<<"$out"; then
    echo "ok 1 - the example runs"
else
    echo "not ok 1 - the example runs"
    sed 's/^/# /' <<<"$out"
    failed=1
fi
# The page shows the file from its first section on.
page=$(sed -n '/^```c$/,/^```$/p' "$root/docs/async.md" | sed '/^```/d')
text=$(sed -n '/---- the server/,$p' "$root/tests/async/example.c")
if [[ -n $page && $page == "$text" ]]; then
    echo "ok 2 - docs/async.md shows it as it is"
else
    echo "not ok 2 - docs/async.md shows it as it is"
    diff <(echo "$page") <(echo "$text") | head -20 | sed 's/^/# /'
    failed=1
fi
exit $failed
