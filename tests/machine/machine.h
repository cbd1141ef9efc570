/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bare-metal world of the machine tests: M-mode on every hart, no paging, PMP open, one
 * flat address space. A test sets up CSRs and devices, runs a few instructions in a lower
 * privilege mode with enter(), and looks at where and why that ended. Checks are TAP lines
 * on the UART.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_HARTS 8

/* ---- CSRs and bits ---- */

#define csr_read(csr) \
    ({ \
        uint64_t v_; \
        __asm__ volatile("csrr %0, " #csr : "=r"(v_)::"memory"); \
        v_; \
    })
#define csr_write(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"(value) : "memory")
#define csr_set(csr, value) __asm__ volatile("csrs " #csr ", %0" ::"r"(value) : "memory")
#define csr_clear(csr, value) __asm__ volatile("csrc " #csr ", %0" ::"r"(value) : "memory")

/* Numbers of the CSRs of user interrupts, which the assembler does not know by name. */
#define USTATUS 0x000
#define UIE 0x004
#define UTVEC 0x005
#define USCRATCH 0x040
#define UEPC 0x041
#define UCAUSE 0x042
#define UTVAL 0x043
#define UIP 0x044
#define SEDELEG 0x102
#define SIDELEG 0x103
#define SUIST 0x1b0
#define SUIRS 0x1b1
#define SUICFG 0x1b2

#define STATUS_UIE (1ul << 0)
#define STATUS_SIE (1ul << 1)
#define STATUS_UPIE (1ul << 4)
#define STATUS_MPP (3ul << 11)
#define INT_USER_SOFT (1ul << 0)
#define INT_SUPER_SOFT (1ul << 1)
#define INT_USER_TIMER (1ul << 4)
#define INT_USER_EXT (1ul << 8)
#define INT_USER (INT_USER_SOFT | INT_USER_TIMER | INT_USER_EXT)
#define ENABLE (1ul << 63)    /* of suist and suirs */
#define INTERRUPT (1ul << 63) /* of a cause */

enum {
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_ECALL_U = 8,
    CAUSE_ECALL_S = 9,
    CAUSE_NONE = -1,
};

enum { PRV_U = 0, PRV_S = 1, PRV_M = 3 };

/* ---- instructions as data ---- */

enum { CSRRW = 1, CSRRS, CSRRC, CSRRWI = 5, CSRRSI, CSRRCI };
enum { A0 = 10, A1 = 11 };
enum { UIPI_SEND, UIPI_READ, UIPI_WRITE, UIPI_ACTIVATE, UIPI_DEACTIVATE };

#define INSN_NOP 0x00000013u
#define INSN_ECALL 0x00000073u
#define INSN_EBREAK 0x00100073u
#define INSN_URET 0x00200073u
#define INSN_SRET 0x10200073u

static inline uint32_t insn_csr(unsigned op, unsigned csr, unsigned rd, unsigned rs1)
{
    return csr << 20 | rs1 << 15 | op << 12 | rd << 7 | 0x73;
}

static inline uint32_t insn_uipi(unsigned op, unsigned rd, unsigned rs1)
{
    return op << 25 | rs1 << 15 | 6u << 12 | rd << 7 | 0x7b;
}

/* ---- the UINTC ---- */

#define UINTC_BASE 0x2f10000ul
#define UINTC_COUNT 512
#define LOW_ACTIVE (1ul << 0)
#define LOW_WIDE (1ul << 1)
#define LOW_SUPER (1ul << 2)
#define LOW_HART(h) ((uint64_t)(h) << 16)

enum { REG_SEND = 0x00, REG_LOW = 0x08, REG_HIGH = 0x10, REG_ACTIVE = 0x18 };

static inline volatile uint64_t *uintc_reg(unsigned receiver, unsigned reg)
{
    return (volatile uint64_t *)(UINTC_BASE + receiver * 32ul + reg);
}

/* A sender table of one page, in its own memory, and its entries. */
#define SENDERS 512
extern uint64_t sender_table[MAX_HARTS][SENDERS];

static inline uint64_t sender(unsigned receiver, unsigned vector)
{
    return (uint64_t)receiver << 48 | (uint64_t)vector << 16 | 1;
}

/* The value of suist for @pages pages at @table. */
static inline uint64_t suist_for(const uint64_t *table, uint64_t pages)
{
    return ENABLE | pages << 44 | (uint64_t)table >> 12;
}

/* ---- running code in a lower mode (start.S) ---- */

typedef struct user {
    uint64_t x[32];
    uint64_t pc;
    uint64_t cause; /* mcause when it came back */
    uint64_t tval;
    uint64_t saved_sp;
} user_t;

/* Run @u from u->pc in mstatus.MPP's mode until the next trap to M-mode; returns mcause. */
uint64_t enter(user_t *u);

/* Where traps to U and S end: an ecall there brings the hart back to M-mode. */
extern char user_vector[], supervisor_vector[];

/*
 * Run one instruction in mode @prv, with a0 and a1 set, then ecall. Returns the cause of
 * coming back; *a0 is updated. The user_t of the hart, this_user(), tells the rest.
 */
uint64_t run_insn(unsigned prv, uint32_t insn, uint64_t *a0, uint64_t a1);
user_t *this_user(void);

/* Whether the instruction was executed: what run_insn returned is its own ecall. */
bool executed(void);

/* Where that run ended. */
typedef enum outcome { DONE, TO_USER, TO_SUPERVISOR, TO_MACHINE } outcome_t;
outcome_t outcome(void);
const char *outcome_name(outcome_t o);

/* A CSR by number, from M-mode; an illegal one is fatal. */
uint64_t csr_get(unsigned csr);
void csr_put(unsigned csr, uint64_t value);
/* The same in mode @prv; false if it trapped. */
bool csr_try(unsigned prv, unsigned op, unsigned csr, uint64_t *value);

/* MMIO that may fault: the cause, or CAUSE_NONE. @bytes is 1, 2, 4 or 8. */
int64_t try_load(uintptr_t address, unsigned bytes, uint64_t *value);
int64_t try_store(uintptr_t address, unsigned bytes, uint64_t value);

/* All state of user interrupts on this hart and all of the UINTC as after reset. */
void clean_slate(void);
void set_mpp(unsigned prv);

/* ---- harts ---- */

unsigned hart_id(void);
unsigned hart_count(void);
/* Start @f on another hart, M-mode, own stack; and wait (in wfi) until it has returned. */
void start_on(unsigned hart, void (*f)(void *), void *argument);
void wait_for(unsigned hart);
/* Wake a hart that is in rest(); rest() returns at once if that happened since the last. */
void wake(unsigned hart);
void rest(void);

/* ---- receiving and sending, as user code does ---- */

/*
 * Make @receiver this hart's in suirs, delegate and enable its interrupt, and use the hart's
 * own sender table. What the hart had latched before is dropped. The entry is not touched.
 */
void receiver_setup(unsigned receiver);
/* Take one user interrupt if there is one, and the pending bits with it. */
bool receiver_take(uint64_t *bits);
/* Send through entry @index of the hart's sender table. */
void send_vector(unsigned index, unsigned receiver, unsigned vector);

/* ---- device tree ---- */

/* The first property @name of the first node whose name starts with @node, or NULL. */
const uint32_t *fdt_find(const char *node, const char *name, uint32_t *length);
unsigned fdt_count(const char *node);
static inline uint32_t fdt_cell(const uint32_t *cells, unsigned i)
{
    return __builtin_bswap32(cells[i]);
}

/* ---- output ---- */

void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One TAP line; returns @good. */
bool check(bool good, const char *name);
/* The same, showing both values when they differ. */
bool check_equal(uint64_t got, uint64_t want, const char *name);
__attribute__((noreturn)) void finish(void);
__attribute__((noreturn)) void bail(const char *why);
__attribute__((noreturn)) void reset_machine(void);

/* What each program is: called on hart 0; the others are at rest. */
void test_main(void);

#endif
