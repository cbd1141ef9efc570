// SPDX-License-Identifier: BSD-2-Clause
//
// The demo system, recorded and exported: the trace processor must find in it what the guest's
// programs counted themselves.

import fs from 'node:fs';
import path from 'node:path';
import {Trace} from './engine.mjs';
import {record} from './record.mjs';
import {bytesPerRecord, counts, exportTrace, is, note, ok, run} from './tap.mjs';
import {arrowsHit, flows, replies, slices, wellFormed} from './wellformed.mjs';

async function sameCounts(trace, n) {
    const syscalls = (name) => slices(trace, `s.category = 'syscall' and s.name = '${name}'
        and t.utid in (select utid from thread where name not in ('root', 'rootserver'))`);
    const found = {
        ipc_call: await flows(trace, 'call', 'serve *'),
        ipc_reply: await replies(trace),
        ipc_send: await flows(trace, 'send', 'serve *'),
        ipc_nbsend: await flows(trace, 'nbsend', 'serve *'),
        ipc_nbsend_lost: await slices(trace, `s.name = 'ipc.no_partner' and
            extract_arg(s.arg_set_id, 'debug.call') = 'NBSend'`),
        cap_transfer: await flows(trace, 'capability sent', 'capability received'),
        signal: await slices(trace, `s.name = 'signal' and s.category = 'signal' and t.utid > 0`),
        irq: await flows(trace, 'raised', 'signal'),
        fault: await flows(trace, 'fault', 'serve *'),
        fault_reply: await replies(trace, {fault: true}),
        mark: await slices(trace, `s.name = 'debug.mark'`),
        yield: await syscalls('Yield'),
    };
    for (const name of Object.keys(n)) {
        is(found[name], n[name], `as often as the guest counted: ${name}`);
    }
    is(Object.keys(found).filter((name) => !(name in n)), [], 'the guest counted all of them');
}

async function looksRight(trace) {
    const names = (await trace.query(`select distinct thread.name as n from sched
        join thread using (utid) join process using (upid) where process.name is not null
        order by 1`)).map((row) => row.n);
    for (const name of ['churn', 'fs', 'logger', 'root', 'shell', 'spin-a', 'spin-b', 'timer']) {
        ok(names.includes(name), `thread ${name} runs, in a process with a name`, names.join(' '));
    }
    const [{run, span}] = await trace.query(`
        select (select sum(dur) from sched where dur > 0) as run,
               (select max(ts) - min(ts) from slice where category <> 'trace') as span`);
    ok(run > 0.99 * span, 'scheduling covers the run', `${run} of ${span} ns`);
    is(await slices(trace, `s.name in ('call', 'send', 'nbsend', 'fault', 'reply', 'fault_reply')
        and s.category is null and s.dur = 0 and t.utid > 0
        and not exists (select 1 from flow where slice_out = s.id)`), 0,
       'each message has its flow');
    ok((await trace.query(`select distinct extract_arg(arg_set_id, 'debug.badge') as badge
        from slice where name = 'serve shell' and category = 'serve' order by 1`))
        .some((row) => row.badge === 1), 'the shell\'s badge is seen at its server');
    const states = (await trace.query(`select distinct state from thread_state
        join thread using (utid) where thread.name = 'shell' order by 1`)).map((r) => r.state);
    is(['D', 'R', 'Running', 'S'].filter((s) => !states.includes(s)), [],
       'the shell runs, is ready, waits for a reply, waits for a signal');
    ok(await slices(trace, `s.category = 'invoke' and s.name = 'UntypedRetype'
        and extract_arg(s.arg_set_id, 'debug.result') = 'NoError'`) > 100,
       'invocations have their names and results');
    ok(await trace.value(`select count(*) from counter join counter_track t on t.id = track_id
        where t.name = 'free Untyped memory' and value > 0`) > 0, 'free memory is counted');
    ok(await trace.value(`select count(*) from slice s join track t on t.id = s.track_id
        where t.name = 'Console' and s.name glob 'u4-demo: count *'`) > 5,
       'the console is in the timeline');
    is(await trace.value(`select count(*) from process where name glob 'tcb@*'`), 0,
       'what was made and deleted without having run is no process');
    const [{lines, times, early}] = await trace.query(`
        select count(*) as lines, count(distinct ts) as times,
            sum(ts < (select min(ts) from counter)) as early
        from slice s join track t on t.id = s.track_id
        where t.name = 'Console' and s.name <> 'recording'`);
    is([times, early], [lines, 0], 'each line has its time, none before the first event');
}

async function views(trace) {
    const sql = new URL('../../../docs/perfetto/u4.sql', import.meta.url);
    await trace.query(fs.readFileSync(sql, 'utf8'));
    const [pair] = await trace.query('select * from u4_pair order by total desc limit 1');
    is([pair.client, pair.server], ['shell', 'fs'], 'the dearest pair is shell and fs');
    is(await trace.value('select count(*) from u4_interrupt where latency > 0'),
       await trace.value(`select count(*) from slice where name = 'raised'`),
       'each interrupt reached its handler');
    const guide = fs.readFileSync(new URL('../../../docs/perfetto.md', import.meta.url), 'utf8');
    const questions = [...guide.matchAll(/^ {4}SELECT(?:.*\n {4})*.*;$/gm)].map(([text]) => text);
    ok(questions.length >= 10, 'the guide asks questions', questions.length);
    for (const question of questions) {
        await trace.query(question.replace(/;$/, ''));
    }
    ok(true, 'each question of the guide has an answer');
    const waits = await trace.query(`select distinct reason from u4_waiting`);
    ok(waits.length >= 4, 'threads wait for different reasons',
       waits.map((row) => row.reason).join(', '));
}

run(async (directory) => {
    const file = path.join(directory, 'demo.u4t');
    const out = path.join(directory, 'demo.perfetto-trace');
    const {output, stat} = record('demo', file);
    is(stat.lost, 0, 'no record was lost');
    const n = counts(output);
    const trace = await Trace.load(exportTrace(file, out));
    note(`${trace.size} bytes, loaded in ${trace.seconds.toFixed(1)} s`);
    const bytes = bytesPerRecord(file, 'sched', 'ipc');
    ok(bytes > 10 && bytes <= 25, 'at most 25 bytes a record of scheduling and IPC',
       `found ${bytes}`);
    await wellFormed(trace, 'demo');
    await sameCounts(trace, n);
    await arrowsHit(trace, 'demo');
    await looksRight(trace);
    await views(trace);
});
