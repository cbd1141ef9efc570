/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of the in-guest tests. A test is a function registered by TEST; checks end it at the
 * first failure. Each test gets 4 MiB of its own, a window of addresses and slots; when it ends,
 * well or not, all it made is revoked and the root thread is as it was before.
 */
#ifndef TESTS_KERNEL_TEST_H
#define TESTS_KERNEL_TEST_H

#include <sel4/sel4.h>
#include <u4/machine.h>
#include <u4/thread.h>
#include <u4/u4.h>
#if U4_MCS
#include "mcs_forms.h"
#else
#define TEST_REPLY seL4_CapNull
#endif

typedef struct {
    const char *name;
    void (*run)(void);
    bool u4_only; /* needs u4's extensions */
    bool classic; /* not of the MCS kernel */
} test_t;

#define TEST_ENTRY(object, id, text, ...) \
    static void test_##object##_##id(void); \
    static const test_t entry_##object##_##id \
        __attribute__((section("u4_tests"), used, aligned(8))) = { \
            #object ": " text, test_##object##_##id, __VA_ARGS__}; \
    static void test_##object##_##id(void)

/* TEST(endpoint, badge, "a message carries its badge") { ... } */
#define TEST(object, id, text) TEST_ENTRY(object, id, text, false, false)
#define TEST_U4(object, id, text) TEST_ENTRY(object, id, text, true, false)
/* What the MCS kernel does otherwise, or has not. */
#define TEST_CLASSIC(object, id, text) TEST_ENTRY(object, id, text, false, true)

/* End the test unless the condition holds, the values are equal, the call gives that error. */
#define CHECK(condition) test_check(condition, __FILE__, __LINE__, #condition)
#define CHECK_EQ(actual, expected) \
    test_equal((seL4_Word)(actual), (seL4_Word)(expected), __FILE__, __LINE__, #actual)
#define CHECK_ERROR(call, expected) test_error(call, expected, __FILE__, __LINE__, #call)
#define CHECK_OK(call) CHECK_ERROR(call, seL4_NoError)
/* The last error's detail words, from word 0 on. */
#define CHECK_WORDS(...) \
    test_words((const seL4_Word[]){__VA_ARGS__}, \
               sizeof((const seL4_Word[]){__VA_ARGS__}) / sizeof(seL4_Word), __FILE__, __LINE__)

void test_check(bool ok, const char *file, int line, const char *text);
void test_equal(seL4_Word actual, seL4_Word expected, const char *file, int line, const char *text);
void test_error(seL4_Error actual, seL4_Error expected, const char *file, int line,
                const char *text);
void test_words(const seL4_Word *expected, size_t count, const char *file, int line);
_Noreturn void test_skip(const char *why);

/* ---- What a test works with ---- */

enum { ROOT_PRIO = 100, PRIO_LOW = 50, PRIO_HIGH = 150 };
#define CNODE seL4_CapInitThreadCNode
#define DEPTH seL4_WordBits

extern u4_alloc_t test_alloc;   /* this test's memory and slots */
extern u4_vspace_t test_vspace; /* the root task's address space, in a window of the test's own */
extern u4_alloc_t boot_alloc;   /* everything else; for device frames only */

/* An object of the test's own; 0 bits for types of fixed size. The test fails without memory. */
seL4_CPtr make(seL4_Word type, seL4_Word size_bits);
#define make_endpoint() make(seL4_EndpointObject, 0)
#define make_notification() make(seL4_NotificationObject, 0)
#define make_tcb() make(seL4_TCBObject, 0)
#define make_frame() make(seL4_RISCV_4K_Page, 0)
#define make_table() make(seL4_RISCV_PageTableObject, 0)
#define make_cnode(bits) make(seL4_CapTableObject, bits)
#define make_untyped(bits) make(seL4_UntypedObject, bits)
seL4_CPtr make_slot(void);         /* an empty slot */
seL4_CPtr make_vspace(void);       /* a page table with an ASID */
void *make_page(seL4_CPtr *frame); /* a mapped page of shared memory; FRAME may be null */
seL4_CPtr mint(seL4_CPtr cap, seL4_CapRights_t rights, seL4_Word badge);
seL4_CPtr copy(seL4_CPtr cap, seL4_CapRights_t rights);

/* Whether a slot is empty: a move from it fails for want of a capability. */
bool slot_empty(seL4_CPtr slot);

/* Invoke CAP with any LABEL, CAPS capabilities (from the IPC buffer) and WORDS words. */
seL4_Error raw(seL4_CPtr cap, seL4_Word label, seL4_Word caps, seL4_Word words);

/* A device's page, mapped for this test. */
volatile void *map_device(seL4_CPtr frame);
/* The UART's registers. It interrupts whenever IER_TRANSMIT is set, until UART_IIR is read. */
volatile uint8_t *map_uart(void);
enum { UART_IER = 1, UART_IIR = 2, IER_TRANSMIT = 2 };

/* ---- Threads of a test ---- */

/* A thread that runs ENTRY(self) at PRIORITY; not started. self->argument is ARGUMENT. */
u4_thread_t *thread(const char *name, seL4_Word priority, void (*entry)(u4_thread_t *),
                    void *argument);
u4_thread_t *thread_faulting(const char *name, seL4_Word priority, void (*entry)(u4_thread_t *),
                             void *argument, seL4_CPtr fault_ep);
void start(u4_thread_t *thread);

/* Let every thread of priority >= PRIORITY run until none can (lowers the root thread there). */
void let_run(seL4_Word priority);

/* A log that threads append to in the order in which they run. */
void log_reset(void);
void log_add(char c);
const char *log_text(void);
#define CHECK_LOG(text) test_log(text, __FILE__, __LINE__)
void test_log(const char *expected, const char *file, int line);

#endif
