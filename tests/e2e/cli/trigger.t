#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Triggers armed from boot, in guests whose clock counts instructions: each latency trigger acts at
# exactly the record that the recording itself shows to be too late, and not where none is.

. "$(dirname "$0")/tap.sh"
unset U4_QEMU
slow=$build/images/demo-slow.elf demo=$build/images/demo.elf

cat >late.py <<'END'
# late.py call|wake|irq|fault NS: pairs in the JSON lines on stdin, how many of them took longer
# than NS, and the position of the first that did.
import json, sys
def called(e, f):
    return e["thread_name"] if e["event"] == "kernel.entry" and f.get("call") == "Call" else None
def field(event, name, **other):
    return lambda e, f: f[name] if e["event"] == event and other.items() <= f.items() else None
forms = {"call": (called, field("ipc.transfer", "peer", kind="reply")),
         "wake": (field("sched.wake", "thread"), field("sched.switch", "next")),
         "irq": (field("irq.raised", "irq"), field("irq.ack", "irq")),
         "fault": (lambda e, f: e["thread_name"] if e["event"] == "fault.raised" else None,
                   field("fault.reply", "thread"))}
first, second = forms[sys.argv[1]]
marks, pairs, late = {}, 0, []
for e in map(json.loads, sys.stdin):
    if "event" not in e: # the console's text
        continue
    key = second(e, e["fields"])
    if key in marks:
        pairs += 1
        if e["time_ns"] - marks.pop(key) > int(sys.argv[2]):
            late.append(e["position"])
    key = first(e, e["fields"])
    if key is not None:
        marks[key] = e["time_ns"]
print(pairs > 0, len(late), *late[:1])
END
record() { # TRIGGER IMAGE [OPTIONS]
    run timeout 120 "$u4" run --icount --record t.u4t --trigger "$1" "${@:3}" "$2"
}
late() { # FORM NS
    "$u4" export -t json t.u4t | python3 late.py "$1" "$2"
}
acts() { # FORM TIME NS IMAGE EVENT
    record "$1>$2" "$4"
    exits 0 "$(basename "$4") with $1>$2"
    like "$err" "triggered by $5 on hart 0 at [0-9.]+ s, record [0-9]+" "acts"
    is "$(late "$1" "$3")" "True 1 ${err##*record }" "at the first that took longer, and no other had before"
    run "$u4" report --columns event t.u4t
    is "$(tail -1 <<<"$out" | xargs)" kernel.trigger "where the recording ends"
    run "$u4" check t.u4t
    exits 0 "the file"
}
rests() { # FORM TIME NS
    record "$1>$2" "$demo"
    exits 0 "demo.elf with $1>$2"
    is "$(grep -c triggered <<<"$err")" 0 "does not act"
    is "$(late "$1" "$3")" "True 0" "there were such pairs, and none took so long"
}
acts call 1ms 1000000 "$slow" ipc.transfer
rests call 1ms 1000000
acts wake 15ms 15000000 "$slow" sched.switch
rests wake 50ms 50000000
acts irq 500ns 500 "$demo" irq.ack
rests irq 50us 50000
acts fault 1us 1000 "$demo" fault.reply
rests fault 1ms 1000000

# ---- from boot ----
record 'sched.switch' "$demo"
run "$u4" report --columns event t.u4t
is "$(tail -n +2 <<<"$out" | head -1 | xargs), $(tail -2 <<<"$out" | xargs)" \
    "kernel.boot, sched.switch kernel.trigger" "from the kernel's first event to the first thread that runs"
record 'fault.raised' "$demo" --after 5
run "$u4" stat --json -F "position>${err##*record }" t.u4t
is "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["events"])' <<<"$out")" 6 "five records more, and the trigger's"
run "$u4" run --trigger fault.raised "$demo"
exits 2 "neither a recording nor --stop"
run "$u4" run --record t.u4t --stop "$demo"
exits 2 "--stop without a trigger"
run "$u4" run --record t.u4t --trigger 'fault.raised && thread=="shell"' "$demo"
exits 2 "a name before there are any"
run "$u4" run --record t.u4t --trigger 'call>soon' "$demo"
exits 2 "no time"
run timeout 60 "$u4" run --icount --trigger fault.raised --stop --timeout 4s "$demo"
exits 1 "a guest that stands still at the event, until its time is over"
like "$err" "the guest stands still at the event" "says so"
is "$(grep -c 'count fault' <<<"$out")" 0 "it did not come further"
finish
