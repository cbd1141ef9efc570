#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# docs/investigation.md, step by step: its commands find the bug that demo-slow.elf has planted.

root=$(realpath "$(dirname "$0")/../../..")
. "$root/tests/e2e/cli/tap.sh"
unset U4_QEMU
doc=$root/docs/investigation.md

json() { # EXPRESSION over d
    python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}
step() { # WORDS of a command as it is in the document
    grep -qF -- "\$ u4 $*" "$doc"
    result $? "the document says: u4 $*"
}

step run --icount --record slow.u4t build/images/demo-slow.elf
run timeout 120 "$u4" run --icount --record slow.u4t "$build/images/demo-slow.elf"
exits 0 "recording the faulty system"
step stat slow.u4t
run "$u4" stat slow.u4t
like "$out" "shell -> fs +866 .* [0-9.]+ ms " "one call is a thousand times slower than most"
step why -n 3 slow.u4t shell
run "$u4" why -n 3 slow.u4t shell
exits 0 "u4 why"
like "$out" "calling on 0x[0-9a-f]+ until taken by fs, from" "shell waited for fs"
like "$out" "fs ran .*ready: spin-[ab] \(priority 60\) ran .*its own priority is 60" "fs was ready, and others ran"
run "$u4" why --json -n 1 slow.u4t shell
is "$(json '[(w["state"], w["other"], w["meanwhile"]["waits"][0]["state"]) for w in d["waits"]]' <<<"$out")" \
    "[('calling', 'fs', 'ready')]" "for programs, too"
run "$u4" report --from 1.7ms --until 22ms --filter 'event==sched.switch' slow.u4t
like "$out" "shell .*the thread blocked.*spin-[ab] .*its time slice is over" "the switches of that time"
step "report --filter 'event==sched.priority && thread==\"root\"' slow.u4t"
run "$u4" report --filter 'event==sched.priority && thread=="root"' slow.u4t
like "$out" "priority=60 " "who set priorities"
run "$u4" why slow.u4t nobody
exits 1 "no such thread"
like "$err" "no thread 'nobody'" "says so"
run "$u4" why slow.u4t
exits 2 "no thread given"
run timeout 120 "$u4" run --icount --record demo.u4t "$build/images/demo.elf"
run "$u4" why --json --from 0 --until 40ms demo.u4t shell
is "$(json 'all(w["state"] != "calling" for w in d["waits"])' <<<"$out")" True "without the fault, shell does not wait for fs to take its calls"
run "$u4" why demo.u4t probe
like "$out" "probe ran .* of these" "threads that have been deleted can be asked about, too"
run "$u4" stat --json demo.u4t
is "$(json '[(t["imposed_ns"] > t["time_ns"]["running"], t["ran_for_others_ns"] == 0) for t in d["threads"] if t["name"] == "shell"]' <<<"$out")" \
    "[(True, True)]" "what fs did for shell is billed to shell"
finish
