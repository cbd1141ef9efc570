#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Programs' own events, from the line that defines them to every tool.

. "$(dirname "$0")/../cli/tap.sh"

run timeout 60 "$u4" run --record own.u4t --icount "$build/images/tracing-events.elf"
exits 0 "a program with events of its own runs and is recorded"
run "$u4" check own.u4t
exits 0 "the recording is sound"
run "$u4" events -i own.u4t
like "$out" "user.block_read .*A block was read.*sector .*number.*took .*ticks" "the file describes them"
run "$u4" report own.u4t
like "$out" "\[0\] rootserver +user.block_read +sector=1099 took=" "they are events like others, with their hart"
like "$out" "user.retry +sector=103 attempt=1 error=0xe10" "with fields of their types"
like "$out" "user.queue_depth +value=1000" "counters, too"
like "$out" "thread.ring +granted=no thread=disk .* published=53" "a ring's end is an event"
run "$u4" report -F 'class==user && sector>=1090 && event=="user.retry"' own.u4t
is "$(grep -c user.retry <<<"$out")" 1 "filters know their fields"
run "$u4" stat --json own.u4t
is "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
own = [r for r in d["rings"] if r["emitted"] in (2100, 53)]
print(len(own), all(r["emitted"] == r["kept"] + r["lost"] for r in d["rings"]))' <<<"$out")" "2 True" \
    "each ring's records are accounted for, those of a ring that has gone, too"
for format in perfetto ctf json csv; do
    run "$u4" export --to $format -o "own.$format" own.u4t
    exits 0 "export to $format"
done
like "$(grep -c user.block_read own.json)" "^[1-9]" "the JSON has them"
like "$(strings own.perfetto | grep -c user.block_read)" "^[1-9]" "so has Perfetto's file"
if command -v babeltrace2 >/dev/null; then
    run babeltrace2 own.ctf
    like "$out" "user.block_read.*sector = 1099" "and babeltrace2 reads them"
else
    result 0 "and babeltrace2 reads them # SKIP no babeltrace2"
fi
head -c -100 own.u4t >cut.u4t
run "$u4" report cut.u4t
like "$out" "user.block_read +sector=100 " "a cut recording knows them still"
finish
