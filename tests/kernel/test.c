/* SPDX-License-Identifier: BSD-2-Clause */
/* The root task: runs every registered test, prints TAP, leaves QEMU with 0 if all passed. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

/* log2 of the bytes that a test has. */
#ifndef TEST_BITS
#define TEST_BITS 22
#endif
enum { TEST_SLOTS = 2048 };
#define TEST_WINDOW (U4_WINDOW_BASE + 0x100000000ull)
#define BASE_SLOT (test_alloc.end - TEST_SLOTS)

extern const test_t __start_u4_tests[], __stop_u4_tests[];

u4_alloc_t test_alloc, boot_alloc;
u4_vspace_t test_vspace;

static u4_vspace_t boot_vspace;
static jmp_buf leave;
static bool skipped;
static const char *skip_reason;
static volatile unsigned current; /* number of the running test */

static const char *const error_names[] = {
    "NoError",     "InvalidArgument", "InvalidCapability", "IllegalOperation",
    "RangeError",  "AlignmentError",  "FailedLookup",      "TruncatedMessage",
    "DeleteFirst", "RevokeFirst",     "NotEnoughMemory",
};

static const char *error_name(seL4_Word error)
{
    return error < seL4_NumErrors ? error_names[error] : "unknown error";
}

static _Noreturn void fail(void)
{
    longjmp(leave, 1);
}

void test_check(bool ok, const char *file, int line, const char *text)
{
    if (ok)
        return;
    printf("# %s:%d: expected: %s\n", file, line, text);
    fail();
}

void test_equal(seL4_Word actual, seL4_Word expected, const char *file, int line, const char *text)
{
    if (actual == expected)
        return;
    printf("# %s:%d: %s is 0x%lx, expected 0x%lx\n", file, line, text, actual, expected);
    fail();
}

void test_error(seL4_Error actual, seL4_Error expected, const char *file, int line,
                const char *text)
{
    if (actual == expected)
        return;
    printf("# %s:%d: %s gives %s, expected %s\n", file, line, text, error_name(actual),
           error_name(expected));
    for (int i = 0; i < 4; i++)
        printf("#   word %d: 0x%lx\n", i, seL4_GetMR(i));
    fail();
}

void test_words(const seL4_Word *expected, size_t count, const char *file, int line)
{
    for (size_t i = 0; i < count; i++) {
        seL4_Word actual = seL4_GetMR((int)i);

        if (actual == expected[i])
            continue;
        printf("# %s:%d: detail word %zu is 0x%lx, expected 0x%lx\n", file, line, i, actual,
               expected[i]);
        fail();
    }
}

void test_log(const char *expected, const char *file, int line)
{
    if (strcmp(log_text(), expected) == 0)
        return;
    printf("# %s:%d: order of events is %s, expected %s\n", file, line, log_text(), expected);
    fail();
}

_Noreturn void test_skip(const char *why)
{
    skipped = true;
    skip_reason = why;
    fail();
}

/*
 * Runs when nothing else can. A test in which every thread waits would hang for good; this
 * thread sees that as a long time of its own within one test. (With several harts another one may
 * be what the test waits for, and its processor busy with something else.)
 */
static void watch(u4_thread_t *self)
{
    enum { SPINS = (U4_SMP ? 2000 : 50) * 1000 * 1000 };
    unsigned seen = 0;
    unsigned long spins = 0;

    for (;; spins++) {
        if (seen != current) {
            seen = current;
            spins = 0;
        }
        if (spins == SPINS) {
            (void)seL4_TCB_Suspend(seL4_CapInitThreadTCB);
            printf("\nnot ok %u - %s\n# no thread can run: the test waits for ever\n", current,
                   __start_u4_tests[current - 1].name);
            u4_exit(1);
        }
    }
    (void)self;
}

static void start_watch(void)
{
    static u4_thread_t watcher;
    static char stack[8192];
    const u4_thread_env_t env = {.alloc = &boot_alloc,
                                 .vspace = &boot_vspace,
                                 .cspace = CNODE,
                                 .authority = seL4_CapInitThreadTCB,
                                 .sched_control = u4_boot_sched_control()};
    const u4_thread_config_t config = {
        .name = "watch", .entry = watch, .stack = stack, .stack_size = sizeof stack};

    if (u4_thread_create(&watcher, &env, &config) || seL4_TCB_Resume(watcher.tcb))
        exit(1);
}

static void reset_root(void)
{
    seL4_CPtr tcb = seL4_CapInitThreadTCB;

    (void)seL4_TCB_SetPriority(tcb, tcb, ROOT_PRIO);
    u4_alloc_reset(&test_alloc, BASE_SLOT);
    u4_vspace_init(&test_vspace, &test_alloc, seL4_CapInitThreadVSpace);
    test_vspace.next = TEST_WINDOW;
    seL4_SetCapReceivePath(0, 0, 0);
    seL4_SetUserData(seL4_CapNull);
    log_reset();
}

/* Run the test's body: true if it came to its end. */
static bool body_passes(const test_t *test)
{
    if (setjmp(leave))
        return false;
    test->run();
    return true;
}

/* Run one test and print its line: true unless it failed. */
static bool run_one(unsigned number, const test_t *test)
{
    bool ok;

    current = number;
    skipped = (test->u4_only && !u4_kernel()) || (test->classic && U4_MCS);
    skip_reason = test->classic ? "of the classic kernel" : "needs u4's kernel";
    ok = skipped || body_passes(test) || skipped;
    reset_root();
    printf("%s %u - %s%s%s\n", ok ? "ok" : "not ok", number, test->name, skipped ? " # SKIP " : "",
           skipped ? skip_reason : "");
    return ok;
}

static void set_up(size_t count)
{
    seL4_CPtr untyped;

    u4_alloc_boot(&boot_alloc, seL4_GetBootInfo());
    u4_vspace_init(&boot_vspace, &boot_alloc, seL4_CapInitThreadVSpace);
    if (u4_machine_init(&boot_vspace))
        printf("# the machine's devices are missing: QEMU will not exit by itself\n");
    printf("\n1..%zu\n", count);
    if (u4_alloc_object(&boot_alloc, seL4_UntypedObject, TEST_BITS, &untyped)) {
        printf("Bail out! no Untyped of 2^%d bytes\n", TEST_BITS);
        exit(1);
    }
    u4_alloc_init(&test_alloc, CNODE, 0, boot_alloc.end);
    test_alloc.next = BASE_SLOT;
    boot_alloc.end -= TEST_SLOTS;
    (void)u4_alloc_add(&test_alloc, untyped, TEST_BITS);
    start_watch();
    reset_root();
}

int main(void)
{
    size_t count = ((uintptr_t)__stop_u4_tests - (uintptr_t)__start_u4_tests) / sizeof(test_t);
    unsigned failed = 0;

    set_up(count);
    for (size_t i = 0; i < count; i++)
        if (!run_one((unsigned)i + 1, &__start_u4_tests[i]))
            failed++;
    printf("# %zu tests, %u failed\n", count, failed);
    return failed != 0;
}
