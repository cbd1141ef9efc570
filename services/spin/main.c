/* SPDX-License-Identifier: BSD-2-Clause */
/* spin: computes for several time slices. Two of these at one priority take turns. */
#include "services/demo.h"

int main(void)
{
    demo_work(15 * 1000 * 1000);
    demo_end(0);
}
