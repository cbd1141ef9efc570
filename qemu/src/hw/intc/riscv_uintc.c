/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UINTC: see include/hw/intc/riscv_uintc.h.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/sysbus.h"
#include "hw/intc/riscv_uintc.h"
#include "migration/vmstate.h"
#include "target/riscv/cpu.h"
#include "trace.h"

#define LOW_FLAGS (RISCV_UINTC_LOW_ACTIVE | RISCV_UINTC_LOW_WIDE | RISCV_UINTC_LOW_SUPERVISOR)

/* The pending bits that exist in the entry's mode. */
static uint64_t uintc_vectors(const RISCVUintcEntry *e)
{
    return e->flags & RISCV_UINTC_LOW_WIDE ? UINT64_MAX : UINT32_MAX;
}

static void uintc_raise(RISCVUintcState *s, const RISCVUintcEntry *e, qemu_irq *lines,
                        const char *line)
{
    uint32_t index = e - s->entry;

    if (e->hart >= s->num_harts) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "uintc: receiver %u is pending for hart %u, but there are %u harts\n", index,
                      e->hart, s->num_harts);
        return;
    }
    trace_uintc_deliver(index, e->hart, line, e->pending);
    qemu_irq_raise(lines[e->hart]);
}

/*
 * Interrupt the receiver's hart if the entry's state asks for it. The lines are edges: the
 * hart latches them in sip, and software clears them there.
 *
 * @news: the supervisor does not know yet of what is pending.
 */
static void uintc_evaluate(RISCVUintcState *s, const RISCVUintcEntry *e, bool news)
{
    if (!e->pending) {
        return;
    }
    if (e->flags & RISCV_UINTC_LOW_SUPERVISOR) {
        if (news) {
            uintc_raise(s, e, s->supervisor_line, "supervisor");
        }
    } else if (e->flags & RISCV_UINTC_LOW_ACTIVE) {
        uintc_raise(s, e, s->user_line, "user");
    } else {
        trace_uintc_hold(e - s->entry, e->pending);
    }
}

static void uintc_post(RISCVUintcState *s, RISCVUintcEntry *e, uint64_t bits)
{
    bool news = !e->pending;

    e->pending |= bits & uintc_vectors(e);
    uintc_evaluate(s, e, news);
}

static void uintc_send(RISCVUintcState *s, RISCVUintcEntry *e, uint64_t vector)
{
    uint32_t index = e - s->entry;

    if (vector >= 64 || !(uintc_vectors(e) & BIT_ULL(vector))) {
        trace_uintc_send_ignored(index, vector);
        return;
    }
    trace_uintc_send(index, vector, e->pending | BIT_ULL(vector));
    uintc_post(s, e, BIT_ULL(vector));
}

static uint64_t uintc_low(const RISCVUintcEntry *e)
{
    return (uint64_t)e->hart << RISCV_UINTC_LOW_HART_SHIFT | e->flags;
}

static void uintc_write_low(RISCVUintcState *s, RISCVUintcEntry *e, uint64_t value)
{
    e->hart = extract64(value, RISCV_UINTC_LOW_HART_SHIFT, 16);
    e->flags = value & LOW_FLAGS;
    e->pending &= uintc_vectors(e);
    trace_uintc_configure(e - s->entry, e->hart, e->flags, e->pending);
    uintc_evaluate(s, e, true);
}

static void uintc_write_active(RISCVUintcState *s, RISCVUintcEntry *e, uint64_t value)
{
    if (value) {
        e->flags |= RISCV_UINTC_LOW_ACTIVE;
    } else {
        e->flags &= ~RISCV_UINTC_LOW_ACTIVE;
    }
    trace_uintc_activate(e - s->entry, value != 0, e->pending);
    uintc_evaluate(s, e, false);
}

static uint64_t uintc_take_pending(RISCVUintcState *s, RISCVUintcEntry *e)
{
    uint64_t pending = e->pending;

    e->pending = 0;
    trace_uintc_read(e - s->entry, pending);
    return pending;
}

static uint64_t uintc_read(void *opaque, hwaddr offset)
{
    RISCVUintcState *s = opaque;
    RISCVUintcEntry *e = &s->entry[offset / RISCV_UINTC_STRIDE];

    switch (offset % RISCV_UINTC_STRIDE) {
    case RISCV_UINTC_LOW: return uintc_low(e);
    case RISCV_UINTC_HIGH: return uintc_take_pending(s, e);
    case RISCV_UINTC_ACTIVE: return e->flags & RISCV_UINTC_LOW_ACTIVE;
    default: return 0; /* SEND is write-only */
    }
}

static void uintc_write(void *opaque, hwaddr offset, uint64_t value)
{
    RISCVUintcState *s = opaque;
    RISCVUintcEntry *e = &s->entry[offset / RISCV_UINTC_STRIDE];

    switch (offset % RISCV_UINTC_STRIDE) {
    case RISCV_UINTC_SEND: uintc_send(s, e, value); break;
    case RISCV_UINTC_LOW: uintc_write_low(s, e, value); break;
    case RISCV_UINTC_HIGH:
        trace_uintc_write(e - s->entry, value, e->pending | (value & uintc_vectors(e)));
        uintc_post(s, e, value);
        break;
    case RISCV_UINTC_ACTIVE: uintc_write_active(s, e, value); break;
    }
}

static uint64_t uintc_mmio_read(void *opaque, hwaddr offset, unsigned size)
{
    return uintc_read(opaque, offset);
}

static void uintc_mmio_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    uintc_write(opaque, offset, value);
}

static const MemoryRegionOps uintc_mmio_ops = {
    .read = uintc_mmio_read,
    .write = uintc_mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 8, .max_access_size = 8},
    .impl = {.min_access_size = 8, .max_access_size = 8},
};

static const RISCVUintcPort uintc_port = {
    .receivers = RISCV_UINTC_RECEIVERS,
    .read = uintc_read,
    .write = uintc_write,
};

static void uintc_realize(DeviceState *dev, Error **errp)
{
    RISCVUintcState *s = RISCV_UINTC(dev);

    memory_region_init_io(&s->mmio, OBJECT(dev), &uintc_mmio_ops, s, TYPE_RISCV_UINTC,
                          RISCV_UINTC_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);

    s->user_line = g_new0(qemu_irq, s->num_harts);
    s->supervisor_line = g_new0(qemu_irq, s->num_harts);
    qdev_init_gpio_out_named(dev, s->user_line, "user", s->num_harts);
    qdev_init_gpio_out_named(dev, s->supervisor_line, "supervisor", s->num_harts);
}

static void uintc_reset(DeviceState *dev)
{
    RISCVUintcState *s = RISCV_UINTC(dev);

    memset(s->entry, 0, sizeof(s->entry));
}

static const VMStateDescription vmstate_uintc_entry = {
    .name = "riscv_uintc/entry",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields =
        (VMStateField[]){
            VMSTATE_UINT64(pending, RISCVUintcEntry),
            VMSTATE_UINT16(hart, RISCVUintcEntry),
            VMSTATE_UINT8(flags, RISCVUintcEntry),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_uintc = {
    .name = "riscv_uintc",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields =
        (VMStateField[]){
            VMSTATE_STRUCT_ARRAY(entry, RISCVUintcState, RISCV_UINTC_RECEIVERS, 1,
                                 vmstate_uintc_entry, RISCVUintcEntry),
            VMSTATE_END_OF_LIST(),
        },
};

static Property uintc_properties[] = {
    DEFINE_PROP_UINT32("num-harts", RISCVUintcState, num_harts, 1),
    DEFINE_PROP_END_OF_LIST(),
};

static void uintc_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->realize = uintc_realize;
    dc->reset = uintc_reset;
    dc->vmsd = &vmstate_uintc;
    dc->user_creatable = false;
    device_class_set_props(dc, uintc_properties);
}

static const TypeInfo uintc_info = {
    .name = TYPE_RISCV_UINTC,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(RISCVUintcState),
    .class_init = uintc_class_init,
};

static void uintc_register_types(void)
{
    type_register_static(&uintc_info);
}

type_init(uintc_register_types)

    DeviceState *riscv_uintc_create(hwaddr base, uint32_t num_harts)
{
    DeviceState *dev = qdev_new(TYPE_RISCV_UINTC);

    qdev_prop_set_uint32(dev, "num-harts", num_harts);
    sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
    sysbus_mmio_map(SYS_BUS_DEVICE(dev), 0, base);

    for (uint32_t i = 0; i < num_harts; i++) {
        RISCVCPU *cpu = RISCV_CPU(qemu_get_cpu(i));

        if (!riscv_has_ext(&cpu->env, RVN)) {
            error_setg(&error_fatal,
                       "uintc=on needs harts with the N extension; hart %u has none. "
                       "Use a CPU with the property x-n, such as -cpu rv64,x-n=on",
                       i);
        }
        riscv_uintr_attach(&cpu->env, base, &uintc_port, dev);
        qdev_connect_gpio_out_named(dev, "user", i, qdev_get_gpio_in(DEVICE(cpu), IRQ_U_SOFT));
        qdev_connect_gpio_out_named(dev, "supervisor", i,
                                    qdev_get_gpio_in(DEVICE(cpu), IRQ_S_SOFT));
    }
    return dev;
}
