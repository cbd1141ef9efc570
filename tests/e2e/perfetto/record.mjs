// SPDX-License-Identifier: BSD-2-Clause
//
// Real systems, recorded.

import fs from 'node:fs';
import path from 'node:path';
import {execFileSync, spawnSync} from 'node:child_process';
import {build, is, note, u4} from './tap.mjs';

/** Runs an image and records all of it: {output: its console, stat: what u4 stat --json says}.
 * One hart's instructions are its clock, so each run is the same. Several harts run in parallel, as
 * far as they come in a minute: how far is up to the machine, and no matter. */
export function record(image, file, {harts = 1} = {}) {
    const how = harts > 1 ? ['--harts', String(harts), '--timeout', '60s']
                          : ['--icount', '--timeout', '300s'];
    fs.rmSync(file, {force: true}); // what a run does not write must not be another's
    const guest = spawnSync(u4, ['run', '--record', file, ...how,
                                 path.join(build, `images/${image}.elf`)],
                            {encoding: 'utf8', maxBuffer: 1 << 28});
    if (harts === 1) {
        is(guest.status, 0, `${image}: it ends with status 0`);
    }
    const stat = JSON.parse(execFileSync(u4, ['stat', '--json', file], {encoding: 'utf8'}));
    note(`${image}: ${stat.events} events, ${stat.lost} lost`);
    return {output: guest.stdout, stat};
}
