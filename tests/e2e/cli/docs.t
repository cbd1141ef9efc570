#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Each command has its man page with all its options, and the shell completes both.

root=$(realpath "$(dirname "$0")/../../..")
. "$root/tests/e2e/cli/tap.sh"
man=$root/docs/man

for command in $("$u4" --commands); do
    page=$man/u4-$command.1
    missing=
    for option in $("$u4" "$command" --help | grep -o -- '^ *\(-[a-zA-Z], \)\?--[a-z-]*' | grep -o -- '--.*'); do
        grep -q -- "${option//-/\\\\-}" "$page" || missing+=" $option"
    done
    out=$missing
    is "$missing" "" "u4-$command(1) has every option"
    grep -q "u4\\\\-$command" "$man/u4.1"
    result $? "u4(1) names it"
done
if command -v groff >/dev/null; then
    for page in "$man"/*.[157]; do
        run groff -man -Tutf8 -ww -z "$page"
        is "$status$err" 0 "${page##*/} formats without complaint"
    done
fi

PATH=$build/host/bin:$PATH
. "$root/tracer/completion/u4"
complete_words() { # WORD... : what the last one can become
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _u4
    out="${COMPREPLY[*]}"
}
complete_words u4 re
is "$out" "record report" "commands"
complete_words u4 run --me
is "$out" "--memory" "options"
complete_words u4 export --to pe
is "$out" "perfetto" "formats"
complete_words u4 run --trace ipc,sched.sw
is "$out" "ipc,sched.switch" "events in a list"
complete_words u4 events vsp
like "$out" "^vspace vspace.map" "classes and events"
finish
