// SPDX-License-Identifier: BSD-2-Clause
//
// Coroutines are tracks inside their thread; an async call is a slice on its connection's track,
// with arrows from the client's coroutine to the server's and back, across address spaces; a
// system call by the ring has arrows to the kernel and back. First a script of which every figure
// is known, then a guest that runs.

import path from 'node:path';
import {Trace} from './engine.mjs';
import {exportTrace, is, ok, run, writeScript} from './tap.mjs';
import {record} from './record.mjs';
import {wellFormed} from './wellformed.mjs';
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

// tests/screens/guest/async.c: what its threads' coroutines are, and what they do.
const COROUTINES = [['app', 'after 1'], ['app', 'ask 2'], ['app', 'caps 3'], ['app', 'slow 0'],
                    ['store', 'work 0'], ['store', 'work 1']];
const ROUNDS = 40, HELD = 20e6; // calls of ask and of caps; how long slow's is kept, in ns

async function realCoroutines(trace, counted) {
    is(await trace.query(`select thread.name as thread, t.name
        from track t join thread_track k on k.id = t.id join thread using (utid)
        where t.name glob 'coroutine *' order by 1, 2`),
       COROUTINES.map(([thread, name]) => ({thread, name: `coroutine ${name}`})),
       'run: a track for each coroutine, inside its thread');
    is(await trace.value(`select count(*) from track where name glob 'coroutine *'`),
       counted['coro.spawn'], 'run: as many as were made');
    const states = (which) => trace.value(`select count(*) from slice
        where category = 'coro' and ${which}`);
    is([await states(`name glob 'wait*' or name = 'sleep'`), await states(`name = 'ready'`)],
       [counted['coro.block'], counted['coro.spawn'] + counted['coro.wake']],
       'run: a slice each time that one waits or is ready');
}

/** Arrows from slices of that name: from which coroutine or track to what on which, how many with
 * both ends about the same call. The server's coroutines are "work *": whichever is free. */
async function arrows(trace, name) {
    const found = await trace.query(`
        with place as (select t.id, iif(t.name glob 'coroutine work *', 'coroutine work *', t.name)
                           || ifnull(' of ' || thread.name, '') as name
                       from track t left join thread_track k on k.id = t.id
                       left join thread using (utid))
        select pa.name as at, b.name as b, pb.name as bt, count(*) as n
        from flow join slice a on a.id = slice_out join slice b on b.id = slice_in
        join place pa on pa.id = a.track_id join place pb on pb.id = b.track_id
        where a.name = '${name}' and (a.name = 'complete'
            or extract_arg(a.arg_set_id, 'debug.token') = extract_arg(b.arg_set_id, 'debug.token'))
        group by 1, 2, 3 order by 1, 2, 3`);
    return found.map(({at, b, bt, n}) => [at, b, bt, n]);
}

async function realArrows(trace) {
    const ask = 'coroutine ask 2 of app', slow = 'coroutine slow 0 of app';
    const work = 'coroutine work * of store', caps = 'coroutine caps 3 of app';
    is(await arrows(trace, 'request'), [[ask, 'take', work, ROUNDS], [slow, 'take', work, 1]],
       'run: each request leads from client to server');
    is(await arrows(trace, 'answer'),
       [[work, 'answered', ask, ROUNDS], [work, 'answered', slow, 1]],
       'run: and each answer back');
    is(await arrows(trace, 'submit'), [[caps, 'CNodeCopy', 'calls of app', ROUNDS]],
       'run: each system call leads to the kernel');
    is(await arrows(trace, 'complete'), [['calls of app', 'fetch', caps, ROUNDS]],
       'run: and back');
    is(await trace.value(`
        select count(*) from slice s where s.category = 'async' and (
            (s.name in ('request', 'answer', 'submit', 'complete')
             and (select count(*) from flow where slice_out = s.id) <> 1) or
            (s.name in ('take', 'answered', 'CNodeCopy', 'fetch')
             and (select count(*) from flow where slice_in = s.id) <> 1))`), 0,
       'run: none lacks its arrow');
}

async function realCalls(trace) {
    const found = await trace.query(`
        select s.name, p.name as around, extract_arg(s.arg_set_id, 'debug.label') as label,
               count(*) as n, sum(extract_arg(s.arg_set_id, 'debug.unfinished') is not null) as cut
        from slice s join track t on t.id = s.track_id left join slice p on p.id = s.parent_id
        where t.name glob 'calls*' and s.dur > 0 group by 1, 2, 3 order by 1, 3`);
    const row = (name, around, label, n) => ({name, around, label, n, cut: 0});
    is(found, [row('CNodeCopy', null, null, ROUNDS),
               row('answer in the ring', 'async call', null, ROUNDS + 1),
               row('async call', null, 0, ROUNDS), row('async call', null, 1, 1),
               row('in the ring', 'async call', null, ROUNDS + 1),
               row('served by store', 'async call', null, ROUNDS + 1)],
       'run: each call is a slice, in three parts, and ends');
    is(await trace.value(`select count(*) from slice s where s.name = 'async call'
            and s.dur <> (select sum(dur) from slice where parent_id = s.id)`), 0,
       'run: the parts are all of it');
    is(await trace.query(`
        select c.name, c.dur >= ${HELD} and p.dur >= ${HELD} as held from slice c
        join slice p on p.id = c.parent_id
        where extract_arg(p.arg_set_id, 'debug.label') = 1 and p.name = 'async call'
        order by c.ts`),
       [{name: 'in the ring', held: 0}, {name: 'served by store', held: 1},
        {name: 'answer in the ring', held: 0}], 'run: of the call that is kept, it is the server');
}

/** A ring's depth by its counter must be what went in and has not come out, by the instants. */
async function realDepths(trace) {
    for (const [track, into, out] of [['requests in the ring', 'request', 'take'],
                                      ['answers in the ring', 'answer', 'answered']]) {
        const known = (name) => `(select count(*) from slice s where s.name = '${name}'
                                  and s.category = 'async' and s.ts <= c.ts)`;
        is(await trace.query(`
            select count(*) as n, min(value) as least, max(value) > 0 as used,
                   sum(value <> ${known(into)} - ${known(out)}) as wrong
            from counter c join counter_track t on t.id = track_id
            where t.name = '${track}'`),
           [{n: 2 * (ROUNDS + 1), least: 0, used: 1, wrong: 0}], `run: how many ${track}`);
    }
    // A copy of a capability takes two lines: submitted, picked up, completed.
    is((await trace.query(`select value from counter c join counter_track t on t.id = track_id
                           where t.name = 'async ring depth: app' order by ts`))
           .map(({value}) => value),
       [0, ...Array(ROUNDS).fill([2, 2, 0]).flat()], 'run: the depth of the ring of system calls');
}

async function real(directory) {
    const file = path.join(directory, 'run.u4t');
    const {output, stat} = record('viewed-async', file);
    ok(output.includes('viewed-async: done'), 'run: the guest has done all it does');
    is(stat.lost, 0, 'run: nothing is lost');
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'run');
    await realCoroutines(trace, stat.per_event);
    await realArrows(trace);
    await realCalls(trace);
    await realDepths(trace);
}

run(async (directory) => {
    const file = path.join(directory, 'coro.u4t');
    writeScript(file, system());
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'script');
    await coroutines(trace);
    await calls(trace);
    await real(directory);
});
