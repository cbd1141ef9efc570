// SPDX-License-Identifier: BSD-2-Clause
//
// Coroutines are tracks inside their thread; an async call is a slice on its connection's track,
// with arrows from the client's coroutine to the server's and back, across address spaces; a
// system call by the ring has arrows to the kernel and back. First a script of which every figure
// is known, then the runtime's own tests.

import path from 'node:path';
import {Trace} from './engine.mjs';
import {exportTrace, is, ok, run, skip, writeScript} from './tap.mjs';
import {record} from './record.mjs';
import {flows, slices, wellFormed} from './wellformed.mjs';
import {System} from './system.mjs';

const CLIENT_RING = 8, SERVER_RING = 9, CONN = 0xc0ffee;
const ASK = 1 << 16 | 3, ADD = 1 << 16 | 5; // coroutines

function system() {
    const s = new System({idle: [0x1000, 0], client: [0x2000, 50], server: [0x3000, 60],
                          worker: [0x4000, 70]});
    const client = (at, ...event) => s.by(CLIENT_RING, 'client', at, ...event);
    const server = (at, ...event) => s.by(SERVER_RING, 'server', at, ...event);
    const about = (...fields) => [`conn=${CONN}`, 'token=77', ...fields];
    s.lines.unshift(`ring ${CLIENT_RING} - 0x2000`, `ring ${SERVER_RING} - 0x3000`);
    s.by(1, 'server', 400, 'debug.mark'); // on hart 1 all the time
    s.run(500, 'client', 'blocked');
    s.exit(501);
    server(510, 'async.connect', 'server=1', `conn=${CONN}`, 'lines=32');
    client(520, 'async.connect', 'server=0', `conn=${CONN}`, 'lines=32');
    server(530, 'coro.spawn', 'priority=4', `coro=${ADD}`, 'name=add');
    server(540, 'coro.run', `coro=${ADD}`);
    server(550, 'coro.block', 'why=recv', `coro=${ADD}`);
    server(551, 'coro.run', 'coro=0');
    client(600, 'coro.spawn', 'priority=4', `coro=${ASK}`, 'name=ask');
    client(610, 'coro.run', `coro=${ASK}`);
    client(620, 'async.request', ...about('label=9', 'depth=1'));
    client(630, 'coro.block', 'why=call', `coro=${ASK}`, `for=${CONN}`, 'token=77');
    client(631, 'coro.run', 'coro=0');
    server(700, 'coro.wake', `coro=${ADD}`);
    server(710, 'coro.run', `coro=${ADD}`);
    server(720, 'async.take', ...about('label=9', 'depth=0'));
    server(760, 'async.reply', ...about('label=0', 'depth=1'));
    server(770, 'coro.block', 'why=recv', `coro=${ADD}`);
    server(771, 'coro.run', 'coro=0');
    client(800, 'async.answer', ...about('label=0'));
    client(801, 'coro.wake', `coro=${ASK}`, 'status=ok');
    client(810, 'coro.run', `coro=${ASK}`);
    client(820, 'async.submit', 'depth=1', 'token=88', 'label=1', 'cptr=5');
    client(830, 'coro.block', 'why=syscall', `coro=${ASK}`, 'token=88');
    client(831, 'coro.run', 'coro=0');
    s.run(840, 'worker', 'preempted');
    s.put(850, 'async.pickup', 'queued=1', 'thread=0x2000', 'label=1', 'cptr=5', 'token=88');
    s.put(870, 'async.complete', 'error=RangeError', 'thread=0x2000', 'token=88');
    s.run(880, 'client', 'blocked');
    client(890, 'async.fetch', 'error=RangeError', 'token=88');
    client(891, 'coro.wake', `coro=${ASK}`);
    client(892, 'coro.run', `coro=${ASK}`);
    client(900, 'coro.end', `coro=${ASK}`);
    client(901, 'coro.run', 'coro=0');
    return s.lines;
}

/** Slices of tracks with that name: [name, from, length] in ticks. */
async function rows(trace, track) {
    const found = await trace.query(`select s.name, s.ts / 100 as at, s.dur / 100 as length
        from slice s join track t on t.id = s.track_id where t.name = '${track}' and s.dur > 0
        order by s.ts, s.depth`);
    return found.map(({name, at, length}) => [name, at, length]);
}

async function coroutines(trace) {
    is(await rows(trace, 'coroutine ask 3'),
       [['ready', 600, 10], ['runs', 610, 20], ['wait for answer', 630, 171], ['ready', 801, 9],
        ['runs', 810, 20], ['wait for system call', 830, 61], ['ready', 891, 1],
        ['runs', 892, 8]], 'what the client\'s coroutine does');
    is((await rows(trace, 'coroutine add 5')).slice(0, 5),
       [['ready', 530, 10], ['runs', 540, 10], ['wait for request', 550, 150], ['ready', 700, 10],
        ['runs', 710, 60]], 'what the server\'s does');
    is(await trace.query(`select t.name, thread.name as thread from track t
        join thread_track k on k.id = t.id join thread using (utid)
        where t.name glob 'coroutine *' order by 1`),
       [{name: 'coroutine add 5', thread: 'server'}, {name: 'coroutine ask 3', thread: 'client'}],
       'they are inside their threads');
}

async function calls(trace) {
    is(await trace.query(`select t.name from track t join track g on g.id = t.parent_id
                          where g.name = 'Async connections'`),
       [{name: `client > server (connection ${CONN.toString(16)})`}], 'the connection is a track');
    is(await rows(trace, 'calls'),
       [['async call', 620, 180], ['in the ring', 620, 100], ['served by server', 720, 40],
        ['answer in the ring', 760, 40]], 'a call, and what it waited for');
    is(await rows(trace, 'calls of client'), [['UntypedRetype', 850, 20]], 'a system call');
    is(await trace.query(`select a.name as a, ta.name as at, b.name as b, tb.name as bt
        from flow join slice a on a.id = slice_out join slice b on b.id = slice_in
        join track ta on ta.id = a.track_id join track tb on tb.id = b.track_id order by a.ts`),
       [['request', 'coroutine ask 3', 'take', 'coroutine add 5'],
        ['answer', 'coroutine add 5', 'answered', 'coroutine ask 3'],
        ['submit', 'coroutine ask 3', 'UntypedRetype', 'calls of client'],
        ['complete', 'calls of client', 'fetch', 'coroutine ask 3']]
           .map(([a, at, b, bt]) => ({a, at, b, bt})), 'arrows: there and back');
    const depth = (ring) => trace.query(`select c.ts / 100 as at, value from counter c
        join counter_track t on t.id = track_id where t.name = '${ring}' order by ts`);
    is(await depth('requests in the ring'), [{at: 620, value: 1}, {at: 720, value: 0}],
       'how full the ring of requests is');
    is(await depth('answers in the ring'), [{at: 760, value: 1}, {at: 800, value: 0}],
       'and that of answers');
}

async function tests(directory) {
    const file = path.join(directory, 'run.u4t');
    const {stat} = record('async-tests', file);
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'async-tests', {gaps: stat.lost > 0});
    const n = (name) => stat.per_event[name] ?? 0;
    const instants = (name) => slices(trace, `s.name = '${name}' and s.category = 'async'
                                              and s.dur = 0`);
    is([await instants('take'), await instants('answer'), await instants('answered')],
       [n('async.take'), n('async.reply'), n('async.answer')], 'each step of a call is there');
    is(await instants('request') + await instants('async send'), n('async.request'),
       'and each request');
    is(await instants('submit'), n('async.submit'), 'each system call by the ring');
    if (!n('coro.run')) {
        skip('coroutines run, and requests lead to servers',
             'the tests\' trace rings were gone before they were read');
        return;
    }
    ok(await trace.value(`select count(*) from slice s join track t on t.id = s.track_id
                          where t.name glob 'coroutine *' and s.name = 'runs'`) > 0,
       'coroutines run');
    is(await flows(trace, 'request', 'take') <= n('async.request'), true,
       'requests lead to servers');
}

run(async (directory) => {
    const file = path.join(directory, 'coro.u4t');
    writeScript(file, system());
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'script');
    await coroutines(trace);
    await calls(trace);
    await tests(directory);
});
