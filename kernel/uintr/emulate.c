/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions of user interrupts on a hart that does not have them: uret, the user CSRs
 * and uipi trap as illegal, and are executed here on the state in the TCB. A machine must give
 * the instruction in stval, as RISC-V Privileged 1.12, 4.1.9 allows and QEMU does.
 */
#include "kernel/hart.h"
#include "kernel/uintr/context.h"
#include "kernel/uintr/csr.h"
#include "kernel/uintr/receiver.h"
#include "kernel/uintr/table.h"

enum { OPCODE_SYSTEM = 0x73, OPCODE_UIPI = 0x7b, URET = 0x00200073, FUNCT3_UIPI = 6 };
enum { UIPI_SEND, UIPI_READ, UIPI_WRITE, UIPI_ACTIVATE, UIPI_DEACTIVATE };
enum { CSR_OP_WRITE = 1, CSR_OP_SET, CSR_OP_CLEAR, CSR_OP_IMMEDIATE = 4 };

static word_t field(word_t instruction, unsigned high, unsigned low)
{
    return instruction >> low & MASK(high - low + 1);
}

static word_t read_register(const tcb_t *t, word_t number)
{
    return number ? t->regs[number] : 0;
}

static void write_register(tcb_t *t, word_t number, word_t value)
{
    if (number)
        t->regs[number] = value;
}

/* Where a CSR is kept, and which of its bits can be written; NULL: not one of ours. Without
 * delegation uie and uip have no bits. */
static word_t *find_csr(tcb_t *t, word_t number, word_t *mask)
{
    uintr_state_t *s = &t->uintr;
    *mask = ~0ull;
    switch (number) {
    case CSR_USTATUS: *mask = USTATUS_UIE | USTATUS_UPIE; return &s->ustatus;
    case CSR_UIE: *mask = t->uintr_used ? UINTR_SOFTWARE : 0; return &s->uie;
    case CSR_UIP: *mask = t->uintr_used ? UINTR_SOFTWARE : 0; return &s->uip;
    case CSR_UTVEC: return &s->utvec;
    case CSR_USCRATCH: return &s->uscratch;
    case CSR_UEPC: *mask = ~1ull; return &s->uepc;
    case CSR_UCAUSE: return &s->ucause;
    case CSR_UTVAL: return &s->utval;
    default: return NULL;
    }
}

static bool emulate_csr(tcb_t *t, word_t instruction)
{
    word_t mask, number = field(instruction, 31, 20), source = field(instruction, 19, 15);
    word_t op = field(instruction, 14, 12);
    word_t *csr = find_csr(t, number, &mask);
    if (!csr || op % 4 == 0)
        return false;
    word_t old = *csr & mask, operand = op & CSR_OP_IMMEDIATE ? source : read_register(t, source);
    word_t value = operand;
    switch (op % 4) {
    case CSR_OP_SET: value = old | operand; break;
    case CSR_OP_CLEAR: value = old & ~operand; break;
    default: break;
    }
    bool reserved = number == CSR_UTVEC && (value & 3) > 1; /* mode: changes nothing */
    if ((op % 4 == CSR_OP_WRITE || source) && !reserved)
        *csr = value & mask;
    write_register(t, field(instruction, 11, 7), old);
    return true;
}

static bool emulate_uipi(tcb_t *t, word_t instruction)
{
    word_t operation = field(instruction, 31, 25), rd = field(instruction, 11, 7);
    word_t operand = read_register(t, field(instruction, 19, 15));
    unsigned entry = t->uintr_used ? t->uintr.entry : NO_RECEIVER;
    if (field(instruction, 14, 12) != FUNCT3_UIPI || operation > UIPI_DEACTIVATE ||
        field(instruction, 24, 20) != 0)
        return false;
    if (operation == UIPI_SEND) {
        sender_emulate(t, operand);
    } else if (entry == NO_RECEIVER) {
        if (operation == UIPI_READ)
            write_register(t, rd, 0);
    } else if (operation == UIPI_READ) {
        write_register(t, rd, uintc_read(entry, UINTC_HIGH));
    } else if (operation == UIPI_WRITE) {
        uintc_write(entry, UINTC_HIGH, operand);
    } else {
        uintc_write(entry, UINTC_ACTIVE, operation == UIPI_ACTIVATE);
    }
    return true;
}

static void emulate_uret(tcb_t *t)
{
    uintr_state_t *s = &t->uintr;
    t->regs[REG_PC] = s->uepc;
    s->ustatus = USTATUS_UPIE | (s->ustatus & USTATUS_UPIE ? USTATUS_UIE : 0);
}

bool uintr_emulate(tcb_t *t, word_t instruction)
{
    bool ours;
    if (!uintc_emulated())
        return false;
    t->regs[REG_PC] = t->fault_pc + 4;
    switch (field(instruction, 6, 0)) {
    case OPCODE_SYSTEM:
        ours = instruction == URET;
        if (ours)
            emulate_uret(t);
        else
            ours = emulate_csr(t, instruction);
        break;
    case OPCODE_UIPI: ours = emulate_uipi(t, instruction); break;
    default: ours = false;
    }
    if (!ours)
        t->regs[REG_PC] = t->fault_pc;
    else if (t->uintr_used)
        uintr_enter(t);
    return ours;
}
