/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two ends of a ring (abi/u4/ring.h). What decides where this side reads and writes is kept
 * here, out of the peer's reach. Not for several threads at one end.
 */
#ifndef U4_RING_H
#define U4_RING_H

#include <stdbool.h>

#include <sel4/sel4.h>

#include "abi/u4/ring.h"

/* Pairs of accesses that must not be reordered on RISC-V (RVWMO). */
#define u4_fence_release() __asm__ volatile("fence rw, w" ::: "memory")
#define u4_fence_acquire() __asm__ volatile("fence r, rw" ::: "memory")
#define u4_fence_full() __asm__ volatile("fence rw, rw" ::: "memory")
#define u4_shared(place) (*(volatile __typeof__(place) *)&(place))

typedef struct {
    u4_ring_control_t *control;
    u4_ring_line_t *lines;
    uint64_t mask;  /* capacity - 1 */
    uint64_t head;  /* where the next message goes */
    uint64_t limit; /* lines up to here are free, as far as known */
} u4_producer_t;

typedef struct {
    u4_ring_control_t *control;
    const u4_ring_line_t *lines;
    uint64_t mask;
    uint64_t tail;  /* next message to be taken; published now and then */
    uint64_t known; /* lines up to here are published, as far as known */
} u4_consumer_t;

/* Positions must be those of the control: 0 in a ring that nobody has used. */
static inline void u4_producer_init(u4_producer_t *p, u4_ring_control_t *control, void *lines,
                                    unsigned log2)
{
    *p = (u4_producer_t){control, lines, ((uint64_t)1 << log2) - 1, 0, (uint64_t)1 << log2};
}

static inline void u4_consumer_init(u4_consumer_t *c, u4_ring_control_t *control, const void *lines,
                                    unsigned log2)
{
    *c = (u4_consumer_t){control, lines, ((uint64_t)1 << log2) - 1, 0, 0};
}

/* Look how much room there is. False if what the peer has published cannot be. */
static inline bool u4_producer_refresh(u4_producer_t *p)
{
    uint64_t tail = u4_shared(p->control->tail);
    uint64_t limit = tail + p->mask + 1;

    u4_fence_acquire();
    if (p->head - tail > p->mask + 1 || limit < p->limit)
        return false;
    p->limit = limit;
    return true;
}

/* Give back the lines whose content has been read. */
static inline void u4_consumer_publish(const u4_consumer_t *c)
{
    u4_fence_release();
    u4_shared(c->control->tail) = c->tail;
}

/* Look what there is. False if what the peer has published cannot be. */
static inline bool u4_consumer_refresh(u4_consumer_t *c)
{
    uint64_t head;

    u4_consumer_publish(c);
    head = u4_shared(c->control->head);
    u4_fence_acquire();
    if (head - c->tail > c->mask + 1 || head < c->known)
        return false;
    c->known = head;
    return true;
}

static inline u4_ring_line_t *u4_producer_line(const u4_producer_t *p, uint64_t position)
{
    return &p->lines[position & p->mask];
}

static inline const u4_ring_line_t *u4_consumer_line(const u4_consumer_t *c, uint64_t position)
{
    return &c->lines[position & c->mask];
}

/* Publish what was written up to HEAD. */
static inline __attribute__((always_inline)) void u4_producer_publish(u4_producer_t *p,
                                                                      uint64_t head)
{
    u4_ring_control_t *control = p->control;

    p->head = head;
    u4_fence_release();
    u4_shared(control->head) = head;
}

/* Words that a message carries: what its info says, up to what the interface allows. */
static inline uint64_t u4_info_length(uint64_t info)
{
    uint64_t length = info & 0x7f;

    return length <= seL4_MsgMaxLength ? length : seL4_MsgMaxLength;
}

/* The first word of a message's first line. A coroutine's token is that of its last request, and
 * becomes that of its next one by adding U4_RING_NEXT_TOKEN. */
#define U4_RING_NEXT_TOKEN ((uint64_t)1 << U4_RING_SEQUENCE_SHIFT)
static inline uint64_t u4_ring_first(uint16_t index, enum u4_ring_kind kind)
{
    return kind | (uint64_t)index << U4_RING_INDEX_SHIFT;
}

/* Copy the words that a first line has room for, in three instructions each: a loop would take
 * twice as many. N is at most U4_RING_FIRST_WORDS. Into a ring, and out of it: then each word is
 * read once. */
#define U4_COPY_WORD(i, from) \
    if (n == (i)) \
        return; \
    to[i] = from;
#define U4_COPY_WORDS(from) \
    U4_COPY_WORD(0, from(0)) \
    U4_COPY_WORD(1, from(1)) \
    U4_COPY_WORD(2, from(2)) \
    U4_COPY_WORD(3, from(3)) \
    U4_COPY_WORD(4, from(4)) \
    U4_COPY_WORD(5, from(5))
static inline __attribute__((always_inline)) void u4_ring_write(uint64_t *to, const uint64_t *words,
                                                                uint64_t n)
{
#define U4_FROM(i) words[i]
    U4_COPY_WORDS(U4_FROM)
#undef U4_FROM
}
static inline __attribute__((always_inline)) void u4_ring_read(uint64_t *to, const uint64_t *words,
                                                               uint64_t n)
{
#define U4_FROM(i) u4_shared(words[i])
    U4_COPY_WORDS(U4_FROM)
#undef U4_FROM
}

/* ring.c: messages of several lines. */
void u4_ring_push_long(u4_producer_t *p, uint64_t first, uint64_t info, const seL4_Word *words);
bool u4_ring_take_long(u4_consumer_t *c, uint64_t info, seL4_Word *words, uint64_t max);

/* Write a message of one line, its words from WORDS, and publish it. There must be room. */
static inline __attribute__((always_inline)) void u4_ring_push_line(u4_producer_t *p,
                                                                    uint64_t first, uint64_t info,
                                                                    const seL4_Word *words)
{
    uint64_t head = p->head;
    u4_ring_line_t *line = u4_producer_line(p, head);

    line->first = first;
    line->info = info;
    u4_ring_write(line->words, words, info & 0x7f);
    u4_producer_publish(p, head + 1);
}

/* The same of any length: there must be room for u4_ring_lines(length). */
static inline void u4_ring_push(u4_producer_t *p, uint64_t first, uint64_t info,
                                const seL4_Word *words)
{
    if (__builtin_expect((info & 0x7f) > U4_RING_FIRST_WORDS, 0))
        u4_ring_push_long(p, first, info, words);
    else
        u4_ring_push_line(p, first, info, words);
}

/* Is there a message? Looks at the shared position only when all known ones are taken. */
static inline bool u4_ring_empty(u4_consumer_t *c, bool *broken)
{
    if (c->tail != c->known)
        return false;
    if (!u4_consumer_refresh(c))
        *broken = true;
    return c->tail == c->known;
}

/* The next message, of which there must be one: its first word and, to *INFO, its info. */
static inline uint64_t u4_ring_peek(const u4_consumer_t *c, uint64_t *info)
{
    const u4_ring_line_t *line = u4_consumer_line(c, c->tail);

    *info = u4_shared(line->info);
    return u4_shared(line->first);
}

/* Take the message whose head was peeked, of one line: at most MAX of its words into WORDS. */
static inline __attribute__((always_inline)) void u4_ring_take_line(u4_consumer_t *c, uint64_t info,
                                                                    seL4_Word *words, uint64_t max)
{
    uint64_t length = info & 0x7f;

    u4_ring_read(words, u4_consumer_line(c, c->tail)->words, length < max ? length : max);
    c->tail++;
}

/* The same of any length; FIRST is the first word that was peeked, too. False if that contradicts
 * INFO, or it is longer than what is published: the peer is broken, nothing is taken. */
static inline __attribute__((always_inline)) bool u4_ring_take(u4_consumer_t *c, uint64_t first,
                                                               uint64_t info, seL4_Word *words,
                                                               uint64_t max)
{
    if (__builtin_expect(first != u4_ring_sized(first, info & 0x7f), 0))
        return false;
    if (__builtin_expect((info & 0x7f) > U4_RING_FIRST_WORDS, 0))
        return u4_ring_take_long(c, info, words, max);
    u4_ring_take_line(c, info, words, max);
    return true;
}

/* Set a flag that the other side clears when it notifies, then whatever is looked at next. */
static inline void u4_ring_arm(uint64_t *flag)
{
    u4_shared(*flag) = 1;
    u4_fence_full();
}

/* After publishing and a full fence: does the other side want to be notified? Clears the flag if
 * so; that must not come after the flag is set anew by whom the notification wakes. */
static inline bool u4_ring_wants(uint64_t *flag)
{
    if (!u4_shared(*flag))
        return false;
    u4_shared(*flag) = 0;
    u4_fence_full();
    return true;
}

#endif
