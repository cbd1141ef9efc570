/* SPDX-License-Identifier: BSD-2-Clause */
/* CTF's metadata, made of the event table. Sizes and alignments are in bits. */
#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>

#include "ctf.h"
#include "u4trace/labels.h"

enum { RECORD_BITS = 8 * sizeof(ctf_record_t), MAX_LABELS = 1024 };

unsigned ctf_field_position(const schema_field_t *field)
{
    enum { H_SHIFT = 16, H_AT = 8 * offsetof(ctf_record_t, h) };
    unsigned position = 64u * field->word + field->shift;
    return field->word == 1 ? H_AT - (64u + H_SHIFT) + position : position;
}

unsigned ctf_event_end(const schema_event_t *event)
{
    unsigned end = 8 * offsetof(ctf_record_t, h); /* behind what all events have */
    for (size_t i = 0; i < event->field_count; i++) {
        unsigned own = ctf_field_position(&event->fields[i]) + event->fields[i].bits;
        end = own > end ? own : end;
    }
    return end;
}

/* A TSDL string. Bytes that are not printable ASCII become '?'. */
static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', out);
        }
        fputc(isprint((unsigned char)*text) ? *text : '?', out);
    }
    fputc('"', out);
}

static void write_head(FILE *out, const trace_info_t *info)
{
    fputs("/* CTF 1.8 */\n\n"
          "typealias integer { size = 8; align = 8; signed = false; encoding = UTF8; } := char_t;\n"
          "typealias integer { size = 16; align = 8; signed = false; } := uint16_t;\n"
          "typealias integer { size = 32; align = 8; signed = false; } := uint32_t;\n"
          "typealias integer { size = 32; align = 8; signed = false; base = 16; } := ref_t;\n"
          "typealias integer { size = 64; align = 8; signed = false; } := uint64_t;\n\n"
          "trace {\n"
          "    major = 1;\n    minor = 8;\n    byte_order = le;\n"
          "    packet.header := struct { uint32_t magic; uint32_t stream_id; };\n"
          "};\n\n"
          "env {\n    tracer_name = \"u4\";\n    domain = \"kernel\";\n",
          out);
    const struct {
        const char *name, *text;
    } facts[] = {{"machine", info->machine},
                 {"command", info->command},
                 {"image", info->image},
                 {"build_id", info->build_id}};
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        if (facts[i].text[0]) {
            fprintf(out, "    %s = ", facts[i].name);
            write_string(out, facts[i].text);
            fputs(";\n", out);
        }
    }
    fprintf(out, "    harts = %" PRIu32 ";\n};\n\n", info->harts);
}

static void write_stream(FILE *out, uint64_t timebase_hz)
{
    fprintf(
        out,
        "clock {\n    name = guest;\n    description = \"ticks since the guest's clock began\";\n"
        "    freq = %" PRIu64 ";\n    offset_s = 0;\n    absolute = FALSE;\n};\n\n",
        timebase_hz);
    fprintf(out,
            "typealias integer { size = 64; align = 8; signed = false; map = clock.guest.value; } "
            ":= ticks_t;\n\n"
            "stream {\n    id = 0;\n"
            "    packet.context := struct {\n"
            "        uint64_t content_size;\n        uint64_t packet_size;\n"
            "        ticks_t timestamp_begin;\n        ticks_t timestamp_end;\n"
            "        uint64_t events_discarded;\n        uint64_t packet_seq_num;\n"
            "        uint32_t cpu_id;\n        uint32_t ring;\n    };\n"
            "    event.header := struct { ticks_t timestamp; uint16_t id; } align(%d);\n"
            "    event.context := struct { ref_t thread; };\n};\n",
            RECORD_BITS);
}

static const char *base_of(field_type_t type)
{
    switch (type) {
    case FIELD_HEX:
    case FIELD_ADDR:
    case FIELD_OBJECT:
    case FIELD_THREAD:
    case FIELD_SLOT:
    case FIELD_CPTR: return " base = 16;";
    default: return "";
    }
}

/* One value of an enumeration, if a field of so many bits can have it. */
static void write_value(FILE *out, const char *name, uint64_t number, unsigned bits)
{
    if (bits >= 64 || number >> bits == 0) {
        fputs(" ", out);
        write_string(out, name);
        fprintf(out, " = %" PRIu64 ",", number);
    }
}

/* Names of a field's values; of labels, those that the kernel's configuration has. */
static void write_values(FILE *out, const schema_field_t *field, uint32_t abi)
{
    fputs(" {", out);
    if (field->type == FIELD_BOOL) {
        write_value(out, "false", 0, field->bits);
        write_value(out, "true", 1, field->bits);
    }
    for (uint64_t label = 0; field->type == FIELD_LABEL && label < MAX_LABELS; label++) {
        const char *name = label_name(abi, label);
        if (name) {
            write_value(out, name, label, field->bits);
        }
    }
    for (size_t i = 0; field->values && i < field->values->count; i++) {
        write_value(out, field->values->values[i].name, field->values->values[i].number,
                    field->bits);
    }
    fputs(" }", out);
}

/* The underscore keeps names from being TSDL's own words; readers take it away. */
static void write_field(FILE *out, const schema_field_t *field, unsigned align, uint32_t abi)
{
    if (field->type == FIELD_STR) {
        fprintf(out, "        char_t _%s[12];\n", field->name);
        return;
    }
    bool named =
        field->type == FIELD_ENUM || field->type == FIELD_BOOL || field->type == FIELD_LABEL;
    fprintf(out, "        %sinteger { size = %u; align = %u; signed = %s;%s }",
            named ? "enum : " : "", field->bits, align, schema_signed(field) ? "true" : "false",
            base_of(field->type));
    if (named) {
        write_values(out, field, abi);
    }
    fprintf(out, " _%s;\n", field->name);
}

/* The smallest alignment by which a reader at bit `at` finds `position`; 0 if there is none. A
 * multiple of 8 is taken where it can be: readers are faster with it. */
static unsigned alignment(unsigned at, unsigned position)
{
    for (unsigned align = position % 8 ? 1 : 8; align <= 64; align *= 2) {
        if ((at + align - 1) / align * align == position) {
            return align;
        }
    }
    return 0;
}

/* Field `next` in the order of their places, from bit `at` on; NULL if there is none. */
static const schema_field_t *field_from(const schema_event_t *event, unsigned at)
{
    const schema_field_t *next = NULL;
    for (size_t i = 0; i < event->field_count; i++) {
        const schema_field_t *field = &event->fields[i];
        unsigned position = ctf_field_position(field);
        if (position >= at && (!next || position < ctf_field_position(next))) {
            next = field;
        }
    }
    return next;
}

static void write_event(FILE *out, const schema_event_t *event, uint32_t abi)
{
    fprintf(out, "\nevent {\n    id = %u;\n    name = ", event->id);
    write_string(out, event->full_name);
    fputs(";\n    stream_id = 0;\n    fields := struct {\n", out);
    unsigned at = 8 * offsetof(ctf_record_t, h), gaps = 0;
    for (const schema_field_t *field; (field = field_from(event, at)) != NULL;) {
        unsigned position = ctf_field_position(field), align;
        while ((align = alignment(at, position)) == 0) { /* bits that mean nothing */
            unsigned word = at / 64 * 64 + 64, end = word < position ? word : position;
            fprintf(out, "        integer { size = %u; align = 1; signed = false; } _unused%u;\n",
                    end - at, gaps++);
            at = end;
        }
        write_field(out, field, align, abi);
        at = position + field->bits;
    }
    fputs("    };\n};\n", out);
}

static void write_unknown(FILE *out)
{
    fprintf(out,
            "\nevent {\n    id = %d;\n    name = \"unknown\";\n    stream_id = 0;\n"
            "    fields := struct {\n        uint16_t _id;\n"
            "        ref_t _a;\n        ref_t _b;\n        ref_t _c;\n        ref_t _d;\n"
            "    };\n};\n",
            CTF_UNKNOWN);
}

void ctf_write_metadata(FILE *out, const schema_t *schema, const trace_info_t *info)
{
    write_head(out, info);
    write_stream(out, info->timebase_hz ? info->timebase_hz : 1);
    write_unknown(out);
    for (size_t i = 0; i < SCHEMA_MAX_EVENTS; i++) {
        if (schema->events[i]) {
            write_event(out, schema->events[i], info->abi);
        }
    }
}
