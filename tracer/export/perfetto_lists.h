/* SPDX-License-Identifier: BSD-2-Clause */
/* The Perfetto exporter's texts and the fields of the event table that it reads, as lists. */
#ifndef TRACER_EXPORT_PERFETTO_LISTS_H
#define TRACER_EXPORT_PERFETTO_LISTS_H

#define PX_CATEGORIES(X) \
    X(SYSCALL, "syscall") \
    X(INVOKE, "invoke") \
    X(WAIT, "wait") \
    X(IPC, "ipc") \
    X(SIGNAL, "signal") \
    X(SERVE, "serve") \
    X(FAULT, "fault") \
    X(UINTR, "uintr") \
    X(ASYNC, "async") \
    X(CORO, "coro") \
    X(KERNEL, "kernel") \
    X(IRQ, "irq") \
    X(TIME, "time") \
    X(SMP, "smp") \
    X(LOSS, "loss") \
    X(TRACE, "trace")

#define PX_NAMES(X) \
    X(SIGNAL, "signal") \
    X(SEND_WAIT, "wait for receiver") \
    X(SERVED, "served") \
    X(REPLIED, "reply") \
    X(RECV_WAIT, "wait for message") \
    X(NTFN_WAIT, "wait for signal") \
    X(FAULT_WAIT, "wait for fault handler") \
    X(WAITS, "waits") \
    X(SUSPENDED, "suspended") \
    X(SERVE, "serve") \
    X(HANDLE, "handle signal") \
    X(RECEIVE, "receive") \
    X(CANCELLED, "cancelled") \
    X(WAKE, "wake") \
    X(WOKEN, "woken") \
    X(INTERRUPT, "interrupt") \
    X(TIMER, "timer") \
    X(EXCEPTION, "exception") \
    X(UNKNOWN_SYSCALL, "unknown syscall") \
    X(RAISED, "raised") \
    X(ACK, "acknowledged") \
    X(PENDING, "pending") \
    X(LOST, "events lost") \
    X(CAP_SENT, "capability sent") \
    X(CAP_RECEIVED, "capability received") \
    X(RECORDING, "recording") \
    X(PREEMPTED, "left at a preemption point") \
    X(UIPI, "uipi send") \
    X(POST, "post") \
    X(HANDLER, "user interrupt") \
    X(ACTIVE, "can be interrupted") \
    X(DELIVERED, "delivered") \
    X(TAKEN, "taken") \
    X(ASYNC_CALL, "async call") \
    X(ASYNC_SEND, "async send") \
    X(ASYNC_REQUEST, "request") \
    X(ASYNC_TAKE, "take") \
    X(ASYNC_REPLY, "answer") \
    X(ASYNC_ANSWER, "answered") \
    X(IN_RING, "in the ring") \
    X(IN_RING_BACK, "answer in the ring") \
    X(SUBMIT, "submit") \
    X(COMPLETE, "complete") \
    X(FETCH, "fetch") \
    X(CORO_READY, "ready") \
    X(CORO_RUNS, "runs") \
    X(CORO_SLEEP, "sleep") \
    X(CORO_JOIN, "wait for coroutine") \
    X(CORO_CALL, "wait for answer") \
    X(CORO_ROOM, "wait for room in the ring") \
    X(CORO_RECV, "wait for request") \
    X(CORO_NOTIFY, "wait for notification") \
    X(CORO_CALLS, "wait for system call") \
    X(CORO_EVENT, "wait for event") \
    X(BUDGET_WAIT, "wait for budget") \
    X(TIME_LENT, "time lent") \
    X(TIME_RECEIVED, "time received") \
    X(LOCK_WAIT, "wait for the lock") \
    X(IPI, "interrupts hart") \
    X(IPI_TAKEN, "interrupted by hart") \
    X(LEAVES, "thread leaves") \
    X(ARRIVES, "thread arrives") \
    X(PANIC, "kernel panic")

#define PX_ARGS(X) \
    X(CPTR, "cptr") \
    X(LENGTH, "length") \
    X(CAPS, "caps") \
    X(LABEL, "label") \
    X(ENDPOINT, "endpoint") \
    X(NOTIFICATION, "notification") \
    X(BADGE, "badge") \
    X(FROM, "from") \
    X(TO, "to") \
    X(RESULT, "result") \
    X(OBJECT_TYPE, "object") \
    X(REASON, "reason") \
    X(PATH, "path") \
    X(PC, "pc") \
    X(ADDRESS, "address") \
    X(CODE, "code") \
    X(THREAD, "thread") \
    X(IRQ, "irq") \
    X(COUNT, "count") \
    X(RING, "ring") \
    X(UNFINISHED, "unfinished") \
    X(KIND, "kind") \
    X(BY, "by") \
    X(OPERATION, "operation") \
    X(IMAGE, "image") \
    X(MACHINE, "machine") \
    X(COMMAND, "command") \
    X(BUILD_ID, "build_id") \
    X(VECTOR, "vector") \
    X(VECTORS, "vectors") \
    X(INDEX, "index") \
    X(TOKEN, "token") \
    X(RECEIVER, "receiver") \
    X(SOURCE, "source") \
    X(OUTCOME, "outcome") \
    X(PRIORITY, "priority") \
    X(FOR, "for") \
    X(TIMED, "timed") \
    X(STATUS, "status") \
    X(CONNECTION, "connection") \
    X(LATE, "late") \
    X(CONTEXT, "scheduling_context") \
    X(UNTIL, "until") \
    X(TEXT, "text")

/* Fields that the exporter reads itself: symbol, event, field. */
#define PX_FIELDS(X) \
    X(ENTRY_KIND, "kernel.entry", "kind") \
    X(ENTRY_CALL, "kernel.entry", "call") \
    X(ENTRY_CPTR, "kernel.entry", "cptr") \
    X(ENTRY_INFO, "kernel.entry", "info") \
    X(ENTRY_PC, "kernel.entry", "pc") \
    X(EXIT_PATH, "kernel.exit", "path") \
    X(EXIT_WHY, "kernel.exit", "why") \
    X(PREEMPT_OP, "kernel.preempt", "op") \
    X(TRANSFER_KIND, "ipc.transfer", "kind") \
    X(TRANSFER_LENGTH, "ipc.transfer", "length") \
    X(TRANSFER_CAPS, "ipc.transfer", "caps") \
    X(TRANSFER_SIDE, "ipc.transfer", "side") \
    X(TRANSFER_BADGE, "ipc.transfer", "badge") \
    X(TRANSFER_ENDPOINT, "ipc.transfer", "endpoint") \
    X(BLOCK_WHY, "ipc.block", "why") \
    X(BLOCK_BADGE, "ipc.block", "badge") \
    X(BLOCK_OBJECT, "ipc.block", "object") \
    X(CAPXFER_OBJECT, "ipc.cap_transfer", "object") \
    X(CAPXFER_SLOT, "ipc.cap_transfer", "slot") \
    X(CAPXFER_TYPE, "ipc.cap_transfer", "type") \
    X(CAPXFER_BADGE, "ipc.cap_transfer", "badge") \
    X(SIGNAL_OUTCOME, "ntfn.signal", "outcome") \
    X(SIGNAL_NTFN, "ntfn.signal", "ntfn") \
    X(SIGNAL_BADGE, "ntfn.signal", "badge") \
    X(RECEIVE_NTFN, "ntfn.receive", "ntfn") \
    X(RECEIVE_BADGE, "ntfn.receive", "badge") \
    X(SWITCH_PRIORITY, "sched.switch", "priority") \
    X(SWITCH_REASON, "sched.switch", "reason") \
    X(WAKE_REASON, "sched.wake", "reason") \
    X(FAULT_KIND, "fault.raised", "kind") \
    X(FAULT_CODE, "fault.raised", "code") \
    X(FAULT_ADDRESS, "fault.raised", "address") \
    X(FAULT_PC, "fault.raised", "pc") \
    X(RESULT_ERROR, "invoke.result", "error") \
    X(RESULT_TYPE, "invoke.result", "type") \
    X(RESULT_LABEL, "invoke.result", "label") \
    X(RESULT_REASON, "invoke.result", "reason") \
    X(RAISED_IRQ, "irq.raised", "irq") \
    X(RAISED_NTFN, "irq.raised", "ntfn") \
    X(RAISED_BADGE, "irq.raised", "badge") \
    X(ACK_IRQ, "irq.ack", "irq") \
    X(RETYPE_UNTYPED, "cap.retype", "untyped") \
    X(RETYPE_TYPE, "cap.retype", "type") \
    X(RETYPE_BITS, "cap.retype", "size_bits") \
    X(RETYPE_COUNT, "cap.retype", "count") \
    X(RETYPE_FIRST, "cap.retype", "first") \
    X(RETYPE_FREE, "cap.retype", "free") \
    X(RESET_UNTYPED, "cap.untyped_reset", "untyped") \
    X(RESET_BITS, "cap.untyped_reset", "size_bits") \
    X(DELETE_FINAL, "cap.delete", "final") \
    X(DELETE_TYPE, "cap.delete", "type") \
    X(DELETE_OBJECT, "cap.delete", "object") \
    X(RECEIVER_ENTRY, "uintr.receiver", "entry") \
    X(RECEIVER_THREAD, "uintr.receiver", "thread") \
    X(RECEIVER_END_ENTRY, "uintr.receiver_end", "entry") \
    X(SENDER_VECTOR, "uintr.sender", "vector") \
    X(SENDER_TABLE, "uintr.sender", "table") \
    X(SENDER_INDEX, "uintr.sender", "index") \
    X(SENDER_ENTRY, "uintr.sender", "entry") \
    X(SENDER_END_TABLE, "uintr.sender_end", "table") \
    X(SENDER_END_INDEX, "uintr.sender_end", "index") \
    X(TABLE_THREAD, "uintr.table", "thread") \
    X(TABLE_TABLE, "uintr.table", "table") \
    X(POST_VECTOR, "uintr.post", "vector") \
    X(POST_SOURCE, "uintr.post", "source") \
    X(POST_OUTCOME, "uintr.post", "outcome") \
    X(POST_ENTRY, "uintr.post", "entry") \
    X(ENTER_ENTRY, "uintr.enter", "entry") \
    X(LEAVE_ENTRY, "uintr.leave", "entry") \
    X(UWAKE_ENTRY, "uintr.wake", "entry") \
    X(DELIVER_ENTRY, "uintr.deliver", "entry") \
    X(DELIVER_PENDING, "uintr.deliver", "pending") \
    X(TAKE_ENTRY, "uintr.take", "entry") \
    X(TAKE_VECTORS, "uintr.take", "vectors") \
    X(SEND_INDEX, "uintr.send", "index") \
    X(HANDLER_VECTORS, "uintr.handler", "vectors") \
    X(RING_THREAD, "async.ring", "thread") \
    X(PICKUP_QUEUED, "async.pickup", "queued") \
    X(PICKUP_THREAD, "async.pickup", "thread") \
    X(PICKUP_LABEL, "async.pickup", "label") \
    X(PICKUP_CPTR, "async.pickup", "cptr") \
    X(PICKUP_TOKEN, "async.pickup", "token") \
    X(COMPLETE_ERROR, "async.complete", "error") \
    X(COMPLETE_THREAD, "async.complete", "thread") \
    X(COMPLETE_TOKEN, "async.complete", "token") \
    X(COMPLETE_LEFT, "async.complete", "left") \
    X(CORO_SPAWN_CORO, "coro.spawn", "coro") \
    X(CORO_SPAWN_PRIORITY, "coro.spawn", "priority") \
    X(CORO_SPAWN_NAME, "coro.spawn", "name") \
    X(CORO_RUN_CORO, "coro.run", "coro") \
    X(CORO_BLOCK_CORO, "coro.block", "coro") \
    X(CORO_BLOCK_WHY, "coro.block", "why") \
    X(CORO_BLOCK_TIMED, "coro.block", "timed") \
    X(CORO_BLOCK_FOR, "coro.block", "for") \
    X(CORO_WAKE_CORO, "coro.wake", "coro") \
    X(CORO_WAKE_STATUS, "coro.wake", "status") \
    X(CORO_END_CORO, "coro.end", "coro") \
    X(CONNECT_CONN, "async.connect", "conn") \
    X(CONNECT_SERVER, "async.connect", "server") \
    X(DISCONNECT_CONN, "async.disconnect", "conn") \
    X(REQUEST_CONN, "async.request", "conn") \
    X(REQUEST_TOKEN, "async.request", "token") \
    X(REQUEST_LABEL, "async.request", "label") \
    X(REQUEST_DEPTH, "async.request", "depth") \
    X(REQUEST_SEND, "async.request", "send") \
    X(TAKE_CONN, "async.take", "conn") \
    X(TAKE_TOKEN, "async.take", "token") \
    X(TAKE_LABEL, "async.take", "label") \
    X(TAKE_DEPTH, "async.take", "depth") \
    X(TAKE_SEND, "async.take", "send") \
    X(REPLY_CONN, "async.reply", "conn") \
    X(REPLY_TOKEN, "async.reply", "token") \
    X(REPLY_LABEL, "async.reply", "label") \
    X(REPLY_DEPTH, "async.reply", "depth") \
    X(ANSWER_CONN, "async.answer", "conn") \
    X(ANSWER_TOKEN, "async.answer", "token") \
    X(ANSWER_LABEL, "async.answer", "label") \
    X(ANSWER_LATE, "async.answer", "late") \
    X(SUBMIT_TOKEN, "async.submit", "token") \
    X(SUBMIT_DEPTH, "async.submit", "depth") \
    X(SUBMIT_LABEL, "async.submit", "label") \
    X(SUBMIT_CPTR, "async.submit", "cptr") \
    X(FETCH_TOKEN, "async.fetch", "token") \
    X(FETCH_ERROR, "async.fetch", "error") \
    X(SC_CONFIGURE_SC, "sched.sc_configure", "sc") \
    X(SC_CONFIGURE_BUDGET, "sched.sc_configure", "budget") \
    X(SC_BIND_SC, "sched.sc_bind", "sc") \
    X(SC_BIND_OBJECT, "sched.sc_bind", "object") \
    X(SC_CHARGE_SC, "sched.sc_charge", "sc") \
    X(SC_CHARGE_LEFT, "sched.sc_charge", "left") \
    X(SC_POSTPONE_SC, "sched.sc_postpone", "sc") \
    X(SC_POSTPONE_THREAD, "sched.sc_postpone", "thread") \
    X(SC_POSTPONE_UNTIL, "sched.sc_postpone", "until") \
    X(SC_RELEASE_SC, "sched.sc_release", "sc") \
    X(SC_RELEASE_THREAD, "sched.sc_release", "thread") \
    X(SC_RELEASE_LEFT, "sched.sc_release", "left") \
    X(SC_DONATE_WHY, "sched.sc_donate", "why") \
    X(SC_DONATE_SC, "sched.sc_donate", "sc") \
    X(SC_DONATE_FROM, "sched.sc_donate", "from") \
    X(SC_DONATE_TO, "sched.sc_donate", "to") \
    X(LOCK_WAITED, "smp.lock", "waited") \
    X(IPI_HART, "smp.ipi", "hart") \
    X(MIGRATE_THREAD, "smp.migrate", "thread") \
    X(MIGRATE_FROM, "smp.migrate", "from") \
    X(MIGRATE_TO, "smp.migrate", "to") \
    X(COUNTER_ID, "user.counter", "id") \
    X(COUNTER_VALUE, "user.counter", "value")

#endif
