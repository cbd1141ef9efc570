#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# u4 run and u4 record against a guest that stands for QEMU's.

. "$(dirname "$0")/tap.sh"
"$guest" kernel image.elf
export U4_QEMU=$guest

json() { # EXPRESSION over d, the statistics of $1
    python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}
sum='sum(r[k] for r in d["rings"])'

# ---- a recording from boot to the end ----
GUEST="records=3000 status=7" run "$u4" run --record a.u4t --harts 2 image.elf
exits 7 "the guest's exit status passes through"
like "$out" "guest: up.*guest: done" "its console comes through"
like "$err" "a.u4t: 6000 events, none lost" "the summary counts"
run "$u4" check a.u4t
exits 0 "the recording is sound"
run "$u4" stat --json a.u4t
is "$(json 'd["events"], d["lost"], d["harts"], d["status"]' <<<"$out")" "(6000, 0, 2, 7)" "what the file says"
run "$u4" report --console a.u4t
like "$out" "\[console\] guest: up" "the console is in the file"
is "$(ls "$XDG_RUNTIME_DIR"/u4-*/ | wc -l) $(ls /dev/shm/u4-"$(id -u)"-image-* 2>/dev/null | wc -l)" "0 0" \
    "nothing is left behind"

# ---- exported at once ----
GUEST="records=100 status=7" run "$u4" run --export a.csv image.elf
exits 7 "a run that is exported passes the guest's status through"
is "$(wc -l <a.csv) $(ls "${TMPDIR:-/tmp}"/u4-run-* 2>/dev/null | wc -l)" "101 0" \
    "the export has every record; no recording is kept"
GUEST="records=100" run "$u4" run --record b.u4t --export b.json image.elf
exits 0 "recorded and exported"
is "$(grep -c user.mark b.json) $("$u4" stat --json b.u4t | json 'd["events"]')" "100 100" "both are there"
GUEST="records=1" run "$u4" run --export b.unknown image.elf
exits 2 "an export without a format"
like "$err" "'b.unknown' does not say which format" "says so"
GUEST="records=1" run "$u4" run --export /nonexistent/b.csv image.elf
exits 1 "an export that cannot be written"

# ---- arguments to QEMU ----
GUEST_ARGS=$scratch/args GUEST="records=1" run "$u4" run --memory 64M --harts 3 --icount \
    --trace ipc,-ipc.block --ring 12 --gdb 1234 --append "hello" image.elf -- -extra one
exits 0 "with many options"
args=$(tr '\n' ' ' <args)
like "$args" "-M virt,memory-backend=ram0 .*size=67108864,.*share=on -m 65536K" "shared memory of that size"
like "$args" "-smp 3 " "harts"
like "$args" "-icount shift=0,sleep=off" "instruction counting"
like "$args" "-gdb tcp:127.0.0.1:1234" "GDB"
like "$args" "-append hello u4.trace=0x[0-9a-f]+,0x[0-9a-f]+,0x[0-9a-f]+,0x[0-9a-f]+ u4.ring=12" "the kernel's command line"
like "$args" "-extra one $" "QEMU's own options come last"

# ---- losses: the rings are far too small ----
GUEST="records=200000 capacity=32 burst=0" run "$u4" run --record lossy.u4t image.elf
exits 0 "a guest that is too fast"
like "$err" "[0-9]+ LOST" "says that records were lost"
run "$u4" check lossy.u4t
exits 0 "its file is sound"
run "$u4" stat --json lossy.u4t
is "$(json "[sum(r[k] for r in d['rings']) for k in ('emitted',)][0]" <<<"$out")" 200000 "all that was emitted is accounted for"
is "$(json "d['rings'][0]['kept'] + d['rings'][0]['lost'] == 200000 and d['rings'][0]['lost'] == d['lost'] > 0" <<<"$out")" True "emitted = kept + lost"
run "$u4" report lossy.u4t
like "$out" "records lost since" "the place is in the report"

# ---- a guest that ends before anyone looks ----
GUEST="records=5" run "$u4" run --record quick.u4t image.elf
like "$err" "5 events, none lost" "a short life is recorded whole"

# ---- panic ----
GUEST="records=100 end=panic" run timeout $patience "$u4" run --record panic.u4t image.elf
exits 1 "a kernel that panics"
like "$err" "the kernel panicked: the cheese is off" "says why"
like "$err" "panic.u4t: 100 events" "and keeps the trace"
run "$u4" report panic.u4t
exits 0 "which can be read"
like "$err" "panicked: the cheese is off" "and tells of the panic"
run "$u4" stat panic.u4t
like "$out" "PANICKED: the cheese is off" "u4 stat, too"

# ---- ended from outside ----
GUEST="records=100 end=hang" run "$u4" run --record hang.u4t --timeout 300ms image.elf
exits 1 "a guest that hangs, with a timeout"
like "$err" "time is over" "says so"
run "$u4" check hang.u4t
exits 0 "its file is closed in order"
GUEST="records=100 end=hang" "$u4" run --record int.u4t image.elf >int.out 2>int.err </dev/null &
pid=$!
eventually has int.out "guest: done"
kill -INT $pid
wait $pid
status=$? out=$(<int.out) err=$(<int.err)
exits 130 "interrupted"
run "$u4" check int.u4t
exits 0 "its file is closed in order, too"
GUEST="records=100 end=kill" run "$u4" run --record kill.u4t image.elf
exits 1 "QEMU killed"
like "$err" "killed by signal 9" "says by what"

# ---- recording a guest that runs ----
GUEST="records=10 live=60000 end=hang" "$u4" run --name one image.elf >one.out 2>one.err </dev/null &
pid=$!
eventually has one.out "guest: up"
run "$u4" record -o live.u4t --duration 300ms
exits 0 "u4 record on the only guest"
like "$err" "live.u4t: [1-9][0-9]* events, none lost" "gets events, although the guest had everything off"
run "$u4" record -o live2.u4t --events 500 --compress one
exits 0 "by name, compressed"
run "$u4" check live2.u4t
exits 0 "sound"
run "$u4" record -o part1.u4t --events 500 one
"$u4" record -o part2.u4t --trace user one 2>/dev/null &
second=$!
has_events() {
    "$u4" report -n 1 part2.u4t 2>/dev/null | grep -q .
}
eventually has_events
run "$u4" record -o part3.u4t --events 500 --trace user one
kill -INT $second
wait $second
run "$u4" merge -o whole.u4t part3.u4t part1.u4t part2.u4t
exits 0 "u4 merge of parts, two of which overlap"
like "$err" "whole.u4t: [0-9]+ events of 3 recordings, [1-9][0-9]* in more than one" "says what it has found"
run "$u4" check whole.u4t
exits 0 "the whole is sound"
run "$u4" stat --json whole.u4t
whole=$(json 'd["rings"][0]["kept"]' <<<"$out")
is "$("$u4" report whole.u4t | wc -l)" "$((whole + $("$u4" report whole.u4t | grep -c 'records lost')))" "and can be read"
run "$u4" merge -o part1.u4t part1.u4t
exits 1 "an output that is an input"
run "$u4" merge part1.u4t part2.u4t
exits 2 "merging to nowhere"
run "$u4" record -o live3.u4t two
exits 1 "no such guest"
like "$err" "no guest 'two'" "says so"
run "$u4" record -o live4.u4t --duration 10ms --trace nonsense one
exits 2 "no such class"
kill $pid
wait $pid 2>/dev/null
run "$u4" record -o live5.u4t
exits 1 "no guest at all"
like "$err" "no guest runs" "says so"

# ---- following a recording ----
GUEST="records=1000 live=1500 burst=100" "$u4" run --record follow.u4t image.elf >/dev/null 2>&1 </dev/null &
pid=$!
eventually test -s follow.u4t
run timeout $patience "$u4" report --follow follow.u4t
exits 0 "u4 report --follow ends with the recording"
wait $pid
is "$(wc -l <<<"$out")" "$("$u4" report follow.u4t | wc -l)" "and has shown all of it"
GUEST="records=100 end=hang" "$u4" run --record follow2.u4t image.elf >/dev/null 2>&1 </dev/null &
pid=$!
eventually test -s follow2.u4t
"$u4" report --follow follow2.u4t >follow.out 2>follow.err &
follower=$!
has_all() {
    (($(wc -l <follow.out) >= 100))
}
eventually has_all
kill -INT $follower
wait $follower
status=$? out=$(<follow.out) err=$(<follow.err)
is "$(wc -l <follow.out)" 100 "what is there is shown while the guest hangs"
kill $pid
wait $pid 2>/dev/null

# ---- the recorder is killed: what is whole stays, and another recording fills the rest in ----
GUEST="records=10 live=60000 end=hang" "$u4" run --name dies image.elf >dies.out 2>/dev/null </dev/null &
pid=$!
eventually has dies.out "guest: up"
"$u4" record -o killed.u4t --trace user --no-snapshot dies 2>/dev/null &
victim=$!
is_large() {
    (($(stat -c %s killed.u4t 2>/dev/null || echo 0) > 200000))
}
eventually is_large
kill -KILL $victim
wait $victim 2>/dev/null
run "$u4" check killed.u4t
exits 1 "a recording whose writer was killed"
like "$err" "not closed in order: [1-9][0-9]* chunks are whole" "has whole chunks"
run "$u4" report killed.u4t
exits 0 "it can be read"
is "$(($(wc -l <<<"$out") > 1000))" 1 "up to the last of them"
cp killed.u4t mended.u4t
printf 'half a chunk' >>mended.u4t
run "$u4" check --repair mended.u4t
exits 0 "and mended"
is "$("$u4" report mended.u4t 2>/dev/null | md5sum)" "$("$u4" report killed.u4t 2>/dev/null | md5sum)" "it says the same then"
kill $pid
wait $pid 2>/dev/null

# ---- by hand: RAM file and kernel ----
truncate -s 8M ram
GUEST="records=2000 end=hang" "$guest" "mem-path=$scratch/ram" u4.trace=0xffffffffffffffff,0xffffffffffffffff,0xffffffffffffffff,0xffffffffffffffff >hand.out &
pid=$!
eventually has hand.out "guest: done"
run "$u4" record --ram ram --kernel image.elf -o hand.u4t --duration 100ms
exits 0 "u4 record --ram"
like "$err" "2000 events" "reads what is in the ring"
run "$u4" stat --json --ram ram --kernel image.elf
is "$(json 'd["events"]' <<<"$out")" 2000 "u4 stat --ram reads the same"
run "$u4" stat --json --ram ram
is "$(json 'd["events"]' <<<"$out")" 2000 "and finds the header without the kernel"
cp ram image.raw
python3 - <<'END'
# An ELF core as QEMU's dump-guest-memory writes it: one PT_LOAD with the physical address.
import struct
ram = open("ram", "rb").read()
head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 4, 243, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
load = struct.pack("<IIQQQQQQ", 1, 7, 4096, 0, 0x80000000, len(ram), len(ram), 0)
open("core", "wb").write((head + load).ljust(4096, b"\0") + ram)
open("core.cut", "wb").write((head + load).ljust(4096, b"\0") + ram[:100000])
END
for memory in image.raw core; do
    for kernel in "--kernel image.elf" ""; do
        # shellcheck disable=SC2086 # words
        run "$u4" stat --json --ram $memory $kernel
        is "$(json 'd["events"]' <<<"$out")" 2000 "u4 stat --ram $memory $kernel"
    done
done
run "$u4" report --ram core.cut
exits 1 "a core that is cut short"
like "$err" "core.cut: segment 0 lies outside the file" "says so"
run "$u4" report --ram /dev/null
exits 1 "memory that is none"
"$guest" kernel other.elf 17
run "$u4" record --ram ram --kernel other.elf -o other.u4t
exits 1 "with another kernel"
like "$err" "another kernel.*build-id 5a5a5a5a.*11111111" "says that the build-ids differ"
kill $pid

# ---- bad input ----
# A copy of its own, lest it find the QEMU that its build has made.
cp "$u4" "$scratch/u4-alone"
run env -u U4_QEMU PATH=/nonexistent "$scratch/u4-alone" run image.elf
exits 1 "no QEMU"
like "$err" "no qemu-system-riscv64.*install qemu-system-misc" "says what to install"
run env U4_QEMU=/bin/true "$u4" run image.elf
exits 1 "not a QEMU"
like "$err" "/bin/true: expected QEMU" "says so"
printf '#!/bin/sh\n[ "$1" = --version ] && echo "QEMU emulator version 7.2" || echo cortex-a53\n' >arm && chmod +x arm
run env U4_QEMU="$scratch/arm" "$u4" run image.elf
exits 1 "a QEMU for another machine"
like "$err" "another machine than riscv64" "says so"
printf '#!/bin/sh\necho "QEMU emulator version 2.5"\n' >old && chmod +x old
run env U4_QEMU="$scratch/old" "$u4" run image.elf
exits 1 "a QEMU that is too old"
like "$err" "QEMU 6 or newer, found 2.5" "says so"
run env U4_QEMU="$scratch/missing" "$u4" run image.elf
exits 1 "U4_QEMU names nothing"
like "$err" "missing: expected QEMU" "says so"
echo "no ELF at all, just text" >text
run "$u4" run text
exits 1 "not an ELF"
like "$err" "text: expected an ELF file, found something else" "says so"
: >empty
run "$u4" run --record x.u4t empty
exits 1 "an empty file"
run "$u4" run --record x.u4t /nonexistent.elf
exits 1 "no image"
like "$err" "/nonexistent.elf: cannot read the image" "says so"
run "$u4" run --record x.u4t "$guest"
exits 1 "an ELF without a trace header"
like "$err" "no trace header in it.*not a u4 kernel, or one built without tracing" "says so"
run "$u4" run --record /nonexistent/x.u4t image.elf
exits 1 "an output that cannot be written"
like "$err" "/nonexistent/x.u4t: cannot write" "says so, before it boots"
is "$out" "" "nothing was booted"
GUEST="records=10 end=hang" run timeout $patience "$u4" run --record /dev/full image.elf
exits 1 "a full disk"
like "$err" "/dev/full: cannot write the trace: No space left" "says so"
GUEST="end=silent" run "$u4" run --record silent.u4t image.elf
exits 1 "a guest without a trace"
like "$err" "nothing recorded" "says so"
for wrong in "--memory 3" "--harts 0" "--harts 99" "--ring 77" "--trace nothing" "--timeout x" "--nonsense" ""; do
    # shellcheck disable=SC2086 # words
    run "$u4" run $wrong
    exits 2 "u4 run $wrong"
done
finish
