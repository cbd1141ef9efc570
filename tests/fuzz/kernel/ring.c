/* SPDX-License-Identifier: BSD-2-Clause */
#include "ring.h"

#include "abi/sel4/syscall.h"
#include "abi/u4/extensions.h"
#include "abi/u4/ring.h"
#include "random.h"

enum { LINES = 1 << U4_RING_MIN_LOG2, CONTROL_WORDS = U4_RINGS_LINES / sizeof(uint64_t) };

/* Which ring a thread uses: mostly its own. */
static unsigned ring_of(fuzz_block_t *b)
{
    uint64_t *random = &b->dice.random;

    return random_chance(random, 8) ? (unsigned)random_below(random, FUZZ_RINGS)
                                    : b->self % FUZZ_RINGS;
}

static volatile u4_rings_t *rings_at(unsigned ring)
{
    return (volatile u4_rings_t *)fuzz_ring(ring);
}

void ring_registration(fuzz_block_t *b, message_t *m)
{
    fuzz_dice_t *dice = &b->dice;
    bool own = !dice->hermit && b->self < FUZZ_WORKERS && !random_chance(&dice->random, 4);

    *m = (message_t){
        .service = own ? fuzz_ranges[CLASS_TCB].first + b->self : message_cptr(dice, CLASS_TCB),
        .label = random_chance(&dice->random, 8) ? U4AsyncUnregister : U4AsyncRegister,
        .length = 1,
        .extra = 2,
        .word = {U4_RING_MIN_LOG2},
        .cap = {dice->hermit ? message_cptr(dice, CLASS_RING)
                             : fuzz_ranges[CLASS_RING].first + ring_of(b),
                message_cptr(dice, CLASS_NOTIFICATION)},
    };
}

/* Word I of the message whose first line is number AT. */
static void put_word(volatile u4_ring_line_t *lines, uint64_t at, seL4_Word i, seL4_Word word)
{
    if (i < U4_RING_FIRST_WORDS) {
        lines[at % LINES].words[i] = word;
        return;
    }
    i -= U4_RING_FIRST_WORDS;
    lines[(at + 1 + i / U4_RING_LINE_WORDS) % LINES].more[i % U4_RING_LINE_WORDS] = word;
}

static void put_request(volatile u4_ring_line_t *lines, uint64_t at, const message_t *m,
                        uint64_t token)
{
    seL4_Word length = m->length & 127, words = 1 + m->extra + length;

    lines[at % LINES].first = u4_ring_sized(token << U4_RING_INDEX_SHIFT | U4_RING_REQUEST, words);
    lines[at % LINES].info =
        m->label << SEL4_INFO_LABEL_SHIFT | m->extra << SEL4_INFO_EXTRA_SHIFT | length;
    put_word(lines, at, 0, m->service);
    for (seL4_Word i = 0; i < m->extra; i++)
        put_word(lines, at, 1 + i, m->cap[i]);
    for (seL4_Word i = 0; i < length && i < MESSAGE_WORDS; i++)
        put_word(lines, at, 1 + m->extra + i, m->word[i]);
}

void ring_submit(fuzz_block_t *b, const message_t *m)
{
    uint64_t *random = &b->dice.random;
    volatile u4_rings_t *rings = rings_at(ring_of(b));
    volatile u4_ring_line_t *lines = (void *)((volatile char *)rings + U4_RINGS_LINES);
    uint64_t at = rings->request.head;
    uint64_t end = at + u4_ring_lines(1 + m->extra + (m->length & 127));

    if (!random_chance(random, 8))
        rings->response.tail = rings->response.head;
    rings->response.armed = random_below(random, 2);
    if (end - rings->request.tail > LINES && !random_chance(random, 32))
        return;
    put_request(lines, at, m, random_below(random, 1 << 16));
    __asm__ volatile("fence rw, w" ::: "memory");
    rings->request.head = end;
}

void ring_spoil(fuzz_block_t *b)
{
    uint64_t *random = &b->dice.random;
    volatile uint64_t *words =
        (volatile uint64_t *)rings_at((unsigned)random_below(random, FUZZ_RINGS));
    uint64_t i = random_chance(random, 2) ? random_below(random, CONTROL_WORDS)
                                          : random_below(random, FUZZ_PAGE / sizeof(uint64_t));

    if (random_chance(random, 2))
        words[i] = random_nasty(random);
    else
        words[i] += random_below(random, 5) - 2;
}
