/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/syscall/snapshot.h"

#ifdef U4_DEBUG

#include "kernel/hart.h"
#include "kernel/lib/print.h"
#include "kernel/object/object.h"

static const char *state_name(word_t state)
{
    static const char *const names[] = {
        "inactive",        "running",          "restart",         "blocked on recv",
        "blocked on send", "blocked on reply", "blocked on ntfn", "idle"};
    return state < ARRAY_SIZE(names) ? names[state] : "?";
}

static const char *type_name(cap_type_t type)
{
    switch (type) {
    case CAP_NULL: return "null";
    case CAP_FRAME: return "frame";
    case CAP_UNTYPED: return "untyped";
    case CAP_PAGE_TABLE: return "page table";
    case CAP_ENDPOINT: return "endpoint";
    case CAP_NOTIFICATION: return "notification";
    case CAP_REPLY: return "reply";
    case CAP_CNODE: return "cnode";
    case CAP_ASID_CONTROL: return "asid control";
    case CAP_TCB: return "tcb";
    case CAP_ASID_POOL: return "asid pool";
    case CAP_IRQ_CONTROL: return "irq control";
    case CAP_IRQ_HANDLER: return "irq handler";
    case CAP_ZOMBIE: return "zombie";
    case CAP_DOMAIN: return "domain";
    default: return "?";
    }
}

void snapshot_scheduler(void)
{
    kprintf("\nDumping all tcbs!\n");
    kprintf("%-40s %-16s %-18s %s\n", "Name", "State", "IP", "Prio");
    for (const tcb_t *t = tcb_all_head; t; t = t->all_next)
        kprintf("%-40s %-16s %018lx %lu\n", t->name, state_name(t->state), t->fault_pc,
                t->priority);
}

/* One level: nested CNodes are named, their slots are listed with the thread they belong to. */
static void print_cnode(const tcb_t *t, cap_t root)
{
    const slot_t *slots = cap_ptr(root);
    kprintf("cspace of \"%s\": cnode %p radix %u guard %lx/%u\n", t->name, cap_ptr(root),
            cap_cnode_radix(root), cap_cnode_guard(root), cap_cnode_guard_size(root));
    for (word_t i = 0; i < BIT(cap_cnode_radix(root)); i++)
        if (!slot_empty(&slots[i]))
            kprintf("  %lx: %s %lx (%016lx %016lx)\n", i, type_name(cap_type(slots[i].cap)),
                    cap_object(slots[i].cap), slots[i].cap.w0, slots[i].cap.w1);
}

void snapshot_capabilities(void)
{
    for (const tcb_t *t = tcb_all_head; t; t = t->all_next) {
        cap_t root = t->slots[TCB_SLOT_CSPACE].cap;
        if (cap_is(root, CAP_CNODE))
            print_cnode(t, root);
    }
}

#endif
