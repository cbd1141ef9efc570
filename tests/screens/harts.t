#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Four harts: a lane each, a thread that moves between them, waits for the kernel's lock; user
# interrupts as arrows, sent by user space and posted by the kernel, and their receiver.

. "$(dirname "$0")/screen.sh"
"$build/tests/screens-trace" harts.u4t harts
trace=harts.u4t

for size in 80x24 200x60 40x10; do
    scene "harts-timeline-$size" $size ""
    scene "harts-objects-$size" $size "--view objects"
done
scene uintr-send 200x60 "--view events" g / =uintr.handler Enter 1 =++++
scene uintr-post 200x60 "--view events" g / =uintr.take Enter 1 =++
scene harts-lock 80x24 "--view events" '&' '=class==smp' Enter g
scene harts-threads 200x60 "--view threads"
# logger has moved once, and twice:
scene harts-moved 200x60 "--view events" g / =migrate Enter ']' 3
scene harts-moved-again 200x60 "--view events" g / =migrate Enter n ']' ']' ']' ']' ']' ']' ']' ']' 3
scene receiver-first 80x24 "--view objects" / =receiver Enter Enter
finish
