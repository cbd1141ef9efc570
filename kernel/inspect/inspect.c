/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inspect table (abi/u4/inspect.h), constant data made from table.def. Offsets and sizes are
 * the compiler's; what a macro cannot take from a declaration, the bit fields of capabilities, is
 * held against the accessors of cap.h when this is compiled.
 */
#include "abi/trace/trigger.h"
#include "abi/u4/inspect.h"

#include "kernel/arch/riscv/vspace.h"
#include "kernel/boot/boot.h"
#include "kernel/hart.h"
#include "kernel/object/endpoint.h"
#include "kernel/object/irq.h"
#include "kernel/object/own.h"
#include "kernel/object/notification.h"
#include "kernel/trace/trace.h"
#include "kernel/uintr/receiver.h"
#include "trace/ids.h"

#ifdef U4_DEBUG
#define BUILT_DEBUG 1
#else
#define BUILT_DEBUG 0
#endif
#if defined(U4_TRACE) && U4_TRACE
#define BUILT_TRACE 1
#else
#define BUILT_TRACE 0
#endif

extern const char build_id_start[];
extern char kernel_image_start[], kernel_image_end[];

/* The strings: a struct with one member per name, so that offsetof gives a name's place. */
typedef struct {
    char none[1];
#define CONST(name, value) char const_##name[sizeof #name];
#define STRUCT(name, type) char struct_##name[sizeof #name];
#define FIELD(of, type, name, member, kind, target) char field_##of##_##name[sizeof #name];
#define ARRAY(of, type, name, member, first, kind, target) char field_##of##_##name[sizeof #name];
#define ENUM(name) char enum_##name[sizeof #name];
#define VALUE(of, name, value) char value_##of##_##name[sizeof #name];
#define CAP(name, value) char cap_##name[sizeof #name];
#define BITS(of, name, word, high, low, accessor) char bits_##of##_##name[sizeof #name];
#define SYMBOL(name, lvalue, elements, kind, target) char symbol_##name[sizeof #name];
#include "kernel/inspect/table.def"
} strings_t;

enum {
#define CONST(name, value) ENTRY_CONST_##name,
#define STRUCT(name, type) ENTRY_STRUCT_##name,
#define FIELD(of, type, name, member, kind, target) ENTRY_FIELD_##of##_##name,
#define ARRAY(of, type, name, member, first, kind, target) ENTRY_FIELD_##of##_##name,
#define ENUM(name) ENTRY_ENUM_##name,
#define VALUE(of, name, value) ENTRY_VALUE_##of##_##name,
#define CAP(name, value) ENTRY_CAP_##name,
#define BITS(of, name, word, high, low, accessor) ENTRY_BITS_##of##_##name,
#define SYMBOL(name, lvalue, elements, kind, target) ENTRY_SYMBOL_##name,
#include "kernel/inspect/table.def"
    ENTRIES
};

typedef struct {
    u4_inspect_header_t header;
    u4_inspect_entry_t entries[ENTRIES];
    strings_t strings;
} table_t;

_Static_assert(sizeof(table_t) < 12 * 1024, "the inspect table stays small");

#define NAME(member) offsetof(strings_t, member)
#define TARGET_NONE 0
#define TARGET_STRUCT(name) NAME(struct_##name)
#define TARGET_ENUM(name) NAME(enum_##name)
#define ENTRY(kind_, name_, type_, target_, value_, size_, count_) \
    {.kind = U4_INSPECT_##kind_, \
     .name = NAME(name_), \
     .type = (type_), \
     .target = (target_), \
     .value = (uint64_t)(value_), \
     .size = (size_), \
     .count = (count_)},
#define MEMBER(type, member) sizeof(((type *)0)->member)

extern const table_t u4_inspect;

__attribute__((section(".rodata.u4_inspect"), aligned(64), used)) const table_t u4_inspect = {
    .header = {.magic = U4_INSPECT_MAGIC,
               .version = U4_INSPECT_VERSION,
               .size = sizeof(table_t),
               .entry_size = sizeof(u4_inspect_entry_t),
               .entries = ENTRIES,
               .entries_offset = offsetof(table_t, entries),
               .strings_offset = offsetof(table_t, strings),
               .trace_schema = TRACE_SCHEMA_HASH,
               .build_id = (uint64_t)build_id_start},
    .entries =
        {
#define CONST(name, value) ENTRY(CONST, const_##name, 0, 0, value, 0, 0)
#define STRUCT(name, type) ENTRY(STRUCT, struct_##name, 0, 0, 0, sizeof(type), 1)
#define FIELD(of, type, name, member, kind, target) \
    ENTRY(FIELD, field_##of##_##name, U4_INSPECT_##kind, TARGET_##target, offsetof(type, member), \
          MEMBER(type, member), 1)
#define ARRAY(of, type, name, member, first, kind, target) \
    ENTRY(FIELD, field_##of##_##name, U4_INSPECT_##kind, TARGET_##target, offsetof(type, member), \
          MEMBER(type, member), MEMBER(type, member) / MEMBER(type, first))
#define ENUM(name) ENTRY(ENUM, enum_##name, 0, 0, 0, 0, 0)
#define VALUE(of, name, value) ENTRY(VALUE, value_##of##_##name, 0, 0, value, 0, 0)
#define CAP(name, value) ENTRY(CAP, cap_##name, 0, 0, value, 0, 0)
#define BITS(of, name, word, high, low, accessor) \
    ENTRY(BITS, bits_##of##_##name, 0, 0, low, (high) - (low) + 1, word)
#define SYMBOL(name, lvalue, elements, kind, target) \
    ENTRY(SYMBOL, symbol_##name, U4_INSPECT_##kind, TARGET_##target, &(lvalue), sizeof(lvalue), \
          elements)
#include "kernel/inspect/table.def"
        },
    .strings =
        {
#define CONST(name, value) .const_##name = #name,
#define STRUCT(name, type) .struct_##name = #name,
#define FIELD(of, type, name, member, kind, target) .field_##of##_##name = #name,
#define ARRAY(of, type, name, member, first, kind, target) .field_##of##_##name = #name,
#define ENUM(name) .enum_##name = #name,
#define VALUE(of, name, value) .value_##of##_##name = #name,
#define CAP(name, value) .cap_##name = #name,
#define BITS(of, name, word, high, low, accessor) .bits_##of##_##name = #name,
#define SYMBOL(name, lvalue, elements, kind, target) .symbol_##name = #name,
#include "kernel/inspect/table.def"
        },
};

/*
 * Compile-time check of BITS against cap.h: a capability whose only bits are those of the field
 * must read back as that field, all ones, by its accessor, and one without them as zero. The
 * optimiser folds every branch; a call that is left does not compile.
 */
void inspect_differs_from_cap_h(void)
    __attribute__((error("table.def: a capability's bits differ from cap.h")));

#define FIELD_MASK(high, low) (MASK((high) - (low)) << (low) | BIT(high))
#define WORD1(c) ((c).w1)
#define AGREES(word, high, low, accessor) \
    do { \
        cap_t only = {(word) == 0 ? FIELD_MASK(high, low) : 0, \
                      (word) == 1 ? FIELD_MASK(high, low) : 0}; \
        cap_t others = {~only.w0, ~only.w1}; \
        if ((word_t)accessor(only) != FIELD_MASK(high, low) >> (low) || accessor(others) != 0) \
            inspect_differs_from_cap_h(); \
    } while (0)

void inspect_check_bits(void);
BOOT_TEXT void inspect_check_bits(void)
{
#define CONST(name, value)
#define STRUCT(name, type)
#define FIELD(of, type, name, member, kind, target)
#define ARRAY(of, type, name, member, first, kind, target)
#define ENUM(name)
#define VALUE(of, name, value)
#define CAP(name, value)
#define BITS(of, name, word, high, low, accessor) AGREES(word, high, low, accessor);
#define SYMBOL(name, lvalue, elements, kind, target)
#include "kernel/inspect/table.def"
}
