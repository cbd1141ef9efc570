# SPDX-License-Identifier: BSD-2-Clause
# Fuzzers, each in a directory of its own.
include $(sort $(wildcard tests/fuzz/*/module.mk))
