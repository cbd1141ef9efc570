/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/sched/fpu.h"

#include "kernel/smp/smp.h"

void fpu_exchange(tcb_t *t)
{
    csr_set(sstatus, SSTATUS_FS);
    if (hart->fpu_owner == t)
        return;
    if (hart->fpu_owner)
        fpu_save(&hart->fpu_owner->fpu);
    fpu_load(&t->fpu);
    hart->fpu_owner = t;
}

bool fpu_first_use(tcb_t *t)
{
    if (t->fpu_used || (t->flags & seL4_TCBFlag_fpuDisabled))
        return false;
    t->fpu_used = true;
    fpu_exchange(t);
    return true;
}

void fpu_release(tcb_t *t, bool save)
{
    hart_t *h = t->hart;
    if (save)
        smp_save_fpu(t);
    if (h->fpu_owner == t) {
        if (save) {
            csr_set(sstatus, SSTATUS_FS);
            fpu_save(&t->fpu);
        }
        h->fpu_owner = NULL;
    }
    csr_clear(sstatus, SSTATUS_FS);
    if (hart->current->fpu_used && hart->fpu_owner == hart->current)
        csr_set(sstatus, SSTATUS_FS);
}
