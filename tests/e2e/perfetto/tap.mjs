// SPDX-License-Identifier: BSD-2-Clause
//
// TAP, as much as the export tests need.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {execFileSync, spawnSync} from 'node:child_process';

let count = 0, failed = 0;

function say(good, name, details) {
    console.log(`${good ? 'ok' : 'not ok'} ${++count} - ${name}`);
    if (!good) {
        failed++;
        for (const line of details.join('\n').split('\n')) {
            console.log(`#   ${line}`);
        }
    }
    return good;
}

const show = (value) =>
    JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v));

export function ok(condition, name, ...details) {
    return say(Boolean(condition), name, details);
}

export function is(found, expected, name) {
    return say(show(found) === show(expected), name,
               [`expected ${show(expected)}`, `   found ${show(found)}`]);
}

export function skip(name, why) {
    console.log(`ok ${++count} - ${name} # SKIP ${why}`);
}

export function note(text) {
    console.log(`# ${text}`);
}

/** Runs the tests with a directory of their own, and ends the program. */
export async function run(tests) {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'u4-perfetto-'));
    try {
        await tests(directory);
    } catch (error) {
        say(false, 'the test itself', [error.stack ?? String(error)]);
    } finally {
        fs.rmSync(directory, {recursive: true, force: true});
    }
    console.log(`1..${count}`);
    process.exit(failed ? 1 : 0);
}

/** The programs under test. */
export const build = process.env.U4_BUILD ?? path.resolve('build');
export const u4 = path.join(build, 'host/bin/u4');
export const synth = path.join(build, 'tests/e2e/synth');
const scripter = path.join(build, 'tests/e2e/script');

/** "any: count name=value" lines as an object. */
export function counts(text) {
    return Object.fromEntries([...text.matchAll(/: count (\w+)=(\d+)/g)]
        .map(([, name, value]) => [name, Number(value)]));
}

/** Writes a synthetic .u4t; what is in it. */
export function synthesize(file, ...options) {
    return counts(execFileSync(synth, [...options.map(String), file], {encoding: 'utf8'}));
}

/** Writes a .u4t of a script's lines (script.c says what they are). */
export function writeScript(file, lines) {
    const made = spawnSync(scripter, [file], {input: lines.join('\n'), encoding: 'utf8'});
    if (made.status !== 0) {
        throw new Error(made.stderr);
    }
}

export function exportTrace(from, to, ...options) {
    execFileSync(u4, ['export', '--to', 'perfetto', '-o', to, ...options, from],
                 {stdio: ['ignore', 'ignore', 'inherit']});
    return to;
}

/** Bytes that the export makes of a kernel's record of these classes or events, in the mean. */
export function bytesPerRecord(file, ...names) {
    const told = spawnSync(u4, ['export', '--to', 'perfetto', '-O', 'sizes', '-o', '/dev/null', file],
                           {encoding: 'utf8'}).stderr;
    const sum = {records: 0, bytes: 0};
    for (const [, name, records, each] of told.matchAll(/^(\S+) +(\d+) events +([\d.]+) bytes/gm)) {
        if (names.includes(name) || names.includes(name.split('.')[0])) {
            sum.records += Number(records);
            sum.bytes += records * each;
        }
    }
    return sum.bytes / sum.records;
}
