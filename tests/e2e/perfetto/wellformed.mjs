// SPDX-License-Identifier: BSD-2-Clause
//
// What must hold of every trace that u4 exports, asked of Perfetto's trace processor. Loading
// alone proves little: an unmatched slice end or a file cut short gives no error there.

import {is, ok} from './tap.mjs';
import {troubles} from './stats.mjs';

// Each question's answer must be zero.
const NEVER = {
    'slices are closed': 'select count(*) from slice where dur < 0',
    'slices lie within the slice around them': `
        select count(*) from slice s join slice p on s.parent_id = p.id
        where s.ts < p.ts or s.ts + s.dur > p.ts + p.dur`,
    'slices have names': 'select count(*) from slice where name is null',
    'those of threads have categories, but for what lies in a call': `
        select count(*) from slice s join thread_track t on t.id = s.track_id
        where category is null and s.name not glob 'wait for *' and s.name not glob 'served*'
        and s.name not in ('call', 'send', 'nbsend', 'nbsendrecv', 'fault', 'timeout', 'reply',
                         'fault_reply', 'ipc.transfer')`,
    'no hart runs two threads at once': `
        select count(*) from (select ts, dur, lead(ts) over (partition by ucpu order by ts) as next
                              from sched)
        where next is not null and (dur < 0 or ts + dur > next)`,
    'no thread runs on two harts at once': `
        select count(*) from (select ts, dur, lead(ts) over (partition by utid order by ts) as next
                              from sched)
        where next is not null and (dur < 0 or ts + dur > next)`,
    'what runs has a name': `
        select count(*) from sched join thread using (utid) where thread.name is null`,
    'no thread is there twice':
        'select count(*) - count(distinct tid) from thread where end_ts is null',
    'flows begin at instants, or where waiting or work ends': `
        select count(*) from flow join slice s on s.id = flow.slice_out
        where s.dur <> 0 and s.name not glob 'wait for *' and s.category is not 'serve'`,
    'no flow goes back in time': `
        select count(*) from flow join slice a on a.id = slice_out join slice b on b.id = slice_in
        where a.ts + a.dur > b.ts`,
    'no slice is the end of two flows, but where interrupts are taken together': `
        select count(*) from (select slice_in from flow join slice s on s.id = slice_in
                              where s.category is null or s.category not in ('uintr', 'smp')
                              group by 1 having count(*) > 1)`,
};

// What the engine says of itself.
const NOISE = /^\s*$|unsupported syscall: __syscall_mprotect|^\s*Loading trace /;

// A thread that deletes itself leaves its hart to nobody, until that switches.
const GAPLESS = `
    select count(*) from (select ts, dur, end_state,
                                 lead(ts) over (partition by ucpu order by ts) as next
                          from sched)
    where next is not null and ts + dur <> next
    and not (end_state is 'Z' and ts + dur < next)`;

/** Checks them; `gaps`: records were lost, so scheduling may have holes. */
export async function wellFormed(trace, label, {gaps = false} = {}) {
    is(await troubles(trace), [], `${label}: nothing went wrong in the import`);
    for (const [name, sql] of Object.entries(NEVER)) {
        is(await trace.value(sql), 0, `${label}: ${name}`);
    }
    if (!gaps) {
        is(await trace.value(GAPLESS), 0, `${label}: scheduling covers each hart without holes`);
    }
    const warnings = trace.log.filter((line) => !NOISE.test(line));
    ok(warnings.length === 0, `${label}: the trace processor has nothing to say`, ...warnings);
}

// Arrows that do not lead where the names at their ends say.
const ASTRAY = {
    'a message leads from whom the receiver serves': `
        select count(*) from flow join slice a on a.id = slice_out join slice b on b.id = slice_in
        join thread_track t on t.id = a.track_id join thread using (utid)
        where b.category = 'serve' and b.name glob 'serve *' and b.name <> 'serve ' || thread.name`,
    'a reply leads from who has served to where that ends': `
        select count(*) from flow join slice a on a.id = slice_out join slice b on b.id = slice_in
        join thread_track t on t.id = a.track_id join thread using (utid)
        where b.name = 'reply' and b.category is null and not exists (
            select 1 from slice s where s.parent_id = b.parent_id and s.ts + s.dur = b.ts
            and s.name = 'served by ' || thread.name)`,
    'a signal leads from a signal to another thread': `
        select count(*) from flow join slice a on a.id = slice_out join slice b on b.id = slice_in
        where b.name = 'handle signal' and (a.name <> 'signal' or a.track_id = b.track_id)`,
    'and an interrupt to the signal that it causes, on its hart': `
        select count(*) from flow join slice a on a.id = slice_out join slice b on b.id = slice_in
        where a.name = 'raised' and (b.name <> 'signal' or a.track_id <> b.track_id)`,
};

/** Of a trace whose threads keep their names. */
export async function arrowsHit(trace, label) {
    for (const [name, sql] of Object.entries(ASTRAY)) {
        is(await trace.value(sql), 0, `${label}: ${name}`);
    }
}

/** Counts slices that an SQL condition on slice s, its track and thread names. */
export function slices(trace, condition) {
    return trace.value(`select count(*) from slice s left join thread_track t on t.id = s.track_id
                        where ${condition}`);
}

/** Counts replies' flows: from the server's work or an instant to the client's phase. What a handler
 * answers lies beside the fault (which may be that of a system call). */
export function replies(trace, {fault = false} = {}) {
    return trace.value(`
        select count(*) from flow join slice a on a.id = slice_out join slice b on b.id = slice_in
        where (a.category = 'serve' or a.name = '${fault ? 'fault_reply' : 'reply'}')
        and b.name = 'reply' and ${fault ? '' : 'not'} exists (
            select 1 from slice f where f.parent_id = b.parent_id
            and (f.name = 'fault' or f.name glob 'wait for fault handler*'))`);
}

/** Counts flows from a slice of one name to one of another (SQL glob patterns). */
export function flows(trace, from, to = '*') {
    return trace.value(`select count(*) from flow join slice a on a.id = slice_out
                        join slice b on b.id = slice_in
                        where a.name glob '${from}' and b.name glob '${to}'`);
}
