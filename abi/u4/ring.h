/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rings of messages in memory that two sides share: async IPC between programs, async system
 * calls between a program and the kernel. One producer, one consumer, lines of 64 bytes.
 *
 * Positions count lines from the ring's beginning and only grow; line i lies in slot
 * i % capacity. Each side keeps its own position to itself and only publishes a copy, so a broken
 * or malicious peer can make a ring useless but cannot make the other side leave it:
 *   0 <= head - tail <= capacity, checked on every reading of the other side's copy.
 *
 * Adaptive notification. A consumer that will stop looking sets `armed`, then looks once more
 * (fence between the two); a producer that has published looks at `armed` (fence between the
 * two), and if it is set clears it and notifies. At least one sees the other: no wake-up is lost.
 * A producer that waits for room does the same with `starved`, and the consumer notifies it.
 * tests/models/ring.pml is this protocol, checked exhaustively.
 */
#ifndef ABI_U4_RING_H
#define ABI_U4_RING_H

#include <stdint.h>

#define U4_RING_LINE 64
#define U4_RING_FIRST_WORDS 6 /* message words in a message's first line */
#define U4_RING_LINE_WORDS 8  /* in each further one */
#define U4_RING_MIN_LOG2 4    /* a message of the greatest length fits */
#define U4_RING_MAX_LOG2 12

/* What a message is. An answer begins with the first word of its request, but for U4_RING_LONG. */
enum u4_ring_kind {
    U4_RING_REQUEST = 1, /* wants an answer */
    U4_RING_SEND = 3,    /* wants no answer */
    U4_RING_LONG = 0x80, /* with one of them: it has more than one line */
};

/* The first word: kind (8 bits), and a token of the requester's own in two parts, which
 * runtime/async has the waiting coroutine's index (16 bits) and a number that grows in. */
enum { U4_RING_INDEX_SHIFT = 8, U4_RING_SEQUENCE_SHIFT = 24 };

static inline unsigned u4_ring_kind(uint64_t first)
{
    return first & 0xff;
}
/* FIRST of a message with so many words. */
static inline uint64_t u4_ring_sized(uint64_t first, uint64_t words)
{
    return words > U4_RING_FIRST_WORDS ? first | U4_RING_LONG : first & ~(uint64_t)U4_RING_LONG;
}
/* The token in 32 bits, as traces have it: low half of the number, index. */
static inline uint32_t u4_ring_token(uint64_t first)
{
    return (uint32_t)(first >> U4_RING_SEQUENCE_SHIFT << 16 |
                      (first >> U4_RING_INDEX_SHIFT & 0xffff));
}

/* A line. Message words beyond the first six fill whole lines that follow it. */
typedef union {
    struct {
        uint64_t first; /* kind, and the requester's token: U4_RING_*_SHIFT */
        uint64_t info;  /* seL4_MessageInfo */
        uint64_t words[U4_RING_FIRST_WORDS];
    };
    uint64_t more[U4_RING_LINE_WORDS];
} u4_ring_line_t;

/* A ring's control: the producer's line, the consumer's, and the one that both write. */
typedef struct {
    uint64_t head; /* lines ever published; written by the producer */
    uint64_t producer_reserved[7];
    uint64_t tail; /* lines ever consumed; written by the consumer */
    uint64_t consumer_reserved[7];
    uint64_t armed;   /* 1: the consumer wants to be notified of the next message */
    uint64_t starved; /* 1: the producer wants to be notified of room */
    uint64_t closed;  /* 1: the side that wrote it has left (producer: bit 0, consumer: bit 1) */
    uint64_t shared_reserved[5];
} u4_ring_control_t;

_Static_assert(sizeof(u4_ring_line_t) == U4_RING_LINE, "a line is a cache line");
_Static_assert(sizeof(u4_ring_control_t) == 3 * U4_RING_LINE, "control layout");

enum { U4_RING_PRODUCER_CLOSED = 1, U4_RING_CONSUMER_CLOSED = 2 };

/* Lines of a message of LENGTH words (0..120). */
static inline uint64_t u4_ring_lines(uint64_t length)
{
    return length <= U4_RING_FIRST_WORDS
               ? 1
               : 1 + (length - U4_RING_FIRST_WORDS + U4_RING_LINE_WORDS - 1) / U4_RING_LINE_WORDS;
}

/*
 * Shared memory of a connection, or of a thread's async system calls: this, then the request
 * ring's lines, then the response ring's, each 64 << log2 bytes, then bulk data.
 */
typedef struct {
    uint64_t magic; /* U4_RINGS_MAGIC */
    uint32_t version;
    uint32_t log2; /* lines of each ring: U4_RING_MIN_LOG2..U4_RING_MAX_LOG2 */
    uint64_t data_size;
    uint64_t id; /* of the connection, chosen by the client: what traces call it, 32 bits */
    uint64_t reserved[4];
    u4_ring_control_t request;
    u4_ring_control_t response;
} u4_rings_t;

#define U4_RINGS_MAGIC 0x3153474e49523455ull /* "U4RINGS1" */
#define U4_RINGS_VERSION 1
#define U4_RINGS_LINES 512 /* offset of the first line */

#endif
