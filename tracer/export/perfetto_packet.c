/* SPDX-License-Identifier: BSD-2-Clause */
#include "perfetto_packet.h"

#include <errno.h>
#include <stdlib.h>

enum { DEFLATE_LEVEL = 1, STEPS_MIN = 10, STEPS_MAX = 16 };

/* Each flush of whole packets becomes one packet that holds them deflated. */
static int output_deflated(void *context, const uint8_t *data, size_t n)
{
    pf_t *pf = context;
    uint8_t *body = pb_open(pf->packed, F_TRACE_PACKET);
    uint8_t *inner = pb_open(body, F_COMPRESSED_PACKETS);

    deflateReset(&pf->deflate);
    pf->deflate.next_in = (Bytef *)(uintptr_t)data;
    pf->deflate.avail_in = (uInt)n;
    pf->deflate.next_out = inner;
    pf->deflate.avail_out = (uInt)(pf->packed_size - 32);
    if (deflate(&pf->deflate, Z_FINISH) != Z_STREAM_END) {
        return EIO;
    }
    uint8_t *p = pb_close(inner, pf->deflate.next_out);
    p = pb_close(body, p);
    return pb_output_fd(&pf->fd, pf->packed, (size_t)(p - pf->packed));
}

/* A tick is split into STEPS_MIN units at least, if it has so many ns; the coarser the unit, the
 * shorter the packets. */
static void set_clock(pf_t *pf)
{
    uint32_t tick_ns = (uint32_t)(1000000000 / pf->hz);
    pf->unit_ns = 1;
    pf->units = 1000000000 % pf->hz == 0 ? tick_ns : 0;
    for (uint32_t steps = STEPS_MIN; pf->units && steps <= STEPS_MAX; steps++) {
        if (tick_ns % steps == 0) {
            pf->unit_ns = tick_ns / steps;
            pf->units = steps;
            break;
        }
    }
}

bool pf_open(pf_t *pf, int fd, uint64_t hz, bool compress)
{
    memset(pf, 0, sizeof(*pf));
    pf->fd = fd;
    pf->hz = hz > 0 ? hz : 10000000;
    set_clock(pf);
    for (unsigned i = 0; i < PF_SEQUENCES; i++) {
        const uint8_t code[] = {F_SEQUENCE_ID << 3, (uint8_t)(i + 1),
                                F_TRACK_EVENT << 3 | PB_BYTES};
        memcpy(pf->sequences[i].code, code, sizeof(code));
        pf->sequences[i].track = PF_HART_TRACKS + i;
    }
    pf->compress = compress;
    pf->buffer = malloc(PF_BUFFER);
    if (!pf->buffer) {
        return false;
    }
    if (compress) {
        if (deflateInit(&pf->deflate, DEFLATE_LEVEL) != Z_OK) {
            free(pf->buffer);
            return false;
        }
        pf->packed_size = deflateBound(&pf->deflate, PF_BUFFER) + 32;
        pf->packed = malloc(pf->packed_size);
        if (!pf->packed) {
            pf_free(pf);
            return false;
        }
    }
    pb_init(&pf->out, pf->buffer, PF_BUFFER, compress ? output_deflated : pb_output_fd,
            compress ? (void *)pf : (void *)&pf->fd);
    return true;
}

int pf_finish(pf_t *pf)
{
    return pb_finish(&pf->out);
}

void pf_free(pf_t *pf)
{
    if (pf->compress) {
        deflateEnd(&pf->deflate);
    }
    free(pf->packed);
    free(pf->buffer);
    pf->packed = pf->buffer = NULL;
}

void pf_register(pf_t *pf, pf_name_t *name, enum pf_interned_field kind, const char *text)
{
    *name = (pf_name_t){.text = text, .kind = (uint8_t)kind, .next = pf->names};
    if (pf->names) {
        pf->names->prev = name;
    }
    pf->names = name;
}

void pf_forget(pf_t *pf, pf_name_t *name)
{
    if (name->kind == 0) {
        return;
    }
    if (name->prev) {
        name->prev->next = name->next;
    } else {
        pf->names = name->next;
    }
    if (name->next) {
        name->next->prev = name->prev;
    }
    name->kind = 0;
}

static void give_number(pf_t *pf, pf_name_t *name)
{
    static const uint32_t references[] = {
        [F_EVENT_CATEGORIES] = F_EVENT_CATEGORY_IID,
        [F_EVENT_NAMES] = F_EVENT_NAME_IID,
        [F_ANNOTATION_NAMES] = F_ANNOTATION_NAME_IID,
        [F_ANNOTATION_STRINGS] = F_ANNOTATION_STRING_IID,
    };
    uint8_t code[PB_MAX_SCALAR];
    name->iid = ++pf->next_iid[name->kind];
    name->code_length = (uint8_t)(pb_uint(code, references[name->kind], name->iid) - code);
    memcpy(name->code, code, sizeof(name->code));
}

void pf_fresh(pf_event_t *e, pf_name_t *name)
{
    if (name->iid == 0) {
        give_number(e->pf, name);
    }
    name->sent |= e->bit;
    e->pf->fresh[e->pf->fresh_count++] = name;
}

static uint8_t *put_clock(uint8_t *p, uint64_t id, uint64_t time, uint32_t unit_ns)
{
    uint8_t *body = pb_open(p, F_CLOCKS);
    p = pb_uint(body, F_CLOCK_ID, id);
    p = pb_uint(p, F_CLOCK_TIME, time);
    if (unit_ns > 0) {
        p = pb_uint(p, F_CLOCK_INCREMENTAL, 1);
        p = pb_uint(p, F_CLOCK_UNIT_NS, unit_ns);
    }
    return pb_close(body, p);
}

/* The sequence's first packet: its clock, and that it is the default of all that follow. */
void pf_start_sequence(pf_t *pf, unsigned sequence, uint64_t time, bool dropped)
{
    pf_sequence_t *s = &pf->sequences[sequence];
    s->last = time > s->last ? time : s->last;

    uint8_t *packet = pb_open(pb_reserve(&pf->out, PF_PACKET_MAX), F_TRACE_PACKET);
    uint8_t *p = pb_uint(packet, F_SEQUENCE_ID, sequence + 1);
    p = pb_uint(p, F_SEQUENCE_FLAGS, SEQUENCE_CLEARED);
    if (!s->ever) {
        p = pb_uint(p, F_FIRST_ON_SEQUENCE, 1);
    }
    if (dropped) {
        p = pb_uint(p, F_PREVIOUS_PACKET_DROPPED, 1);
    }
    uint8_t *body = pb_open(p, F_PACKET_DEFAULTS);
    p = pb_uint(body, F_DEFAULT_CLOCK_ID, CLOCK_TICKS);
    uint8_t *event = pb_open(p, F_DEFAULT_EVENT);
    p = pb_close(event, pb_uint(event, F_DEFAULT_TRACK, s->track));
    p = pb_close(body, p);

    body = pb_open(p, F_CLOCK_SNAPSHOT);
    p = put_clock(body, CLOCK_BOOTTIME, s->last * pf->unit_ns, 0);
    p = put_clock(p, CLOCK_TICKS, s->last, pf->unit_ns);
    p = pb_uint(p, F_PRIMARY_CLOCK, CLOCK_BOOTTIME);
    p = pb_close(body, p);

    pb_commit(&pf->out, pb_close(packet, p));
    s->live = s->ever = true;
    for (pf_name_t *name = pf->names; name; name = name->next) {
        name->sent &= ~(1ull << sequence);
    }
}

void pf_mark_dropped(pf_t *pf, unsigned sequence, uint64_t time)
{
    pf_start_sequence(pf, sequence, time, true);
}

uint8_t *pf_introduce(pf_t *pf, uint8_t *p)
{
    uint8_t *data = pb_open(p, F_INTERNED_DATA);
    p = data;
    for (unsigned i = 0; i < pf->fresh_count; i++) {
        const pf_name_t *name = pf->fresh[i];
        uint8_t *body = pb_open(p, name->kind);
        p = pb_uint(body, F_INTERNED_IID, name->iid);
        p = pb_string(p, F_INTERNED_TEXT, name->text, PF_TEXT_MAX);
        p = pb_close(body, p);
    }
    pf->fresh_count = 0;
    return pb_close(data, p);
}

void pf_arg_text(pf_event_t *e, pf_name_t *name, const char *text)
{
    uint8_t *body = pb_open(e->p, F_EVENT_ANNOTATION);
    uint8_t *p = pf_refer(e, body, name);
    p = pb_string(p, F_ANNOTATION_STRING, text, PF_TEXT_MAX);
    e->p = pb_close(body, p);
}
