# SPDX-License-Identifier: BSD-2-Clause
#
# Models of the protocols in which a wake-up could be lost, checked with spin.
TAP_TESTS += tests/models/run
