/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A supervisor under the distribution's own firmware, with page tables: user code sends,
 * is interrupted, handles and returns, on one hart and from another; a blocked receiver's
 * supervisor is interrupted. This is the way a kernel uses the machine.
 */
#include "machine.h"

#define RECEIVER 5
#define SBI_HSM 0x48534dul
#define HART_START 0

/* User code runs in an alias of all memory, one gigabyte up, that has the U bit. */
#define USER_ALIAS 0x40000000ul
#define PTE_V 1ul
#define PTE_RWX (7ul << 1)
#define PTE_U (1ul << 4)
#define PTE_AD (3ul << 6)
#define SATP_SV39 (8ul << 60)

void supervisor_main(unsigned hart, const void *tree);
void second_main(unsigned hart);
void supervisor_trap(uint64_t cause, uint64_t pc, uint64_t value);
extern char user_handler[], hart_start[];

static uint64_t page_table[512] __attribute__((aligned(4096)));
static uint8_t user_stack[MAX_HARTS][4096] __attribute__((aligned(16)));
static user_t user[MAX_HARTS];
static volatile uint64_t handled_bits;
static volatile unsigned handled;

unsigned hart_id(void)
{
    unsigned id;

    __asm__ volatile("mv %0, tp" : "=r"(id));
    return id;
}

static uint64_t sbi(uint64_t extension, uint64_t function, uint64_t x, uint64_t y)
{
    register uint64_t a0 __asm__("a0") = x;
    register uint64_t a1 __asm__("a1") = y;
    register uint64_t a2 __asm__("a2") = 0;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;

    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return a0;
}

static void use_page_table(void)
{
    page_table[0] = PTE_V | PTE_RWX | PTE_AD;
    page_table[2] = (0x80000000ul >> 12) << 10 | PTE_V | PTE_RWX | PTE_AD;
    page_table[3] = page_table[2] | PTE_U;
    csr_write(satp, SATP_SV39 | (uint64_t)page_table >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
}

/* ---- user code: it and what it touches are reached relative to its pc, so aliased ---- */

#define uipi_send(index) \
    __asm__ volatile(".insn r 0x7b, 6, 0, x0, %0, x0" ::"r"((uint64_t)(index)) : "memory")

static void user_on_interrupt(uint64_t cause)
{
    uint64_t bits;

    __asm__ volatile("csrci 0x044, 1" ::: "memory"); /* uip.USIP, before the bits */
    __asm__ volatile(".insn r 0x7b, 6, 1, %0, x0, x0" : "=r"(bits)::"memory");
    handled_bits |= cause == INTERRUPT ? bits : 0;
    handled = handled + 1;
}

static void user_send_to_self(void)
{
    for (uint64_t v = 0; v < 64; v++) {
        uipi_send(v);
    }
    __asm__ volatile("ecall");
}

static void user_wait(void)
{
    __asm__ volatile("ecall");
}

/* ---- the supervisor ---- */

static uintptr_t aliased(const void *p)
{
    return (uintptr_t)p + USER_ALIAS;
}

static uint64_t run_user(void (*f)(void))
{
    user_t *u = &user[hart_id()];

    u->pc = aliased((void *)f);
    u->x[2] = aliased(user_stack[hart_id()] + sizeof(user_stack[0]));
    u->x[4] = hart_id();
    csr_clear(sstatus, 1ul << 8);
    enter(u);
    return u->cause;
}

static void setup_user(void)
{
    csr_write(0x103, INT_USER_SOFT);
    csr_set(sie, INT_USER_SOFT);
    csr_write(0x1b0, suist_for(sender_table[hart_id()], 1));
    csr_write(0x1b1, ENABLE | RECEIVER);
    csr_write(0x005, aliased(user_handler));
    csr_write(0x040, aliased((void *)user_on_interrupt));
    csr_write(0x000, STATUS_UIE);
    for (unsigned v = 0; v < 64; v++) {
        sender_table[hart_id()][v] = sender(RECEIVER, v);
    }
}

static void test_self(void)
{
    *uintc_reg(RECEIVER, REG_LOW) = LOW_HART(hart_id()) | LOW_WIDE | LOW_ACTIVE;
    check_equal(run_user(user_send_to_self), CAUSE_ECALL_U, "user code sends to itself, paged");
    check_equal(handled_bits, ~0ul, "and handles all 64 vectors");
    check_equal(handled, 64, "in as many interrupts: each is taken at once");
    check_equal(csr_read(sip) & INT_USER, 0, "sip.USIP is clear afterwards");
}

static void start_second(void)
{
    if (sbi(SBI_HSM, HART_START, !hart_id(), (uintptr_t)hart_start) != 0) {
        bail("the firmware cannot start the second hart");
    }
}

/* The second hart sends one vector from user mode, and is done. */
static void user_send_one(void)
{
    uipi_send(33);
    __asm__ volatile("ecall");
}

void second_main(unsigned hart)
{
    (void)hart;
    use_page_table();
    setup_user();
    csr_write(0x000, 0ul);
    run_user(user_send_one);
}

static void wait_in_supervisor(void)
{
    while (!(csr_read(sip) & csr_read(sie))) {
        __asm__ volatile("wfi");
    }
}

static void test_from_another_hart(void)
{
    handled_bits = handled = 0;
    start_second();
    wait_in_supervisor();
    check_equal(csr_read(sip) & INT_USER, INT_USER_SOFT, "wfi ends when another hart sends");
    check_equal(handled, 0, "the supervisor is not interrupted by it");
    run_user(user_wait);
    check_equal(handled_bits, 1ul << 33, "user code is, as soon as it runs");
}

static void test_blocked_receiver(void)
{
    handled_bits = handled = 0;
    *uintc_reg(RECEIVER, REG_LOW) = LOW_HART(hart_id()) | LOW_WIDE | LOW_SUPER;
    csr_clear(sie, INT_USER_SOFT);
    csr_set(sie, INT_SUPER_SOFT);
    uipi_send(7);
    wait_in_supervisor();
    check_equal(csr_read(sip) & (INT_SUPER_SOFT | INT_USER_SOFT), INT_SUPER_SOFT,
                "S: the supervisor gets its software interrupt");
    csr_clear(sip, INT_SUPER_SOFT);
    csr_set(sie, INT_USER_SOFT);
    *uintc_reg(RECEIVER, REG_LOW) = LOW_HART(hart_id()) | LOW_WIDE | LOW_ACTIVE;
    run_user(user_wait);
    check_equal(handled_bits, 1ul << 7, "and lets the woken receiver take what came");
}

void supervisor_trap(uint64_t cause, uint64_t pc, uint64_t value)
{
    print("# scause 0x%lx sepc 0x%lx stval 0x%lx\n", cause, pc, value);
    bail("unexpected trap in S-mode");
}

void supervisor_main(unsigned hart, const void *tree)
{
    (void)hart, (void)tree;
    use_page_table();
    setup_user();
    test_self();
    test_from_another_hart();
    test_blocked_receiver();
    finish();
}
