/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker: an endless loop of random system calls, exceptions and memory accesses. It runs in an
 * address space that has this program's code and constants, the blocks and their IPC buffers, and
 * nothing else: no variable of this program, no thread-local storage, no library function that
 * needs any.
 */
#include "layout.h"
#include "message.h"
#include "random.h"
#include "ring.h"

#include <u4/u4.h>
#include <u4/uipi.h>

#define WILD_REGISTERS 32

/* a0: 32 words, x1..x31 from the second on. The stack is gone after this. */
_Noreturn void fuzz_wild(const seL4_Word *registers);
__asm__(".text\n"
        ".balign 4\n"
        ".global fuzz_wild, fuzz_wild_call\n"
        "fuzz_wild:\n"
        ".irp r, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
        "    ld x\\r, 8 * \\r(a0)\n"
        ".endr\n"
        "    ld a0, 80(a0)\n"
        "fuzz_wild_call:\n"
        "    ecall\n"
        "    jr t1\n");

static void count(fuzz_block_t *b)
{
    b->count++;
    b->inverse = ~b->count;
}

#if U4_MCS
/* With a reply object, mostly, and something to send to first in calls that do so. */
static void make(fuzz_block_t *b, seL4_Word number, u4_sys_regs_t regs)
{
    static const uint8_t classes[] = {CLASS_REPLY, CLASS_ENDPOINT, CLASS_NOTIFICATION};
    fuzz_class_t class = (fuzz_class_t)classes[random_below(&b->dice.random, sizeof classes)];
    seL4_CPtr first = message_cptr(&b->dice, class);
    bool is_first = number == (seL4_Word)seL4_SysNBSendWait;

    (void)u4_sys_two(number, first, regs, is_first ? first : message_cptr(&b->dice, CLASS_REPLY));
}
#else
static void make(fuzz_block_t *b, seL4_Word number, u4_sys_regs_t regs)
{
    (void)b;
    (void)u4_sys(number, regs, 0);
}
#endif

/* The system call `number` with this message; what comes back is dropped. */
static void issue(fuzz_block_t *b, const message_t *m, seL4_Word number)
{
    volatile seL4_IPCBuffer *buffer = b->buffer;
    seL4_Word info =
        m->label << SEL4_INFO_LABEL_SHIFT | m->extra << SEL4_INFO_EXTRA_SHIFT | (m->length & 127);

    for (seL4_Word i = seL4_FastMessageRegisters; i < m->length && i < MESSAGE_WORDS; i++)
        buffer->msg[i] = m->word[i];
    for (seL4_Word i = 0; i < m->extra; i++)
        buffer->caps_or_badges[i] = m->cap[i];
    count(b);
    make(b, number,
         (u4_sys_regs_t){m->service, info, {m->word[0], m->word[1], m->word[2], m->word[3]}});
}

static void invoke(fuzz_block_t *b, message_t *m)
{
    static const int8_t how[] = {seL4_SysCall, seL4_SysCall, seL4_SysCall, seL4_SysCall,
                                 seL4_SysCall, seL4_SysCall, seL4_SysSend, seL4_SysNBSend};

    message_invocation(&b->dice, m);
    issue(b, m, (seL4_Word)how[random_below(&b->dice.random, sizeof how)]);
}

/* Where capabilities that come with a message shall go. */
static void offer_slot(fuzz_block_t *b)
{
    volatile seL4_IPCBuffer *buffer = b->buffer;

    buffer->receiveCNode =
        random_chance(&b->dice.random, 8) ? message_cptr(&b->dice, CLASS_NODE) : NODE_POOL0;
    buffer->receiveIndex =
        message_cptr(&b->dice, (fuzz_class_t)random_below(&b->dice.random, CLASSES));
    buffer->receiveDepth =
        random_chance(&b->dice.random, 16) ? random_nasty(&b->dice.random) : FUZZ_POOL_BITS;
}

static void talk(fuzz_block_t *b, message_t *m)
{
#if U4_MCS
    static const int8_t often[] = {seL4_SysNBSend, seL4_SysNBSend, seL4_SysNBRecv, seL4_SysNBWait,
                                   seL4_SysYield};
    static const int8_t rarely[] = {seL4_SysSend,      seL4_SysRecv,       seL4_SysWait,
                                    seL4_SysReplyRecv, seL4_SysNBSendRecv, seL4_SysNBSendWait,
                                    seL4_SysCall,      seL4_SysCall};
#else
    static const int8_t often[] = {seL4_SysNBSend, seL4_SysNBSend, seL4_SysNBRecv, seL4_SysReply,
                                   seL4_SysYield};
    static const int8_t rarely[] = {seL4_SysSend, seL4_SysRecv, seL4_SysReplyRecv, seL4_SysCall};
#endif
    seL4_Word number = (seL4_Word)often[random_below(&b->dice.random, sizeof often)];

    if (random_chance(&b->dice.random, 4))
        number = (seL4_Word)rarely[random_below(&b->dice.random, sizeof rarely)];
    message_plain(&b->dice, m);
    if (random_chance(&b->dice.random, 2))
        offer_slot(b);
    issue(b, m, number);
}

/* A burst of short messages over one endpoint, as a client or as a server. */
static void converse(fuzz_block_t *b, message_t *m)
{
    static const int8_t how[] = {seL4_SysCall, seL4_SysCall, seL4_SysReplyRecv, seL4_SysReplyRecv,
                                 seL4_SysSend};
    seL4_Word number = (seL4_Word)how[random_below(&b->dice.random, sizeof how)];
    seL4_CPtr endpoint = message_cptr(&b->dice, CLASS_ENDPOINT);

    if (number == (seL4_Word)seL4_SysSend)
        endpoint = message_cptr(&b->dice, CLASS_NOTIFICATION);
    for (uint64_t i = random_below(&b->dice.random, 16); i > 0; i--) {
        message_plain(&b->dice, m);
        m->service = endpoint;
        if (!random_chance(&b->dice.random, 8)) {
            m->length = random_below(&b->dice.random, 5);
            m->extra = 0;
        }
        issue(b, m, number);
    }
}

static void wild(fuzz_block_t *b, message_t *m)
{
    seL4_Word *registers = m->word;

    for (unsigned i = 0; i < WILD_REGISTERS; i++)
        registers[i] = random_nasty(&b->dice.random);
    registers[6] = (seL4_Word)fuzz_worker; /* t1 */
    registers[10] = message_cptr(&b->dice, (fuzz_class_t)random_below(&b->dice.random, CLASSES));
    registers[17] = message_syscall(&b->dice);
    if (random_chance(&b->dice.random, 2))
        registers[11] = random_below(&b->dice.random, 1 << 18);
    count(b);
    fuzz_wild(registers);
}

/* Instructions that trap, or might. */
static void except(fuzz_block_t *b)
{
    seL4_Word address = message_address(&b->dice.random, 0);

    count(b);
    switch (random_below(&b->dice.random, 9)) {
    case 0: __asm__ volatile("ebreak"); break;
    case 1: __asm__ volatile(".word 0"); break;
    case 2: __asm__ volatile("csrr t0, sstatus" ::: "t0"); break;
    case 3: __asm__ volatile("csrw satp, zero"); break;
    case 4: __asm__ volatile("sret"); break;
    case 5: __asm__ volatile("sfence.vma"); break;
    case 6: __asm__ volatile("wfi"); break;
    case 7: __asm__ volatile("jalr %0" ::"r"(address) : "ra", "memory"); break;
    default: __asm__ volatile("amoadd.d zero, %1, (%0)" ::"r"(address), "r"(address) : "memory");
    }
}

static void touch(fuzz_block_t *b)
{
    seL4_Word address = message_address(&b->dice.random, 3);

    count(b);
    if (random_chance(&b->dice.random, 2))
        __asm__ volatile("ld t0, 0(%0)" ::"r"(address) : "t0", "memory");
    else
        __asm__ volatile("sd %0, 0(%0)" ::"r"(address) : "memory");
}

/* Sends by whatever index; as a receiver, if it is one, with a handler that only returns. */
static void interrupt(fuzz_block_t *b)
{
    uint64_t *random = &b->dice.random;

    count(b);
    switch (random_below(random, 8)) {
    case 0: (void)u4_uipi_read(); break;
    case 1: u4_uipi_write(random_nasty(random)); break;
    case 2: u4_uipi_activate(); break;
    case 3: u4_uipi_deactivate(); break;
    case 4:
        __asm__ volatile("la t0, 1f\n csrw 0x005, t0\n csrsi 0x004, 1\n csrsi 0x000, 1\n j 2f\n"
                         ".balign 4\n1: csrci 0x044, 1\n .word 0x00200073\n2:" ::
                             : "t0", "memory");
        break;
    default:
        u4_uipi_send(random_chance(random, 8) ? random_nasty(random) : random_below(random, 90));
    }
}

static void use_fpu(fuzz_block_t *b)
{
    count(b);
    __asm__ volatile("fcvt.d.l fa0, %0\n"
                     "fadd.d fa1, fa0, fa1\n"
                     "fsd fa1, 0(%1)\n" ::"r"(b->count),
                     "r"(&b->buffer->userData)
                     : "fa0", "fa1", "memory");
}

/* Signals, and waits for a while, or for ever. */
static void signal_wait(fuzz_block_t *b)
{
    uint64_t *random = &b->dice.random, deadline;
    fuzz_class_t class = random_chance(random, 2) ? CLASS_NOTIFICATION : CLASS_ENDPOINT;

    __asm__ volatile("csrr %0, time" : "=r"(deadline));
    deadline =
        random_chance(random, 8) ? random_nasty(random) : deadline + random_below(random, 50000);
    count(b);
    (void)u4_sys((seL4_Word)u4_SysSignalWait,
                 (u4_sys_regs_t){message_cptr(&b->dice, class),
                                 0,
                                 {message_cptr(&b->dice, CLASS_NOTIFICATION), deadline}},
                 message_cptr(&b->dice, CLASS_REPLY));
}

static void register_ring(fuzz_block_t *b, message_t *m)
{
    ring_registration(b, m);
    issue(b, m, (seL4_Word)seL4_SysCall);
}

/* Some requests; a thread without a ring tries to get one. */
static void submit(fuzz_block_t *b, message_t *m)
{
    uint64_t *random = &b->dice.random;
    seL4_Word flags = random_chance(random, 16) ? random_nasty(random) : random_below(random, 2);

    for (uint64_t i = random_below(random, 8); i > 0; i--) {
        count(b);
        message_invocation(&b->dice, m);
        ring_submit(b, m);
    }
    if (u4_sys_value((seL4_Word)u4_SysAsyncWake, flags, 0) == U4_ASYNC_NO_RING)
        register_ring(b, m);
}

static void use_ring(fuzz_block_t *b, message_t *m)
{
    switch (random_below(&b->dice.random, 16)) {
    case 0: register_ring(b, m); break;
    case 1: signal_wait(b); break;
    case 2:
    case 3:
        count(b);
        ring_spoil(b);
        break;
    default: submit(b, m);
    }
}

/* Calls that are no messages: unknown ones, debug ones, u4's own. */
static void odd_call(fuzz_block_t *b)
{
    seL4_Word number = message_syscall(&b->dice);

    count(b);
    u4_sys_plain(number, message_cptr(&b->dice, CLASS_TCB), 0);
}

void fuzz_worker(fuzz_block_t *b)
{
    for (;;) {
        message_t m;

        switch (random_below(&b->dice.random, 256)) {
        case 0: wild(b, &m); break;
        case 1:
        case 2: except(b); break;
        case 3: odd_call(b); break;
        case 4:
        case 5:
        case 6: interrupt(b); break;
        default:
            if (random_chance(&b->dice.random, 64))
                touch(b);
            else if (random_chance(&b->dice.random, 32))
                use_fpu(b);
            else if (random_chance(&b->dice.random, 5))
                talk(b, &m);
            else if (random_chance(&b->dice.random, 24))
                converse(b, &m);
            else if (random_chance(&b->dice.random, 4))
                use_ring(b, &m);
            else
                invoke(b, &m);
        }
    }
}
