#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# docs/events.md is what the event table generates.
echo 1..1
cd "${U4_ROOT:-.}" || exit 1
if python3 abi/trace/generate.py doc abi/trace/events.def | diff - docs/events.md >/dev/null; then
    echo "ok 1 - docs/events.md is up to date"
else
    echo "not ok 1 - docs/events.md is up to date"
    echo "# run 'make doc' and commit it"
fi
