#!/usr/bin/env node
// SPDX-License-Identifier: BSD-2-Clause
//
// How many bytes each kind of packet takes in an uncompressed Perfetto trace.
//   sizes.mjs TRACE [EVENTS]
// With EVENTS, the records that the trace was made from, also bytes for each of them.

import fs from 'node:fs';
import {Counter} from './packets.mjs';

const [, , path, events] = process.argv;
if (!path) {
    console.error('usage: sizes.mjs TRACE [EVENTS]');
    process.exit(2);
}
const counter = new Counter();
for await (const piece of fs.createReadStream(path, {highWaterMark: 1 << 20})) {
    counter.feed(piece);
}
counter.finish();
const row = (kind, count, bytes) => console.log(
    kind.padEnd(10), String(count).padStart(10), `${(bytes / count).toFixed(1)} bytes each`.padStart(18),
    ...(events ? [`${(bytes / events).toFixed(2)} an event`.padStart(16)] : []));
for (const [kind, sum] of Object.entries(counter.kinds).sort((a, b) => b[1].bytes - a[1].bytes)) {
    row(kind, sum.count, sum.bytes);
}
row('all', counter.packets, counter.bytes);
