// SPDX-License-Identifier: BSD-2-Clause
//
// Async system calls: each is a slice from the kernel's taking it out of the ring to its answer,
// and the depth of the ring is a counter.

import path from 'node:path';
import {Trace} from './engine.mjs';
import {exportTrace, is, run, writeScript} from './tap.mjs';
import {wellFormed} from './wellformed.mjs';
import {System} from './system.mjs';

function system() {
    const s = new System({idle: [0x1000, 0], client: [0x2000, 50], worker: [0x3000, 60]});
    s.run(500, 'client', 'blocked');
    s.exit(501);
    s.put(510, 'async.ring', 'thread=0x2000', 'lines=64');
    s.run(600, 'worker', 'preempted');
    const call = (from, to, queued, token, error, left) => {
        s.put(from, 'async.pickup', `queued=${queued}`, 'thread=0x2000', 'label=1', 'cptr=5',
              `token=${token}`);
        if (to) {
            s.put(to, 'async.complete', `error=${error}`, 'thread=0x2000', `token=${token}`,
                  `left=${left}`);
        }
    };
    call(610, 620, 5, 7, 'NoError', 2);
    call(630, 645, 2, 8, 'RangeError', 0);
    call(700, 0, 1, 9); // never answered
    s.put(710, 'debug.mark');
    return s.lines;
}

run(async (directory) => {
    const file = path.join(directory, 'async.u4t');
    writeScript(file, system());
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'async system calls');
    is(await trace.query(`
        select s.name, s.ts / 100 as at, s.dur / 100 as length,
               extract_arg(s.arg_set_id, 'debug.result') as result,
               extract_arg(s.arg_set_id, 'debug.unfinished') as unfinished
        from slice s join track t on t.id = s.track_id
        where t.name = 'calls of client' and s.dur > 0 order by 2`),
       [{name: 'UntypedRetype', at: 610, length: 10, result: 'NoError', unfinished: null},
        {name: 'UntypedRetype', at: 630, length: 15, result: 'RangeError', unfinished: null},
        {name: 'UntypedRetype', at: 700, length: 10, result: null, unfinished: 1}],
       'each call lasts until its answer');
    is(await trace.query(`
        select ts / 100 as at, value from counter join counter_track t on t.id = track_id
        where t.name = 'async ring depth: client' order by ts`),
       [{at: 510, value: 0}, {at: 610, value: 5}, {at: 620, value: 2}, {at: 630, value: 2},
        {at: 645, value: 0}, {at: 700, value: 1}], 'the depth of the ring');
});
