#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# CTF exports, read back by babeltrace2: it must find each event that u4 finds, and each loss.

. "$(dirname "$0")/cli/tap.sh"
synth=$build/tests/e2e/synth

if ! command -v babeltrace2 >/dev/null; then
    echo "1..0 # SKIP no babeltrace2: run 'make setup'"
    exit 0
fi

# Lines "NUMBER EVENT", by name.
ours() { # FILE [OPTION...]
    "$u4" stat --json "${@:2}" "$1" |
        python3 -c 'import json, sys
for name, count in sorted(json.load(sys.stdin)["per_event"].items()):
    print(count, name)'
}
theirs() { # FILE WITH BABELTRACE2'S TEXT
    sed -n 's/^\[[^]]*\] ([^)]*) \([^:]*\): .*/\1/p' "$1" | LC_ALL=C sort | uniq -c |
        awk '{print $1, $2}'
}
discarded() { # FILE WITH ITS WARNINGS
    sed -n 's/.*discarded \([0-9]*\) events\?.*/\1/p' "$1" | awk '{n += $1} END {print n + 0}'
}
count() { # NAME: what synth says it wrote
    sed -n "s/^synth: count $1=//p" said
}

same() { # LABEL [SYNTH-OPTION...]
    local label=$1
    "$synth" "${@:2}" t.u4t >said
    rm -rf t.ctf
    run "$u4" export -o t.ctf t.u4t
    exits 0 "$label"
    babeltrace2 t.ctf >text 2>warnings </dev/null
    is "$?" 0 "$label: babeltrace2 reads it"
    is "$(theirs text)" "$(ours t.u4t)" "$label: as many of each event"
    is "$(discarded warnings)" "$(count lost)" "$label: as many lost"
    is "$(grep -vc 'WARNING: Tracer discarded' warnings)" 0 "$label: no other warning"
}

same "one hart" -n 5000
same "four harts" -n 50000 -r 4
is "$(wc -l <text)" "$(count records)" "as many as were written"
same "gaps" -n 30000 -r 3 -l 7
is "$(grep -c 'Tracer discarded' warnings)" "$(count gaps)" "gaps: each for itself"
same "many records in a tick" -d -n 20000 -r 2
same "another timebase" -n 3000 -z 19200000
same "events without sense" -x -n 20000 -r 2
same "nothing" -n 0 -r 2

# ---- values ----
"$synth" -n 20000 -r 2 t.u4t >said
rm -rf t.ctf
"$u4" export -t ctf -o t.ctf t.u4t
babeltrace2 t.ctf >text 2>warnings </dev/null
"$u4" export -t json -o t.json t.u4t
cat >compare.py <<'PYTHON'
import collections, json, re, sys

def value(text):
    return int(text, 0) if re.fullmatch(r"-?(0x)?[0-9A-Fa-f]+", text) else text.strip('"')

def key(time_ns, hart, event, fields):
    return (time_ns, hart, event, *sorted(fields.items()))

line_form = re.compile(r"\[(\d+):(\d+):(\d+)\.(\d+)\] \(\S+\) ([\w.]+): \{ cpu_id = (\d+), .*?\}, "
                       r"\{ thread = \w+ \}(?:, \{ (.*) \})?")
field_form = re.compile(r'(\w+) = (?:\( ("[^"]*"|<unknown>)[^)]*\)|("[^"]*"|[^,]+))')
found = collections.Counter()
for line in open(sys.argv[1]):
    h, m, s, ns, event, hart, rest = line_form.match(line).groups()
    time = ((int(h) * 60 + int(m)) * 60 + int(s)) * 10**9 + int(ns)
    fields = {name: value(named or plain) for name, named, plain in field_form.findall(rest or "")
              if not name.startswith("unused")}
    found[key(time, int(hart), event, fields)] += 1

# u4 names threads where CTF has their references.
events = [json.loads(line) for line in open(sys.argv[2])]
references = {e["thread_name"]: e["thread"] for e in events if "thread_name" in e}
references |= {f"tcb@{reference:x}": reference for reference in references.values()}

expected = collections.Counter()
for event in events:
    fields = {}
    for name, v in event["fields"].items():
        if isinstance(v, bool):
            v = "true" if v else "false"
        elif event["event"] != "thread.name" or name != "text":
            v = references.get(v, v)
        fields[name] = value(v) if isinstance(v, str) else v
    expected[key(event["time_ns"], event["hart"], event["event"], fields)] += 1
for difference in list((found - expected).items())[:5]:
    print("babeltrace2:", difference)
for difference in list((expected - found).items())[:5]:
    print("u4:", difference)
print(sum(found.values()), "events")
PYTHON
run python3 compare.py text t.json
exits 0 "reading both"
is "$out" "$(count records) events" "each event has its time, its hart and its fields' values"

# ---- a part of a trace ----
rm -rf part.ctf
run "$u4" export --format ctf -o part.ctf --from 1ms --until 2.5ms -F 'class==ipc && hart==1' t.u4t
exits 0 "a part"
babeltrace2 part.ctf >text 2>warnings </dev/null
is "$(theirs text)" "$(ours t.u4t --from 1ms --until 2.5ms -F 'class==ipc && hart==1')" \
    "a part: as many of each event"
is "$(theirs text | cut -d' ' -f2 | cut -d. -f1 | sort -u)" ipc "a part: only what the filter lets through"

# ---- a guest, exported while it is recorded ----
"$u4" run --record guest.u4t --harts 2 "$build/images/demo.elf" >console 2>&1 </dev/null &
guest_pid=$!
is_a_trace() {
    [[ $("$u4" stat --json guest.u4t 2>/dev/null) ]]
}
eventually is_a_trace
run timeout $patience "$u4" export --live -o guest.ctf guest.u4t
exits 0 "a guest, live"
wait $guest_pid
babeltrace2 guest.ctf >text 2>warnings </dev/null
is "$(theirs text)" "$(ours guest.u4t)" "a guest, live: as many of each event"
like "$(grep -m1 invoke.result text)" 'label = \( "[A-Z][A-Za-z]*" ' "labels have their names"

# ---- wrong usage, and outputs that cannot be written ----
run "$u4" export -t ctf t.u4t
exits 2 "ctf to standard output"
like "$err" "give -o DIR" "says what to do"
run "$u4" export -o t.ctf t.u4t
exits 1 "a directory with something in it"
like "$err" "t.ctf: expected a new or empty directory" "says so"
mkdir empty
run "$u4" export -t ctf -o empty t.u4t
exits 0 "an empty directory"
run "$u4" export -t ctf -o said t.u4t
exits 1 "a file where the directory should be"
run "$u4" export -t ctf -o /nonexistent/x t.u4t
exits 1 "a directory that cannot be made"
like "$err" "/nonexistent/x: cannot make the directory: No such file" "says so"
run "$u4" export -t ctf -O fast -o x.ctf t.u4t
exits 1 "an option that it does not have"
run bash -c 'trap "" XFSZ; ulimit -f 8; exec "$0" export -o full.ctf t.u4t' "$u4"
exits 1 "a disk that is full"
like "$err" "full.ctf/[a-z0-9]*: cannot write" "says so"
finish
