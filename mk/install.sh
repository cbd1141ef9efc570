#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: DESTDIR=... PREFIX=... EVENTS=... mk/install.sh PROGRAM...
# Installs the host programs, man pages, GDB scripts with their table of events (the file EVENTS)
# and shell completion.

set -euo pipefail
cd "$(dirname "$0")/.."
to=${DESTDIR:-}${PREFIX:?}

put() { # mode directory file...
    local mode=$1 dir=$2
    shift 2
    (($#)) || return 0
    install -d "$dir"
    install -m "$mode" "$@" "$dir/"
    printf '  INSTALL %s\n' "${@/#*\//$dir/}"
}

shopt -s nullglob globstar
put 755 "$to/bin" "$@"
for section in 1 5 7; do
    put 644 "$to/share/man/man$section" docs/man/*."$section"
done
for dir in gdbscripts/**/; do
    put 644 "$to/share/u4/${dir%/}" "${dir%/}"/*.py
done
install -m 644 "$EVENTS" "$to/share/u4/gdbscripts/u4gdb/events.py"
printf '  INSTALL %s\n' "$to/share/u4/gdbscripts/u4gdb/events.py"
put 644 "$to/share/bash-completion/completions" tracer/completion/*
