#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Commands that read traces: what they print, and what they say to files that are none.

root=$(realpath "$(dirname "$0")/../../..")
. "$root/tests/e2e/cli/tap.sh"
"$guest" kernel image.elf
U4_QEMU=$guest GUEST="records=1000" run "$u4" run --record a.u4t --harts 2 image.elf
exits 0 "a recording"

# ---- report ----
run "$u4" report -n 3 a.u4t
is "$(wc -l <<<"$out")" 3 "report -n 3"
like "$out" '^0\.000100000 \[0\] tcb@80000400 +user.mark +id=0 value=0x[0-9a-f]+ value2=0x0'$'\n' "a line of it"
run "$u4" report --columns since,delta,hart,event,value2,badge -n 2 a.u4t
like "$out" '^since +delta +hart event +value2 +badge'$'\n''0\.000000000 +0 ns +0 +user.mark +0x0 +-'$'\n' "columns by choice"
run "$u4" report --columns time,colour a.u4t
exits 2 "a column that is none"
like "$err" "no column 'colour': expected time, since" "says which there are"
run "$u4" report -F 'hart==1 && value2==0x10' a.u4t
is "$(wc -l <<<"$out")" 1 "a filter"
run "$u4" report -F 'hart==1 &&' a.u4t
exits 2 "half a filter"
like "$err" "column 11" "shows the place"
run "$u4" report -F 'colour==1' a.u4t
exits 2 "a filter with an unknown name"
like "$err" "no event has a field 'colour'" "says so"
"$u4" report a.u4t 2>err | head -1 >/dev/null
is "${PIPESTATUS[0]} $(<err)" "0 " "a reader that has seen enough is no error"
"$u4" report a.u4t >/dev/full 2>err
is $? 1 "report to a full disk"
like "$(<err)" "cannot write" "says so"

# ---- stat ----
run "$u4" stat a.u4t
exits 0 stat
like "$out" "2,000 events in .* on 2 harts, none lost" "counts"
"$u4" stat a.u4t >/dev/full 2>err
is $? 1 "stat to a full disk"
"$u4" stat --json a.u4t >/dev/full 2>err
is $? 1 "stat --json to a full disk"
run "$u4" stat --json -F 'hart==0' a.u4t
like "$out" '"events": 1000,' "stat of a filter"

run "$u4" stat --json --every 10us a.u4t
is "$(python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
steps = [b["time_ns"] - a["time_ns"] for a, b in zip([{"time_ns": 0}] + rows, rows)]
print(round(sum(r["events"] * s / 1e9 for r, s in zip(rows, steps))), {s for s in steps[:-1]}, sum(r["lost"] for r in rows))' <<<"$out")" \
    "2000 {10000} 0" "rates add up to all events"
run "$u4" stat --every 0 a.u4t
exits 2 "an interval of nothing"

# ---- export ----
run "$u4" export --list
like "$out" "perfetto.*csv.*json" "formats"
run "$u4" export -o a.csv a.u4t
exits 0 "csv by the file's name"
is "$(python3 -c 'import csv; r = list(csv.reader(open("a.csv", newline=""))); print(len(r), r[1][4], len({len(x) for x in r}))')" \
    "2001 user.mark 1" "csv that Python reads"
"$u4" export -t json a.u4t >a.json
is "$(python3 -c '
import json
lines = [json.loads(line) for line in open("a.json")]
events = [x for x in lines if "event" in x]
console = "".join(x.get("console", "") for x in lines)
print(len(events), events[0]["fields"]["id"], console.split())')" \
    "2000 0 ['guest:', 'up', 'guest:', 'done']" "JSON that Python reads"
run "$u4" export -o a.perfetto-trace a.u4t
exits 0 "Perfetto by the file's name"
for format in csv json perfetto; do
    run "$u4" export -t $format -o /nonexistent/x a.u4t
    exits 1 "$format: an output that cannot be written"
    like "$err" "/nonexistent/x" "names it"
    run "$u4" export -t $format -o /dev/full a.u4t
    exits 1 "$format: a full disk"
    like "$err" "No space left" "says so"
done
run "$u4" export --format csv a.u4t
is "$(wc -l <<<"$out")" 2001 "--format is another name of --to"
run "$u4" export -o a.unknown a.u4t
exits 2 "a name that tells no format"
run "$u4" export -t nothing a.u4t
exits 2 "a format that is none"

# ---- a part of a trace: TIME counts from the first event, --until is not in it ----
first=$("$u4" stat --json a.u4t | python3 -c 'import json, sys; print(json.load(sys.stdin)["first_ns"])')
seconds() { # NS SINCE THE FIRST EVENT: as report prints it
    python3 -c 'import sys; print("%.9f" % ((int(sys.argv[1]) + int(sys.argv[2])) / 1e9))' "$1" "$first"
}
whole=$("$u4" report a.u4t)
from=$(seconds 10000) until=$(seconds 30000)
part=$(awk -v from="$from" -v until="$until" '$1 >= from && $1 < until' <<<"$whole")
run "$u4" report --from 10us --until 0.03ms a.u4t
is "$out" "$part" "report of a part"
run "$u4" report --until 10us a.u4t
before=$out
run "$u4" report --from 30us a.u4t
is "$before"$'\n'"$part"$'\n'"$out" "$whole" "three parts are the whole"
run "$u4" stat --json --from 10us --until 30us a.u4t
like "$out" "\"events\": $(wc -l <<<"$part")," "stat of a part"
for format in csv json; do
    "$u4" export -t $format a.u4t >whole.$format
    "$u4" export -t $format --from 10us --to 30us a.u4t >part.$format
    is "$(grep -c user.mark part.$format)" "$(wc -l <<<"$part")" "$format of a part"
    is "$(grep user.mark part.$format | grep -vcxFf whole.$format)" 0 "with lines of the whole"
done
run "$u4" export -t perfetto --from 10us --until 30us -o part.perfetto-trace a.u4t
exits 0 "Perfetto of a part"
is "$(($(stat -c %s part.perfetto-trace) < $(stat -c %s a.perfetto-trace)))" 1 "is smaller"
run "$u4" report --from 1h a.u4t
exits 2 "a time with a unit that is none"
like "$err" "--from: expected a time such as 1.5ms or 0.02s, found '1h'" "says so"
run "$u4" report --from 2ms --until 1ms a.u4t
exits 2 "an end before the beginning"
like "$err" "--until: expected a time after --from 2ms, found '1ms'" "says so"
run "$u4" report --from 1000s a.u4t
exits 0 "a beginning behind the end"
like "$out$err" "a.u4t: nothing from 1000s on: the trace ends [0-9.]+ us after its start" "says so"

# ---- while a trace is being written ----
size=$(stat -c %s a.u4t)
head -c $((size / 2)) a.u4t >live.u4t
"$u4" export --live -t csv -o live.csv live.u4t 2>live.err &
follower=$!
eventually has live.csv
is "$(head -c 8 live.csv)" "time_ns," "export --live writes before the trace is whole"
tail -c +$((size / 2 + 1)) a.u4t >>live.u4t
wait $follower
is "$?$(<live.err)" 0 "and ends when the trace is closed"
is "$(sort live.csv | md5sum)" "$(sort whole.csv | md5sum)" "with all of it"

# ---- files that are none, or not whole ----
: >empty.u4t
echo "This is a letter, and no trace at all; it is long enough for a header." >letter.u4t
size=$(stat -c %s a.u4t)
head -c $((size - 700)) a.u4t >cut.u4t
head -c 500 a.u4t >stub.u4t
for command in report stat "export -t csv" check; do
    # shellcheck disable=SC2086 # words
    run "$u4" $command empty.u4t
    exits 1 "$command: an empty file"
    like "$err" "empty.u4t: an empty file, expected a trace" "says so"
    # shellcheck disable=SC2086
    run "$u4" $command letter.u4t
    exits 1 "$command: a foreign file"
    like "$err" "letter.u4t: expected a trace .* another kind of file" "says so"
    # shellcheck disable=SC2086
    run "$u4" $command missing.u4t
    exits 1 "$command: no file"
    like "$err" "missing.u4t: cannot open the trace: No such file" "says so"
    # shellcheck disable=SC2086
    run "$u4" $command stub.u4t
    exits 1 "$command: cut before the event table"
    like "$err" "stub.u4t: cut off before" "says so"
    # shellcheck disable=SC2086
    run "$u4" $command
    exits 2 "$command: no file named"
done
run "$u4" report cut.u4t
exits 0 "a file that was cut can be read"
like "$err" "not closed in order" "and says so"
run "$u4" check cut.u4t
exits 1 "check finds that it was cut"
like "$err" "not closed in order: [0-9]+ chunks are whole" "says where"
run "$u4" check --json a.u4t cut.u4t
exits 1 "check --json, of a sound file and a cut one"
is "$(python3 -c 'import json, sys
d = [json.loads(line) for line in sys.stdin]
print([(f["file"], f["sound"], f["closed"], f["problems"]) for f in d], d[1]["records"] < d[0]["records"], d[1]["good_until"] <= int(sys.argv[1]))' \
    "$(stat -c %s cut.u4t)" <<<"$out")" \
    "[('a.u4t', True, True, 0), ('cut.u4t', False, False, 0)] True True" "tells them apart"
cp cut.u4t mended.u4t
run "$u4" check --repair mended.u4t
exits 0 "check --repair"
run "$u4" report mended.u4t
exits 0 "then it is whole"
is "$out" "$("$u4" report cut.u4t 2>/dev/null)" "and tells the same"
cp a.u4t hurt.u4t
printf 'XXXX' | dd of=hurt.u4t bs=1 seek=$((size / 2)) conv=notrunc status=none
run "$u4" check hurt.u4t
exits 1 "check finds damage"
like "$err" "hurt.u4t: damaged at byte [0-9]+" "says where"
run "$u4" report hurt.u4t
exits 1 "report stops at damage"

# ---- a recording of format 1, made when the event table was another one ----
old=$root/tests/e2e/cli/format1.u4t
run "$u4" check "$old"
exits 0 "an older recording is sound"
run "$u4" stat --json "$old"
is "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["events"], {t["name"]: t["switches"] for t in d["threads"]}["fs"], d["faults"]["vm"], sum(r["count"] for r in d["invocations"]))' <<<"$out")" \
    "6260 1182 6 707" "and says what it said then"
run "$u4" report -F 'event==sched.switch && next=="fs"' -n 1 "$old"
like "$out" 'sched.switch +reason="[a-z ]+" priority=120 next=fs slice=[0-9]+ domain=0' "by its own event table"
for format in perfetto ctf csv json; do
    run "$u4" export -t $format -o "old.$format" "$old"
    exits 0 "$format of it"
done
python3 - a.u4t newer.u4t chunks.u4t <<'END'
# A file of a newer version, and one of this version with a chunk of a kind that is not known.
import struct, sys, zlib
data = bytearray(open(sys.argv[1], "rb").read())
newer = bytearray(data)
newer[8:12] = struct.pack("<I", 99)
newer[28:32] = struct.pack("<I", zlib.crc32(newer[:28]))
open(sys.argv[2], "wb").write(newer)
at, number = 32, 0
while True: # make the first CONSOLE chunk something else
    magic, kind, flags, length, raw, number, crc, head = struct.unpack("<IHHIIQII", data[at:at + 32])
    if kind == 5:
        data[at + 4:at + 6] = struct.pack("<H", 77)
        data[at + 28:at + 32] = struct.pack("<I", zlib.crc32(data[at:at + 28]))
        break
    at += 32 + (length + 7 & ~7)
open(sys.argv[3], "wb").write(data)
END
run "$u4" report newer.u4t
exits 1 "a file of a newer format"
like "$err" "a trace of format version 99, this tool reads up to 1: use newer tools" "says so"
run "$u4" report chunks.u4t
exits 0 "a file with a chunk of a newer kind can be read"
like "$err" "left out 1 chunks of kinds that this version does not know" "and what cannot be shown is said"
is "$(wc -l <<<"$out")" 2000 "with all the rest"

# ---- events, help, completion ----
run "$u4" events --brief ipc
like "$out" "ipc.transfer +16  A message went" "u4 events"
run "$u4" events --json sched
is "$(python3 -c 'import json, sys
d = {e["name"]: e for e in json.load(sys.stdin)}
print(sorted({e["class"] for e in d.values()}), [f["values"]["preempted"] for f in d["sched.switch"]["fields"] if f["name"] == "reason"])' <<<"$out")" \
    "['sched'] [1]" "for programs"
run "$u4" events nothing
exits 1 "no such class"
run "$u4" events -i a.u4t sched
like "$out" "sched.switch" "the events of a file"
for command in $("$u4" --commands); do
    run "$u4" "$command" --help
    exits 0 "$command --help"
    like "$out" "^usage: u4 $command" "shows the usage"
    run "$u4" "$command" --no-such-option
    exits 2 "$command --no-such-option"
done
run "$u4"
exits 2 "no command"
run "$u4" nothing
exits 2 "no such command"
finish
