/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Field numbers of those Perfetto messages that u4 writes (perfetto/trace/trace_packet.proto and
 * what it includes). All are part of Perfetto's stable interface.
 */
#ifndef TRACER_EXPORT_PERFETTO_FIELDS_H
#define TRACER_EXPORT_PERFETTO_FIELDS_H

enum { F_TRACE_PACKET = 1 };

enum pf_packet_field {
    F_CLOCK_SNAPSHOT = 6,
    F_TIMESTAMP = 8,
    F_SEQUENCE_ID = 10,
    F_TRACK_EVENT = 11,
    F_INTERNED_DATA = 12,
    F_SEQUENCE_FLAGS = 13,
    F_PREVIOUS_PACKET_DROPPED = 42,
    F_COMPRESSED_PACKETS = 50,
    F_PACKET_DEFAULTS = 59,
    F_TRACK_DESCRIPTOR = 60,
    F_FIRST_ON_SEQUENCE = 87,
    F_TASK_STATE = 117,
    F_TASK_RENAME = 120,
    F_PROCESS_TREE = 122,
};

enum { SEQUENCE_CLEARED = 1 };

enum { F_CLOCKS = 1, F_PRIMARY_CLOCK = 2 };
enum { F_CLOCK_ID = 1, F_CLOCK_TIME = 2, F_CLOCK_INCREMENTAL = 3, F_CLOCK_UNIT_NS = 4 };
enum { CLOCK_BOOTTIME = 6, CLOCK_TICKS = 64 /* first of those that a sequence may define */ };

enum { F_DEFAULT_EVENT = 11, F_DEFAULT_CLOCK_ID = 58 };
enum { F_DEFAULT_TRACK = 11 };

enum pf_interned_field {
    F_EVENT_CATEGORIES = 1,
    F_EVENT_NAMES = 2,
    F_ANNOTATION_NAMES = 3,
    F_ANNOTATION_STRINGS = 29,
};
enum { F_INTERNED_IID = 1, F_INTERNED_TEXT = 2 };

enum pf_event_field {
    F_EVENT_CATEGORY_IID = 3,
    F_EVENT_ANNOTATION = 4,
    F_EVENT_TYPE = 9,
    F_EVENT_NAME_IID = 10,
    F_EVENT_TRACK = 11,
    F_EVENT_NAME = 23,
    F_EVENT_COUNTER = 30,
    F_EVENT_FLOW = 36,
    F_EVENT_FLOW_END = 42,
};
enum pf_event_type { EVENT_BEGIN = 1, EVENT_END = 2, EVENT_INSTANT = 3, EVENT_COUNTER = 4 };

enum pf_annotation_field {
    F_ANNOTATION_NAME_IID = 1,
    F_ANNOTATION_BOOL = 2,
    F_ANNOTATION_UINT = 3,
    F_ANNOTATION_INT = 4,
    F_ANNOTATION_STRING = 6,
    F_ANNOTATION_POINTER = 7,
    F_ANNOTATION_STRING_IID = 17,
};

enum pf_track_field {
    F_TRACK_UUID = 1,
    F_TRACK_NAME = 2,
    F_TRACK_PROCESS = 3,
    F_TRACK_THREAD = 4,
    F_TRACK_PARENT = 5,
    F_TRACK_COUNTER = 8,
    F_TRACK_CHILD_ORDER = 11,
    F_TRACK_RANK = 12,
    F_TRACK_DESCRIPTION = 14,
};
enum { CHILDREN_LEXICOGRAPHIC = 1, CHILDREN_CHRONOLOGICAL = 2, CHILDREN_EXPLICIT = 3 };
enum { F_PROCESS_PID = 1, F_PROCESS_NAME = 6 };
enum { F_THREAD_PID = 1, F_THREAD_TID = 2, F_THREAD_NAME = 5 };
enum { F_COUNTER_UNIT = 3, F_COUNTER_UNIT_NAME = 6 };
enum { UNIT_TIME_NS = 1, UNIT_COUNT = 2, UNIT_BYTES = 3 };

enum { F_STATE_CPU = 1, F_STATE_TID = 3, F_STATE_STATE = 4, F_STATE_PRIORITY = 5 };
enum pf_task_state {
    TASK_RUNNABLE = 2,
    TASK_RUNNING = 3,
    TASK_SLEEPING = 4, /* waits for work: shown as S */
    TASK_WAITING = 5,  /* waits for another's answer: shown as D */
    TASK_STOPPED = 6,
    TASK_DEAD = 7,
};

enum { F_RENAME_TID = 1, F_RENAME_COMM = 2 };

enum { F_TREE_PROCESS = 1, F_TREE_THREAD = 2 };
enum { F_TREE_PID = 1, F_TREE_CMDLINE = 3 };
enum { F_TREE_TID = 1, F_TREE_TID_PID = 2, F_TREE_COMM = 3, F_TREE_MAIN = 4, F_TREE_IDLE = 5 };

#endif
