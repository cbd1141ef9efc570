/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Capabilities: two words, by type. Word 0 holds the type in its top five bits, small fields
 * below it and the object's address in bits 38:0 (kernel virtual addresses keep their upper bits
 * all ones). Word 1 is the badge, guard, mapping, free index... as listed below. The layout is
 * published to debuggers by u4_inspect; nothing outside this header shifts by hand.
 *
 *   type          word 0 fields                       word 1
 *   null          0                                   0
 *   untyped       device 58, size bits 57:52, ptr     free index, in units of 16 bytes
 *   endpoint      rights 58:55 (RIGHT_*), ptr         badge
 *   notification  rights 58:55, ptr                   badge
 *   reply         master 58, grant 57, ptr (caller)   0
 *   cnode         radix 58:53, guard size 52:47, ptr  guard
 *   tcb           ptr                                 0
 *   irq_control   -                                   0
 *   irq_handler   -                                   interrupt number
 *   zombie        kind 58:53 (63: TCB, 40 + size bits: sender table, else radix), ptr
 *                                                     slots left to delete
 *   domain        -                                   0
 *   frame         device 58, size 57:56, rights 55:54, ptr   asid 63:48, address 38:0
 *   page_table    mapped 58, ptr                      asid 63:48, address 38:0
 *   asid_control  -                                   0
 *   asid_pool     ptr                                 first ASID
 *   trace         -                                   0
 *   sender_table  bound 58, size bits 57:52, ptr      bound: the TCB in whose slot it is
 *   registration  receiver 58 = 1, index 55:47, ptr   badge
 *   registration  receiver 58 = 0, table's size bits 57:53, vector 52:47, ptr
 *                                                     address of the sender table's entry
 *                 (ptr: the notification)
 */
#ifndef KERNEL_OBJECT_CAP_H
#define KERNEL_OBJECT_CAP_H

#include "kernel/types.h"
#include "trace/ids.h"

typedef enum {
    CAP_NULL = TRACE_CAPTYPE_NULL,
    CAP_FRAME = TRACE_CAPTYPE_FRAME,
    CAP_UNTYPED = TRACE_CAPTYPE_UNTYPED,
    CAP_PAGE_TABLE = TRACE_CAPTYPE_PAGE_TABLE,
    CAP_ENDPOINT = TRACE_CAPTYPE_ENDPOINT,
    CAP_NOTIFICATION = TRACE_CAPTYPE_NOTIFICATION,
    CAP_REPLY = TRACE_CAPTYPE_REPLY,
    CAP_CNODE = TRACE_CAPTYPE_CNODE,
    CAP_ASID_CONTROL = TRACE_CAPTYPE_ASID_CONTROL,
    CAP_TCB = TRACE_CAPTYPE_TCB,
    CAP_ASID_POOL = TRACE_CAPTYPE_ASID_POOL,
    CAP_IRQ_CONTROL = TRACE_CAPTYPE_IRQ_CONTROL,
    CAP_IRQ_HANDLER = TRACE_CAPTYPE_IRQ_HANDLER,
    CAP_ZOMBIE = TRACE_CAPTYPE_ZOMBIE,
    CAP_DOMAIN = TRACE_CAPTYPE_DOMAIN,
    CAP_SCHED_CONTEXT = TRACE_CAPTYPE_SCHED_CONTEXT,
    CAP_SCHED_CONTROL = TRACE_CAPTYPE_SCHED_CONTROL,
    CAP_TRACE = TRACE_CAPTYPE_TRACE,
    CAP_SENDER_TABLE = TRACE_CAPTYPE_SENDER_TABLE,
    CAP_REGISTRATION = TRACE_CAPTYPE_REGISTRATION,
} cap_type_t;

typedef struct {
    word_t w0, w1;
} cap_t;

/* Rights in endpoint and notification capabilities; the order of seL4_CapRights. */
enum {
    RIGHT_SEND = SEL4_RIGHT_WRITE,
    RIGHT_RECV = SEL4_RIGHT_READ,
    RIGHT_GRANT = SEL4_RIGHT_GRANT,
    RIGHT_GRANT_REPLY = SEL4_RIGHT_GRANT_REPLY,
    RIGHTS_ALL = 15,
};

/* Frame rights, as in a page table entry's R and W bits. */
enum { FRAME_KERNEL_ONLY = 0, FRAME_READ = 1, FRAME_READ_WRITE = 3 };
enum { FRAME_4K = 0, FRAME_MEGA = 1, FRAME_GIGA = 2 };

#define CAP_TYPE_SHIFT 59
#define CAP_PTR_BITS 39
#define CAP_RIGHTS_SHIFT 55
#define CAP_ZOMBIE_TCB 63
#define CAP_ZOMBIE_SENDERS 40 /* + size bits, at most 20 */

ALWAYS_INLINE cap_type_t cap_type(cap_t c)
{
    return (cap_type_t)(c.w0 >> CAP_TYPE_SHIFT);
}

ALWAYS_INLINE bool cap_is(cap_t c, cap_type_t type)
{
    return cap_type(c) == type;
}

ALWAYS_INLINE void *cap_ptr(cap_t c)
{
    return (void *)((int64_t)(c.w0 << (64 - CAP_PTR_BITS)) >> (64 - CAP_PTR_BITS));
}

ALWAYS_INLINE word_t cap_bits(cap_t c, unsigned high, unsigned low)
{
    return (c.w0 << (63 - high)) >> (63 - high + low);
}

ALWAYS_INLINE cap_t cap_set_bits(cap_t c, unsigned high, unsigned low, word_t value)
{
    word_t mask = MASK(high - low + 1) << low;
    c.w0 = (c.w0 & ~mask) | ((value << low) & mask);
    return c;
}

ALWAYS_INLINE cap_t cap_make(cap_type_t type, word_t fields, const void *ptr, word_t w1)
{
    return (cap_t){((word_t)type << CAP_TYPE_SHIFT) | fields | ((word_t)ptr & MASK(CAP_PTR_BITS)),
                   w1};
}

/* Of the same type, for the same object or memory. */
ALWAYS_INLINE bool cap_same_memory(cap_t a, cap_t b)
{
    return a.w0 == b.w0;
}
/* And alike in all else. */
ALWAYS_INLINE bool cap_same(cap_t a, cap_t b)
{
    return cap_same_memory(a, b) && a.w1 == b.w1;
}

ALWAYS_INLINE cap_t cap_null(void)
{
    return (cap_t){0, 0};
}

/* Untyped */
ALWAYS_INLINE cap_t cap_untyped(void *ptr, unsigned size_bits, bool device, word_t free_index)
{
    return cap_make(CAP_UNTYPED, ((word_t)device << 58) | ((word_t)size_bits << 52), ptr,
                    free_index);
}
ALWAYS_INLINE unsigned cap_untyped_bits(cap_t c)
{
    return (unsigned)cap_bits(c, 57, 52);
}
ALWAYS_INLINE bool cap_untyped_device(cap_t c)
{
    return cap_bits(c, 58, 58);
}

/* Endpoint and notification: rights and badge. */
ALWAYS_INLINE cap_t cap_endpoint(void *ep, word_t rights, word_t badge)
{
    return cap_make(CAP_ENDPOINT, rights << CAP_RIGHTS_SHIFT, ep, badge);
}
ALWAYS_INLINE cap_t cap_notification(void *ntfn, word_t rights, word_t badge)
{
    return cap_make(CAP_NOTIFICATION, rights << CAP_RIGHTS_SHIFT, ntfn, badge);
}
ALWAYS_INLINE word_t cap_rights(cap_t c)
{
    return cap_bits(c, 58, 55);
}
ALWAYS_INLINE bool cap_may(cap_t c, word_t right)
{
    return c.w0 & (right << CAP_RIGHTS_SHIFT);
}
ALWAYS_INLINE word_t cap_badge(cap_t c)
{
    return c.w1;
}

/* Reply: the master sits in the caller's own reply slot, its child with the one who must answer. */
ALWAYS_INLINE cap_t cap_reply(void *tcb, bool master, bool grant)
{
    return cap_make(CAP_REPLY, ((word_t)master << 58) | ((word_t)grant << 57), tcb, 0);
}
ALWAYS_INLINE bool cap_reply_master(cap_t c)
{
    return cap_bits(c, 58, 58);
}
ALWAYS_INLINE bool cap_reply_grant(cap_t c)
{
    return cap_bits(c, 57, 57);
}

/* CNode */
ALWAYS_INLINE cap_t cap_cnode(void *ptr, unsigned radix, unsigned guard_size, word_t guard)
{
    return cap_make(CAP_CNODE, ((word_t)radix << 53) | ((word_t)guard_size << 47), ptr, guard);
}
ALWAYS_INLINE unsigned cap_cnode_radix(cap_t c)
{
    return (unsigned)cap_bits(c, 58, 53);
}
ALWAYS_INLINE unsigned cap_cnode_guard_size(cap_t c)
{
    return (unsigned)cap_bits(c, 52, 47);
}
ALWAYS_INLINE word_t cap_cnode_guard(cap_t c)
{
    return c.w1;
}

/* Zombie: what is left of a CNode or TCB while its slots are being deleted. */
ALWAYS_INLINE cap_t cap_zombie(void *slots, unsigned kind, word_t left)
{
    return cap_make(CAP_ZOMBIE, (word_t)kind << 53, slots, left);
}
ALWAYS_INLINE unsigned cap_zombie_kind(cap_t c)
{
    return (unsigned)cap_bits(c, 58, 53);
}

/* Frame and page table: `asid` 0 means not mapped. A frame in a thread's ring slot has its place
 * in the table of user rings, from 1, as the address. */
#define CAP_MAP(asid, vaddr) (((word_t)(asid) << 48) | ((vaddr)&MASK(39)))
ALWAYS_INLINE cap_t cap_frame(void *ptr, unsigned size, unsigned rights, bool device)
{
    return cap_make(CAP_FRAME,
                    ((word_t)device << 58) | ((word_t)size << 56) | ((word_t)rights << 54), ptr, 0);
}
ALWAYS_INLINE unsigned cap_frame_size(cap_t c)
{
    return (unsigned)cap_bits(c, 57, 56);
}
ALWAYS_INLINE unsigned cap_frame_bits(cap_t c)
{
    return 12 + 9 * cap_frame_size(c);
}
ALWAYS_INLINE unsigned cap_frame_rights(cap_t c)
{
    return (unsigned)cap_bits(c, 55, 54);
}
ALWAYS_INLINE bool cap_frame_device(cap_t c)
{
    return cap_bits(c, 58, 58);
}
ALWAYS_INLINE cap_t cap_page_table(void *ptr)
{
    return cap_make(CAP_PAGE_TABLE, 0, ptr, 0);
}
ALWAYS_INLINE bool cap_pt_mapped(cap_t c)
{
    return cap_bits(c, 58, 58);
}
ALWAYS_INLINE word_t cap_mapped_asid(cap_t c)
{
    return c.w1 >> 48;
}
ALWAYS_INLINE vaddr_t cap_mapped_vaddr(cap_t c)
{
    return c.w1 & MASK(39);
}
/* The capability with another mapping; `asid` 0: with none. */
ALWAYS_INLINE cap_t cap_frame_mapping(cap_t c, word_t asid, vaddr_t vaddr)
{
    c.w1 = CAP_MAP(asid, vaddr);
    return c;
}
ALWAYS_INLINE cap_t cap_pt_mapping(cap_t c, word_t asid, vaddr_t vaddr)
{
    c.w1 = CAP_MAP(asid, vaddr);
    return cap_set_bits(c, 58, 58, asid != 0);
}

/* ASID pool: `first` is a multiple of its 512 ASIDs. */
ALWAYS_INLINE cap_t cap_asid_pool(void *ptr, word_t first)
{
    return cap_make(CAP_ASID_POOL, 0, ptr, first);
}
ALWAYS_INLINE word_t cap_asid_pool_first(cap_t c)
{
    return c.w1;
}

/* Sender table; `tcb`: the thread in whose own slot the capability is, NULL in others. */
ALWAYS_INLINE cap_t cap_sender_table(void *ptr, unsigned size_bits, const void *tcb)
{
    return cap_make(CAP_SENDER_TABLE, ((word_t)(tcb != NULL) << 58) | ((word_t)size_bits << 52),
                    ptr, (word_t)tcb);
}
ALWAYS_INLINE unsigned cap_sender_table_bits(cap_t c)
{
    return (unsigned)cap_bits(c, 57, 52);
}
ALWAYS_INLINE bool cap_sender_table_bound(cap_t c)
{
    return cap_bits(c, 58, 58);
}

/* Registrations with a notification: never in a user's CNode, see uintr/registration.h. */
ALWAYS_INLINE cap_t cap_receiver(void *ntfn, unsigned index, word_t badge)
{
    return cap_make(CAP_REGISTRATION, 1ull << 58 | (word_t)index << 47, ntfn, badge);
}
ALWAYS_INLINE cap_t cap_sender(void *ntfn, unsigned table_bits, unsigned vector, void *entry)
{
    return cap_make(CAP_REGISTRATION, (word_t)table_bits << 53 | (word_t)vector << 47, ntfn,
                    (word_t)entry);
}
ALWAYS_INLINE bool cap_is_receiver(cap_t c)
{
    return cap_bits(c, 58, 58);
}
ALWAYS_INLINE unsigned cap_receiver_index(cap_t c)
{
    return (unsigned)cap_bits(c, 55, 47);
}
ALWAYS_INLINE unsigned cap_sender_bits(cap_t c)
{
    return (unsigned)cap_bits(c, 57, 53);
}
ALWAYS_INLINE unsigned cap_sender_vector(cap_t c)
{
    return (unsigned)cap_bits(c, 52, 47);
}
/* The badge of the capability that was registered with. */
ALWAYS_INLINE word_t cap_registration_badge(cap_t c)
{
    return cap_is_receiver(c) ? c.w1 : cap_sender_vector(c);
}

#endif
