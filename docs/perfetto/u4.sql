-- SPDX-License-Identifier: BSD-2-Clause
--
-- Views over a trace that u4 exported, for Perfetto's trace processor: paste it into the UI's
-- "Query (SQL)" page, or run  trace_processor_shell -q docs/perfetto/u4.sql -i TRACE.
-- docs/perfetto.md shows what to ask them. Times are in ns.

-- Slices of threads, with whose they are.
CREATE PERFETTO VIEW u4_slice AS
SELECT s.id, s.ts, s.dur, s.ts + s.dur AS end_ts, s.parent_id, s.name, s.category, s.arg_set_id,
       utid, thread.name AS thread, process.name AS process, thread.tid
FROM slice s
JOIN thread_track ON thread_track.id = s.track_id
JOIN thread USING (utid)
LEFT JOIN process USING (upid);

-- Flows, with both ends: messages, replies, signals, capabilities, wake-ups. `latency` is the time
-- until the receiver works on it (a reply's: until the client runs). A flow begins at an instant, or
-- where a slice ends: a sender's wait, or the work that the reply ends.
CREATE PERFETTO VIEW u4_flow AS
SELECT flow.id, a.id AS from_id, b.id AS to_id,
       CASE WHEN a.category = 'serve' THEN 'reply'
            WHEN a.name GLOB 'wait for *' THEN 'message' ELSE a.name END AS what,
       b.name AS became, a.ts + a.dur AS sent, b.ts AS arrived,
       b.ts - a.ts - a.dur + iif(b.name = 'reply' AND b.category IS NULL, b.dur, 0) AS latency,
       ta.utid AS from_utid, tb.utid AS to_utid, fa.name AS sender, fb.name AS receiver
FROM flow
JOIN slice a ON a.id = flow.slice_out
JOIN slice b ON b.id = flow.slice_in
LEFT JOIN thread_track ta ON ta.id = a.track_id
LEFT JOIN thread_track tb ON tb.id = b.track_id
LEFT JOIN thread fa ON fa.utid = ta.utid
LEFT JOIN thread fb ON fb.utid = tb.utid;

-- One row per Call (or fault) that was received: how long the caller waited for what.
--   dur        from the caller's kernel entry to its return
--   send_wait  until a receiver was there
--   served     from the transfer to the reply; server_utid is who had it
--   reply      from the reply until the caller ran again
CREATE PERFETTO TABLE u4_call AS
WITH step AS (
  SELECT id, parent_id, ts, dur, name,
         lag(id) OVER w AS message_id, lag(name) OVER w AS message, lag(dur) OVER w AS message_dur,
         lead(name) OVER w AS after, lead(dur) OVER w AS after_dur
  FROM slice
  WHERE parent_id IS NOT NULL AND category IS NULL
  WINDOW w AS (PARTITION BY parent_id ORDER BY ts, id))
SELECT c.id, c.ts, c.dur, c.name AS kind, c.utid AS client_utid, c.thread AS client,
       c.process AS client_process, substr(p.name, length('served by ') + 1) AS server,
       track.utid AS server_utid, p.id AS phase_id,
       p.ts AS received, p.dur AS served, p.ts + p.dur AS replied,
       iif(p.message GLOB 'wait for receiver*', p.message_dur, 0) AS send_wait,
       iif(p.after = 'reply', p.after_dur, 0) AS reply,
       extract_arg(work.arg_set_id, 'debug.endpoint') AS endpoint,
       extract_arg(work.arg_set_id, 'debug.badge') AS badge,
       extract_arg(c.arg_set_id, 'debug.label') AS label,
       extract_arg(c.arg_set_id, 'debug.path') AS path
FROM step p
JOIN u4_slice c ON c.id = p.parent_id
LEFT JOIN flow ON flow.slice_out = p.message_id
LEFT JOIN slice work ON work.id = flow.slice_in
LEFT JOIN thread_track track ON track.id = work.track_id
WHERE p.name GLOB 'served by *' AND extract_arg(c.arg_set_id, 'debug.unfinished') IS NULL;

-- Who calls whom, and what it costs.
CREATE PERFETTO VIEW u4_pair AS
SELECT client, server, count(*) AS calls, sum(dur) AS total, CAST(avg(dur) AS INT) AS mean,
       max(dur) AS longest, sum(send_wait) AS send_wait, sum(served) AS served,
       sum(reply) AS reply
FROM u4_call
GROUP BY client_utid, server;

-- What a thread did with each message or signal that it received, and how much of it it ran.
CREATE PERFETTO VIEW _u4_work AS
SELECT ts, dur, utid, id AS work_id FROM u4_slice
WHERE category = 'serve' AND extract_arg(arg_set_id, 'debug.unfinished') IS NULL;
CREATE PERFETTO VIEW _u4_ran AS SELECT ts, dur, utid FROM sched WHERE dur > 0;
CREATE VIRTUAL TABLE _u4_work_ran USING
  SPAN_JOIN(_u4_work PARTITIONED utid, _u4_ran PARTITIONED utid);
CREATE PERFETTO TABLE u4_serve AS
SELECT s.id, s.ts, s.dur, s.utid, s.thread AS server, s.name, coalesce(r.running, 0) AS running
FROM u4_slice s
JOIN _u4_work w ON w.work_id = s.id
LEFT JOIN (SELECT work_id, sum(dur) AS running FROM _u4_work_ran GROUP BY 1) r ON r.work_id = s.id;

-- Servers, the slowest first: busy is all time with a message in hand.
CREATE PERFETTO VIEW u4_server AS
SELECT server, count(*) AS served, sum(dur) AS busy, sum(running) AS running,
       CAST(avg(dur) AS INT) AS mean, max(dur) AS longest
FROM u4_serve
GROUP BY utid;

-- Interrupts: from arrival in the kernel to the handler's user code, and to the acknowledgement.
CREATE PERFETTO VIEW u4_interrupt AS
SELECT raised.ts, extract_arg(raised.arg_set_id, 'debug.irq') AS irq, h.thread AS handler,
       h.ts - raised.ts AS latency,
       (SELECT p.dur FROM slice p WHERE p.name = 'pending' AND p.category = 'irq'
        AND p.ts = raised.ts LIMIT 1) AS until_ack
FROM slice raised
JOIN flow f1 ON f1.slice_out = raised.id
JOIN flow f2 ON f2.slice_out = f1.slice_in
JOIN u4_slice h ON h.id = f2.slice_in
WHERE raised.name = 'raised' AND raised.category = 'irq';

-- The priority that a thread had when it last ran.
CREATE PERFETTO VIEW u4_priority AS
SELECT utid, priority FROM (
  SELECT utid, priority, row_number() OVER (PARTITION BY utid ORDER BY ts DESC) AS n FROM sched)
WHERE n = 1;

-- Priority inversion: a thread waits for its server, the server is ready, and something less
-- important than the waiting thread runs instead. The shortest rows are mere handovers: a thread
-- that has just replied or signalled and is still on its way out of the kernel.
CREATE PERFETTO TABLE u4_inversion AS
SELECT max(c.received, r.ts, x.ts) AS ts,
       min(c.replied, r.ts + r.dur, x.ts + x.dur) - max(c.received, r.ts, x.ts) AS dur,
       c.client, p.priority AS client_priority, c.server, thread.name AS running,
       x.priority AS running_priority, c.id AS call_id
FROM u4_call c
JOIN u4_priority p ON p.utid = c.client_utid
JOIN thread_state r ON r.utid = c.server_utid AND r.state = 'R' AND r.dur > 0
     AND r.ts < c.replied AND r.ts + r.dur > c.received
JOIN sched x ON x.dur > 0 AND x.ts < r.ts + r.dur AND x.ts + x.dur > r.ts
     AND x.ts < c.replied AND x.ts + x.dur > c.received
     AND x.priority < p.priority AND x.utid NOT IN (c.client_utid, c.server_utid)
JOIN thread ON thread.utid = x.utid AND thread.is_idle = 0;

-- Why blocked: a call's server may itself wait for another. One row per link; `chain` is the way
-- there, `root_id` the call at its beginning.
CREATE PERFETTO TABLE u4_chain AS
WITH RECURSIVE chain(root_id, call_id, depth, ts, dur, chain, server_utid, until) AS (
  SELECT id, id, 1, received, served, client || ' > ' || server, server_utid, replied FROM u4_call
  UNION ALL
  SELECT c.root_id, n.id, c.depth + 1, n.received, n.served, c.chain || ' > ' || n.server,
         n.server_utid, n.replied
  FROM chain c
  JOIN u4_call n ON n.client_utid = c.server_utid AND n.received >= c.ts AND n.replied <= c.until
  WHERE c.depth < 8)
SELECT root_id, call_id, depth, ts, dur, chain FROM chain;

-- What threads wait for, summed: the innermost reason that the thread's track shows.
CREATE PERFETTO VIEW u4_waiting AS
SELECT s.thread, iif(s.name GLOB 'wait for * at *', substr(s.name, 1, instr(s.name, ' at ') - 1),
                     s.name) AS reason,
       iif(s.name GLOB 'wait for * at *', substr(s.name, instr(s.name, ' at ') + 4),
           c.endpoint) AS object,
       count(*) AS times, sum(s.dur) AS total, max(s.dur) AS longest
FROM u4_slice s
LEFT JOIN u4_call c ON c.phase_id = s.id
WHERE s.dur > 0 AND (s.category = 'wait' OR s.category IS NULL
                     AND (s.name GLOB 'wait for *' OR s.name GLOB 'served by *'))
GROUP BY s.utid, reason, object;

-- Async calls: how long each was in the ring, with the server, and in the ring back. One row per
-- call whose answer was taken.
CREATE PERFETTO TABLE u4_async_call AS
SELECT c.id, c.ts, c.dur, extract_arg(c.arg_set_id, 'debug.from') AS client,
       substr(served.name, length('served by ') + 1) AS server, conn.name AS connection,
       extract_arg(c.arg_set_id, 'debug.label') AS label,
       coalesce(sent.dur, 0) AS in_ring, coalesce(served.dur, 0) AS served,
       coalesce(back.dur, 0) AS back
FROM slice c
JOIN track ON track.id = c.track_id
LEFT JOIN track conn ON conn.id = track.parent_id
LEFT JOIN slice sent ON sent.parent_id = c.id AND sent.name = 'in the ring'
LEFT JOIN slice served ON served.parent_id = c.id AND served.name GLOB 'served by *'
LEFT JOIN slice back ON back.parent_id = c.id AND back.name = 'answer in the ring'
WHERE c.name = 'async call' AND extract_arg(c.arg_set_id, 'debug.unfinished') IS NULL;

-- What coroutines spend their time with: one row per coroutine and state.
CREATE PERFETTO VIEW u4_coroutine AS
SELECT thread.name AS thread, track.name AS coroutine, s.name AS state, count(*) AS times,
       sum(s.dur) AS total, max(s.dur) AS longest
FROM slice s
JOIN thread_track track ON track.id = s.track_id
JOIN thread USING (utid)
WHERE s.category = 'coro' AND s.dur > 0
GROUP BY utid, track.name, s.name;

-- MCS kernels: whose time was lent to whom, and for how long (until the receiver passes it on or
-- gives it back).
CREATE PERFETTO VIEW u4_lent AS
SELECT a.ts, fa.name AS lender, fb.name AS borrower,
       extract_arg(a.arg_set_id, 'debug.scheduling_context') AS context,
       (SELECT min(n.ts) FROM slice n JOIN thread_track tn ON tn.id = n.track_id
        WHERE n.name = 'time lent' AND tn.utid = fb.utid AND n.ts >= b.ts) - a.ts AS lasted
FROM flow
JOIN slice a ON a.id = slice_out AND a.name = 'time lent'
JOIN slice b ON b.id = slice_in
JOIN thread_track ta ON ta.id = a.track_id
JOIN thread fa ON fa.utid = ta.utid
JOIN thread_track tb ON tb.id = b.track_id
JOIN thread fb ON fb.utid = tb.utid;
