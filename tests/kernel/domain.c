/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains, as far as a kernel with one domain has them: arguments and their errors. */
#include "test.h"

#define DOMAINS seL4_CapDomain
#define MAX_DURATION (((seL4_Word)1 << 56) - 1)

TEST(domain, set, "Set moves a thread to a domain; there is one, 0")
{
    seL4_CPtr tcb = make_tcb();

    CHECK_OK(seL4_DomainSet_Set(DOMAINS, 0, tcb));
    CHECK_ERROR(seL4_DomainSet_Set(DOMAINS, CONFIG_NUM_DOMAINS, tcb), seL4_InvalidArgument);
    CHECK_WORDS(0);
    CHECK_ERROR(seL4_DomainSet_Set(DOMAINS, 0, make_endpoint()), seL4_InvalidArgument);
    CHECK_WORDS(1);
}

TEST(domain, schedule_errors, "ScheduleConfigure: index, domain and duration")
{
    CHECK_ERROR(seL4_DomainSet_ScheduleConfigure(DOMAINS, 1000, 0, 1), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(0), 0);
    CHECK_ERROR(seL4_DomainSet_ScheduleConfigure(DOMAINS, 0, CONFIG_NUM_DOMAINS, 1),
                seL4_RangeError);
    CHECK_WORDS(0, CONFIG_NUM_DOMAINS - 1);
    CHECK_ERROR(seL4_DomainSet_ScheduleConfigure(DOMAINS, 0, 0, MAX_DURATION + 1),
                seL4_InvalidArgument);
    CHECK_WORDS(2);
    CHECK_ERROR(seL4_DomainSet_ScheduleConfigure(DOMAINS, 0, 0, 0), seL4_InvalidArgument);
    CHECK_WORDS(2);
}

TEST(domain, schedule, "a schedule of the one domain changes nothing")
{
    CHECK_OK(seL4_DomainSet_ScheduleConfigure(DOMAINS, 0, 0, 5));
    CHECK_OK(seL4_DomainSet_ScheduleSetStart(DOMAINS, 0));
    seL4_Yield();
    CHECK_OK(seL4_DomainSet_ScheduleConfigure(DOMAINS, 0, 0, MAX_DURATION));
    CHECK_OK(seL4_DomainSet_ScheduleSetStart(DOMAINS, 0));
}

TEST(domain, start_errors, "ScheduleSetStart: out of range, or an end marker")
{
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(DOMAINS, 1), seL4_InvalidArgument);
    CHECK_WORDS(0);
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(DOMAINS, 1000), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(0), 0);
}

TEST(domain, messages, "short messages and another label")
{
    CHECK_ERROR(raw(DOMAINS, DomainSetSet, 0, 0), seL4_TruncatedMessage);
    seL4_SetMR(0, 0);
    CHECK_ERROR(raw(DOMAINS, DomainSetSet, 0, 1), seL4_TruncatedMessage);
    CHECK_ERROR(raw(DOMAINS, DomainScheduleConfigure, 0, 2), seL4_TruncatedMessage);
    CHECK_ERROR(raw(DOMAINS, DomainScheduleSetStart, 0, 0), seL4_TruncatedMessage);
    CHECK_ERROR(raw(DOMAINS, TCBSuspend, 0, 0), seL4_IllegalOperation);
}
