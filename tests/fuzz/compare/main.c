/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random system calls whose every result is printed, so that two kernels can be compared. Nothing
 * depends on time: one of a few threads makes one system call at a time, of the fuzzer's kind; the
 * supervisor, less important than they are, goes on when it has its answer or waits, and prints
 * what all threads' registers and IPC buffers hold. Threads that wait may be woken by others.
 * What differs by nature (physical addresses) is left out. Rounds begin anew every few hundred
 * steps, so that one difference does not hide all others. Boot arguments: compare.seed,
 * compare.rounds, compare.steps (of a round); a boot loader that hides them leaves the defaults.
 */
#include <stdio.h>

#include <u4/machine.h>
#include <u4/u4.h>

#include "abi/sel4/invocation.h"
#include "fuzz.h"
#include "message.h"
#include "random.h"

enum { THREADS = 3, ROOT_PRIORITY = 100, BUFFER_WORDS = 16 };
#define CNODE seL4_CapInitThreadCNode
#define NO_CPTR (~(seL4_Word)0)

/* Makes a system call, keeps what comes back, and stops for good: nobody handles the fault. */
extern const char compare_call[];
__asm__(".text\n"
        ".balign 4\n"
        ".global compare_call\n"
        "compare_call:\n"
        "    ecall\n"
        "    mv s2, a0\n"
        "    mv s3, a1\n"
        "    mv s4, a2\n"
        "    mv s5, a3\n"
        "    mv s6, a4\n"
        "    mv s7, a5\n"
        "    li a0, -1\n"
        "    li a7, -5\n"
        "    ecall\n"
        "    unimp\n");

static u4_alloc_t boot_alloc;
static u4_vspace_t own_space;
static round_t round_state;
static seL4_Word window;
static fuzz_dice_t dice;

static volatile seL4_IPCBuffer *buffer_of(unsigned thread)
{
    return (volatile seL4_IPCBuffer *)(window + thread * FUZZ_PAGE);
}

static void make_thread(unsigned i)
{
    const round_t *r = &round_state;
    seL4_CPtr copy = boot_alloc.end - THREADS + i;

    must(seL4_TCB_Configure(r->tcb[i], NO_CPTR, r->pool[0], FUZZ_POOL_GUARD, r->space[0], 0,
                            fuzz_buffer(i), r->buffer[i]),
         "configuring a thread");
    must(seL4_TCB_SetSchedParams(r->tcb[i], seL4_CapInitThreadTCB, 200, 150 + i),
         "setting a thread's priority");
    must(seL4_CNode_Copy(CNODE, copy, seL4_WordBits, CNODE, r->buffer[i], seL4_WordBits,
                         seL4_AllRights),
         "copying a buffer");
    must(u4_vspace_map(&own_space, copy, (seL4_Word)buffer_of(i), seL4_ReadWrite,
                       seL4_RISCV_ExecuteNever),
         "mapping a buffer");
}

static seL4_Word choose_call(bool plain)
{
    static const int8_t talk[] = {seL4_SysCall,   seL4_SysSend,      seL4_SysNBSend, seL4_SysRecv,
                                  seL4_SysNBRecv, seL4_SysReplyRecv, seL4_SysReply,  seL4_SysYield};

    if (plain)
        return (seL4_Word)talk[random_below(&dice.random, sizeof talk)];
    return random_chance(&dice.random, 16) ? (seL4_Word)seL4_SysNBSend : (seL4_Word)seL4_SysCall;
}

static void fill_buffer(volatile seL4_IPCBuffer *b, const message_t *m)
{
    for (seL4_Word i = 0; i < seL4_MsgMaxLength; i++)
        b->msg[i] = i < MESSAGE_WORDS ? m->word[i] : i;
    for (unsigned i = 0; i < seL4_MsgMaxExtraCaps; i++)
        b->caps_or_badges[i] = m->cap[i];
    b->receiveCNode = NODE_POOL0;
    b->receiveIndex = message_cptr(&dice, (fuzz_class_t)random_below(&dice.random, CLASSES));
    b->receiveDepth = FUZZ_POOL_BITS;
}

static uint64_t hash(uint64_t h, uint64_t value)
{
    return (h ^ value) * 0x100000001b3ull;
}

/* What a thread has come to. */
static uint64_t show(unsigned thread, bool with_answer)
{
    seL4_UserContext regs = {0};
    uint64_t h = 0xcbf29ce484222325ull;
    volatile seL4_IPCBuffer *b = buffer_of(thread);

    must(seL4_TCB_ReadRegisters(round_state.tcb[thread], 0, 0, 32, &regs), "reading registers");
    for (unsigned i = 0; i < 32; i++)
        h = hash(h, with_answer || i < 8 || i > 13 ? (&regs.pc)[i] : 0);
    for (unsigned i = 0; i < BUFFER_WORDS; i++)
        h = hash(h, b->msg[i]);
    for (unsigned i = 0; i < seL4_MsgMaxExtraCaps; i++)
        h = hash(h, b->caps_or_badges[i]);
    if (with_answer)
        printf("  %u: pc+%ld a0 %lx a1 %lx %lx %lx %lx %lx", thread,
               (long)(regs.pc - (seL4_Word)compare_call), regs.s2, regs.s3, regs.s4, regs.s5,
               regs.s6, regs.s7);
    return h;
}

static void step(unsigned number)
{
    unsigned thread = (unsigned)random_below(&dice.random, THREADS);
    bool plain = random_chance(&dice.random, 4);
    seL4_UserContext regs = {0};
    uint64_t h = 0;
    message_t m = {0};

    if (plain)
        message_plain(&dice, &m);
    else
        message_invocation(&dice, &m);
    regs.pc = (seL4_Word)compare_call;
    regs.a7 = choose_call(plain);
    regs.a0 = m.service;
    regs.a1 =
        m.label << SEL4_INFO_LABEL_SHIFT | m.extra << SEL4_INFO_EXTRA_SHIFT | (m.length & 127);
    regs.a2 = m.word[0];
    regs.a3 = m.word[1];
    regs.a4 = m.word[2];
    regs.a5 = m.word[3];
    fill_buffer(buffer_of(thread), &m);
    must(seL4_TCB_WriteRegisters(round_state.tcb[thread], 1, 0, 32, &regs), "starting a thread");
    printf("%u: call %ld cap %lx label %lu words %lu caps %lu: %lx %lx %lx %lx\n", number,
           (long)regs.a7, m.service, m.label, m.length, m.extra, regs.a2, regs.a3, regs.a4,
           regs.a5);
    for (unsigned i = 0; i < THREADS; i++)
        h = hash(h, show(i, i == thread));
    printf(" all %016lx\n", h);
}

static void set_up(void)
{
    u4_alloc_boot(&boot_alloc, seL4_GetBootInfo());
    u4_vspace_init(&own_space, &boot_alloc, seL4_CapInitThreadVSpace);
    must(u4_machine_init(&own_space), "finding the machine's devices");
    round_init(&boot_alloc, &own_space, false);
    window = u4_vspace_window(&own_space, THREADS);
    must(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, ROOT_PRIORITY),
         "lowering the priority");
}

int main(void)
{
    set_up();
    uint64_t seed = fuzz_option("compare.seed=", COMPARE_SEED);
    uint64_t rounds = fuzz_option("compare.rounds=", COMPARE_ROUNDS);
    uint64_t steps = fuzz_option("compare.steps=", 300);
    for (uint64_t r = 0; r < rounds; r++) {
        uint64_t state = seed * 0x9e3779b97f4a7c15ull + r;

        printf("round %lu\n", r);
        dice = (fuzz_dice_t){.random = random_next(&state), .stock = 1};
        round_make(&round_state, random_next(&state));
        for (unsigned i = 0; i < THREADS; i++)
            make_thread(i);
        for (uint64_t i = 0; i < steps; i++)
            step((unsigned)i);
        round_end(&round_state);
    }
    printf("compare: seed=%lu rounds=%lu steps=%lu ok\n", seed, rounds, steps);
    return 0;
}
