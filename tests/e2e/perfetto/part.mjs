// SPDX-License-Identifier: BSD-2-Clause
//
// Parts of a trace, cut out by time: each is a sound trace of its own, and together they hold
// what the whole holds.

import path from 'node:path';
import {execFileSync} from 'node:child_process';
import {Trace} from './engine.mjs';
import {exportTrace, is, ok, run, synthesize, u4} from './tap.mjs';
import {slices, wellFormed} from './wellformed.mjs';

const PARTS = [
    ['the beginning', '--until', '5ms'],
    ['the middle', '--from', '5ms', '--until', '12.5ms'],
    ['the end', '--from', '12.5ms'],
];

run(async (directory) => {
    const file = path.join(directory, 'whole.u4t'), out = path.join(directory, 'out');
    const n = synthesize(file, '-n', 20000, '-r', 2);
    const first = JSON.parse(execFileSync(u4, ['stat', '--json', file])).first_ns;
    let timers = 0;
    for (const [label, ...range] of PARTS) {
        const trace = await Trace.load(exportTrace(file, out, ...range));
        await wellFormed(trace, label);
        const events = JSON.parse(execFileSync(u4, ['stat', '--json', ...range, file])).per_event;
        const found = await slices(trace, `s.name = 'timer' and s.category = 'kernel'`);
        is(found, events['irq.timer'], `${label}: as many timer interrupts as u4 stat counts`);
        timers += found;
        const from = range.indexOf('--from'), until = range.indexOf('--until');
        const [start, end] = [from, until].map((i) => i < 0 ? null : parseFloat(range[i + 1]) * 1e6);
        const [low, high] = [await trace.value(`select min(ts) from sched`),
                             await trace.value(`select max(ts + dur) from sched`)].map(Number);
        ok(start === null || low >= first + start, `${label}: nothing runs before`, low);
        ok(end === null || high < first + end, `${label}: nothing runs behind`, high);
        is(await trace.value(`select count(*) from thread where name glob 'server*'`), 2,
           `${label}: threads have the names that they were given`);
    }
    is(timers, n.timers, 'together they hold all of them');
});
