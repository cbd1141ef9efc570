# SPDX-License-Identifier: BSD-2-Clause
#
# u4's one entry. Each directory says what it builds in its module.mk, by calling the
# functions of mk/rules.mk; nothing is built recursively. `make help` lists the targets.

MAKEFLAGS += -rR --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

B ?= build

include mk/config.mk
include mk/rules.mk
include $(sort $(wildcard */module.mk))
include mk/targets.mk
