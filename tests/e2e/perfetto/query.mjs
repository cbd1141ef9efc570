#!/usr/bin/env node
// SPDX-License-Identifier: BSD-2-Clause
//
// Asks Perfetto's own trace processor about a trace.
//   query.mjs [--json] [--stats] [--time] TRACE [SQL | @FILE]...
// --stats shows every import statistic that hints at something wrong, and exits with 1 if any is
// an error. Exit status: 0 ok, 1 a query or the trace failed, 2 usage.

import fs from 'node:fs';
import {Trace} from './engine.mjs';
import {troubles} from './stats.mjs';

const USAGE = 'usage: query.mjs [--json] [--stats] [--time] TRACE [SQL | @FILE]...';

function parseArguments(words) {
    const options = {json: false, stats: false, time: false};
    while (words[0]?.startsWith('--')) {
        const name = words.shift().slice(2);
        if (!(name in options)) {
            return null;
        }
        options[name] = true;
    }
    [options.trace, ...options.sql] = words;
    return options.trace && (options.sql.length || options.stats || options.time) ? options : null;
}

function show(rows, json) {
    if (json) {
        console.log(JSON.stringify(rows, (_, v) => (typeof v === 'bigint' ? String(v) : v)));
        return;
    }
    console.log(rows.columns.join('\t'));
    for (const row of rows) {
        console.log(rows.columns.map((c) => row[c] ?? '-').join('\t'));
    }
}

async function main() {
    const options = parseArguments(process.argv.slice(2));
    if (!options) {
        console.error(USAGE);
        return 2;
    }
    const trace = await Trace.load(options.trace);
    if (options.time) {
        console.error(`${trace.size} bytes in ${trace.seconds.toFixed(3)} s`);
    }
    let status = 0;
    if (options.stats) {
        const found = await troubles(trace);
        found.forEach((s) => console.log(`${s.severity}\t${s.name}\t${s.value}`));
        status = found.length ? 1 : 0;
    }
    for (const word of options.sql) {
        const sql = word.startsWith('@') ? fs.readFileSync(word.slice(1), 'utf8') : word;
        show(await trace.query(sql), options.json);
    }
    return status;
}

main().then((status) => process.exit(status), (error) => {
    console.error(`query.mjs: ${error.message ?? error}`);
    process.exit(1);
});
