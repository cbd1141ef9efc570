/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of more than one line. */
#include <u4/ring.h>

void u4_ring_push_long(u4_producer_t *p, uint64_t first, uint64_t info, const seL4_Word *words)
{
    uint64_t length = u4_info_length(info), lines = 1, i = U4_RING_FIRST_WORDS;
    u4_ring_line_t *line = u4_producer_line(p, p->head);

    line->first = u4_ring_sized(first, length);
    line->info = info;
    u4_ring_write(line->words, words, U4_RING_FIRST_WORDS);
    for (; i < length; lines++) {
        line = u4_producer_line(p, p->head + lines);
        for (unsigned j = 0; j < U4_RING_LINE_WORDS && i < length; j++)
            line->more[j] = words[i++];
    }
    u4_producer_publish(p, p->head + lines);
}

bool u4_ring_take_long(u4_consumer_t *c, uint64_t info, seL4_Word *words, uint64_t max)
{
    uint64_t length = u4_info_length(info), lines = u4_ring_lines(length);
    const u4_ring_line_t *line = u4_consumer_line(c, c->tail);

    if (lines > c->known - c->tail)
        return false;
    for (uint64_t i = 0; i < length && i < max; i++) {
        uint64_t at = i - U4_RING_FIRST_WORDS;

        if (i < U4_RING_FIRST_WORDS) {
            words[i] = u4_shared(line->words[i]);
            continue;
        }
        line = u4_consumer_line(c, c->tail + 1 + at / U4_RING_LINE_WORDS);
        words[i] = u4_shared(line->more[at % U4_RING_LINE_WORDS]);
    }
    c->tail += lines;
    return true;
}
