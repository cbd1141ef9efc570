/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace as it lies in guest memory: one header in the kernel's image (symbol
 * u4_trace_header), one ring per hart (and one per user thread that has asked for one), records
 * of 32 bytes. The kernel and the user-space runtime write, the host reads; nobody waits.
 *
 * Writer's protocol (single writer per ring, interrupts off or one thread):
 *   fill the record at `next`; next' = next + 32; if next' == end, take the wrap path, else
 *   { fence w,w; next = next' }. Up to TRACE_BATCH_MAX records that do not reach the ring's end may
 *   be filled before one store to `next`.
 *   wrap path: lap_pending = laps + 1; fence w,w; next = base; fence w,w; laps = lap_pending;
 *   fence w,w.
 * Reader's protocol: read laps, lap_pending, next, lap_pending, laps; start again unless both
 *   pairs agree. The number of records ever published is
 *     position = laps == lap_pending || next != base ? laps * capacity + (next - base) / 32
 *                                                     : lap_pending * capacity
 *   Record i lies in slot i % capacity. A copy of record i is good if, after copying, the
 *   position p read again (behind a load fence) still satisfies i + capacity >= q, where q is
 *   p + TRACE_UNPUBLISHED_MAX or, if that is less, the begin of the lap behind p. From p to q
 *   records may be in the making: a batch, and on a weakly ordered machine the next one, whose
 *   stores may be seen before the `next` in between; the wrap path's fences let none pass.
 *   What the reader missed is known exactly: records are numbered by their position.
 * tests/models/trace.pml checks both.
 */
#ifndef ABI_TRACE_LAYOUT_H
#define ABI_TRACE_LAYOUT_H

#include <stdint.h>

#define TRACE_MAGIC 0x3145434152543455ull      /* "U4TRACE1", little endian */
#define TRACE_RING_MAGIC 0x31474e4952543455ull /* "U4TRING1" */
#define TRACE_VERSION 1
#define TRACE_MAX_HARTS 8
#define TRACE_MASK_WORDS 4 /* 256 events */
#define TRACE_MAX_EVENTS (TRACE_MASK_WORDS * 64)
#define TRACE_BATCH_MAX 8 /* records that are published at once, at most */
#define TRACE_UNPUBLISHED_MAX (2 * TRACE_BATCH_MAX) /* in the making behind the position */

/*
 * One event. `thread` and every field of type object, slot or thread is a reference: the low 32
 * bits of the object's physical address (equal to those of its kernel virtual address), unique
 * while the machine has at most 4 GiB of RAM. A field's place (h, a, b, c, d, ab, cd, bcd) and
 * meaning are given by events.def; places that an event does not use hold arbitrary bytes.
 */
typedef struct {
    uint64_t time; /* `time` CSR, ticks of the header's timebase */
    union {
        uint32_t head; /* both of: */
        struct {
            uint16_t event; /* id in events.def */
            uint16_t h;     /* small argument */
        };
    };
    uint32_t thread; /* thread current on this hart */
    union {
        uint64_t ab;
        struct {
            uint32_t a, b;
        };
    };
    union {
        uint64_t cd;
        struct {
            uint32_t c, d;
        };
    };
} trace_record_t;

_Static_assert(sizeof(trace_record_t) == 32, "a record is 32 bytes");

enum trace_mode {
    TRACE_MODE_RING = 0,    /* overwrite the oldest: streaming and flight recorder */
    TRACE_MODE_ONESHOT = 1, /* stop at the end of the ring: its mask is cleared at the wrap */
};

/* A ring's control block. `mask` is the writer's switchboard; host and kernel may store to it. */
typedef struct {
    uint64_t mask[TRACE_MASK_WORDS]; /* bit id % 64 of word id / 64: event is on */
    uint64_t next;                   /* writer's address of the record to be written */
    uint64_t end;                    /* where the writer takes its wrap path: behind the last
                                        record, or behind the next while a trigger is armed */
    uint64_t base;                   /* writer's address of the first record */
    uint64_t laps;                   /* how often `next` has come back to base */
    uint64_t lap_pending;            /* laps + 1 while it does, else laps */
    uint64_t magic;                  /* TRACE_RING_MAGIC once the ring may be read */
    uint64_t data_paddr;             /* physical address of base */
    uint64_t capacity;               /* records; a power of two, at least
                                        2 * TRACE_UNPUBLISHED_MAX */
    uint32_t hart;                   /* hart (core) number; 0xffffffff for a user ring */
    uint32_t mode;                   /* enum trace_mode */
    uint64_t owner;                  /* user ring: reference of its thread; else 0 */
} trace_ring_t;

_Static_assert(sizeof(trace_ring_t) == 112, "ring layout");

/*
 * A user ring is a frame that a thread writes: in its first half the control block, behind it a
 * trace_user_schema_t; in its second half the records. The kernel fills in the control block when
 * the ring is granted and believes nothing of it from then on; nor should a reader, who knows from
 * this table, which only the kernel writes, where rings are and whose. Ids that a user ring may
 * hold: TRACE_USER_FIRST..255 of events.def, and TRACE_OWN_FIRST.. of the program's own schema,
 * whose bit in the mask is (id - TRACE_OWN_FIRST).
 */
typedef struct {
    uint64_t generation; /* odd while the ring is there: rises with each grant and each end */
    uint64_t paddr;      /* of the frame */
    uint64_t address;    /* where the writer has mapped it */
    uint32_t size_bits;  /* of the frame: 12 or more; 2^(size_bits - 6) records */
    uint32_t owner;      /* reference of the thread; it stays when the ring has ended */
    uint64_t published;  /* ended: records written, as the control block said; else 0 */
} trace_user_ring_t;

_Static_assert(sizeof(trace_user_ring_t) == 40, "user ring layout");

enum {
    TRACE_MAX_USER_RINGS = 128,
    TRACE_USER_FIRST = 160,
    TRACE_OWN_FIRST = 256,
    TRACE_OWN_MAX = 128, /* events that one program can define */
};

/* Behind a user ring's control block: the program's own events, in events.def's language, each
 * with its id from TRACE_OWN_FIRST on. */
typedef struct {
    uint32_t length; /* bytes of text that follow, 0: none. Stored last */
    uint32_t reserved;
} trace_user_schema_t;

enum trace_state {
    TRACE_STATE_OFF = 0,     /* the kernel has not set up its rings yet */
    TRACE_STATE_RUNNING = 1, /* rings are live */
    TRACE_STATE_HALTED = 2,  /* the system has ended in order */
    TRACE_STATE_PANIC = 3,   /* the kernel has panicked: `panic` says why */
};

enum trace_abi {
    TRACE_ABI_SMP = 1, /* invocation labels and syscalls of the SMP configuration */
    TRACE_ABI_MCS = 2, /* ... of the MCS configuration */
};

enum trace_kernel_flags {
    TRACE_KERNEL_DEBUG = 1, /* debug build: assertions and debug syscalls */
};

/* The header, in the kernel image's data. `boot_*` may be patched in the ELF before booting. */
typedef struct {
    uint64_t magic; /* TRACE_MAGIC */
    uint32_t version;
    uint32_t header_size;
    uint64_t schema_hash; /* TRACE_SCHEMA_HASH of the events.def compiled in */
    uint32_t record_size;
    uint32_t harts;       /* rings in ring_paddr */
    uint32_t abi;         /* TRACE_ABI_*: which interface the kernel speaks */
    uint32_t flags;       /* TRACE_KERNEL_* */
    uint64_t timebase_hz; /* ticks a second of record.time */
    uint64_t boot_mask[TRACE_MASK_WORDS];
    uint32_t boot_capacity_log2; /* records per ring, 0: the kernel's default */
    uint32_t boot_mode;
    uint64_t state;                       /* enum trace_state */
    uint64_t ring_paddr[TRACE_MAX_HARTS]; /* physical address of each hart's trace_ring_t */
    uint64_t build_id_paddr;              /* of the GNU build-id note, 0 if none */
    uint64_t phys_window;                 /* kernel virtual address of physical address 0 */
    char panic[128];                      /* NUL-terminated reason, when state is PANIC */
    uint64_t user_mask[TRACE_MASK_WORDS]; /* what a new user ring's mask begins with */
    uint64_t user_ring_paddr;             /* trace_user_ring_t[user_rings] */
    uint64_t user_ring_changes;           /* grants and ends so far */
    uint32_t user_rings;
    uint32_t reserved;
    /* Filters, 0: none. Only events of this thread or with it in their first thread field; only
     * events whose first object field is this object (or that have none). Both: only events of the
     * thread itself. Masks and filters may be written at any time: the kernel follows at once for
     * the trace capability, else at the next timer tick, or sooner: see `changed`. */
    uint32_t filter_thread; /* reference */
    uint32_t filter_object; /* reference */
    uint64_t now;     /* time of the last timer tick: no older record was written much later */
    uint32_t changed; /* a host stores 1 after it has changed masks, filters, triggers: then
                                the kernel need not wait for a timer tick */
    uint32_t fired;   /* how often triggers have acted, pure marks not counted */
    uint32_t held;    /* 1 + hart: the kernel waits in a trigger until a host stores 0 */
    uint32_t trigger_offset; /* bytes from here to the triggers (trigger.h), 0: none */
    uint32_t triggers;       /* how many */
    uint32_t trigger_size;   /* bytes of each */
} trace_header_t;

#endif
