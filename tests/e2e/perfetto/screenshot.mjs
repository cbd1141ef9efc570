#!/usr/bin/env node
// SPDX-License-Identifier: BSD-2-Clause
//
// A picture of a trace as Perfetto's own UI shows it, by a headless Chromium.
//
//   screenshot.mjs TRACE OUT.png [NAME=VALUE]...
//
// NAME=VALUE are further parameters of the UI's address, such as visStart and visEnd (ns, the part to
// show), hideSidebar=true and startupCommands (JSON: [{"id": ..., "args": [...]}, ...]).
//
// U4_PERFETTO_UI says where the UI is: a directory with a built one, which is then served from
// here, or a URL. Without it, or without Chromium, it says so and ends with status 77.

import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {spawn, spawnSync} from 'node:child_process';
import {pathToFileURL} from 'node:url';

export const SKIPPED = 77;
const WIDTH = 1600, HEIGHT = 1000, PATIENCE_MS = 120e3, IDLE_MS = 2000;
const PORT = 9001; // the only one of this machine from which ui.perfetto.dev may load a trace
// Without this, the UI's note on cookies lies over a corner of the picture.
const ACKNOWLEDGE = "localStorage.setItem('cookieAck', 'true')";
const TYPES = {'.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css',
               '.wasm': 'application/wasm', '.json': 'application/json', '.png': 'image/png',
               '.svg': 'image/svg+xml'};

function findChromium() {
    return ['chromium', 'chromium-browser', 'google-chrome']
        .find((name) => spawnSync(name, ['--version']).status === 0);
}

// Serves the trace as /trace, and beside it the directory, if there is one.
function serve(trace, directory, port) {
    const server = http.createServer((request, response) => {
        const name = decodeURIComponent(new URL(request.url, 'http://here/').pathname);
        const inside = path.join(directory ?? '/nowhere', name.endsWith('/') ? `${name}index.html` : name);
        const file = name === '/trace' ? trace : inside;
        if (file !== trace && (!directory || !inside.startsWith(path.join(directory, path.sep)))) {
            response.writeHead(404).end();
            return;
        }
        const stream = fs.createReadStream(file);
        stream.on('open', () => response.writeHead(200, {
            'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream',
            'Access-Control-Allow-Origin': '*'}));
        stream.on('error', () => response.writeHead(404).end());
        stream.pipe(response);
    });
    return new Promise((resolve, reject) => {
        server.on('error', reject);
        server.listen(port, '127.0.0.1', () => resolve(server));
    });
}

/** Chromium, spoken to over a pipe by its DevTools protocol (JSON messages that end in NUL). */
class Browser {
    constructor(program) {
        this.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'u4-chromium-'));
        const root = process.getuid() === 0 ? ['--no-sandbox'] : [];
        this.child = spawn(program, [
            '--headless=new', '--remote-debugging-pipe', '--no-first-run', '--disable-gpu',
            `--user-data-dir=${this.profile}`, `--window-size=${WIDTH},${HEIGHT}`, ...root,
            'about:blank'], {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']});
        this.waiting = new Map();
        this.next = 0;
        this.rest = '';
        this.child.stdio[4].setEncoding('utf8').on('data', (text) => this.take(text));
        this.child.on('exit', () => {
            for (const {reject} of this.waiting.values()) {
                reject(new Error(`${program} has ended`));
            }
        });
    }

    take(text) {
        const messages = (this.rest + text).split('\0');
        this.rest = messages.pop();
        for (const {id, result, error} of messages.map((m) => JSON.parse(m))) {
            const call = this.waiting.get(id);
            this.waiting.delete(id);
            error ? call?.reject(new Error(error.message)) : call?.resolve(result);
        }
    }

    call(method, params = {}) {
        const id = ++this.next;
        this.child.stdio[3].write(
            `${JSON.stringify({id, method, params, sessionId: this.session})}\0`);
        return new Promise((resolve, reject) => this.waiting.set(id, {resolve, reject}));
    }

    async open(url, before) {
        const {targetId} = await this.call('Target.createTarget', {url: 'about:blank'});
        const {sessionId} = await this.call('Target.attachToTarget', {targetId, flatten: true});
        this.session = sessionId;
        await this.call('Emulation.setDeviceMetricsOverride',
                        {width: WIDTH, height: HEIGHT, deviceScaleFactor: 1, mobile: false});
        await this.call('Page.enable');
        await this.call('Page.addScriptToEvaluateOnNewDocument', {source: before});
        const {errorText} = await this.call('Page.navigate', {url});
        if (errorText) {
            throw new Error(`${url}: ${errorText}`);
        }
    }

    async evaluate(expression) {
        const {result, exceptionDetails} = await this.call(
            'Runtime.evaluate', {expression, awaitPromise: true, returnByValue: true});
        if (exceptionDetails) {
            throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        }
        return result.value;
    }

    async close() {
        const ended = new Promise((resolve) => this.child.once('exit', resolve));
        this.session = undefined;
        this.call('Browser.close').catch(() => {});
        await ended;
        fs.rmSync(this.profile, {recursive: true, force: true, maxRetries: 5});
    }
}

// The page's title, once the UI has loaded the trace and drawn it: the title is the trace's then, and
// what the UI offers to its own tests resolves when there has been nothing left to do for a while: it
// glides to the part that it is to show some time after the trace is loaded.
async function loaded(browser) {
    const until = Date.now() + PATIENCE_MS;
    for (let title = ''; Date.now() < until;) {
        try {
            title = await browser.evaluate('window.waitForPerfettoIdle ? document.title : ""');
            if (title && title !== 'Perfetto UI') {
                await browser.evaluate(`window.waitForPerfettoIdle(${IDLE_MS})`);
                return title;
            }
        } catch (error) { // a page may load itself anew
            if (!/context was destroyed|navigated/.test(error.message)) {
                throw error;
            }
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the UI has not loaded the trace in ${PATIENCE_MS / 1000} s`);
}

/** Takes the picture; the page's title. more: [name, value] pairs for the UI's address. Throws if that
 *  does not work. */
export async function screenshot(program, ui, trace, output, more = []) {
    const own = !/^https?:/.test(ui);
    if (own && !fs.existsSync(path.join(ui, 'index.html'))) {
        throw new Error(`U4_PERFETTO_UI: expected a URL or a directory with an index.html: ${ui}`);
    }
    const server = await serve(trace, own ? path.resolve(ui) : null, own ? 0 : PORT);
    const here = `http://127.0.0.1:${server.address().port}`;
    const browser = new Browser(program);
    try {
        const query = [['url', `${here}/trace`], ...more] // the UI does not take + for a space
            .map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
        await browser.open(`${own ? here : ui.replace(/\/$/, '')}/#!/?${query}`, ACKNOWLEDGE);
        const title = await loaded(browser);
        const {data} = await browser.call('Page.captureScreenshot', {format: 'png'});
        fs.writeFileSync(output, Buffer.from(data, 'base64'));
        return title;
    } finally {
        await browser.close();
        server.closeAllConnections();
        server.close();
    }
}

/** What is needed, or why it cannot be done: {program, ui} or {why}. */
export function prerequisites(ui = process.env.U4_PERFETTO_UI) {
    const program = findChromium();
    return !ui ? {why: 'no Perfetto UI: set U4_PERFETTO_UI to its URL or to a built one'}
        : !program ? {why: 'no Chromium'} : {program, ui};
}

async function main() {
    const [trace, output, ...more] = process.argv.slice(2);
    const parameters = more.map((word) => /^(\w+)=(.*)$/s.exec(word)?.slice(1));
    if (!output || parameters.includes(undefined)) {
        console.error('usage: screenshot.mjs TRACE OUT.png [NAME=VALUE]...');
        return 2;
    }
    const {program, ui, why} = prerequisites();
    if (why) {
        console.error(`screenshot.mjs: skipped: ${why}`);
        return SKIPPED;
    }
    console.log(await screenshot(program, ui, trace, output, parameters));
    return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    main().then((status) => process.exit(status), (error) => {
        console.error(`screenshot.mjs: ${error.message ?? error}`);
        process.exit(1);
    });
}
