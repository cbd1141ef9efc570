// SPDX-License-Identifier: BSD-2-Clause
//
// Synthetic traces, exported and loaded into Perfetto's trace processor: what is found there must
// be what the generator says it wrote.

import path from 'node:path';
import fs from 'node:fs';
import {spawnSync} from 'node:child_process';
import {Trace} from './engine.mjs';
import {exportTrace, is, note, ok, run, synthesize, u4} from './tap.mjs';
import {arrowsHit, flows, replies, slices, wellFormed} from './wellformed.mjs';

const onThread = 't.utid is not null';

/** All that the generator counted, found again. */
async function sameCounts(trace, n, harts, label) {
    const found = {
        switches: await trace.value('select count(*) from sched') - harts,
        calls: await flows(trace, 'call', 'serve *'),
        replies: await replies(trace),
        waits: await slices(trace, `s.name glob 'wait for*'`),
        signals: await flows(trace, 'signal', 'handle signal'),
        irqs: await slices(trace, `s.name = 'pending' and s.category = 'irq'`),
        faults: await slices(trace, `s.name = 'vm' and s.category = 'fault' and s.dur > 0`),
        invocations: await slices(trace, `s.category = 'invoke' and s.dur > 0 and ${onThread}`),
        failures: await trace.value(`
            select count(*) from slice s where s.category = 'invoke' and s.dur > 0
            and extract_arg(s.arg_set_id, 'debug.result') <> 'NoError'`),
        cap_transfers: await flows(trace, 'capability sent', 'capability received'),
        timers: await slices(trace, `s.name = 'timer' and s.category = 'kernel'`),
        threads: await trace.value('select count(*) from thread where tid > 0'),
    };
    for (const [name, value] of Object.entries(found)) {
        is(value, n[name], `${label}: ${name}`);
    }
    is(await flows(trace, 'raised', 'signal'), n.irqs, `${label}: interrupt to signal`);
    is(await flows(trace, 'fault', 'serve worker*'), n.faults, `${label}: fault to handler`);
    is(await replies(trace, {fault: true}), n.faults, `${label}: handler's answer`);
    is(await slices(trace, `s.name glob 'served by*'`), n.calls + n.faults,
       `${label}: one phase of being served for each call and fault`);
}

// Sums of durations. Each slice's ends may be some steps off, as events of one tick are set apart.
async function sameTimes(trace, n, tickNs, label) {
    const total = (condition) => trace.value(`
        select sum(s.dur) from slice s left join thread_track t on t.id = s.track_id
        where ${condition}`);
    const sums = [
        ['call_ticks', n.calls, await total(`
            s.name = 'Call' and s.category = 'syscall' and
            exists (select 1 from thread where utid = t.utid and name glob 'client*')`)],
        ['serve_ticks', n.calls, await total(`s.name glob 'serve client*'`)],
        ['irq_ticks', n.irqs, await total(`s.name = 'pending'`)],
    ];
    for (const [name, count, found] of sums) {
        const off = Math.abs(found / tickNs - n[name]);
        ok(off <= count + 1, `${label}: ${name}`, `expected ${n[name]} ticks, found ${found} ns`);
    }
}

async function names(trace) {
    is(await trace.query(`
        select p.name as process, t.name as thread, t.is_idle as idle
        from thread t left join process p using (upid) where tid > 0 order by tid limit 3`),
       [{process: null, thread: 'idle0', idle: 1}, {process: 'server0', thread: 'server0', idle: 0},
        {process: 'driver0', thread: 'driver0', idle: 0}], 'threads and processes have names');
    is(await trace.value(`
        select count(*) from slice s join slice p on s.parent_id = p.id
        where s.name glob 'served by *' and p.name not in ('Call', 'vm')`),
       0, 'phases of being served lie in calls and faults');
    const call = (await trace.query(`
        select extract_arg(arg_set_id, 'debug.cptr') as cptr,
               extract_arg(arg_set_id, 'debug.label') as label,
               extract_arg(arg_set_id, 'debug.path') as path
        from slice where name = 'Call' and category = 'syscall' order by ts limit 1`))[0];
    ok(call.cptr === 17 && call.label >= 7 && call.path === 'fast', 'a call has its arguments',
       JSON.stringify(call));
    const states = async (name) => (await trace.query(`
        select distinct state from thread_state join thread using (utid)
        where thread.name glob '${name}' order by 1`)).map((s) => s.state);
    is(await states('client*'), ['D', 'Running', 'S'],
       'clients run, wait for signals and for replies');
    is(await states('server0'), ['D', 'R', 'Running', 'S'],
       'the server runs, is ready, waits for messages and for a reply');
}

async function variant(directory, label, options, harts = 1, exportOptions = []) {
    const file = path.join(directory, 'synthetic.u4t');
    const n = synthesize(file, ...options);
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out'), ...exportOptions));
    note(`${label}: ${n.records} records, ${trace.size} bytes`);
    await wellFormed(trace, label);
    await sameCounts(trace, n, harts, label);
    await arrowsHit(trace, label);
    await sameTimes(trace, n, label === '24 MHz' ? 1e9 / 24e6 : 100, label);
    return trace;
}

// The views of docs/perfetto/u4.sql find what the generator planted.
async function views(directory) {
    const file = path.join(directory, 'views.u4t');
    const n = synthesize(file, '-n', 20000);
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    const sql = new URL('../../../docs/perfetto/u4.sql', import.meta.url);
    await trace.query(fs.readFileSync(sql, 'utf8'));
    const answers = {
        chains: `select count(*) from u4_chain where depth = 2`,
        inversions: `select count(*) from u4_inversion where running = 'worker0'`,
        irqs: `select count(*) from u4_interrupt where latency > 0 and until_ack > latency
               and handler = 'driver0'`,
    };
    ok(n.chains > 3 && n.inversions > 3, 'views: the generator planted something');
    for (const [name, question] of Object.entries(answers)) {
        is(await trace.value(question), n[name], `views: ${name}`);
    }
    is(await trace.value(`select sum(calls) from u4_pair`), n.calls + n.faults,
       'views: calls and faults by pair');
    is(await trace.value(`select count(*) from u4_call where dur < served or server_utid is null`),
       0, 'views: each call knows its server');
    const off = await trace.value(`select max(abs(dur - send_wait - served - reply)) from u4_call`);
    ok(off < 100000, 'views: the parts of a call make up the call', `largest difference ${off} ns`);
    is(await trace.value(`select count(*) from u4_serve where running > dur`), 0,
       'views: nothing runs longer than it works');
    is(await trace.value(`select max(running) from u4_serve where server = 'server0'`) > 0, true,
       'views: the server ran');
    ok(await trace.value(`select sum(total) from u4_waiting`) > 0, 'views: waits have reasons');
}

async function lossy(directory) {
    const file = path.join(directory, 'lossy.u4t');
    const n = synthesize(file, '-n', 50000, '-r', 2, '-l', 12);
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'lossy', {gaps: true});
    ok(n.gaps > 5, 'lossy: the generator made gaps');
    is(await slices(trace, `s.name = 'events lost'`), n.gaps, 'lossy: each gap is a slice');
    is(await trace.value(`select sum(extract_arg(arg_set_id, 'debug.count')) from slice
                          where name = 'events lost'`), n.lost, 'lossy: with its count');
    is(await trace.value(`select max(value) from counter c join counter_track t on t.id = c.track_id
                          where t.name = 'events lost'`), n.lost, 'lossy: the counter has the sum');
    ok(await slices(trace, `extract_arg(s.arg_set_id, 'debug.unfinished') = 1`) > 0,
       'lossy: what was cut off says so');
}

// Whatever a file tells, the export is a sound trace.
async function nonsense(directory) {
    const file = path.join(directory, 'nonsense.u4t');
    for (const options of [['-r', 1], ['-r', 3, '-d'], ['-r', 2, '-l', 20]]) {
        const label = `nonsense ${options.join(' ')}`;
        synthesize(file, '-x', '-n', 20000, ...options);
        const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
        await wellFormed(trace, label, {gaps: true});
        ok(await trace.value('select count(*) from slice') > 5000, `${label}: much is shown`);
    }
}

function failures(directory) {
    const file = path.join(directory, 'small.u4t');
    synthesize(file, '-n', 200000);
    const attempt = (output, shell) => {
        const command = `"${u4}" export --to perfetto ${output} "${file}"`;
        return spawnSync('bash', ['-c', shell ?? command, '', command], {encoding: 'utf8'});
    };
    const cases = [
        ['a full disk', '-o /dev/full', null, 1, /\/dev\/full: .*No space left/],
        ['no such directory', '-o /nonexistent/x', null, 1, /\/nonexistent\/x: .*No such file/],
        ['an unknown option', '-O fast -o /dev/null', null, 1, /unknown option 'fast'/],
    ];
    for (const [name, output, shell, status, message] of cases) {
        const got = attempt(output, shell);
        is(got.status, status, `${name}: exit status`);
        ok(message.test(got.stderr), `${name}: the message`, got.stderr);
    }
    const piped = attempt('', 'set -o pipefail; eval "$1" | head -c 100 >/dev/null; exit ${PIPESTATUS[0]}');
    ok(piped.status === 1 || piped.status === 141, 'a reader that goes away ends the export',
       `status ${piped.status}: ${piped.stderr}`);
}

// No records; half of a recording; half of an export.
async function cut(directory) {
    const file = path.join(directory, 'whole.u4t'), half = path.join(directory, 'half.u4t');
    const out = path.join(directory, 'out');
    synthesize(file, '-n', 0);
    let trace = await Trace.load(exportTrace(file, out));
    await wellFormed(trace, 'empty');
    is(await trace.value('select count(*) from sched'), 0, 'empty: nothing ran');
    is(await trace.value('select count(*) from slice'), 1, 'empty: the recording is there');

    synthesize(file, '-n', 100000);
    const whole = fs.readFileSync(file);
    fs.writeFileSync(half, whole.subarray(0, whole.length / 2));
    trace = await Trace.load(exportTrace(half, out));
    await wellFormed(trace, 'half a recording');
    const switches = await trace.value('select count(*) from sched');
    ok(switches > 5000 && switches < 20000, 'half a recording: about half is there', switches);

    trace = await Trace.load(out, {bytes: Math.floor(fs.statSync(out).size / 2)});
    ok(await trace.value('select count(*) from sched') > 1000, 'half an export still loads');
}

run(async (directory) => {
    const plain = await variant(directory, 'one hart', ['-n', 20000]);
    await names(plain);
    await variant(directory, 'four harts', ['-n', 40000, '-r', 4, '-c', 5], 4);
    await variant(directory, 'compressed', ['-n', 20000], 1, ['-O', 'compress']);
    await variant(directory, '24 MHz', ['-n', 20000, '-z', 24000000]);
    await variant(directory, 'many events in a tick', ['-n', 40000, '-r', 2, '-d'], 2);
    await views(directory);
    await lossy(directory);
    await cut(directory);
    await nonsense(directory);
    failures(directory);
});
