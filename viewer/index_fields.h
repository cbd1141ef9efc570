/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The events and fields that the index looks at, by their names in the trace's own table: what
 * other versions wrote is read right. A field that the table lacks reads as 0.
 */
#ifndef VIEWER_INDEX_FIELDS_H
#define VIEWER_INDEX_FIELDS_H

#include "trace/ids.h"
#include "u4trace/schema.h"

#define INDEX_FIELDS(F) \
    F(SIGNAL_OUTCOME, "ntfn.signal", "outcome") \
    F(BLOCK_WHY, "ipc.block", "why") \
    F(DELETE_FINAL, "cap.delete", "final") \
    F(DELETE_TYPE, "cap.delete", "type") \
    F(DELETE_OBJECT, "cap.delete", "object") \
    F(IRQ_RAISED_IRQ, "irq.raised", "irq") \
    F(IRQ_RAISED_NTFN, "irq.raised", "ntfn") \
    F(IRQ_ACK_IRQ, "irq.ack", "irq") \
    F(IRQ_BIND_IRQ, "irq.bind", "irq") \
    F(IRQ_BIND_NTFN, "irq.bind", "ntfn") \
    F(RECEIVER_ENTRY, "uintr.receiver", "entry") \
    F(RECEIVER_NTFN, "uintr.receiver", "ntfn") \
    F(RECEIVER_END_ENTRY, "uintr.receiver_end", "entry") \
    F(RECEIVER_END_NTFN, "uintr.receiver_end", "ntfn") \
    F(POST_ENTRY, "uintr.post", "entry") \
    F(POST_SOURCE, "uintr.post", "source") \
    F(ENTER_ENTRY, "uintr.enter", "entry") \
    F(LEAVE_ENTRY, "uintr.leave", "entry") \
    F(UWAKE_ENTRY, "uintr.wake", "entry") \
    F(DELIVER_ENTRY, "uintr.deliver", "entry") \
    F(TAKE_ENTRY, "uintr.take", "entry") \
    F(LOCK_WAITED, "smp.lock", "waited") \
    F(SC_POSTPONE_SC, "sched.sc_postpone", "sc") \
    F(SC_RELEASE_SC, "sched.sc_release", "sc") \
    F(SC_CONFIGURE_SC, "sched.sc_configure", "sc") \
    F(SC_CHARGE_SC, "sched.sc_charge", "sc") \
    F(SC_DONATE_SC, "sched.sc_donate", "sc") \
    F(SPAWN_CORO, "coro.spawn", "coro") \
    F(SPAWN_PRIORITY, "coro.spawn", "priority") \
    F(SPAWN_NAME, "coro.spawn", "name") \
    F(RUN_CORO, "coro.run", "coro") \
    F(WAIT_CORO, "coro.block", "coro") \
    F(WAIT_WHY, "coro.block", "why") \
    F(WAIT_OBJECT, "coro.block", "for") \
    F(WAIT_TOKEN, "coro.block", "token") \
    F(WAKE_CORO, "coro.wake", "coro") \
    F(END_CORO, "coro.end", "coro") \
    F(CONNECT_CONN, "async.connect", "conn") \
    F(CONNECT_LINES, "async.connect", "lines") \
    F(CONNECT_SERVER, "async.connect", "server") \
    F(DISCONNECT_CONN, "async.disconnect", "conn") \
    F(REQUEST_SEND, "async.request", "send") \
    F(REQUEST_CONN, "async.request", "conn") \
    F(REQUEST_TOKEN, "async.request", "token") \
    F(REQUEST_DEPTH, "async.request", "depth") \
    F(TAKE_CONN, "async.take", "conn") \
    F(TAKE_TOKEN, "async.take", "token") \
    F(TAKE_DEPTH, "async.take", "depth") \
    F(REPLY_CONN, "async.reply", "conn") \
    F(REPLY_TOKEN, "async.reply", "token") \
    F(ANSWER_CONN, "async.answer", "conn") \
    F(ANSWER_TOKEN, "async.answer", "token") \
    F(SUBMIT_DEPTH, "async.submit", "depth") \
    F(SUBMIT_TOKEN, "async.submit", "token") \
    F(SUBMIT_LABEL, "async.submit", "label") \
    F(FETCH_TOKEN, "async.fetch", "token") \
    F(CALLRING_THREAD, "async.ring", "thread") \
    F(CALLRING_LINES, "async.ring", "lines") \
    F(PICKUP_THREAD, "async.pickup", "thread") \
    F(PICKUP_QUEUED, "async.pickup", "queued") \
    F(PICKUP_LABEL, "async.pickup", "label") \
    F(PICKUP_TOKEN, "async.pickup", "token") \
    F(COMPLETE_THREAD, "async.complete", "thread") \
    F(COMPLETE_ERROR, "async.complete", "error") \
    F(COMPLETE_TOKEN, "async.complete", "token")

enum index_field {
#define FIELD(name, event, field) FIELD_##name,
    INDEX_FIELDS(FIELD)
#undef FIELD
        INDEX_FIELD_COUNT
};

typedef struct {
    uint16_t ids[SCHEMA_MAX_EVENTS]; /* this build's id (TRACE_*) of each of the trace's; 0: none */
    const schema_field_t *fields[INDEX_FIELD_COUNT];
} index_fields_t;

void index_fields_find(index_fields_t *fields, const schema_t *schema);

static inline unsigned index_id(const index_fields_t *fields, const trace_record_t *record)
{
    return record->event < SCHEMA_MAX_EVENTS ? fields->ids[record->event] : 0;
}

/* None of them is signed. */
static inline uint64_t index_get(const index_fields_t *fields, enum index_field field,
                                 const trace_record_t *record)
{
    return schema_bits(fields->fields[field], record);
}

#endif
