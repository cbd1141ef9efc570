/* SPDX-License-Identifier: BSD-2-Clause */
/* What is traced, changed in the memory of a guest that runs. */
#include <stddef.h>

#include "u4trace/attach.h"

static bool write_word(const attach_t *attach, size_t offset, uint32_t value, u4_error_t *err)
{
    return source_write(attach->source, attach->header_paddr + offset, &value, sizeof(value)) ||
           u4_fail(err, "%s: cannot change what is traced: the memory is read-only",
                   attach->source->name);
}

/* What a user ring's mask is by that of the kernel: all of the program's own events go with
 * user.mark. */
static void user_mask(const attach_t *attach, const uint64_t mask[TRACE_MASK_WORDS],
                      uint64_t out[TRACE_MASK_WORDS])
{
    const schema_event_t *mark = schema_find_event(attach->schema, "user.mark");
    bool own = mark && mask[mark->id / 64] >> mark->id % 64 & 1;
    for (size_t w = 0; w < TRACE_MASK_WORDS; w++) {
        out[w] = w >= TRACE_OWN_MAX / 64 ? mask[w] : own ? ~0ull : 0;
    }
}

/* The kernel need not wait for its timer to see it. */
static bool tell(const attach_t *attach, u4_error_t *err)
{
    return write_word(attach, offsetof(trace_header_t, changed), 1, err);
}

static bool write_mask(const attach_t *attach, uint64_t paddr,
                       const uint64_t mask[TRACE_MASK_WORDS], u4_error_t *err)
{
    for (size_t w = 0; w < TRACE_MASK_WORDS; w++) {
        if (!source_write(attach->source, paddr + 8 * w, &mask[w], sizeof(mask[w]))) {
            return u4_fail(err, "%s: cannot change what is traced: the memory is read-only",
                           attach->source->name);
        }
    }
    return true;
}

bool attach_set_mask(attach_t *attach, const uint64_t mask[TRACE_MASK_WORDS], u4_error_t *err)
{
    uint64_t user[TRACE_MASK_WORDS];
    user_mask(attach, mask, user);
    if (!write_mask(attach, attach->header_paddr + offsetof(trace_header_t, user_mask), user,
                    err)) {
        return false;
    }
    for (size_t i = 0; i < attach->ring_count; i++) {
        ring_reader_t *ring = &attach->rings[i];
        uint64_t at = ring->ring_paddr + offsetof(trace_ring_t, mask);
        if (ring_is_there(ring) && !write_mask(attach, at, attach->user[i] ? user : mask, err)) {
            return false;
        }
    }
    return tell(attach, err);
}

bool attach_set_filter(attach_t *attach, uint32_t thread, uint32_t object, u4_error_t *err)
{
    return write_word(attach, offsetof(trace_header_t, filter_thread), thread, err) &&
           write_word(attach, offsetof(trace_header_t, filter_object), object, err) &&
           tell(attach, err);
}

/* Where the trigger of that place lies, 0: there is none of this kind. */
static uint64_t trigger_paddr(const attach_t *attach, uint32_t place)
{
    const trace_header_t *header = &attach->header;
    bool there = header->trigger_offset && header->trigger_size == sizeof(trace_trigger_t) &&
                 place < header->triggers && place < TRACE_TRIGGERS;
    return there ? attach->header_paddr + header->trigger_offset + place * sizeof(trace_trigger_t)
                 : 0;
}

static bool set_trigger_state(const attach_t *attach, uint64_t paddr, uint32_t state)
{
    return source_write(attach->source, paddr + offsetof(trace_trigger_t, state), &state,
                        sizeof(state));
}

/* Its state comes last: then the rest of it holds. */
static bool arm_one(const attach_t *attach, uint64_t paddr, trace_trigger_t trigger)
{
    trigger.state = TRACE_TRIGGER_OFF;
    return paddr && set_trigger_state(attach, paddr, TRACE_TRIGGER_OFF) &&
           source_write(attach->source, paddr, &trigger, sizeof(trigger)) &&
           set_trigger_state(attach, paddr, TRACE_TRIGGER_ARMED);
}

bool attach_arm(attach_t *attach, uint32_t first, const trace_trigger_t *triggers, uint32_t count,
                u4_error_t *err)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!arm_one(attach, trigger_paddr(attach, first + i), triggers[i])) {
            return u4_fail(err,
                           "%s: cannot arm a trigger: the kernel has no place for it, or the"
                           " memory is read-only",
                           attach->source->name);
        }
    }
    return tell(attach, err);
}

bool attach_release(attach_t *attach)
{
    u4_error_t ignored;
    return write_word(attach, offsetof(trace_header_t, held), 0, &ignored);
}

bool attach_disarm(attach_t *attach, u4_error_t *err)
{
    for (uint32_t i = 0; i < TRACE_TRIGGERS; i++) {
        uint64_t paddr = trigger_paddr(attach, i);
        if (paddr) {
            set_trigger_state(attach, paddr, TRACE_TRIGGER_OFF);
        }
    }
    return attach_release(attach) && tell(attach, err);
}

bool attach_trigger(const attach_t *attach, uint32_t place, trace_trigger_t *trigger)
{
    uint64_t paddr = trigger_paddr(attach, place);
    return paddr && source_read(attach->source, paddr, trigger, sizeof(*trigger));
}

bool attach_mask(const attach_t *attach, uint64_t mask[TRACE_MASK_WORDS])
{
    for (size_t i = 0; i < attach->ring_count; i++) {
        if (!attach->user[i]) {
            return source_read(attach->source,
                               attach->rings[i].ring_paddr + offsetof(trace_ring_t, mask), mask,
                               TRACE_MASK_WORDS * sizeof(mask[0]));
        }
    }
    return false;
}
