/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hart as receiver and sender of user interrupts.
 */
#include "machine.h"

void receiver_setup(unsigned receiver)
{
    csr_put(UTVEC, (uintptr_t)user_vector);
    csr_put(USTATUS, 0);
    csr_put(SIDELEG, INT_USER_SOFT);
    csr_clear(mip, INT_USER | INT_SUPER_SOFT);
    csr_set(mie, INT_USER_SOFT);
    csr_put(SUIRS, ENABLE | receiver);
    csr_put(SUIST, suist_for(sender_table[hart_id()], 1));
}

bool receiver_take(uint64_t *bits)
{
    uint64_t a0 = 0;

    csr_put(USTATUS, STATUS_UIE);
    run_insn(PRV_U, INSN_NOP, &a0, 0);
    csr_put(USTATUS, 0);
    if (outcome() != TO_USER) {
        return false;
    }
    csr_clear(mip, INT_USER_SOFT); /* before the bits are read: what comes now is not lost */
    run_insn(PRV_U, insn_uipi(UIPI_READ, A0, 0), bits, 0);
    return true;
}

void send_vector(unsigned index, unsigned receiver, unsigned vector)
{
    uint64_t a0 = index;

    sender_table[hart_id()][index] = sender(receiver, vector);
    run_insn(PRV_U, insn_uipi(UIPI_SEND, 0, A0), &a0, 0);
}
