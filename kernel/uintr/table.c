/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/uintr/table.h"

#include "kernel/arch/riscv/vspace.h"
#include "kernel/object/object.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/context.h"
#include "kernel/uintr/csr.h"
#include "kernel/uintr/receiver.h"

#define ENTRIES_PER_PAGE 512

/* What the hart reads. Of an entry that is not valid it ignores the rest: there, free indices
 * are linked. */
enum { ENTRY_VALID = 1, ENTRY_VECTOR_SHIFT = 16, ENTRY_RECEIVER_SHIFT = 48, ENTRY_NEXT_SHIFT = 16 };

typedef struct {
    uint32_t fresh;                 /* this and later indices were never used */
    uint32_t first_free, last_free; /* of those that were and are not, index + 1; 0: none */
    uint32_t reserved[5];
} header_t;
_Static_assert(sizeof(header_t) == 32, "slots behind it are aligned");

/* A receiver's senders are a list, by the slots of their registrations. */
typedef struct {
    slot_t *next, *prev;
} link_t;

/* A table's parts: entries, header, slots, links. Slot 0 is never used: a zombie may come to lie
 * in it (object/delete.c). Index i has slot i + 1. */
typedef struct {
    word_t *entries;
    header_t *header;
    slot_t *slots;
    link_t *links;
    word_t pages, count;
} table_t;

static table_t table_of(void *base, unsigned bits)
{
    table_t t;
    word_t all = BIT(bits - seL4_PageBits);
    t.pages = (all + 7) / 8;
    word_t room = ((all - t.pages) << seL4_PageBits) - sizeof(header_t) - sizeof(slot_t);
    t.count = MIN(t.pages * ENTRIES_PER_PAGE, room / (sizeof(slot_t) + sizeof(link_t)));
    t.entries = base;
    t.header = (header_t *)((char *)base + (t.pages << seL4_PageBits));
    t.slots = (slot_t *)(t.header + 1);
    t.links = (link_t *)(t.slots + t.count + 1);
    return t;
}

static table_t table_of_cap(cap_t cap)
{
    return table_of(cap_ptr(cap), cap_sender_table_bits(cap));
}

/* The table that a registration is in; *index: where. */
static table_t table_of_sender(cap_t sender, word_t *index)
{
    unsigned bits = cap_sender_bits(sender);
    table_t t = table_of((void *)ALIGN_DOWN(sender.w1, bits), bits);
    *index = (word_t *)sender.w1 - t.entries;
    return t;
}

word_t sender_table_count(cap_t table)
{
    return table_of_cap(table).count;
}

slot_t *sender_table_slots(cap_t table, word_t *count)
{
    table_t t = table_of((void *)cap_object(table), (unsigned)cap_size_bits(table));
    *count = t.header->fresh + 1;
    return t.slots;
}

bool sender_is_valid(const slot_t *slot)
{
    word_t index;
    table_t t = table_of_sender(slot->cap, &index);
    word_t valid = ENTRY_VALID | (word_t)cap_sender_vector(slot->cap) << ENTRY_VECTOR_SHIFT |
                   (word_t)ntfn_entry(cap_ptr(slot->cap)) << ENTRY_RECEIVER_SHIFT;
    return index < t.header->fresh && slot == &t.slots[index + 1] && t.entries[index] == valid;
}

slot_t *sender_at(cap_t table, word_t index)
{
    table_t t = table_of_cap(table);
    return index < t.count && !slot_empty(&t.slots[index + 1]) ? &t.slots[index + 1] : NULL;
}

word_t sender_table_suist(cap_t cap)
{
    if (!cap_is(cap, CAP_SENDER_TABLE))
        return 0;
    table_t t = table_of_cap(cap);
    return CSR_UINTR_ENABLE | t.pages << CSR_SUIST_PAGES_SHIFT |
           virt_to_phys(t.entries) >> seL4_PageBits;
}

/* ---- indices ---- */

static bool take_index(const table_t *t, word_t *index)
{
    header_t *h = t->header;
    if (h->fresh < t->count) {
        *index = h->fresh++;
        return true;
    }
    if (!h->first_free)
        return false;
    *index = h->first_free - 1;
    h->first_free = (uint32_t)(t->entries[*index] >> ENTRY_NEXT_SHIFT);
    if (!h->first_free)
        h->last_free = 0;
    return true;
}

static void free_index(const table_t *t, word_t index)
{
    header_t *h = t->header;
    uint32_t number = (uint32_t)index + 1;
    t->entries[index] = 0;
    if (h->last_free)
        t->entries[h->last_free - 1] = (word_t)number << ENTRY_NEXT_SHIFT;
    else
        h->first_free = number;
    h->last_free = number;
}

/* ---- registrations ---- */

static link_t *link_of(const slot_t *slot)
{
    word_t index;
    table_t t = table_of_sender(slot->cap, &index);
    return t.links + index;
}

static void list_add(receiver_t *r, slot_t *slot)
{
    link_t *link = link_of(slot);
    link->prev = NULL;
    link->next = r->senders;
    if (r->senders)
        link_of(r->senders)->prev = slot;
    r->senders = slot;
}

static void list_remove(receiver_t *r, const link_t *link)
{
    if (link->prev)
        link_of(link->prev)->next = link->next;
    else
        r->senders = link->next;
    if (link->next)
        link_of(link->next)->prev = link->prev;
}

word_t senders_of(unsigned receiver)
{
    word_t count = 0;
    const slot_t *prev = NULL;
    /* A break in the list, or a circle, makes the count differ from what slots hold. */
    for (const slot_t *s = receivers[receiver].senders; s && link_of(s)->prev == prev;
         prev = s, s = link_of(s)->next)
        count++;
    return count;
}

status_t sender_register(cap_t table, slot_t *owner, word_t *index)
{
    table_t t = table_of_cap(table);
    notification_t *n = cap_ptr(owner->cap);
    word_t vector = cap_badge(owner->cap), receiver = ntfn_entry(n);
    if (!take_index(&t, index)) {
        hart->error.memory_left = 0;
        return fail(seL4_NotEnoughMemory, REASON(UINTR_TABLE_FULL));
    }
    word_t *entry = &t.entries[*index];
    slot_t *slot = &t.slots[*index + 1];
    slot_insert_registration(owner, slot,
                             cap_sender(n, cap_sender_table_bits(table), (unsigned)vector, entry));
    list_add(&receivers[receiver], slot);
    *(volatile word_t *)entry =
        ENTRY_VALID | vector << ENTRY_VECTOR_SHIFT | receiver << ENTRY_RECEIVER_SHIFT;
    TRACE(uintr_sender, vector, TRACE_REF(t.entries), *index, TRACE_REF(n), receiver);
    return OK;
}

void sender_end(cap_t cap)
{
    word_t index;
    table_t t = table_of_sender(cap, &index);
    unsigned receiver = (unsigned)(t.entries[index] >> ENTRY_RECEIVER_SHIFT);
    list_remove(&receivers[receiver], &t.links[index]);
    free_index(&t, index);
    /* A send that has read the entry is done when this access is (qemu/README.md). */
    __asm__ volatile("fence rw, rw" ::: "memory");
    uintc_read(receiver, UINTC_LOW);
    TRACE(uintr_sender_end, cap_sender_vector(cap), TRACE_REF(t.entries), index,
          TRACE_REF(cap_ptr(cap)), receiver);
}

/* ---- threads ---- */

status_t sender_table_bind(tcb_t *t, slot_t *from)
{
    slot_t *slot = &t->slots[TCB_SLOT_SENDERS];
    if (!from)
        return slot_empty(slot) ? fail_illegal(REASON(UINTR_TABLE_NONE)) : slot_delete(slot);
    if (!cap_is(from->cap, CAP_SENDER_TABLE))
        return fail_cap(1, REASON(UINTR_TABLE));
    if (!slot_empty(slot))
        return fail_illegal(REASON(UINTR_TABLE_BOUND));
    slot_insert(from, slot,
                cap_sender_table(cap_ptr(from->cap), cap_sender_table_bits(from->cap), t));
    TRACE(uintr_table, TRACE_REF(t), TRACE_REF(cap_ptr(from->cap)));
    uintr_set_table(t);
    return OK;
}

cap_t sender_table_finalise(cap_t cap, bool final)
{
    if (cap_sender_table_bound(cap)) {
        tcb_t *tcb = (tcb_t *)cap.w1;
        /* The slot is emptied next. */
        tcb->slots[TCB_SLOT_SENDERS].cap = cap_null();
        uintr_set_table(tcb);
        tcb->slots[TCB_SLOT_SENDERS].cap = cap;
        TRACE(uintr_table, TRACE_REF(tcb), 0);
    }
    if (!final)
        return cap_null();
    table_t t = table_of_cap(cap);
    return cap_zombie(t.slots, CAP_ZOMBIE_SENDERS + cap_sender_table_bits(cap),
                      t.header->fresh ? t.header->fresh + 1 : 0);
}

void sender_emulate(const tcb_t *t, word_t index)
{
    cap_t cap = t->slots[TCB_SLOT_SENDERS].cap;
    unsigned outcome = TRACE_UINTR_OUTCOME_NO_TABLE;
    word_t entry = 0;
    if (cap_is(cap, CAP_SENDER_TABLE)) {
        table_t table = table_of_cap(cap);
        outcome = TRACE_UINTR_OUTCOME_NO_ENTRY;
        entry = index < table.count ? table.entries[index] : 0;
    }
    if (!(entry & ENTRY_VALID)) {
        TRACE(uintr_post, 0, TRACE_JOIN_uintr_post(TRACE_UINTR_SOURCE_SEND, outcome), 0, 0, 0,
              index);
        return;
    }
    unsigned receiver = (unsigned)(entry >> ENTRY_RECEIVER_SHIFT);
    word_t vector = entry >> ENTRY_VECTOR_SHIFT & 0xffff;
    TRACE(uintr_post, vector,
          TRACE_JOIN_uintr_post(TRACE_UINTR_SOURCE_SEND, TRACE_UINTR_OUTCOME_POSTED),
          TRACE_REF(receivers[receiver].ntfn), TRACE_REF(receivers[receiver].tcb), receiver, index);
    (void)outcome;
    uintc_write(receiver, UINTC_SEND, vector);
}
