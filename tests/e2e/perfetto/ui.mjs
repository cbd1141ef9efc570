// SPDX-License-Identifier: BSD-2-Clause
//
// screenshot.mjs. Perfetto's UI is a web site: a page of a few lines, which loads the trace as that
// does, stands in for it. Where U4_PERFETTO_UI says that there is one, it shows the demo.

import fs from 'node:fs';
import path from 'node:path';
import {spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {build, exportTrace, is, note, ok, run, skip, synthesize} from './tap.mjs';
import {prerequisites, screenshot, SKIPPED} from './screenshot.mjs';
import {record} from './record.mjs';

const PAGE = `<!doctype html><title>Perfetto UI</title><body><script>
const parameters = new URLSearchParams(location.hash.slice(location.hash.indexOf('?')));
let done;
window.waitForPerfettoIdle = () => new Promise((resolve) => done = resolve);
fetch(parameters.get('url')).then((answer) => answer.arrayBuffer()).then((bytes) => {
    document.title = bytes.byteLength + ' bytes, from ' + parameters.get('visStart');
    setInterval(() => done?.());
});
</script>`;

// Width and height of a PNG.
function size(file) {
    const bytes = fs.readFileSync(file);
    return bytes.toString('latin1', 1, 4) === 'PNG' && [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

function withoutUi(trace, out) {
    const script = fileURLToPath(new URL('screenshot.mjs', import.meta.url));
    const env = {...process.env};
    delete env.U4_PERFETTO_UI;
    const {status, stderr} = spawnSync('node', [script, trace, out], {env, encoding: 'utf8'});
    is(status, SKIPPED, 'without a UI: skipped');
    ok(/no Perfetto UI: set U4_PERFETTO_UI/.test(stderr), 'without a UI: says so', stderr);
    ok(!fs.existsSync(out), 'without a UI: no picture');
}

async function standIn(directory, program, trace, out) {
    const ui = path.join(directory, 'ui');
    fs.mkdirSync(ui);
    const error = await screenshot(program, ui, trace, out).catch(({message}) => message);
    ok(/expected a URL or a directory with an index\.html/.test(error), 'an empty directory', error);
    fs.writeFileSync(path.join(ui, 'index.html'), PAGE);
    is(await screenshot(program, ui, trace, out, [['visStart', '7 & 8']]),
       `${fs.statSync(trace).size} bytes, from 7 & 8`, 'the page gets the whole trace and parameters');
    is(size(out), [1600, 1000], 'and is a picture');
}

async function real(directory, program, ui) {
    const file = path.join(directory, 'demo.u4t'), out = path.join(build, 'demo-timeline.png');
    record('demo', file);
    const trace = exportTrace(file, path.join(directory, 'demo'));
    note(`${await screenshot(program, ui, trace, out)}: see ${out}`);
    is(size(out), [1600, 1000], 'the demo in the UI');
}

run(async (directory) => {
    const file = path.join(directory, 'small.u4t');
    synthesize(file, '-n', 1000);
    const trace = exportTrace(file, path.join(directory, 'trace'));
    withoutUi(trace, path.join(directory, 'none.png'));
    const {program, why: without} = prerequisites('a stand-in');
    if (without) {
        skip('the page gets the whole trace and parameters', without);
    } else {
        await standIn(directory, program, trace, path.join(directory, 'out.png'));
    }
    const {ui, why} = prerequisites();
    if (why) {
        skip('the demo in the UI', why);
    } else {
        await real(directory, program, ui);
    }
});
