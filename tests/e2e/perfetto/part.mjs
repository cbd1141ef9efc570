// SPDX-License-Identifier: BSD-2-Clause
//
// Parts of a trace, cut out by time: each is a sound trace of its own, and together they hold
// what the whole holds. What a filter lets through; the same bytes on standard output, and while
// the trace is being written.

import fs from 'node:fs';
import path from 'node:path';
import {execFileSync, spawn} from 'node:child_process';
import {Trace} from './engine.mjs';
import {exportTrace, is, ok, run, synthesize, u4} from './tap.mjs';
import {slices, wellFormed} from './wellformed.mjs';

const PARTS = [
    ['the beginning', '--until', '5ms'],
    ['the middle', '--from', '5ms', '--to', '12.5ms'],
    ['the end', '--from', '12.5ms'],
];

async function filtered(file, out) {
    const trace = await Trace.load(exportTrace(file, out, '--filter',
                                               'class==irq && hart==1 || class==sched && hart==1'));
    await wellFormed(trace, 'a filter');
    const events = JSON.parse(execFileSync(u4, ['stat', '--json', file])).per_event;
    const timers = await slices(trace, `s.name = 'irq.timer'`);
    ok(timers > 0 && timers < events['irq.timer'], 'a filter: interrupts of one hart are there');
    is(await slices(trace, `s.category in ('syscall', 'fault', 'kernel')`), 0,
       'a filter: and nothing of what it keeps back');
    is(await trace.query('select distinct cpu from sched'), [{cpu: 1}],
       'a filter: threads run where it lets that through');
}

// The export reads what is there, and more as it is written: the rest follows when the first
// bytes have come out.
async function live(directory, file, whole, out) {
    const bytes = fs.readFileSync(file), growing = path.join(directory, 'growing.u4t');
    const half = Math.floor(bytes.length / 2);
    fs.writeFileSync(growing, bytes.subarray(0, half));
    const child = spawn(u4, ['export', '--live', '--format', 'perfetto', growing],
                        {stdio: ['ignore', 'pipe', 'inherit']});
    const pieces = [];
    let early = 0;
    const status = await new Promise((resolve) => {
        child.stdout.on('data', (piece) => {
            if (!pieces.length) {
                early = piece.length;
                fs.appendFileSync(growing, bytes.subarray(half));
            }
            pieces.push(piece);
        });
        child.on('close', resolve);
    });
    is(status, 0, 'live: it ends with the trace');
    ok(early > 0 && early < bytes.length, 'live: something is there before the trace is whole');
    fs.writeFileSync(out, Buffer.concat(pieces));
    const [trace, after] = [await Trace.load(out), await Trace.load(whole)];
    await wellFormed(trace, 'live');
    for (const table of ['sched', 'slice', 'flow', 'thread', 'track']) {
        const count = `select count(*) from ${table}`;
        is(await trace.value(count), await after.value(count),
           `live: in the end as many as if exported afterwards: ${table}`);
    }
}

run(async (directory) => {
    const file = path.join(directory, 'whole.u4t'), out = path.join(directory, 'out');
    const n = synthesize(file, '-n', 20000, '-r', 2);
    const first = JSON.parse(execFileSync(u4, ['stat', '--json', file])).first_ns;
    let timers = 0;
    for (const [label, ...range] of PARTS) {
        const trace = await Trace.load(exportTrace(file, out, ...range));
        await wellFormed(trace, label);
        const events = JSON.parse(execFileSync(u4, ['stat', '--json', ...range.map((w) => w === '--to' ? '--until' : w), file])).per_event;
        const found = await slices(trace, `s.name = 'timer' and s.category = 'kernel'`);
        is(found, events['irq.timer'], `${label}: as many timer interrupts as u4 stat counts`);
        timers += found;
        const from = range.indexOf('--from');
        const until = Math.max(range.indexOf('--until'), range.indexOf('--to'));
        const [start, end] = [from, until].map((i) => i < 0 ? null : parseFloat(range[i + 1]) * 1e6);
        const [low, high] = [await trace.value(`select min(ts) from sched`),
                             await trace.value(`select max(ts + dur) from sched`)].map(Number);
        ok(start === null || low >= first + start, `${label}: nothing runs before`, low);
        ok(end === null || high < first + end, `${label}: nothing runs behind`, high);
        is(await trace.value(`select count(*) from thread where name glob 'server*'`), 2,
           `${label}: threads have the names that they were given`);
    }
    is(timers, n.timers, 'together they hold all of them');

    await filtered(file, out);
    const whole = exportTrace(file, path.join(directory, 'whole'));
    const piped = execFileSync(u4, ['export', '--format', 'perfetto', file], {maxBuffer: 1 << 28});
    ok(piped.equals(fs.readFileSync(whole)), 'standard output: the same bytes as a file');
    await live(directory, file, whole, out);
});
