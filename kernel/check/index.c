/* SPDX-License-Identifier: GPL-2.0-only */
#include "kernel/check/internal.h"

#ifdef CHECK_BUILT

#include "kernel/arch/riscv/vspace.h"

#define MAX_EXTENTS 32768
#define MAX_KNOWN 1024

static extent_t extents[MAX_EXTENTS];
static word_t extent_count;
static struct {
    paddr_t start, end;
} known[MAX_KNOWN];
static word_t known_count;

void index_reset(void)
{
    extent_count = 0;
    known_count = 0;
}

void index_add_known(paddr_t start, paddr_t end)
{
    if (known_count < MAX_KNOWN) {
        known[known_count].start = start;
        known[known_count++].end = end;
    }
}

bool index_is_known(paddr_t address)
{
    for (word_t i = 0; i < known_count && extent_count < MAX_EXTENTS; i++)
        if (address >= known[i].start && address < known[i].end)
            return true;
    return false;
}

void index_add(cap_type_t type, paddr_t start, paddr_t end)
{
    if (extent_count < MAX_EXTENTS)
        extents[extent_count++] = (extent_t){.start = start, .type = type, .end = end};
}

/* Heap sort, ascending by start: in place, and never slow. */
static void sift_down(word_t at, word_t count)
{
    extent_t moved = extents[at];
    for (;;) {
        word_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && extents[child + 1].start > extents[child].start)
            child++;
        if (extents[child].start <= moved.start)
            break;
        extents[at] = extents[child];
        at = child;
    }
    extents[at] = moved;
}

static void sort(void)
{
    for (word_t i = extent_count / 2; i-- > 0;)
        sift_down(i, extent_count);
    for (word_t last = extent_count; last-- > 1;) {
        extent_t largest = extents[0];
        extents[0] = extents[last];
        extents[last] = largest;
        sift_down(0, last);
    }
}

static const char *extent_name(const extent_t *e)
{
    return e->type == CAP_UNTYPED ? "free memory" : check_type_name((cap_type_t)e->type);
}

void index_finish(void)
{
    sort();
    for (word_t i = 1; i < extent_count; i++) {
        const extent_t *a = &extents[i - 1], *b = &extents[i];
        INVARIANT(a->end <= b->start, "%s at physical 0x%lx..0x%lx overlaps %s at 0x%lx..0x%lx",
                  extent_name(a), (word_t)a->start, (word_t)a->end, extent_name(b),
                  (word_t)b->start, (word_t)b->end);
    }
}

extent_t *index_find(paddr_t start, paddr_t end)
{
    /* The first whose end is above `start`. */
    word_t low = 0, high = extent_count;
    while (low < high) {
        word_t middle = low + (high - low) / 2;
        if (extents[middle].end > start)
            high = middle;
        else
            low = middle + 1;
    }
    return low < extent_count && extents[low].start < end ? &extents[low] : NULL;
}

extent_t *index_expect(cap_type_t type, const void *p, word_t size, const char *user)
{
    paddr_t start = virt_to_phys(p);
    extent_t *e = index_find(start, start + size);
    INVARIANT(e || !index_is_known(start), "%s is %p, where there is no object any more", user, p);
    INVARIANT(!e || (e->type == type && e->start <= start && e->end >= start + size),
              "%s is %p, which is %s at physical 0x%lx..0x%lx, not %s", user, p, extent_name(e),
              (word_t)e->start, (word_t)e->end, check_type_name(type));
    return e;
}

#endif
