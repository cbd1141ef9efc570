// SPDX-License-Identifier: BSD-2-Clause
//
// Real systems, recorded.

import path from 'node:path';
import {execFileSync, spawnSync} from 'node:child_process';
import {build, is, note, u4} from './tap.mjs';

/** Runs an image and records all of it: {output: its console, stat: what u4 stat --json says}.
 * One hart's instructions are its clock, so each run is the same; several harts run in parallel. */
export function record(image, file, {harts = 1} = {}) {
    const how = harts > 1 ? ['--harts', String(harts)] : ['--icount'];
    const guest = spawnSync(u4, ['run', '--record', file, ...how, '--timeout', '300s',
                                 path.join(build, `images/${image}.elf`)],
                            {encoding: 'utf8', maxBuffer: 1 << 28});
    is(guest.status, 0, `${image}: it ends with status 0`);
    const stat = JSON.parse(execFileSync(u4, ['stat', '--json', file], {encoding: 'utf8'}));
    note(`${image}: ${stat.events} events, ${stat.lost} lost`);
    return {output: guest.stdout, stat};
}
