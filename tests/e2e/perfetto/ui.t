#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
exec node "$(dirname "$0")/ui.mjs"
