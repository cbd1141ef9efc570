/* SPDX-License-Identifier: BSD-2-Clause */
#include "sim.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/ids.h"
#include "u4trace/schema.h"

static void write_build_id(sim_t *sim)
{
    const uint32_t note[4] = {4, 20, NT_GNU_BUILD_ID, 0x00554e47};
    memcpy(sim->memory + SIM_BUILD_ID, note, sizeof(note));
    memset(sim->memory + SIM_BUILD_ID + sizeof(note), 0x5a, 20);
}

static void set_up(sim_t *sim, unsigned harts, uint64_t capacity)
{
    sim->header = (trace_header_t *)(sim->memory + SIM_HEADER);
    *sim->header = (trace_header_t){
        .magic = TRACE_MAGIC,
        .version = TRACE_VERSION,
        .header_size = sizeof(trace_header_t),
        .schema_hash = TRACE_SCHEMA_HASH,
        .record_size = sizeof(trace_record_t),
        .harts = harts,
        .timebase_hz = 10000000,
        .state = TRACE_STATE_OFF,
        .build_id_paddr = SIM_BASE + SIM_BUILD_ID,
        .phys_window = SIM_WINDOW,
    };
    write_build_id(sim);
    for (unsigned i = 0; i < harts; i++) {
        uint64_t at = SIM_DATA + i * capacity * sizeof(trace_record_t);
        sim->rings[i] = (trace_ring_t *)(sim->memory + SIM_RINGS + 4096 * i);
        *sim->rings[i] = (trace_ring_t){
            .next = SIM_WINDOW + SIM_BASE + at,
            .base = SIM_WINDOW + SIM_BASE + at,
            .end = SIM_WINDOW + SIM_BASE + at + capacity * sizeof(trace_record_t),
            .magic = TRACE_RING_MAGIC,
            .data_paddr = SIM_BASE + at,
            .capacity = capacity,
            .hart = i,
        };
        sim->header->ring_paddr[i] = SIM_BASE + SIM_RINGS + 4096 * i;
    }
    __atomic_store_n(&sim->header->state, TRACE_STATE_RUNNING, __ATOMIC_RELEASE);
}

static sim_t *map_file(const char *path, int flags, unsigned harts, uint64_t capacity)
{
    sim_t *sim = calloc(1, sizeof(*sim));
    sim->size = SIM_MEMORY;
    sim->fd = path ? open(path, flags, 0600) : -1;
    if (path && (sim->fd < 0 || ((flags & O_CREAT) && ftruncate(sim->fd, SIM_MEMORY) != 0))) {
        free(sim);
        return NULL;
    }
    sim->memory = mmap(NULL, sim->size, PROT_READ | PROT_WRITE,
                       path ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS, sim->fd, 0);
    set_up(sim, harts, capacity);
    return sim;
}

sim_t *sim_new(const char *path, unsigned harts, uint64_t capacity)
{
    return map_file(path, O_RDWR | O_CREAT | O_TRUNC, harts, capacity);
}

sim_t *sim_open(const char *path, unsigned harts, uint64_t capacity)
{
    return map_file(path, O_RDWR, harts, capacity);
}

void sim_free(sim_t *sim)
{
    munmap(sim->memory, sim->size);
    if (sim->fd >= 0) {
        close(sim->fd);
    }
    free(sim);
}

static void pause_for(sim_between_fn *between, void *context)
{
    if (between) {
        between(context);
    }
}

static void store(uint64_t *to, uint64_t value, sim_between_fn *between, void *context)
{
    __atomic_store_n(to, value, __ATOMIC_RELEASE);
    pause_for(between, context);
}

void sim_write_batch(sim_t *sim, unsigned hart, const trace_record_t *records, size_t count,
                     sim_between_fn *between, void *context)
{
    trace_ring_t *ring = sim->rings[hart];
    uint64_t *to = (uint64_t *)(sim->memory + (ring->next - SIM_WINDOW - SIM_BASE));
    uint64_t next = ring->next + count * sizeof(*records);
    uint64_t words[4];
    sim->written[hart] += count;
    for (size_t r = 0; r < count; r++) {
        memcpy(words, &records[r], sizeof(words));
        for (unsigned i = 0; i < 4; i++) {
            __atomic_store_n(to++, words[i], __ATOMIC_RELAXED);
            pause_for(between, context);
        }
    }
    if (next != ring->end) {
        store(&ring->next, next, between, context);
        return;
    }
    store(&ring->lap_pending, ring->laps + 1, between, context);
    store(&ring->next, ring->base, between, context);
    store(&ring->laps, ring->lap_pending, between, context);
}

void sim_write(sim_t *sim, unsigned hart, const trace_record_t *record, sim_between_fn *between,
               void *context)
{
    sim_write_batch(sim, hart, record, 1, between, context);
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 31) * 0x9e3779b97f4a7c15ull;
    return x ^ x >> 29;
}

trace_record_t sim_record(unsigned hart, uint64_t position)
{
    return (trace_record_t){
        .time = 1000 + position,
        .event = TRACE_USER_MARK,
        .h = (uint16_t)hart,
        .thread = (uint32_t)(0x80000000u + 0x400 * (1 + hart)),
        .ab = mix(position * 8 + hart),
        .cd = position,
    };
}

bool sim_record_is(const trace_record_t *record, unsigned hart, uint64_t position)
{
    trace_record_t expected = sim_record(hart, position);
    return memcmp(record, &expected, sizeof(expected)) == 0;
}

/* The ELF: header, one PT_LOAD, then symbol table, strings, note, section headers. */
typedef struct {
    Elf64_Ehdr elf;
    Elf64_Phdr load;
    Elf64_Sym symbols[2];
    char strings[32];
    struct {
        uint32_t words[3];
        char owner[4];
        uint8_t id[20];
    } note;
    char names[48];
    Elf64_Shdr sections[5];
} kernel_file_t;

static const char section_names[] = "\0.symtab\0.strtab\0.note.gnu.build-id\0.shstrtab";

static Elf64_Shdr section(uint32_t name, uint32_t type, size_t offset, size_t size)
{
    return (Elf64_Shdr){
        .sh_name = name, .sh_type = type, .sh_offset = offset, .sh_size = size, .sh_addralign = 8};
}

static void fill_sections(kernel_file_t *k)
{
    memcpy(k->names, section_names, sizeof(section_names));
    k->sections[1] = section(1, SHT_SYMTAB, offsetof(kernel_file_t, symbols), sizeof(k->symbols));
    k->sections[1].sh_link = 2;
    k->sections[1].sh_info = 1;
    k->sections[1].sh_entsize = sizeof(Elf64_Sym);
    k->sections[2] = section(9, SHT_STRTAB, offsetof(kernel_file_t, strings), sizeof(k->strings));
    k->sections[3] = section(17, SHT_NOTE, offsetof(kernel_file_t, note), sizeof(k->note));
    k->sections[3].sh_addralign = 4;
    k->sections[4] = section(36, SHT_STRTAB, offsetof(kernel_file_t, names), sizeof(k->names));
}

bool sim_write_kernel(const char *path, size_t prefix, const char *symbol, uint8_t build_id_byte)
{
    kernel_file_t k = {
        .elf = {.e_type = ET_EXEC,
                .e_machine = EM_RISCV,
                .e_version = EV_CURRENT,
                .e_phoff = offsetof(kernel_file_t, load),
                .e_shoff = offsetof(kernel_file_t, sections),
                .e_ehsize = sizeof(Elf64_Ehdr),
                .e_phentsize = sizeof(Elf64_Phdr),
                .e_phnum = 1,
                .e_shentsize = sizeof(Elf64_Shdr),
                .e_shnum = 5,
                .e_shstrndx = 4},
        .load = {.p_type = PT_LOAD,
                 .p_vaddr = SIM_WINDOW + SIM_BASE + 0x200000,
                 .p_paddr = SIM_BASE + 0x200000,
                 .p_memsz = 0x40000},
        .note = {.words = {4, 20, NT_GNU_BUILD_ID}, .owner = "GNU"},
    };
    const unsigned char ident[EI_NIDENT] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1};
    memcpy(k.elf.e_ident, ident, sizeof(ident));
    snprintf(k.strings + 1, sizeof(k.strings) - 1, "%s", symbol);
    k.symbols[1] = (Elf64_Sym){.st_name = 1,
                               .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
                               .st_shndx = SHN_ABS,
                               .st_value = SIM_WINDOW + SIM_BASE + SIM_HEADER,
                               .st_size = sizeof(trace_header_t)};
    memset(k.note.id, build_id_byte, sizeof(k.note.id));
    fill_sections(&k);
    FILE *file = fopen(path, "wb");
    bool ok = file != NULL;
    for (size_t i = 0; ok && i < prefix; i++) {
        ok = fputc(0, file) != EOF;
    }
    ok = ok && fwrite(&k, sizeof(k), 1, file) == 1;
    return file && fclose(file) == 0 && ok;
}

trace_record_t sim_event(const char *name, uint64_t time, uint32_t thread,
                         const sim_field_t *fields)
{
    const schema_event_t *event = schema_find_event(schema_builtin(), name);
    trace_record_t record = {.time = time, .event = event ? event->id : 0, .thread = thread};
    uint64_t words[4];
    memcpy(words, &record, sizeof(words));
    for (; fields->field; fields++) {
        const schema_field_t *field = event ? schema_find_field(event, fields->field) : NULL;
        if (!field || (fields->value & ~field->mask)) {
            fprintf(stderr, "%s has no field %s for 0x%llx\n", name, fields->field,
                    (unsigned long long)fields->value);
            abort();
        }
        words[field->word] |= fields->value << field->shift;
    }
    memcpy(&record, words, sizeof(record));
    return record;
}

static char paths[16][128];
static unsigned path_count;

const char *sim_path(const char *name)
{
    const char *directory = getenv("TMPDIR");
    char *path = paths[path_count % 16];
    path_count++;
    snprintf(path, sizeof(paths[0]), "%.80s/u4-test-%d-%.24s", directory ? directory : "/tmp",
             (int)getpid(), name);
    return path;
}

void sim_cleanup(void)
{
    for (unsigned i = 0; i < 16; i++) {
        if (paths[i][0]) {
            unlink(paths[i]);
        }
    }
}
