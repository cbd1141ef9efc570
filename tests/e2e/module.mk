# SPDX-License-Identifier: BSD-2-Clause
#
# From the guest to the last tool. Each test is a script that finds its programs in U4_BUILD.

include $(sort $(wildcard tests/e2e/*/module.mk))
TAP_TESTS += $(sort $(wildcard tests/e2e/*.t))
