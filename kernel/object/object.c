/* SPDX-License-Identifier: GPL-2.0-only */
/* What is common to all types: one switch over the type per question. */
#include "kernel/object/object.h"

#include "abi/u4/extensions.h"
#include "kernel/arch/riscv/vspace.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/irq.h"
#include "kernel/object/notification.h"
#include "kernel/object/own.h"
#include "kernel/sched/policy.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/registration.h"
#include "kernel/uintr/table.h"

status_t cap_derive(slot_t *slot, cap_t cap, cap_t *copy)
{
    *copy = cap;
    switch (cap_type(cap)) {
    case CAP_UNTYPED: return slot_ensure_no_children(slot);
    case CAP_ZOMBIE:
    case CAP_REGISTRATION:
    case CAP_IRQ_CONTROL: *copy = cap_null(); return OK;
    case CAP_REPLY:
        if (!own_copies_replies())
            *copy = cap_null();
        return OK;
    case CAP_FRAME: copy->w1 = 0; return OK;
    case CAP_PAGE_TABLE: return cap_pt_mapped(cap) ? OK : fail_illegal(REASON(CANNOT_DERIVE));
    default: return OK;
    }
}

static cap_t mask_frame_rights(cap_t cap, word_t rights)
{
    unsigned now = cap_frame_rights(cap);
    unsigned next = FRAME_KERNEL_ONLY;
    if (now != FRAME_KERNEL_ONLY && (rights & RIGHT_RECV))
        next = now == FRAME_READ_WRITE && (rights & RIGHT_SEND) ? FRAME_READ_WRITE : FRAME_READ;
    return cap_set_bits(cap, 55, 54, next);
}

cap_t cap_mask_rights(cap_t cap, word_t rights)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT: return cap_set_bits(cap, 58, 55, cap_rights(cap) & rights);
    case CAP_NOTIFICATION:
        return cap_set_bits(cap, 58, 55,
                            cap_rights(cap) & (rights | RIGHT_GRANT | RIGHT_GRANT_REPLY));
    case CAP_REPLY:
        return cap_set_bits(cap, 57, 57, cap_reply_grant(cap) && (rights & RIGHT_GRANT));
    case CAP_FRAME: return mask_frame_rights(cap, rights);
    default: return cap;
    }
}

cap_t cap_update(cap_t cap, bool preserve, word_t data)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
        if (preserve || cap_badge(cap) != 0)
            return cap_null();
        cap.w1 = data;
        return cap;
    case CAP_CNODE: {
        word_t guard_size = data & MASK(SEL4_GUARD_SIZE_BITS);
        if (guard_size + cap_cnode_radix(cap) > WORD_BITS)
            return cap_null();
        cap.w1 = (data >> SEL4_GUARD_SIZE_BITS) & MASK(guard_size);
        return cap_set_bits(cap, 52, 47, guard_size);
    }
    default: return cap;
    }
}

bool cap_is_physical(cap_t cap)
{
    switch (cap_type(cap)) {
    case CAP_UNTYPED:
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_CNODE:
    case CAP_TCB:
    case CAP_ZOMBIE:
    case CAP_FRAME:
    case CAP_PAGE_TABLE:
    case CAP_ASID_POOL:
    case CAP_SENDER_TABLE:
    case CAP_REGISTRATION: return true;
    default: return own_is_physical(cap);
    }
}

word_t cap_zombie_size_bits(cap_t cap)
{
    unsigned kind = cap_zombie_kind(cap);
    if (kind == CAP_ZOMBIE_TCB)
        return seL4_TCBBits;
    return kind >= CAP_ZOMBIE_SENDERS ? kind - CAP_ZOMBIE_SENDERS : kind + seL4_SlotBits;
}

word_t cap_size_bits(cap_t cap)
{
    switch (cap_type(cap)) {
    case CAP_UNTYPED: return cap_untyped_bits(cap);
    case CAP_ENDPOINT: return seL4_EndpointBits;
    case CAP_REGISTRATION:
    case CAP_NOTIFICATION: return seL4_NotificationBits;
    case CAP_CNODE: return cap_cnode_radix(cap) + seL4_SlotBits;
    case CAP_TCB: return seL4_TCBBits;
    case CAP_ZOMBIE: return cap_zombie_size_bits(cap);
    case CAP_SENDER_TABLE: return cap_sender_table_bits(cap);
    case CAP_FRAME: return cap_frame_bits(cap);
    case CAP_PAGE_TABLE: return seL4_PageTableBits;
    case CAP_ASID_POOL: return seL4_ASIDPoolBits;
    default: return own_size_bits(cap);
    }
}

/* A TCB's or sender table's zombie points at the slots, which lie inside the object. */
word_t cap_object(cap_t cap)
{
    if (cap_is(cap, CAP_IRQ_HANDLER))
        return cap.w1;
    if (cap_is(cap, CAP_ZOMBIE) && cap_zombie_kind(cap) == CAP_ZOMBIE_TCB)
        return (word_t)cap_ptr(cap) - offsetof(tcb_t, slots);
    if (cap_is(cap, CAP_ZOMBIE) && cap_zombie_kind(cap) >= CAP_ZOMBIE_SENDERS)
        return ALIGN_DOWN((word_t)cap_ptr(cap), cap_zombie_size_bits(cap));
    if (cap_is_physical(cap) || cap_is(cap, CAP_REPLY))
        return (word_t)cap_ptr(cap);
    return 0;
}

/* Does b's memory lie within a's? */
static bool contains(cap_t a, cap_t b)
{
    word_t a_base = cap_object(a), b_base = cap_object(b);
    word_t a_top = a_base + MASK(cap_size_bits(a)), b_top = b_base + MASK(cap_size_bits(b));
    return a_base <= b_base && b_top <= a_top && b_base <= b_top;
}

bool cap_same_region(cap_t a, cap_t b)
{
    switch (cap_type(a)) {
    case CAP_UNTYPED: return cap_is_physical(b) && contains(a, b);
    case CAP_FRAME: return cap_is(b, CAP_FRAME) && contains(a, b);
    case CAP_CNODE:
        return cap_is(b, CAP_CNODE) && cap_ptr(a) == cap_ptr(b) &&
               cap_cnode_radix(a) == cap_cnode_radix(b);
    case CAP_NOTIFICATION:
    case CAP_REGISTRATION:
        return (cap_is(b, CAP_NOTIFICATION) || cap_is(b, CAP_REGISTRATION)) &&
               cap_ptr(a) == cap_ptr(b);
    case CAP_ENDPOINT:
    case CAP_TCB:
    case CAP_REPLY:
    case CAP_PAGE_TABLE:
    case CAP_SENDER_TABLE:
    case CAP_ASID_POOL: return cap_type(a) == cap_type(b) && cap_ptr(a) == cap_ptr(b);
    case CAP_DOMAIN:
    case CAP_TRACE: return cap_type(a) == cap_type(b);
    case CAP_IRQ_CONTROL: return cap_is(b, CAP_IRQ_CONTROL) || cap_is(b, CAP_IRQ_HANDLER);
    case CAP_IRQ_HANDLER: return cap_is(b, CAP_IRQ_HANDLER) && a.w1 == b.w1;
    case CAP_ASID_CONTROL: return cap_is(b, CAP_ASID_CONTROL) || cap_is(b, CAP_ASID_POOL);
    default: return own_same_region(a, b);
    }
}

bool cap_same_object(cap_t a, cap_t b)
{
    switch (cap_type(a)) {
    case CAP_UNTYPED: return false;
    case CAP_IRQ_CONTROL: return cap_is(b, CAP_IRQ_CONTROL);
    case CAP_ASID_CONTROL: return cap_is(b, CAP_ASID_CONTROL);
    case CAP_FRAME:
        return cap_is(b, CAP_FRAME) && cap_ptr(a) == cap_ptr(b) &&
               cap_frame_size(a) == cap_frame_size(b) && cap_frame_device(a) == cap_frame_device(b);
    default: return cap_same_region(a, b);
    }
}

bool cap_revocable(cap_t derived, cap_t from)
{
    switch (cap_type(derived)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION: return cap_badge(derived) != cap_badge(from);
    case CAP_IRQ_HANDLER: return cap_is(from, CAP_IRQ_CONTROL);
    case CAP_UNTYPED: return true;
    default: return false;
    }
}

finalise_t cap_finalise(cap_t cap, bool final, bool exposed)
{
    finalise_t result = {cap_null(), cap_null()};
    (void)exposed;
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        if (final)
            ep_cancel_all(cap_ptr(cap));
        break;
    case CAP_NOTIFICATION:
        if (final) {
            policy_ntfn_deleted(cap_ptr(cap));
            ntfn_unbind(cap_ptr(cap));
            ntfn_cancel_all(cap_ptr(cap));
        }
        break;
    case CAP_CNODE:
        if (final)
            result.remainder =
                cap_zombie(cap_ptr(cap), cap_cnode_radix(cap), BIT(cap_cnode_radix(cap)));
        break;
    case CAP_TCB:
        if (final) {
            tcb_t *t = cap_ptr(cap);
            tcb_finalise(t);
            result.remainder = cap_zombie(t->slots, CAP_ZOMBIE_TCB, TCB_SLOTS);
        }
        break;
    case CAP_ZOMBIE: result.remainder = cap; break;
    case CAP_IRQ_HANDLER:
        if (final) {
            slot_delete_simple(&irq_slots[cap.w1]);
            result.cleanup = cap;
        }
        break;
    case CAP_FRAME: frame_finalise(cap); break;
    case CAP_PAGE_TABLE: page_table_finalise(cap, final); break;
    case CAP_ASID_POOL: asid_pool_finalise(cap, final); break;
    case CAP_SENDER_TABLE: result.remainder = sender_table_finalise(cap, final); break;
    case CAP_REGISTRATION: registration_end(cap); break;
    default: own_finalise(cap, final); break;
    }
    return result;
}

word_t object_size_bits(word_t type, word_t user_size)
{
    switch (type) {
    case seL4_UntypedObject: return user_size;
    case seL4_TCBObject: return seL4_TCBBits;
    case seL4_EndpointObject: return seL4_EndpointBits;
    case seL4_NotificationObject: return seL4_NotificationBits;
    case seL4_CapTableObject: return user_size + seL4_SlotBits;
    case seL4_RISCV_4K_Page: return seL4_PageBits;
    case seL4_RISCV_Mega_Page: return seL4_LargePageBits;
    case seL4_RISCV_Giga_Page: return seL4_HugePageBits;
    case seL4_RISCV_PageTableObject: return seL4_PageTableBits;
    case u4_SenderTableObject: return user_size;
    default: return own_object_bits(type, user_size);
    }
}

static cap_t create_one(word_t type, void *object, word_t user_size, bool device)
{
    switch (type) {
    case seL4_UntypedObject: return cap_untyped(object, (unsigned)user_size, device, 0);
    case seL4_TCBObject: tcb_init(object, hart->current); return cap_make(CAP_TCB, 0, object, 0);
    case seL4_EndpointObject: return cap_endpoint(object, RIGHTS_ALL, 0);
    case seL4_NotificationObject: return cap_notification(object, RIGHTS_ALL, 0);
    case seL4_CapTableObject: return cap_cnode(object, (unsigned)user_size, 0, 0);
    case seL4_RISCV_4K_Page: return cap_frame(object, FRAME_4K, FRAME_READ_WRITE, device);
    case seL4_RISCV_Mega_Page: return cap_frame(object, FRAME_MEGA, FRAME_READ_WRITE, device);
    case seL4_RISCV_Giga_Page: return cap_frame(object, FRAME_GIGA, FRAME_READ_WRITE, device);
    case seL4_RISCV_PageTableObject: return cap_page_table(object);
    case u4_SenderTableObject: return cap_sender_table(object, (unsigned)user_size, NULL);
    default: return own_create(type, object, user_size);
    }
}

void object_create(word_t type, slot_t *parent, slot_t *dest, word_t count, void *base,
                   word_t user_size, bool device)
{
    word_t size = BIT(object_size_bits(type, user_size));
    for (word_t i = 0; i < count; i++) {
        void *object = (char *)base + i * size;
        cap_t cap = create_one(type, object, user_size, device);
        slot_insert_original(parent, &dest[i], cap);
        TRACE(cap_make, TRACE_CAP_OP_RETYPE, cap_type(cap), TRACE_REF(&dest[i]), TRACE_REF(parent),
              TRACE_REF(object), 0);
    }
}
