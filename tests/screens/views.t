#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Every view on three sizes.

. "$(dirname "$0")/screen.sh"
for size in 80x24 200x60 40x10; do
    for view in timeline events threads objects caps ipc async log loss marks; do
        scene "$view-$size" "$size" "--view $view"
    done
    scene "help-$size" "$size" "" F1
    scene "split-$size" "$size" "--view threads" v
done
finish
