/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program that process.c starts in an address space of its own. Its first argument says what
 * it does; its status is 0 if all is as it should be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <u4/receive.h>
#include <u4/start.h>
#include <u4/u4.h>

static unsigned initialised = 0x1234;
static unsigned zeroed[2000];
static __thread int thread_local = 77;

/* What the C start-up promises: data, zeroed memory, thread-local storage, heap, arguments. */
static int check_start(int argc, char **argv)
{
    if (argc != 3 || strcmp(argv[1], "two words") != 0 || strcmp(argv[2], "") != 0 || argv[argc])
        return 1;
    if (initialised != 0x1234 || thread_local != 77)
        return 2;
    for (size_t i = 0; i < sizeof zeroed / sizeof *zeroed; i++)
        if (zeroed[i])
            return 3;
    char *heap = malloc(1000);
    if (!heap)
        return 4;
    memset(heap, 1, 1000);
    free(heap);
    initialised = 0;
    zeroed[7] = 1;
    return 0;
}

/* Whether the named capabilities are where the start block says. */
static int check_caps(void)
{
    seL4_Word badge;

    if (!u4_cap("tcb") || !u4_cap("cnode") || !u4_cap("vspace") || u4_cap("no such name"))
        return 1;
    seL4_Signal(u4_cap("badged"));
    (void)seL4_Poll(u4_cap("plain"), &badge);
    if (badge != 0x77)
        return 2;
    if (seL4_CNode_Copy(u4_cap("cnode"), u4_start_block()->first_free_slot, seL4_WordBits,
                        u4_cap("cnode"), u4_cap("plain"), seL4_WordBits, seL4_AllRights))
        return 3;
    return 0;
}

/* Answers calls with word 0 + 1 and counts them, until word 0 is 0. */
static int serve(void)
{
    seL4_Word word, count = 0;

    (void)u4_ep_recv(u4_cap("endpoint"), NULL);
    while ((word = seL4_GetMR(0)) != 0) {
        count++;
        seL4_SetMR(0, word + 1);
        seL4_SetMR(1, count);
        (void)u4_ep_reply_recv(u4_cap("endpoint"), seL4_MessageInfo_new(0, 0, 0, 2), NULL);
    }
    u4_ep_reply(seL4_MessageInfo_new(0, 0, 0, 0));
    return (int)count;
}

int main(int argc, char **argv)
{
    const char *what = argv[0];

    if (strcmp(what, "start") == 0)
        return check_start(argc, argv);
    if (strcmp(what, "caps") == 0)
        return check_caps();
    if (strcmp(what, "serve") == 0)
        return serve();
    if (strcmp(what, "write code") == 0)
        *(volatile unsigned *)main = 0;
    if (strcmp(what, "run data") == 0)
        ((void (*)(void))zeroed)();
    if (strcmp(what, "spin") == 0)
        for (;;)
            ;
    return 99;
}
