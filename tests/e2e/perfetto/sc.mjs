// SPDX-License-Identifier: BSD-2-Clause
//
// Scheduling contexts of MCS kernels: what each has left is a counter, a thread without budget
// shows that it waits for some, and time that is lent or given back is an arrow. First a script
// whose every figure is known, then the kernel's own tests.

import path from 'node:path';
import {execFileSync} from 'node:child_process';
import {Trace} from './engine.mjs';
import {exportTrace, is, ok, run, u4, writeScript} from './tap.mjs';
import {record} from './record.mjs';
import {flows, slices, wellFormed} from './wellformed.mjs';
import {System} from './system.mjs';

const SC = 0x80700000, REPLY = 0x80700400;

// A client with 100 us a period lends its time to a server without any, gets it back, and uses
// it up.
function system() {
    const s = new System({idle: [0x1000, 0], client: [0x2000, 50], server: [0x3000, 60]});
    s.put(400, 'sched.sc_configure', `sc=${SC}`, 'budget=100', 'period=1000', 'refills=2');
    s.put(401, 'sched.sc_bind', 'bound=1', `sc=${SC}`, 'object=0x2000');
    s.run(500, 'client', 'blocked');
    s.exit(501);
    s.put(600, 'sched.sc_charge', `sc=${SC}`, 'used=100', 'left=900');
    s.enter(700, 'Call', 1);
    s.transfer(702, 'call', 'server', `endpoint=${REPLY}`);
    s.put(703, 'sched.sc_donate', 'why=call', `sc=${SC}`, 'from=0x2000', 'to=0x3000');
    s.run(704, 'server');
    s.exit(705, 'fast');
    s.enter(800, 'ReplyRecv', 2);
    s.transfer(802, 'reply', 'client');
    s.put(803, 'sched.sc_donate', 'why=reply', `sc=${SC}`, 'from=0x3000', 'to=0x2000');
    s.block(804, 'recv', REPLY);
    s.run(805, 'client');
    s.exit(806, 'fast');
    s.interrupt(1500);
    s.put(1501, 'sched.sc_charge', 'over=1', `sc=${SC}`, 'used=900', 'left=100');
    s.put(1502, 'sched.sc_postpone', `sc=${SC}`, 'thread=0x2000', 'until=10500');
    s.run(1503, 'idle', 'budget');
    s.exit(1504);
    s.interrupt(10500);
    s.put(10501, 'sched.sc_release', `sc=${SC}`, 'thread=0x2000', 'left=1000');
    s.run(10502, 'client', 'idle');
    s.exit(10503);
    return s.lines;
}

async function known(directory) {
    const file = path.join(directory, 'sc.u4t');
    writeScript(file, system());
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'script');
    is(await trace.query(`select ts / 100 as at, value, t.unit from counter
        join counter_track t on t.id = track_id
        where t.name = 'budget left: client (context ${SC.toString(16)})' order by ts`),
       [[401, 100000], [600, 90000], [1501, 10000], [1502, 0], [10501, 100000]]
           .map(([at, value]) => ({at, value, unit: 'ns'})), 'the budget that is left');
    is(await trace.query(`select a.ts / 100 as at, fa.name as lender, fb.name as receiver,
            extract_arg(a.arg_set_id, 'debug.reason') as reason
        from flow join slice a on a.id = slice_out join slice b on b.id = slice_in
        join thread_track ta on ta.id = a.track_id join thread fa on fa.utid = ta.utid
        join thread_track tb on tb.id = b.track_id join thread fb on fb.utid = tb.utid
        where a.name = 'time lent' and b.name = 'time received' order by 1`),
       [{at: 703, lender: 'client', receiver: 'server',
         reason: 'called, and the server has no time of its own'},
        {at: 803, lender: 'server', receiver: 'client', reason: 'given back with the answer'}],
       'an arrow for time that is lent, and one back');
    is(await trace.query(`select s.ts / 100 as at, s.dur / 100 as length, thread.name as who
        from slice s join thread_track t on t.id = s.track_id join thread using (utid)
        where s.name = 'wait for budget'`), [{at: 1502, length: 8999, who: 'client'}],
       'a thread without budget shows that it waits for some');
}

async function tests(directory) {
    const file = path.join(directory, 'run.u4t');
    const {stat} = record('kernel-tests-mcs', file);
    const trace = await Trace.load(exportTrace(file, path.join(directory, 'out')));
    await wellFormed(trace, 'kernel-tests-mcs', {gaps: stat.lost > 0});
    const lent = execFileSync(u4, ['export', '--to', 'json', '--filter', 'event==sched.sc_donate',
                                   file], {encoding: 'utf8', maxBuffer: 1 << 30})
        .split('\n').filter((line) => line.includes('"event":"sched.sc_donate"'))
        .map((line) => JSON.parse(line).fields);
    const nobody = '0x0';
    ok(lent.length >= 10, 'time is lent', lent.length);
    is(await slices(trace, `s.name = 'time lent'`),
       lent.filter(({from}) => from !== nobody).length, 'as often as threads lend time');
    is(await slices(trace, `s.name = 'time received'`),
       lent.filter(({to}) => to !== nobody).length, 'as often as threads get some');
    is(await flows(trace, 'time lent', 'time received'),
       lent.filter(({from, to}) => from !== nobody && to !== nobody).length,
       'an arrow from each thread that lends time to the one that gets it');
    is(await slices(trace, `s.name = 'wait for budget'`),
       stat.per_event['sched.sc_postpone'], 'threads wait for budget');
    ok(await trace.value(`select count(*) from counter join counter_track t on t.id = track_id
                          where t.name glob 'budget left: *'`) >= stat.per_event['sched.sc_charge'],
       'each charge is a point of its counter');
}

run(async (directory) => {
    await known(directory);
    await tests(directory);
});
