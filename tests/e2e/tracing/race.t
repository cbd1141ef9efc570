#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Two harts in parallel write four small rings as fast as they can, and the reader races them:
# emitted = read + lost, in each ring, and no record is torn. U4_RACES: how many recordings (1).

. "$(dirname "$0")/../cli/tap.sh"

cat >race.py <<'P'
import json, re, sys
calls, all_bits = int(sys.argv[1]), (1 << 64) - 1
stat = json.load(open("race.json"))
sums = all(r["emitted"] == r["kept"] + r["lost"] and r["skipped"] == 0 for r in stat["rings"])
own = [r["emitted"] == calls for r in stat["rings"] if "hart" not in r]
overtaken = [r["lost"] > 0 for r in stat["rings"] if "hart" in r]
kept, before, torn, holes = [0] * 4, [-1] * 4, 0, 0
numbers = [0] * 4
for line in open("race.txt"):
    m = re.match(r"(\d) +(\d+) +(\S+)(?: +word0=(\w+) word1=(\w+)| +number=(\w+) complement=(\w+))?",
                 line)
    if not m:
        continue
    ring, position = int(m[1]), int(m[2])
    kept[ring] += before[ring] != position
    holes += position < before[ring]
    before[ring] = position
    if m[4]:
        number = int(m[4], 0)
        torn += number + int(m[5], 0) != all_bits or number < numbers[ring]
        numbers[ring] = number
    if m[6]:
        torn += int(m[6]) + int(m[7]) != all_bits or int(m[6]) != position
print(sums, own, overtaken, kept == [r["kept"] for r in stat["rings"]], torn, holes)
P

for ((race = 1; race <= ${U4_RACES:-1}; race++)); do
    run timeout 300 "$u4" run --record race.u4t -t all -n 2 --ring 8 \
        "$build/images/tracing-race.elf"
    exits 0 "two harts race with the reader"
    calls=$(sed -nE 's/^race: ([0-9]+) calls each\r?$/\1/p' <<<"$out")
    run "$u4" check race.u4t
    exits 0 "the recording is sound: what is missing is declared lost"
    "$u4" report -C ring,position,event,fields race.u4t >race.txt
    "$u4" stat --json race.u4t >race.json
    run python3 race.py "$calls"
    is "$out" "True [True, True] [True, True] True 0 0" \
        "emitted = read + lost in each ring; the harts' rings were overtaken; nothing torn"
done
finish
