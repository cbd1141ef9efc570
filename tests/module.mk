# SPDX-License-Identifier: BSD-2-Clause
# Each directory of tests says for itself what it builds.
include $(sort $(wildcard tests/*/module.mk))
