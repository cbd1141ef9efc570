// SPDX-License-Identifier: BSD-2-Clause
//
// User interrupts: sent by the hardware, emulated by the kernel, posted by a signal; taken by a
// handler or by a system call. Each arrow must begin where a vector was sent and end where it
// was taken.

import path from 'node:path';
import {Trace} from './engine.mjs';
import {exportTrace, is, run, writeScript} from './tap.mjs';
import {flows, slices, wellFormed} from './wellformed.mjs';
import {System} from './system.mjs';

const TABLE = 0x80600000, NTFN = 0x80500000, ENTRY = 3;
const SENDER_RING = 8, RECEIVER_RING = 9; // of programs

// The receiver is on hart 1 all the time; the sender on hart 0.
function system() {
    const s = new System({idle: [0x1000, 0], sender: [0x2000, 50], receiver: [0x3000, 80]});
    s.lines.unshift(`ring ${SENDER_RING} - 0x2000`, `ring ${RECEIVER_RING} - 0x3000`);
    s.run(500, 'sender', 'blocked');
    s.exit(501);
    s.enter(510, 'Call', 1, 1);
    s.put(511, 'uintr.receiver', `entry=${ENTRY}`, 'thread=0x3000', `ntfn=${NTFN}`);
    s.put(512, 'invoke.result', 'error=NoError', 'type=notification');
    s.exit(513);
    s.put(514, 'uintr.table', 'thread=0x2000', `table=${TABLE}`);
    for (const index of [0, 1]) {
        s.put(520 + index, 'uintr.sender', `vector=${5 + index}`, `table=${TABLE}`,
              `index=${index}`, `ntfn=${NTFN}`, `entry=${ENTRY}`);
    }
    s.by(1, 'receiver', 530, 'uintr.enter', `entry=${ENTRY}`, 'thread=0x3000');

    const send = (at, index) => s.by(SENDER_RING, 'sender', at, 'uintr.send', `index=${index}`);
    const handle = (from, to, vectors) => {
        s.by(RECEIVER_RING, 'receiver', from, 'uintr.handler', `vectors=${vectors}`);
        s.by(RECEIVER_RING, 'receiver', to, 'uintr.handler_end');
    };
    send(600, 0); // one by the hardware
    handle(605, 620, 1 << 5);
    send(700, 0); // two that are taken together
    send(701, 1);
    handle(706, 720, 3 << 5);
    send(800, 1); // emulated
    s.put(801, 'uintr.post', 'vector=6', 'source=send', 'outcome=posted', 'receiver=0x3000',
          `entry=${ENTRY}`, 'index=1');
    s.by(1, 'receiver', 803, 'uintr.deliver', `entry=${ENTRY}`, 'thread=0x3000', 'pending=0x40');
    handle(804, 815, 1 << 6);
    s.enter(900, 'Send', 7); // a signal
    s.put(901, 'uintr.post', 'vector=9', 'source=signal', 'outcome=posted', `ntfn=${NTFN}`,
          'receiver=0x3000', `entry=${ENTRY}`);
    s.exit(902);
    s.by(1, 'receiver', 905, 'uintr.take', `entry=${ENTRY}`, `ntfn=${NTFN}`, 'vectors=0x200');
    s.by(1, 'receiver', 950, 'uintr.leave', `entry=${ENTRY}`, 'thread=0x3000');
    s.put(960, 'uintr.post', 'vector=0', 'source=send', 'outcome=no_entry', 'index=9');
    return s.lines;
}

run(async (directory) => {
    const file = path.join(directory, 'uintr.u4t');
    writeScript(file, system());
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'user interrupts');
    is(await slices(trace, `s.name = 'user interrupt' and s.dur > 0`), 3, 'three handlers ran');
    is(await flows(trace, 'uipi send', 'user interrupt'), 3, 'sends lead to handlers');
    is(await flows(trace, 'uipi send', 'delivered'), 1, 'or to where the kernel delivers them');
    is(await flows(trace, 'delivered', 'user interrupt'), 1, 'and from there to the handler');
    is(await flows(trace, 'post', 'taken'), 1, 'a posted signal leads to the system call');
    is(await trace.value('select count(*) from flow'), 6, 'there are no other arrows');
    is(await trace.query(`
        select s.ts / 100 as at, s.dur / 100 as length,
               extract_arg(s.arg_set_id, 'debug.vectors') as vectors, thread.name as who
        from slice s join thread_track t on t.id = s.track_id join thread using (utid)
        where s.name = 'user interrupt' order by 1`),
       [{at: 605, length: 15, vectors: 0x20, who: 'receiver'},
        {at: 706, length: 14, vectors: 0x60, who: 'receiver'},
        {at: 804, length: 11, vectors: 0x40, who: 'receiver'}], 'when they ran, and for what');
    is(await trace.query(`
        select s.name, count(*) as n from slice s join track t on t.id = s.track_id
        where t.name = 'receiver ${ENTRY}' group by 1 order by 1`),
       [{name: 'can be interrupted', n: 1}, {name: 'post', n: 2}, {name: 'uintr.receiver', n: 1}],
       'the receiver entry has a track with what happened to it');
    is(await slices(trace, `s.name = 'post' and
        extract_arg(s.arg_set_id, 'debug.outcome') is not null`), 1, 'a send in vain says why');
});
