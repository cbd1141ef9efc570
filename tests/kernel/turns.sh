# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced by tests whose guest runs on several harts under -icount: harts take turns
# (qemu/README.md), in several interleavings, each of which can be repeated. One TAP line for each run
# of IMAGE; see tests/kernel/run.

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
n=0

turns() { # harts, turn, seed, [file]: its output goes to the file
    local file=${4:-$out/run}
    U4_HARTS=$1 U4_TURN=$2 U4_TURN_SEED=$3 "${BASH_SOURCE%/*}/run" "${image:?}" >"$file"
}

turns_with_uintc() { # the same, with user interrupts in the machine
    U4_UINTC=1 turns "$@"
}

check() { # name, command...
    local name=$1 word=ok
    shift
    "$@" || { word='not ok'; grep -E '^(not ok|Bail)|panic' "$out/run" | sed 's/^/# /'; }
    echo "$word $((n += 1)) - $name"
}
