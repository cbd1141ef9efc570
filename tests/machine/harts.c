/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot, the other harts, and the device tree. Harts wait in wfi, never by spinning: under
 * -icount a hart that spins keeps the one it waits for from running. What wakes them is
 * the CLINT's machine software interrupt or, on a machine with IMSICs, a message to one.
 */
#include "machine.h"
#include "harts.h"

#define INT_MACHINE_SOFT (1ul << 3)
#define INT_MACHINE_EXT (1ul << 11)
#define CLINT_BASE 0x2000000ul /* of the first socket; each has one */
#define CLINT_SIZE 0x10000ul
#define IMSIC_M ((volatile uint32_t *)0x24000000)
#define IMSIC_WORDS 1024 /* of one hart's page */
#define MTOPEI 0x35c
#define MISELECT 0x350
#define MIREG 0x351

typedef struct mailbox {
    void (*volatile function)(void *);
    void *argument;
    volatile bool done;
    volatile unsigned waiter;
} mailbox_t;

static mailbox_t mailboxes[MAX_HARTS];
static const uint8_t *fdt;
static bool imsic;
static unsigned harts_per_clint;

unsigned hart_id(void)
{
    return csr_read(mhartid);
}

unsigned hart_count(void)
{
    return fdt_count("cpu@");
}

static volatile uint32_t *msip(unsigned hart)
{
    return (volatile uint32_t *)(CLINT_BASE + hart / harts_per_clint * CLINT_SIZE +
                                 hart % harts_per_clint * 4);
}

static void imsic_set(uint64_t select, uint64_t value)
{
    csr_put(MISELECT, select);
    csr_put(MIREG, value);
}

static void wake_setup(void)
{
    if (imsic) {
        imsic_set(0x70, 1); /* eidelivery */
        imsic_set(0x72, 0); /* eithreshold */
        imsic_set(0xc0, 2); /* eie0: identity 1 */
    }
    csr_write(mie, 0ul);
}

void wake(unsigned hart)
{
    __asm__ volatile("fence rw, rw" ::: "memory");
    if (imsic) {
        IMSIC_M[hart * IMSIC_WORDS] = 1;
    } else {
        *msip(hart) = 1;
    }
}

/* Enabled only here: below M-mode, machine interrupts would come between the test's. */
void rest(void)
{
    uint64_t line = imsic ? INT_MACHINE_EXT : INT_MACHINE_SOFT;

    csr_set(mie, line);
    __asm__ volatile("wfi" ::: "memory");
    csr_clear(mie, line);
    if (!imsic) {
        *msip(hart_id()) = 0;
    } else if (csr_get(MTOPEI)) {
        csr_put(MTOPEI, 0);
    }
    __asm__ volatile("fence rw, rw" ::: "memory");
}

void start_on(unsigned hart, void (*f)(void *), void *argument)
{
    mailbox_t *m = &mailboxes[hart];

    m->argument = argument;
    m->done = false;
    m->waiter = hart_id();
    __asm__ volatile("fence rw, rw" ::: "memory");
    m->function = f;
    wake(hart);
}

void wait_for(unsigned hart)
{
    while (!mailboxes[hart].done) {
        rest();
    }
    __asm__ volatile("fence rw, rw" ::: "memory");
}

static void serve(mailbox_t *m)
{
    for (;;) {
        while (!m->function) {
            rest();
        }
        m->function(m->argument);
        m->function = NULL;
        __asm__ volatile("fence rw, rw" ::: "memory");
        m->done = true;
        wake(m->waiter);
    }
}

void hart_main(unsigned hart, const void *tree)
{
    uint32_t length = 16;

    if (hart == 0) {
        fdt = tree;
    }
    fdt_find_in(tree, "clint@", "interrupts-extended", &length);
    harts_per_clint = length / 16;
    imsic = fdt_count_in(tree, "imsics@") != 0;
    wake_setup();
    if (hart == 0) {
        test_main();
        finish();
    }
    serve(&mailboxes[hart]);
}

/* ---- device tree ---- */

enum { FDT_BEGIN = 1, FDT_END, FDT_PROPERTY, FDT_NOP };

static bool starts_with(const char *s, const char *start)
{
    while (*start && *s == *start) {
        s++, start++;
    }
    return !*start;
}

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++, b++;
    }
    return *a == *b;
}

/* Walk the tree: counts nodes of that name; stops at the first's property if one is named. */
static const uint32_t *walk(const void *tree, const char *node, const char *name, uint32_t *length,
                            unsigned *count)
{
    const uint32_t *head = tree;
    const uint32_t *t = head + fdt_cell(head, 2) / 4;
    const char *strings = (const char *)tree + fdt_cell(head, 3);
    bool inside = false;

    for (;;) {
        switch (fdt_cell(t++, 0)) {
        case FDT_BEGIN: {
            const char *s = (const char *)t;

            inside = starts_with(s, node);
            *count += inside;
            while (*s) {
                s++;
            }
            t = (const uint32_t *)(((uintptr_t)s + 4) & ~3ul);
            break;
        }
        case FDT_END: inside = false; break;
        case FDT_PROPERTY:
            if (inside && name && same(strings + fdt_cell(t, 1), name)) {
                *length = fdt_cell(t, 0);
                return t + 2;
            }
            t += 2 + (fdt_cell(t, 0) + 3) / 4;
            break;
        case FDT_NOP: break;
        default: return NULL;
        }
    }
}

unsigned fdt_count_in(const void *tree, const char *node)
{
    unsigned count = 0;

    walk(tree, node, NULL, NULL, &count);
    return count;
}

unsigned fdt_count(const char *node)
{
    return fdt_count_in(fdt, node);
}

const uint32_t *fdt_find_in(const void *tree, const char *node, const char *name, uint32_t *length)
{
    unsigned count = 0;

    return walk(tree, node, name, length, &count);
}

const uint32_t *fdt_find(const char *node, const char *name, uint32_t *length)
{
    return fdt_find_in(fdt, node, name, length);
}
