// SPDX-License-Identifier: BSD-2-Clause
//
// Ten million events: exported whole through a pipe and counted from the bytes; their scheduling
// alone loaded into the trace processor, whose memory does not hold more; the exporter's memory
// and speed.

import path from 'node:path';
import {spawn, execFileSync} from 'node:child_process';
import {Trace} from './engine.mjs';
import {Counter} from './packets.mjs';
import {bytesPerRecord, exportTrace, is, note, ok, run, synthesize, u4} from './tap.mjs';

const EVENTS = Number(process.env.U4_LARGE ?? 10e6);
const BYTES = {state: 13, begin: 21, end: 14, instant: 19}; // a packet, in the mean
const RECORD = 25; // all packets of a record of scheduling or IPC, in the mean

// The command under Python's eyes: [seconds of processor time, peak memory in KiB]. The peak that
// wait4() tells would be at least Python's own, which may hide growth.
function measure(command) {
    const script = `
import os, re, subprocess, sys, time
child = subprocess.Popen(sys.argv[1:])
peak, ended = 0, 0
while not ended:
    time.sleep(0.002)
    with open(f"/proc/{child.pid}/status") as status:
        found = re.search("VmHWM:[ \\t]*([0-9]+)", status.read())
    peak = max(peak, int(found.group(1)) if found else 0)
    ended, status, used = os.wait4(child.pid, os.WNOHANG)
print(used.ru_utime + used.ru_stime, peak)
sys.exit(status != 0)`;
    const answer = execFileSync('python3', ['-c', script, ...command], {encoding: 'utf8'});
    return answer.trim().split(' ').map(Number);
}

function exported(file, ...options) {
    return new Promise((resolve, reject) => {
        const counter = new Counter();
        const child = spawn(u4, ['export', '--to', 'perfetto', ...options, file],
                            {stdio: ['ignore', 'pipe', 'inherit']});
        child.stdout.on('data', (piece) => {
            try {
                counter.feed(piece);
            } catch (error) {
                child.kill();
                reject(error);
            }
        });
        child.on('close', (status) => resolve([status, counter.finish()]));
    });
}

run(async (directory) => {
    const file = path.join(directory, 'large.u4t'), small = path.join(directory, 'small.u4t');
    const n = synthesize(file, '-n', EVENTS);
    synthesize(small, '-n', EVENTS / 10);

    const [status, found] = await exported(file);
    is(status, 0, 'the export ends well');
    is(found.running, n.switches + 1, 'each switch is there');
    is(found.begin, found.end, 'as many slices end as begin');
    is([found.open, found.underflows], [0, 0], 'each end has its begin');
    is(found.dropped, 0, 'nothing is marked as lost');
    const flows = n.calls + n.replies + 2 * n.faults + n.signals + n.irqs + n.cap_transfers;
    is(found.flows, flows, 'each message, signal, interrupt and capability begins a flow');
    is(found.flow_ends, flows - n.irqs, 'and each flow ends');
    note(`${n.records} events: ${found.packets} packets, ${found.bytes} bytes, ` +
         `${(found.bytes / n.records).toFixed(1)} bytes an event`);
    for (const [kind, most] of Object.entries(BYTES)) {
        const mean = found.mean(kind).toFixed(1);
        ok(mean <= most, `at most ${most} bytes: ${kind}`, `found ${mean}`);
    }
    for (const names of [['sched', 'ipc'], ['sched.switch']]) {
        const mean = bytesPerRecord(file, ...names);
        ok(mean > 10 && mean <= RECORD, `at most ${RECORD} bytes a record: ${names.join(' and ')}`,
           `found ${mean}`);
        note(`${mean.toFixed(1)} bytes a record of ${names.join(' and ')}`);
    }

    const [seconds, memory] = measure([u4, 'export', '--to', 'perfetto', '-o', '/dev/null', file]);
    const [, less] = measure([u4, 'export', '--to', 'perfetto', '-o', '/dev/null', small]);
    note(`${(n.records / seconds / 1e6).toFixed(1)} M events a second of processor time, ` +
         `${memory} KiB; with a tenth of the events ${less} KiB`);
    ok(memory < less * 1.1, 'ten times the events need no more memory', `${memory} KiB`,
       `${less} KiB`);

    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out'),
                                               '--filter', 'class==sched'));
    note(`${trace.size} bytes of scheduling loaded in ${trace.seconds.toFixed(1)} s`);
    is(await trace.value('select count(*) from sched'), n.switches + 1,
       'the trace processor finds as many switches');
    is(await trace.value(`select sum(value) from stats where name glob 'generic_task*'`), 0,
       'and no fault in their order');
});
