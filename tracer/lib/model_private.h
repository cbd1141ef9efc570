/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the model share. The model handles events by their names in the trace's own
 * table, not by this build's ids or places, so that it reads what other versions wrote: a field
 * that the table lacks reads as 0, an event that it lacks never comes.
 */
#ifndef TRACER_MODEL_PRIVATE_H
#define TRACER_MODEL_PRIVATE_H

#include "reftable.h"
#include "trace/ids.h"
#include "u4trace/model.h"

/* The fields that the model looks at: NAME, event, field. */
#define MODEL_FIELDS(F) \
    F(ENTRY_KIND, "kernel.entry", "kind") \
    F(EXIT_PATH, "kernel.exit", "path") \
    F(BOOT_HART, "kernel.boot", "hart") \
    F(TRANSFER_KIND, "ipc.transfer", "kind") \
    F(TRANSFER_LENGTH, "ipc.transfer", "length") \
    F(TRANSFER_SIDE, "ipc.transfer", "side") \
    F(TRANSFER_PEER, "ipc.transfer", "peer") \
    F(TRANSFER_ENDPOINT, "ipc.transfer", "endpoint") \
    F(TRANSFER_BADGE, "ipc.transfer", "badge") \
    F(BLOCK_WHY, "ipc.block", "why") \
    F(BLOCK_LENGTH, "ipc.block", "length") \
    F(BLOCK_OBJECT, "ipc.block", "object") \
    F(BLOCK_BADGE, "ipc.block", "badge") \
    F(CANCEL_THREAD, "ipc.cancel", "thread") \
    F(NO_PARTNER_ENDPOINT, "ipc.no_partner", "endpoint") \
    F(SIGNAL_OUTCOME, "ntfn.signal", "outcome") \
    F(SIGNAL_NTFN, "ntfn.signal", "ntfn") \
    F(SIGNAL_WOKEN, "ntfn.signal", "woken") \
    F(SIGNAL_BADGE, "ntfn.signal", "badge") \
    F(RECEIVE_NTFN, "ntfn.receive", "ntfn") \
    F(BIND_NTFN, "ntfn.bind", "ntfn") \
    F(BIND_THREAD, "ntfn.bind", "thread") \
    F(UNBIND_NTFN, "ntfn.unbind", "ntfn") \
    F(UNBIND_THREAD, "ntfn.unbind", "thread") \
    F(SWITCH_REASON, "sched.switch", "reason") \
    F(SWITCH_PRIORITY, "sched.switch", "priority") \
    F(SWITCH_NEXT, "sched.switch", "next") \
    F(SWITCH_DOMAIN, "sched.switch", "domain") \
    F(WAKE_THREAD, "sched.wake", "thread") \
    F(WAKE_OBJECT, "sched.wake", "object") \
    F(WAKE_PRIORITY, "sched.wake", "priority") \
    F(PRIORITY_PRIORITY, "sched.priority", "priority") \
    F(PRIORITY_MCP, "sched.priority", "mcp") \
    F(PRIORITY_THREAD, "sched.priority", "thread") \
    F(DOMAIN_DOMAIN, "sched.domain", "domain") \
    F(DOMAIN_THREAD, "sched.domain", "thread") \
    F(SC_CONFIGURE_SC, "sched.sc_configure", "sc") \
    F(SC_CONFIGURE_BUDGET, "sched.sc_configure", "budget") \
    F(SC_CONFIGURE_PERIOD, "sched.sc_configure", "period") \
    F(SC_BIND_SC, "sched.sc_bind", "sc") \
    F(SC_BIND_BOUND, "sched.sc_bind", "bound") \
    F(SC_BIND_OBJECT, "sched.sc_bind", "object") \
    F(SC_DONATE_SC, "sched.sc_donate", "sc") \
    F(SC_DONATE_FROM, "sched.sc_donate", "from") \
    F(SC_DONATE_TO, "sched.sc_donate", "to") \
    F(SC_CHARGE_SC, "sched.sc_charge", "sc") \
    F(SC_CHARGE_OVER, "sched.sc_charge", "over") \
    F(SC_CHARGE_USED, "sched.sc_charge", "used") \
    F(SC_CHARGE_LEFT, "sched.sc_charge", "left") \
    F(SC_POSTPONE_SC, "sched.sc_postpone", "sc") \
    F(SC_POSTPONE_THREAD, "sched.sc_postpone", "thread") \
    F(SC_POSTPONE_UNTIL, "sched.sc_postpone", "until") \
    F(SC_RELEASE_SC, "sched.sc_release", "sc") \
    F(SC_RELEASE_THREAD, "sched.sc_release", "thread") \
    F(SC_RELEASE_LEFT, "sched.sc_release", "left") \
    F(MAKE_TYPE, "cap.make", "type") \
    F(MAKE_OBJECT, "cap.make", "object") \
    F(DELETE_FINAL, "cap.delete", "final") \
    F(DELETE_TYPE, "cap.delete", "type") \
    F(DELETE_OBJECT, "cap.delete", "object") \
    F(FAULT_REPLY_THREAD, "fault.reply", "thread") \
    F(CREATE_THREAD, "thread.create", "thread") \
    F(NAME_OFFSET, "thread.name", "offset") \
    F(NAME_THREAD, "thread.name", "thread") \
    F(NAME_TEXT, "thread.name", "text") \
    F(CONFIGURE_THREAD, "thread.configure", "thread") \
    F(CONFIGURE_VSPACE, "thread.configure", "vspace") \
    F(CONFIGURE_CSPACE, "thread.configure", "cspace") \
    F(SUSPEND_THREAD, "thread.suspend", "thread") \
    F(RESUME_THREAD, "thread.resume", "thread") \
    F(THREAD_DELETE_THREAD, "thread.delete", "thread") \
    F(START_THREAD, "thread.start", "thread") \
    F(START_PC, "thread.start", "pc") \
    F(IPC_BUFFER_THREAD, "thread.ipc_buffer", "thread") \
    F(IRQ_RAISED_NTFN, "irq.raised", "ntfn") \
    F(RECEIVER_ENTRY, "uintr.receiver", "entry") \
    F(RECEIVER_THREAD, "uintr.receiver", "thread") \
    F(RECEIVER_NTFN, "uintr.receiver", "ntfn") \
    F(RECEIVER_END_ENTRY, "uintr.receiver_end", "entry") \
    F(RECEIVER_END_THREAD, "uintr.receiver_end", "thread") \
    F(SENDER_VECTOR, "uintr.sender", "vector") \
    F(SENDER_TABLE, "uintr.sender", "table") \
    F(SENDER_INDEX, "uintr.sender", "index") \
    F(SENDER_NTFN, "uintr.sender", "ntfn") \
    F(SENDER_ENTRY, "uintr.sender", "entry") \
    F(SENDER_END_TABLE, "uintr.sender_end", "table") \
    F(SENDER_END_INDEX, "uintr.sender_end", "index") \
    F(TABLE_THREAD, "uintr.table", "thread") \
    F(TABLE_TABLE, "uintr.table", "table") \
    F(POST_VECTOR, "uintr.post", "vector") \
    F(POST_SOURCE, "uintr.post", "source") \
    F(POST_OUTCOME, "uintr.post", "outcome") \
    F(POST_ENTRY, "uintr.post", "entry") \
    F(POST_INDEX, "uintr.post", "index") \
    F(UWAKE_ENTRY, "uintr.wake", "entry") \
    F(UWAKE_THREAD, "uintr.wake", "thread") \
    F(UWAKE_VECTORS, "uintr.wake", "vectors") \
    F(TAKE_ENTRY, "uintr.take", "entry") \
    F(TAKE_VECTORS, "uintr.take", "vectors") \
    F(SEND_INDEX, "uintr.send", "index") \
    F(HANDLER_VECTORS, "uintr.handler", "vectors")

enum model_field {
#define FIELD(name, event, field) F_##name,
    MODEL_FIELDS(FIELD)
#undef FIELD
        MODEL_FIELD_COUNT
};

/* Limits that only a damaged or hostile trace reaches. */
enum {
    MODEL_MAX_THREADS = 1 << 16,
    MODEL_MAX_OBJECTS = 1 << 20,
};

typedef void model_handler_fn(model_t *model, event_t *event);

struct model_private {
    model_handler_fn *handlers[SCHEMA_MAX_EVENTS]; /* by id in this trace's table */
    const schema_field_t *fields[MODEL_FIELD_COUNT];
    reftable_t threads, objects, processes, contexts;
    model_sc_t **all_contexts; /* scheduling contexts: until the end */
    uint32_t context_count;
    uint32_t next_thread_uid, next_object_uid, next_process_uid, next_process_id;
    uint32_t *free_indices; /* of dead threads */
    size_t free_count, free_room;
    thread_t *doomed_thread; /* died with the last event; freed with the next */
    process_t *doomed_process;
    object_t *doomed_object;
    struct images *images;             /* NULL: none known */
    bool loaded_at_end;                /* the snapshot knows what the trace will make */
    uint64_t ns_multiplier;            /* ns a tick if that is whole, else 0 */
    struct model_uintr_private *uintr; /* NULL until there are user interrupts */
};

void model_free_doomed_now(model_t *model);

/* What died with the event before is freed when no sink can look at it any more. */
static inline void model_free_doomed(model_t *model)
{
    struct model_private *p = model->private;
    if (__builtin_expect(p->doomed_thread || p->doomed_process || p->doomed_object, 0)) {
        model_free_doomed_now(model);
    }
}

/* None of them is signed. */
static inline uint64_t model_get(const model_t *model, enum model_field field, const event_t *event)
{
    return schema_bits(model->private->fields[field], event->record);
}

/* model_objects.c: the tables. */
thread_t *model_thread_make(model_t *model, uint32_t ref, event_t *event);
thread_t *model_thread_get(model_t *model, uint32_t ref, event_t *event); /* made if new */
void model_thread_kill(model_t *model, thread_t *thread, event_t *event);
object_t *model_object_get(model_t *model, uint32_t ref); /* NULL for 0 */
void model_object_kill(model_t *model, object_t *object);
void model_thread_process(model_t *model, thread_t *thread, uint32_t vspace);
/* model_names.c: a name by the address where it starts, if it has none. */
void model_name_by_start(model_t *model, thread_t *thread, uint64_t pc, event_t *event);
/* The first named thread of a process gives it its name. */
void model_name_process(thread_t *thread);

void model_objects_free(model_t *model);

/* model_sched.c: states. */
void model_set_state(model_t *model, thread_t *thread, thread_state_t state, uint64_t time);
/* The thread is to be in `state`: at once, or when it leaves the hart on which it is current. */
void model_will_be(model_t *model, thread_t *thread, thread_state_t state, uint64_t time);
bool model_is_current(const model_t *model, const thread_t *thread);
/* The thread's wait is over: returns how long it was. */
uint64_t model_stop_waiting(thread_t *thread, uint64_t time);
/* The current thread of a hart changes; `fallback` is the state of one who did not block. */
void model_switch(model_t *model, event_t *event, thread_t *next, thread_state_t fallback);

/* model_ipc.c */
void model_call_over(model_t *model, event_t *event, thread_t *client, uint32_t effect);

typedef struct {
    const char *event;
    model_handler_fn *handler;
} model_handler_t;

/* Each file's handlers, ended by a NULL event. */
extern const model_handler_t model_sched_handlers[];
extern const model_handler_t model_ipc_handlers[];
extern const model_handler_t model_thread_handlers[];
extern const model_handler_t model_uintr_handlers[];
extern const model_handler_t model_sc_handlers[];

void model_uintr_free(model_t *model);
void model_sc_free(model_t *model);

#endif
