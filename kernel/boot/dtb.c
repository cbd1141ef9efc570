/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads what the kernel needs from a flattened device tree (Devicetree Specification 0.4, 5).
 * Nothing in the tree is trusted: every offset is checked against the size that the loader gave,
 * nodes deeper than MAX_DEPTH and entries beyond machine_t's arrays are passed over. Free of
 * other kernel code but panic(), so that the unit test runs it on the host.
 */
#include "kernel/boot/boot.h"

enum {
    FDT_MAGIC = 0xd00dfeed,
    FDT_BEGIN_NODE = 1,
    FDT_END_NODE = 2,
    FDT_PROP = 3,
    FDT_NOP = 4,
    FDT_END = 9,
    FDT_HEADER_SIZE = 40,
    FDT_LAST_COMPATIBLE = 17,
};

#define MAX_DEPTH 8
#define MAX_HARTS 8
#define S_MODE_EXTERNAL 9 /* interrupt number at a hart's interrupt controller */

typedef struct {
    const uint8_t *data;
    uint32_t size;
} property_t;

typedef struct {
    const char *name;
    property_t compatible, device_type, reg, status, phandle, extended, timebase, bootargs, notify;
    uint32_t address_cells, size_cells; /* of its children's reg */
} node_t;

typedef struct {
    const uint8_t *base;
    uint32_t struct_start, struct_end, strings_start, strings_end;
    uint32_t at; /* in the structure block */
    unsigned depth;
    bool done[MAX_DEPTH]; /* node has been looked at */
    node_t node[MAX_DEPTH];
    uint32_t intc_phandle[MAX_HARTS]; /* by index in machine.hart_ids */
    property_t plic_extended;
} reader_t;

machine_t machine;

static uint32_t read32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t read_cells(const uint8_t *p, uint32_t cells)
{
    uint64_t value = 0;
    while (cells--) {
        value = value << 32 | read32(p);
        p += 4;
    }
    return value;
}

/* ---- text ---- */

static bool same_text(const char *a, const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

/* Does a list of NUL-ended strings have `text` (whose size includes its NUL) in it? */
static bool list_has(property_t list, const char *text, uint32_t size)
{
    uint32_t start = 0;
    for (uint32_t i = 0; i < list.size; i++) {
        if (list.data[i])
            continue;
        if (i + 1 - start == size && same_text((const char *)list.data + start, text, size))
            return true;
        start = i + 1;
    }
    return false;
}

#define LIST_HAS(list, text) list_has(list, text, sizeof(text))

/* Is `name` the node name `text`, with or without a unit address? */
static bool named(const char *name, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (name[i] != text[i])
            return false;
    }
    return name[length] == 0 || name[length] == '@';
}

#define NAMED(node, text) named((node)->name, text, sizeof(text) - 1)

/* ---- nodes ---- */

/* Entry `i` of a node's reg, in the cells of its parent. */
static bool reg_entry(const node_t *node, const node_t *parent, uint32_t i, region_t *out)
{
    uint32_t a = parent->address_cells, s = parent->size_cells;
    uint64_t entry = (uint64_t)(a + s) * 4;
    if (a < 1 || a > 2 || s > 2 || (i + 1) * entry > node->reg.size)
        return false;
    const uint8_t *p = node->reg.data + i * entry;
    uint64_t start = read_cells(p, a), size = read_cells(p + (uint64_t)a * 4, s);
    if (start + size < start)
        return false;
    *out = (region_t){start, start + size};
    return true;
}

static void add_regions(region_t *list, unsigned *count, unsigned max, const node_t *node,
                        const node_t *parent)
{
    region_t r;
    for (uint32_t i = 0; *count < max && reg_entry(node, parent, i, &r); i++) {
        if (r.start < r.end)
            list[(*count)++] = r;
    }
}

static void see_cpu(reader_t *t, const node_t *node, const node_t *parent)
{
    region_t r;
    unsigned i = machine.harts;
    if (i == MAX_HARTS || !reg_entry(node, parent, 0, &r))
        return;
    machine.hart_ids[i] = r.start;
    machine.plic_context[i] = 0;
    t->intc_phandle[i] = 0;
    machine.harts++;
}

static void see_cpu_child(reader_t *t, const node_t *node)
{
    if (machine.harts && LIST_HAS(node->compatible, "riscv,cpu-intc") && node->phandle.size == 4)
        t->intc_phandle[machine.harts - 1] = read32(node->phandle.data);
}

static void see_device(reader_t *t, const node_t *node, const node_t *parent)
{
    region_t r;
    if (!node->compatible.size || !reg_entry(node, parent, 0, &r))
        return;
    if (LIST_HAS(node->compatible, "sifive,plic-1.0.0") ||
        LIST_HAS(node->compatible, "riscv,plic0")) {
        machine.plic = r.start;
        machine.plic_size = r.end - r.start;
        t->plic_extended = node->extended;
    } else if (NAMED(node, "clint") || LIST_HAS(node->compatible, "sifive,clint0") ||
               LIST_HAS(node->compatible, "riscv,clint0")) {
        /* By name too: the device trees in seL4's images call it something else. */
        machine.clint = r.start;
        machine.clint_size = r.end - r.start;
    } else if (LIST_HAS(node->compatible, "ns16550a")) {
        if (!machine.uart)
            machine.uart = r.start;
    } else if (LIST_HAS(node->compatible, "riscv,uintc0")) {
        machine.uintc = r.start;
        machine.uintc_size = r.end - r.start;
        machine.uintc_notifies = node->notify.data != NULL;
    }
}

static bool usable(const node_t *node)
{
    return !node->status.size || LIST_HAS(node->status, "okay") || LIST_HAS(node->status, "ok");
}

/* All properties of the innermost node are known: takes what is of use. */
static void see_node(reader_t *t)
{
    unsigned depth = t->depth - 1;
    if (t->depth > MAX_DEPTH || t->done[depth])
        return;
    t->done[depth] = true;
    const node_t *node = &t->node[depth];
    if (depth == 0 || !usable(node))
        return;
    const node_t *parent = &t->node[depth - 1];
    if (node->timebase.size && NAMED(depth == 1 ? node : parent, "cpus"))
        machine.timebase_hz = read_cells(node->timebase.data, node->timebase.size / 4);
    if (depth == 1 && LIST_HAS(node->device_type, "memory"))
        add_regions(machine.memory, &machine.memories, ARRAY_SIZE(machine.memory), node, parent);
    else if (depth == 1 && NAMED(node, "chosen") && node->bootargs.size)
        machine.bootargs = (const char *)node->bootargs.data;
    else if (depth == 2 && NAMED(parent, "reserved-memory"))
        add_regions(machine.reserved, &machine.reserves, ARRAY_SIZE(machine.reserved), node,
                    parent);
    else if (depth == 2 && NAMED(parent, "cpus") && LIST_HAS(node->device_type, "cpu"))
        see_cpu(t, node, parent);
    else if (depth == 3 && NAMED(&t->node[1], "cpus") && NAMED(parent, "cpu") && usable(parent))
        see_cpu_child(t, node);
    else
        see_device(t, node, parent);
}

/* Which of the node's members keeps the property `name`, if any. */
static property_t *property_place(node_t *node, const char *name)
{
    static const struct {
        char name[24];
        size_t place;
    } known[] = {
        {"compatible", offsetof(node_t, compatible)},
        {"device_type", offsetof(node_t, device_type)},
        {"reg", offsetof(node_t, reg)},
        {"status", offsetof(node_t, status)},
        {"phandle", offsetof(node_t, phandle)},
        {"interrupts-extended", offsetof(node_t, extended)},
        {"timebase-frequency", offsetof(node_t, timebase)},
        {"bootargs", offsetof(node_t, bootargs)},
        {"u4,supervisor-notify", offsetof(node_t, notify)},
    };
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        size_t n = 0;
        while (known[i].name[n] && known[i].name[n] == name[n])
            n++;
        if (!known[i].name[n] && !name[n])
            return (property_t *)((char *)node + known[i].place);
    }
    return NULL;
}

static void set_property(node_t *node, const char *name, property_t value)
{
    property_t *place = property_place(node, name);
    if (place == &node->bootargs && (!value.size || value.data[value.size - 1]))
        return;
    if (place == &node->timebase && value.size != 4 && value.size != 8)
        return;
    if (place)
        *place = value;
    else if (same_text(name, "#address-cells", sizeof "#address-cells") && value.size == 4)
        node->address_cells = read32(value.data);
    else if (same_text(name, "#size-cells", sizeof "#size-cells") && value.size == 4)
        node->size_cells = read32(value.data);
}

/* ---- the structure block ---- */

/* A NUL-ended text at `at`, before `end`. */
static const char *checked_text(const reader_t *t, uint32_t at, uint32_t end)
{
    for (uint32_t i = at; i < end; i++) {
        if (!t->base[i])
            return (const char *)t->base + at;
    }
    panic("device tree: a name at offset %u has no end", at);
}

static void advance(reader_t *t, uint64_t size)
{
    uint64_t next = t->at + ALIGN_UP(size, 2);
    if (next > t->struct_end)
        panic("device tree: an entry at offset %u goes beyond the structure block", t->at);
    t->at = (uint32_t)next;
}

static void begin_node(reader_t *t)
{
    const char *name = checked_text(t, t->at, t->struct_end);
    uint64_t size = 1;
    while (name[size - 1])
        size++;
    advance(t, size);
    if (t->depth)
        see_node(t);
    if (t->depth < MAX_DEPTH) {
        t->node[t->depth] = (node_t){.name = name, .address_cells = 2, .size_cells = 1};
        t->done[t->depth] = false;
    }
    t->depth++;
}

static void end_node(reader_t *t)
{
    if (!t->depth)
        panic("device tree: a node ends that has not begun, at offset %u", t->at);
    see_node(t);
    t->depth--;
}

static void read_property(reader_t *t)
{
    const uint8_t *p = t->base + t->at;
    advance(t, 8);
    uint32_t size = read32(p), name = read32(p + 4);
    property_t value = {t->base + t->at, size};
    advance(t, size);
    if (name >= t->strings_end - t->strings_start)
        panic("device tree: a property's name is outside the strings block");
    if (t->depth && t->depth <= MAX_DEPTH)
        set_property(&t->node[t->depth - 1],
                     checked_text(t, t->strings_start + name, t->strings_end), value);
}

static void read_structure(reader_t *t)
{
    for (;;) {
        const uint8_t *p = t->base + t->at;
        advance(t, 4);
        switch (read32(p)) {
        case FDT_BEGIN_NODE: begin_node(t); break;
        case FDT_END_NODE: end_node(t); break;
        case FDT_PROP: read_property(t); break;
        case FDT_NOP: break;
        case FDT_END:
            if (t->depth)
                panic("device tree: it ends inside a node");
            return;
        default: panic("device tree: unknown entry 0x%x at offset %u", read32(p), t->at - 4);
        }
    }
}

/* ---- header ---- */

static void open_block(uint32_t start, uint64_t size, uint32_t total, const char *what)
{
    if (start < FDT_HEADER_SIZE || start + size > total)
        panic("device tree: its %s block is not inside its %u bytes", what, total);
}

static void open_tree(reader_t *t, const uint8_t *base, size_t size)
{
    if (size < FDT_HEADER_SIZE)
        panic("device tree: %lu bytes are no device tree; the loader must pass one",
              (unsigned long)size);
    if (read32(base) != FDT_MAGIC)
        panic("device tree: expected magic number 0x%x, found 0x%x", FDT_MAGIC, read32(base));
    uint32_t total = read32(base + 4), last_compatible = read32(base + 24);
    if (total < FDT_HEADER_SIZE || total > size)
        panic("device tree: says it has %u bytes, the loader gave %lu", total, (unsigned long)size);
    if (read32(base + 20) < FDT_LAST_COMPATIBLE || last_compatible > FDT_LAST_COMPATIBLE)
        panic("device tree: version %u, compatible with %u; expected 17", read32(base + 20),
              last_compatible);
    t->base = base;
    t->struct_start = t->at = read32(base + 8);
    open_block(t->struct_start, read32(base + 36), total, "structure");
    if (t->struct_start % 4)
        panic("device tree: its structure block is at offset %u, not aligned", t->at);
    t->struct_end = t->struct_start + read32(base + 36);
    t->strings_start = read32(base + 12);
    open_block(t->strings_start, read32(base + 32), total, "names");
    t->strings_end = t->strings_start + read32(base + 32);
}

/* The header's list of reservations, ended by an empty one. */
static void read_reservations(const uint8_t *base)
{
    uint32_t total = read32(base + 4);
    for (uint64_t at = read32(base + 16); at + 16 <= total; at += 16) {
        uint64_t start = read_cells(base + at, 2), size = read_cells(base + at + 8, 2);
        if (!size)
            return;
        if (machine.reserves < ARRAY_SIZE(machine.reserved) && start + size > start)
            machine.reserved[machine.reserves++] = (region_t){start, start + size};
    }
}

/* A PLIC's contexts are the entries of interrupts-extended: <hart's controller, its input>. */
static void resolve_plic_contexts(const reader_t *t)
{
    for (uint32_t i = 0; (uint64_t)i * 8 + 8 <= t->plic_extended.size; i++) {
        uint32_t phandle = read32(t->plic_extended.data + (size_t)i * 8);
        uint32_t input = read32(t->plic_extended.data + (size_t)i * 8 + 4);
        for (unsigned h = 0; h < machine.harts; h++) {
            if (input == S_MODE_EXTERNAL && t->intc_phandle[h] == phandle)
                machine.plic_context[h] = i;
        }
    }
}

void dtb_parse(const void *dtb, size_t size)
{
    static reader_t reader;
    reader = (reader_t){0};
    machine = (machine_t){0};
    open_tree(&reader, dtb, size);
    machine.dtb_size = read32((const uint8_t *)dtb + 4);
    read_reservations(dtb);
    read_structure(&reader);
    resolve_plic_contexts(&reader);
    if (!machine.memories)
        panic("device tree: no memory node");
    if (!machine.harts)
        panic("device tree: no cpu node");
    if (!machine.timebase_hz)
        panic("device tree: no timebase-frequency in /cpus");
}
