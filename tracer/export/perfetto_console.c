/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's console as a track: each line an instant. What was printed before the first event
 * (by the firmware) is shown at that event's time, so that the timeline begins with the kernel.
 * Lines of one time are set apart by the unit of time: Perfetto would give each of them a row.
 */
#include "perfetto_sink.h"

static void put_line(px_t *s)
{
    if (s->line_length > 0) {
        uint64_t next = s->pf.sequences[PX_CONSOLE_SEQUENCE].last + 1;
        s->line[s->line_length] = 0;
        s->now = s->now > next ? s->now : next;
        pf_event_t e = px_event(s, EVENT_INSTANT, px_group(s, GROUP_CONSOLE));
        pf_categorised(&e, &s->categories[CAT_TRACE]);
        e.p = pb_string(e.p, F_EVENT_NAME, s->line, PF_TEXT_MAX);
        pf_done(&e);
        s->line_length = 0;
    }
}

void px_console(px_t *s, const char *text, size_t length)
{
    s->sequence = PX_CONSOLE_SEQUENCE;
    if (!s->started) {
        size_t room = sizeof(s->early) - s->early_length;
        length = length < room ? length : room;
        memcpy(s->early + s->early_length, text, length);
        s->early_length += length;
        return;
    }
    for (size_t i = 0; i < length; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c == '\n' || s->line_length == sizeof(s->line) - 1) {
            put_line(s);
        }
        if (c >= 0x20 && c < 0x7f) {
            s->line[s->line_length++] = (char)c;
        }
    }
}

void px_console_early(px_t *s)
{
    unsigned sequence = s->sequence;
    uint64_t now = s->now;
    px_console(s, s->early, s->early_length);
    s->sequence = sequence;
    s->now = now;
}

void px_console_end(px_t *s, const char *panic)
{
    s->sequence = PX_CONSOLE_SEQUENCE;
    put_line(s);
    if (panic[0]) {
        pf_event_t e = px_instant(s, px_group(s, GROUP_CONSOLE), CAT_TRACE, NAME_PANIC);
        pf_arg_text(&e, &s->args[ARG_TEXT], panic);
        pf_done(&e);
    }
}
