// SPDX-License-Identifier: BSD-2-Clause
//
// Real systems beside the demo: the kernel's tests, which fault, revoke, delete and use user
// interrupts as no ordinary program does, async IPC, and four harts at a time. What u4 stat counts
// must be in the timeline.

import path from 'node:path';
import {Trace} from './engine.mjs';
import {record} from './record.mjs';
import {exportTrace, is, ok, run} from './tap.mjs';
import {flows, slices, wellFormed} from './wellformed.mjs';

async function sameCounts(trace, image, counted) {
    const instants = (name) => slices(trace, `s.name = '${name}' and s.category = 'uintr'
        and t.utid > 0`);
    const found = {
        'irq.timer': await slices(trace, `(s.name = 'timer' and s.category = 'kernel')
            or s.name = 'irq.timer'`),
        'ipc.cap_transfer': await slices(trace, `s.name = 'capability received'`),
        'fault.raised': await slices(trace, `s.name = 'fault.raised' and t.utid > 0`),
        'uintr.deliver': await instants('delivered'),
        'uintr.take': await instants('taken'),
        'uintr.receiver': await slices(trace, `s.name = 'uintr.receiver'`),
        'uintr.receiver_end': await slices(trace, `s.name = 'uintr.receiver_end'`),
    };
    for (const [name, count] of Object.entries(found)) {
        is(count, counted[name] ?? 0, `${image}: as many as u4 stat counts: ${name}`);
    }
}

// Lock waits, interrupts and moves between harts. An interrupt's arrow leads to where it is taken, or to
// the next one that is taken with it; the last ones may not be.
async function severalHarts(trace, image, counted) {
    const arrows = (from) => trace.value(`select count(distinct slice_out) from flow
        join slice on slice.id = slice_out where name = '${from}' and category = 'smp'`);
    is(await slices(trace, `s.name = 'wait for the lock'`), counted['smp.lock'] ?? 0,
       `${image}: a slice for each wait for the lock`);
    const pending = (counted['smp.ipi'] ?? 0) - await arrows('interrupts hart');
    ok(pending >= 0 && pending <= 12, `${image}: interrupts lead to where they are taken`, pending);
    const stayed = await slices(trace, `s.name = 'smp.migrate'`);
    is(await arrows('thread leaves') + stayed, counted['smp.migrate'] ?? 0,
       `${image}: a thread's move is an arrow`);
}

run(async (directory) => {
    const file = path.join(directory, 'run.u4t'), out = path.join(directory, 'out');
    const images = [['kernel-tests', 1], ['async-tests', 1], ['kernel-tests-smp', 4], ['demo-smp', 4]];
    for (const [image, harts] of images) {
        const {stat} = record(image, file, {harts});
        const trace = await Trace.load(exportTrace(file, out));
        await wellFormed(trace, image, {gaps: stat.rings.some((ring) => ring.hart === 0 && ring.lost > 0)});
        await sameCounts(trace, image, stat.per_event);
        is(await trace.value(`
            select count(*) from flow join slice a on a.id = slice_out
            join slice b on b.id = slice_in where a.category = 'uintr'
            and (a.name not in ('post', 'uipi send', 'delivered')
                 or b.name not in ('delivered', 'taken', 'user interrupt'))`), 0,
           `${image}: user interrupts' arrows lead from sends to where they are taken`);
        if (harts > 1) {
            await severalHarts(trace, image, stat.per_event);
        } else {
            is(await flows(trace, '*', 'serve *') + await flows(trace, '*', 'reply'),
               stat.per_event['ipc.transfer'], `${image}: an arrow for each message`);
            const longest = await trace.value(`
                select max(s.dur) from slice s join track t on t.id = s.track_id
                where t.name glob 'hart *' and s.depth = 0 and s.name <> 'events lost'
                and s.category = 'kernel' and s.ts + s.dur < (select end_ts from trace_bounds)`);
            ok(longest > 0 && longest <= stat.longest_in_kernel[0].ns + 100,
               `${image}: no visit to the kernel lasts while its hart idles`, longest);
        }
        is((await trace.query('select cpu from sched group by 1 order by 1')).map(({cpu}) => cpu),
           Array.from({length: harts}, (_, hart) => hart), `${image}: each hart has its track`);
    }
});
