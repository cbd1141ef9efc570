/* SPDX-License-Identifier: BSD-2-Clause */
#include "u4trace/attach.h"

#include <ctype.h>
#include <string.h>

#include "user_rings.h"

static bool header_plausible(const trace_header_t *header)
{
    return header->magic == TRACE_MAGIC && header->version > 0 && header->version < 1000 &&
           header->header_size >= 64 && header->header_size < 65536;
}

/* Looks at each 8-byte place of [start, start + length) for a header whose rings are up. */
static bool search_extent(source_t *source, uint64_t start, uint64_t length, uint64_t *paddr)
{
    const uint64_t *words = source_map(source, start, length);
    for (uint64_t i = 0; words && i + sizeof(trace_header_t) / 8 <= length / 8; i++) {
        trace_header_t header;
        if (words[i] == TRACE_MAGIC &&
            source_read(source, start + 8 * i, &header, sizeof(header)) &&
            header_plausible(&header) && header.state != TRACE_STATE_OFF) {
            *paddr = start + 8 * i;
            return true;
        }
    }
    return false;
}

bool attach_search(source_t *source, uint64_t *paddr)
{
    uint64_t from = 0, start, length;
    while (source->ops->extent && source->ops->extent(source, from, &start, &length)) {
        if (start % 8 == 0 && search_extent(source, start, length, paddr)) {
            return true;
        }
        from = start + length;
    }
    return false;
}

static bool check_layout(attach_t *attach, u4_error_t *err)
{
    const trace_header_t *header = &attach->header;
    const char *name = attach->source->name;
    if (header->version != TRACE_VERSION) {
        return u4_fail(err, "%s: the kernel's trace has version %u, this tool reads version %u",
                       name, header->version, TRACE_VERSION);
    }
    if (header->header_size < sizeof(*header) || header->record_size != sizeof(trace_record_t)) {
        return u4_fail(err, "%s: trace header of %u bytes with records of %u, expected %zu and %zu",
                       name, header->header_size, header->record_size, sizeof(*header),
                       sizeof(trace_record_t));
    }
    if (header->harts == 0 || header->harts > TRACE_MAX_HARTS || header->timebase_hz == 0) {
        return u4_fail(err, "%s: trace header with %u harts and a clock of %llu Hz makes no sense",
                       name, header->harts, (unsigned long long)header->timebase_hz);
    }
    return true;
}

/* The GNU build-id note in memory against the ELF's. */
static bool check_build_id(const attach_t *attach, u4_error_t *err)
{
    const kernel_t *kernel = attach->kernel;
    uint64_t at = attach->header.build_id_paddr;
    uint32_t note[4]; /* name size, description size, type, "GNU" */
    uint8_t id[KERNEL_BUILD_ID_MAX];
    if (!kernel || !kernel->build_id_length || !at) {
        return true;
    }
    if (!source_read(attach->source, at, note, sizeof(note)) || note[0] != 4 || note[2] != 3 ||
        note[1] > sizeof(id) || !source_read(attach->source, at + sizeof(note), id, note[1])) {
        return u4_fail(err, "%s: the running kernel's build-id cannot be read at 0x%llx",
                       attach->source->name, (unsigned long long)at);
    }
    if (note[1] != kernel->build_id_length || memcmp(id, kernel->build_id, note[1]) != 0) {
        return u4_fail(
            err,
            "%s: the guest runs another kernel (build-id %02x%02x%02x%02x...) than the one"
            " in %s (%02x%02x%02x%02x...): give the kernel that was booted",
            attach->source->name, id[0], id[1], id[2], id[3], kernel->path, kernel->build_id[0],
            kernel->build_id[1], kernel->build_id[2], kernel->build_id[3]);
    }
    return true;
}

/* The table of the kernel: the one given, the one compiled in, or the one in its ELF. It is
 * copied: it will grow. */
static bool choose_schema(attach_t *attach, const schema_t *given, u4_error_t *err)
{
    uint64_t hash = attach->header.schema_hash;
    attach->schema = given ? given : schema_builtin();
    if (attach->schema->hash == hash) {
        attach->own_schema = schema_parse(attach->schema->text, attach->schema->text_length, err);
        attach->schema = attach->own_schema;
        return attach->schema != NULL;
    }
    size_t length;
    const void *text =
        attach->kernel ? kernel_section(attach->kernel, ".u4_schema", &length) : NULL;
    if (!given && text) {
        attach->own_schema = schema_parse(text, length, err);
        if (!attach->own_schema) {
            return false;
        }
        attach->schema = attach->own_schema;
        if (attach->schema->hash == hash) {
            return true;
        }
    }
    return u4_fail(err,
                   "%s: the kernel's event table is %016llx, this tool's is %016llx: use the tools"
                   " that were built with the kernel",
                   attach->source->name, (unsigned long long)hash,
                   (unsigned long long)attach->schema->hash);
}

attach_state_t attach_open(attach_t *attach, source_t *source, const kernel_t *kernel,
                           const schema_t *schema, u4_error_t *err)
{
    *attach = (attach_t){.source = source, .kernel = kernel};
    if (kernel) {
        attach->header_paddr = kernel->header_paddr;
    } else if (!attach_search(source, &attach->header_paddr)) {
        u4_fail(err, "%s: no trace header in this memory", source->name);
        return ATTACH_EARLY;
    }
    trace_header_t *header = &attach->header;
    if (!source_read(source, attach->header_paddr, header, sizeof(*header))) {
        u4_fail(err, "%s: no memory at 0x%llx, where the trace header should be", source->name,
                (unsigned long long)attach->header_paddr);
        return ATTACH_WRONG;
    }
    if (!header_plausible(header) || header->state == TRACE_STATE_OFF) {
        u4_fail(err, "%s: no trace header at 0x%llx (yet)", source->name,
                (unsigned long long)attach->header_paddr);
        return ATTACH_EARLY;
    }
    if (!check_layout(attach, err) || !check_build_id(attach, err) ||
        !choose_schema(attach, schema, err)) {
        attach_close(attach);
        return ATTACH_WRONG;
    }
    attach_poll(attach);
    return ATTACH_READY;
}

void attach_close(attach_t *attach)
{
    user_rings_close(attach);
    schema_free(attach->own_schema);
    attach->own_schema = NULL;
}

void attach_poll(attach_t *attach)
{
    trace_header_t header;
    if (!source_read(attach->source, attach->header_paddr, &header, sizeof(header)) ||
        !header_plausible(&header)) {
        return;
    }
    attach->header = header;
    for (uint32_t hart = 0; hart < header.harts && hart < TRACE_MAX_HARTS; hart++) {
        if (attach->rings_open & 1u << hart || header.ring_paddr[hart] == 0) {
            continue;
        }
        ring_reader_t *ring = &attach->rings[attach->ring_count];
        if (ring_open(ring, attach->source, header.ring_paddr[hart], &attach->problem)) {
            attach->rings_open |= 1u << hart;
            attach->ring_count++;
        }
    }
    user_rings_poll(attach);
}

size_t attach_read(attach_t *attach, size_t index, uint64_t head, trace_record_t *to, size_t max,
                   uint64_t *first)
{
    size_t got = ring_read_until(&attach->rings[index], head, to, max, first);
    if (attach->user[index]) {
        user_rings_vet(attach, index, to, got);
    }
    return got;
}

uint64_t attach_skip(attach_t *attach)
{
    uint64_t newest = 0;
    attach_poll(attach);
    for (size_t i = 0; i < attach->ring_count; i++) {
        ring_reader_t *ring = &attach->rings[i];
        trace_record_t last;
        uint64_t head;
        if (!ring_head(ring, &head)) {
            continue;
        }
        uint64_t slot = (head - 1) % ring->capacity;
        if (head &&
            source_read(ring->source, ring->data_paddr + slot * sizeof(last), &last,
                        sizeof(last)) &&
            last.time > newest) {
            newest = last.time;
        }
        ring->first = ring->position = head;
    }
    return newest;
}

void attach_panic_text(const attach_t *attach, char text[129])
{
    text[0] = 0;
    if (attach->header.state == TRACE_STATE_PANIC) {
        memcpy(text, attach->header.panic, 128);
        text[128] = 0;
        for (char *c = text; *c; c++) {
            *c = isprint((unsigned char)*c) ? *c : ' ';
        }
    }
}
