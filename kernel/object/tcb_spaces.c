/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/object/tcb_spaces.h"

#include "kernel/object/object.h"
#include "kernel/syscall/error.h"
#include "kernel/trace/trace.h"

status_t tcb_check_buffer(word_t address, slot_t *from, space_t *buffer)
{
    buffer->from = NULL;
    if (address == 0)
        return OK;
    buffer->from = from;
    status_t status = cap_derive(from, from->cap, &buffer->cap);
    if (status != OK)
        return status;
    if (!cap_is(buffer->cap, CAP_FRAME) || cap_frame_device(buffer->cap))
        return fail_illegal(REASON(TCB_BUFFER));
    if (!IS_ALIGNED(address, seL4_IPCBufferSizeBits))
        return fail(seL4_AlignmentError, REASON(TCB_BUFFER));
    return OK;
}

bool tcb_valid_vspace(cap_t cap)
{
    return cap_is(cap, CAP_PAGE_TABLE) && cap_pt_mapped(cap);
}

status_t tcb_check_spaces(tcb_t *t, word_t cdata, slot_t *cfrom, space_t *cspace, word_t vdata,
                          slot_t *vfrom, space_t *vspace)
{
    if (slot_is_last_long_running(&t->slots[TCB_SLOT_CSPACE]) ||
        slot_is_last_long_running(&t->slots[TCB_SLOT_VSPACE]))
        return fail_illegal(REASON(STALE));
    cap_t cap = cfrom->cap;
    if (cdata != 0)
        cap = cap_update(cap, false, cdata);
    cspace->from = cfrom;
    status_t status = cap_derive(cfrom, cap, &cspace->cap);
    if (status != OK)
        return status;
    if (!cap_is(cspace->cap, CAP_CNODE))
        return fail_illegal(REASON(TCB_CSPACE));
    cap = vfrom->cap;
    if (vdata != 0)
        cap = cap_update(cap, false, vdata);
    vspace->from = vfrom;
    status = cap_derive(vfrom, cap, &vspace->cap);
    if (status != OK)
        return status;
    if (!tcb_valid_vspace(vspace->cap))
        return fail_illegal(REASON(TCB_VSPACE));
    return OK;
}

status_t tcb_replace(tcb_t *t, word_t index, const space_t *space)
{
    slot_t *slot = &t->slots[index];
    status_t status = slot_delete(slot);
    if (status != OK)
        return status;
    if (space->from && cap_same_object(space->cap, space->from->cap)) {
        slot_insert(space->from, slot, space->cap);
        TRACE(cap_make, TRACE_CAP_OP_COPY, cap_type(space->cap), TRACE_REF(slot),
              TRACE_REF(space->from), TRACE_REF(cap_object(space->cap)), 0);
    }
    return OK;
}

status_t tcb_set_spaces(tcb_t *t, const space_t *cspace, const space_t *vspace)
{
    status_t status = tcb_replace(t, TCB_SLOT_CSPACE, cspace);
    if (status == OK)
        status = tcb_replace(t, TCB_SLOT_VSPACE, vspace);
    if (status == OK)
        TRACE(thread_configure, TRACE_REF(t), TRACE_REF(cap_ptr(vspace->cap)),
              TRACE_REF(cap_ptr(cspace->cap)), tcb_fault_handler(t));
    return status;
}

status_t tcb_set_buffer(tcb_t *t, word_t address, const space_t *buffer)
{
    status_t status = tcb_replace(t, TCB_SLOT_BUFFER, buffer);
    if (status != OK)
        return status;
    t->buffer = address;
    TRACE(thread_ipc_buffer, TRACE_REF(t), TRACE_REF(buffer->from ? cap_ptr(buffer->cap) : NULL),
          address);
    return OK;
}
