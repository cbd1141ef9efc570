// SPDX-License-Identifier: BSD-2-Clause
//
// The questions of docs/perfetto.md, asked of a system whose answers are known to the tick
// (100 ns): `shell` calls `fs`, which calls `disk`; meanwhile `spin`, the least important, runs
// instead of `fs`; an interrupt wakes `driver`. A coroutine of `shell` calls one of `crypt`, on
// another hart, by a ring; `disk` runs on the time of `fs` for a while.

import fs from 'node:fs';
import path from 'node:path';
import {Trace} from './engine.mjs';
import {exportTrace, is, run, writeScript} from './tap.mjs';
import {arrowsHit, wellFormed} from './wellformed.mjs';
import {System} from './system.mjs';

const FS = 0x80500000, DISK = 0x80500040, LINE = 0x80500080;

function system() {
    const s = new System({idle: [0x1000, 0], shell: [0x2000, 50], fs: [0x3000, 80],
                          disk: [0x4000, 90], spin: [0x5000, 10], driver: [0x6000, 99],
                          crypt: [0x7000, 70]});
    for (const [at, server, endpoint] of [[500, 'fs', FS], [520, 'disk', DISK]]) {
        s.run(at, server, 'blocked');
        s.exit(at + 1);
        s.enter(at + 2, 'Recv', 2);
        s.block(at + 3, 'recv', endpoint);
    }
    s.run(540, 'driver', 'blocked');
    s.exit(541);
    s.enter(542, 'Wait', 3);
    s.block(543, 'ntfn', LINE);
    s.run(544, 'shell', 'blocked');
    s.exit(545);

    asyncCall(s);
    s.call(1000, 'fs', {cptr: 17, label: 7, length: 2, endpoint: FS, badge: 5});
    s.call(1100, 'disk', {endpoint: DISK, badge: 1});
    s.put(1120, 'sched.sc_donate', 'why=call', 'sc=0x80600000', 'from=0x3000', 'to=0x4000');
    s.put(1290, 'sched.sc_donate', 'why=reply', 'sc=0x80600000', 'from=0x4000', 'to=0x3000');
    s.reply(1300, 'fs', {endpoint: DISK});
    s.preempt(1400, 'spin');
    s.preempt(1500, 'fs');
    s.reply(1600, 'shell', {endpoint: FS});

    s.interrupt(2000);
    s.put(2001, 'irq.raised', 'irq=10', `ntfn=${LINE}`, 'badge=2');
    s.put(2002, 'ntfn.signal', 'outcome=woke', `ntfn=${LINE}`, 'woken=0x6000', 'badge=2');
    s.put(2003, 'sched.wake', 'reason=signal', 'thread=0x6000', 'priority=99');
    s.run(2004, 'driver', 'preempted');
    s.exit(2005);
    s.enter(2050, 'Call', 4, 27);
    s.put(2051, 'irq.ack', 'irq=10');
    s.exit(2052);
    s.enter(2055, 'Call', 5, 28);
    s.put(2056, 'invoke.result', 'error=IllegalOperation', 'type=irq_handler', 'reason=rights_send');
    s.exit(2057);
    s.enter(2060, 'Wait', 3);
    s.block(2061, 'ntfn', LINE);
    s.run(2062, 'shell', 'blocked');
    s.exit(2063);
    return s.lines;
}

// In rings of the two programs; when `shell` runs on its hart.
function asyncCall(s) {
    const SHELL_RING = 8, CRYPT_RING = 9, CORO = 1 << 16 | 2;
    const shell = (at, ...event) => s.by(SHELL_RING, 'shell', at, ...event);
    const crypt = (at, ...event) => s.by(CRYPT_RING, 'crypt', at, ...event);
    s.lines.unshift(`ring ${SHELL_RING} - 0x2000`, `ring ${CRYPT_RING} - 0x7000`);
    s.by(1, 'crypt', 550, 'debug.mark');
    shell(1690, 'coro.spawn', `coro=${CORO}`, 'name=sum');
    shell(1695, 'coro.run', `coro=${CORO}`);
    shell(1700, 'async.request', 'conn=7', 'token=5', 'label=3', 'depth=1');
    shell(1701, 'coro.block', 'why=call', `coro=${CORO}`, 'for=7', 'token=5');
    crypt(1720, 'async.take', 'conn=7', 'token=5', 'label=3');
    crypt(1750, 'async.reply', 'conn=7', 'token=5', 'depth=1');
    shell(1760, 'async.answer', 'conn=7', 'token=5');
    shell(1761, 'coro.wake', `coro=${CORO}`);
    shell(1762, 'coro.run', `coro=${CORO}`);
    shell(1770, 'coro.end', `coro=${CORO}`);
}

// By the first words of the paragraph before the question; times in ns.
const ANSWERS = {
    'Which pairs of threads spend the most time in calls, and where does it go?': [
        {client: 'shell', server: 'fs', calls: 1, total: 60500, mean: 60500, longest: 60500,
         send_wait: 0, served: 60000, reply: 200},
        {client: 'fs', server: 'disk', calls: 1, total: 20500, mean: 20500, longest: 20500,
         send_wait: 0, served: 20000, reply: 200}],
    'The slowest single calls': [
        {ts: 100000, dur: 60500, client: 'shell', server: 'fs', send_wait: 0, served: 60000,
         reply: 200, label: 7, path: 'fast'},
        {ts: 110000, dur: 20500, client: 'fs', server: 'disk', send_wait: 0, served: 20000,
         reply: 200, label: null, path: 'fast'}],
    'Which server is the bottleneck?': [
        {server: 'fs', served: 1, busy: 59600, running: 29500, mean: 59600, longest: 59600},
        {server: 'disk', served: 1, busy: 19600, running: 19600, mean: 19600, longest: 19600},
        {server: 'driver', served: 1, busy: 5500, running: 5500, mean: 5500, longest: 5500}],
    'How long from an interrupt to its handler, and to the acknowledgement?': [
        {irq: 10, handler: 'driver', n: 1, 'min(latency)': 400, 'avg(latency)': 400,
         'max(latency)': 400, 'max(until_ack)': 5000}],
    'Priority inversions': [
        {ts: 140200, dur: 10000, client: 'shell', client_priority: 50, server: 'fs',
         running: 'spin', running_priority: 10}],
    'Why is it blocked?': [
        {chain: 'shell > fs', dur: 60000, ts: 100200},
        {chain: 'shell > fs > disk', dur: 20000, ts: 110200}],
    // The second wait of each server lasts until the end, a step behind the last event.
    'What do threads wait for?': [
        {thread: 'driver', reason: 'wait for signal', object: 'notification 80500080 (driver)', times: 2,
         total: 145900 + 210, longest: 145900},
        {thread: 'disk', reason: 'wait for message', object: 'endpoint 80500040 (disk)', times: 2,
         total: 57900 + 76010, longest: 76010},
        {thread: 'fs', reason: 'wait for message', object: 'endpoint 80500000 (fs)', times: 2,
         total: 49900 + 46010, longest: 49900},
        {thread: 'shell', reason: 'served by fs', object: 'endpoint 80500000 (fs)', times: 1,
         total: 60000, longest: 60000},
        {thread: 'fs', reason: 'served by disk', object: 'endpoint 80500040 (disk)', times: 1,
         total: 20000, longest: 20000}],
    'Who woke this thread, and how long did it take to run?': [
        {sent: 130000, sender: 'disk', what: 'reply', latency: 400},
        {sent: 100200, sender: 'shell', what: 'call', latency: 200}],
    'Which async calls take longest, and where?': [
        {ts: 170000, dur: 6000, client: 'shell', server: 'crypt', label: 3, in_ring: 2000,
         served: 3000, back: 1000}],
    'What do coroutines spend their time with?': [
        {thread: 'shell', coroutine: 'coroutine sum 2', state: 'wait for answer', times: 1,
         total: 6000},
        {thread: 'shell', coroutine: 'coroutine sum 2', state: 'runs', times: 2, total: 1400},
        {thread: 'shell', coroutine: 'coroutine sum 2', state: 'ready', times: 2, total: 600}],
    'On whose time does it run?': [
        {ts: 112000, lender: 'fs', borrower: 'disk', lasted: 17000},
        {ts: 129000, lender: 'disk', borrower: 'fs', lasted: null}],
    'Failed invocations, with the reason': [
        {ts: 205500, thread: 'driver', name: 'IRQSetIRQHandler', result: 'IllegalOperation',
         reason: 'capability has no send right'}],
    'Was anything lost?': [],
};

run(async (directory) => {
    const file = path.join(directory, 'known.u4t');
    writeScript(file, system());
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'known');
    await arrowsHit(trace, 'known');
    const docs = new URL('../../../docs/', import.meta.url);
    await trace.query(fs.readFileSync(new URL('perfetto/u4.sql', docs), 'utf8'));
    const guide = fs.readFileSync(new URL('perfetto.md', docs), 'utf8');
    const questions = [...guide.matchAll(/^\*\*(.*?)\*\*[^]*?\n\n((?: {4}.*\n)+)/gm)]
        .filter(([, , sql]) => sql.startsWith('    SELECT'));
    for (const [, name, sql] of questions) {
        const found = await trace.query(sql.replace(/;\s*$/, ''));
        is([...found], ANSWERS[name], name);
    }
    is(questions.map(([, name]) => name).sort(), Object.keys(ANSWERS).sort(),
       'each question is asked, and has an answer');
});
