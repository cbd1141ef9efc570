#!/usr/bin/env node
// SPDX-License-Identifier: BSD-2-Clause
//
// Draws a part of a timeline as SVG, from what Perfetto's trace processor answers: scheduling by
// hart, threads with their states and slices, kernel tracks, arrows of flows. Perfetto's UI is
// a web site; this picture needs no network, and shows what Perfetto has understood.
//
//   render.mjs [--from US] [--length US] [--threads a,b,...] TRACE OUT.svg
//
// Without --from, the window begins shortly before the third interrupt (or at the beginning).

import fs from 'node:fs';
import {Trace} from './engine.mjs';

const WIDTH = 1600, LABELS = 170, ROW = 20, STATE = 7, GAP = 6, TOP = 34;
const FONT = 'font-family="DejaVu Sans, Helvetica, Arial, sans-serif"';
const STATES = {Running: '#2e7d32', R: '#9bd59f', S: '#e3e6ea', D: '#f2a33a', T: '#c9a2dd'};

function parse(words) {
    const options = {length: 60};
    while (words[0]?.startsWith('--')) {
        const name = words.shift().slice(2);
        if (!['from', 'length', 'threads'].includes(name) || !words.length) {
            return null;
        }
        options[name] = name === 'threads' ? words.shift().split(',') : Number(words.shift());
    }
    [options.trace, options.output] = words;
    return words.length === 2 ? options : null;
}

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

// A colour for a text, the same each time.
function colour(text, light) {
    let hash = 7;
    for (const c of text) {
        hash = (hash * 31 + c.charCodeAt(0)) >>> 0;
    }
    return `hsl(${hash * 47 % 360}, ${light > 70 ? 55 : 48}%, ${light}%)`;
}

class Picture {
    constructor(from, length) {
        Object.assign(this, {from, to: from + length, y: TOP, out: [], arrows: [], place: new Map()});
        this.scale = (WIDTH - LABELS - 10) / length;
    }

    x(ts) {
        return LABELS + (Math.min(Math.max(ts, this.from), this.to) - this.from) * this.scale;
    }

    text(x, y, text, {size = 11, fill = '#222', anchor = 'start', weight = 'normal'} = {}) {
        this.out.push(`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" fill="${fill}" ` +
                      `text-anchor="${anchor}" font-weight="${weight}" ${FONT}>${escape(text)}</text>`);
    }

    // A box with as much of its text as fits.
    box(y, height, ts, dur, fill, text, ink = '#fff') {
        const left = this.x(ts), width = Math.max(this.x(ts + dur) - left, 0.8);
        this.out.push(`<rect x="${left.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" ` +
                      `height="${height}" fill="${fill}" rx="1"/>`);
        const room = Math.floor((width - 6) / 6.1);
        if (text && room >= 2) {
            const shown = text.length <= room ? text : text.slice(0, room - 1) + '…';
            this.text(left + 3, y + height - 6, shown, {size: 10.5, fill: ink});
        }
    }

    diamond(x, y) {
        this.out.push(`<path d="M${x.toFixed(1)} ${y - 5} l4 5 l-4 5 l-4 -5 z" fill="#37474f"/>`);
    }

    label(text, height, {weight = 'normal', indent = 6} = {}) {
        this.text(indent, this.y + height / 2 + 4, text, {weight});
    }

    line(y) {
        this.out.push(`<path d="M0 ${y} H${WIDTH}" stroke="#dfe3e8"/>`);
    }

    heading(text) {
        this.out.push(`<rect x="0" y="${this.y}" width="${WIDTH}" height="18" fill="#eef1f5"/>`);
        this.text(6, this.y + 13, text, {weight: 'bold'});
        this.y += 18;
    }

    axis() {
        const span = (this.to - this.from) / 1000, step = [1, 2, 5, 10, 20, 50, 100, 1000, 10000]
            .find((s) => span / s <= 12) ?? 100000;
        const first = Math.ceil(this.from / 1000 / step) * step;
        for (let us = first; us * 1000 < this.to; us += step) {
            const x = this.x(us * 1000);
            this.out.push(`<path d="M${x.toFixed(1)} 20 V${this.y}" stroke="#eceff3"/>`);
            this.text(x, 15, `${us.toFixed(0)} µs`, {anchor: 'middle', size: 10, fill: '#667'});
        }
    }

    flow(from, to) {
        const a = this.place.get(from), b = this.place.get(to);
        if (!a || !b) {
            return;
        }
        const bend = Math.max(12, Math.abs(b.x - a.end) / 2);
        this.arrows.push(`<path d="M${a.end.toFixed(1)} ${a.y} C${(a.end + bend).toFixed(1)} ${a.y} ` +
            `${(b.x - bend).toFixed(1)} ${b.y} ${b.x.toFixed(1)} ${b.y}" fill="none" ` +
            `stroke="#c62828" stroke-width="1.2" marker-end="url(#tip)" opacity="0.85"/>`);
    }

    svg() {
        const body = this.out.join('\n');
        this.out = [];
        this.axis();
        return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${this.y + 6}" ` +
            `width="${WIDTH}" height="${this.y + 6}">\n<defs><marker id="tip" markerWidth="7" ` +
            `markerHeight="6" refX="6" refY="3" orient="auto"><path d="M0 0 L7 3 L0 6 z" ` +
            `fill="#c62828"/></marker></defs>\n<rect width="100%" height="100%" fill="#fff"/>\n` +
            `${this.out.join('\n')}\n${body}\n${this.arrows.join('\n')}\n</svg>\n`;
    }
}

const visible = (p) => `ts < ${p.to} and ts + max(dur, 0) >= ${p.from}`;

async function scheduling(p, trace) {
    p.heading('CPU Scheduling');
    for (const {cpu} of await trace.query('select distinct cpu from sched order by 1')) {
        p.label(`CPU ${cpu}`, ROW);
        for (const s of await trace.query(`select ts, dur, name, is_idle from sched
                join thread using (utid) where cpu = ${cpu} and ${visible(p)}`)) {
            const idle = s.is_idle === 1;
            p.box(p.y + 1, ROW - 2, s.ts, s.dur < 0 ? p.to - s.ts : s.dur,
                  idle ? '#f4f5f7' : colour(s.name, 42), s.name, idle ? '#99a' : '#fff');
        }
        p.y += ROW + GAP;
    }
}

async function slicesOf(p, trace, track) {
    const rows = await trace.query(`select id, ts, dur, name, depth from slice
        where track_id = ${track} and ${visible(p)} order by dur = 0, depth, ts`);
    const depth = Math.max(-1, ...rows.map((s) => s.depth));
    for (const s of rows) {
        const y = p.y + s.depth * ROW;
        p.place.set(s.id, {x: p.x(s.ts), end: p.x(s.ts + Math.max(s.dur, 0)), y: y + ROW / 2});
        if (s.dur === 0) {
            p.diamond(p.x(s.ts), y + ROW / 2);
        } else {
            p.box(y, ROW - 2, s.ts, s.dur, colour(s.name, 78), s.name, '#222');
        }
    }
    p.y += (depth + 1) * ROW;
}

async function threads(p, trace, wanted) {
    const rows = await trace.query(`select utid, t.name as thread, p.name as process, p.pid,
            (select id from thread_track k where k.utid = t.utid limit 1) as track
        from thread t join process p using (upid) where t.is_idle = 0 and t.name is not null
        and utid in (select utid from sched where ${visible(p)}) order by p.pid, t.tid`);
    let process = null;
    for (const t of rows.filter((row) => !wanted || wanted.includes(row.thread))) {
        if (process !== t.pid) {
            p.heading(`${t.process} (process ${t.pid})`);
            process = t.pid;
        }
        const top = p.y;
        for (const s of await trace.query(`select ts, dur, state from thread_state
                where utid = ${t.utid} and ${visible(p)}`)) {
            p.box(p.y + 2, STATE, s.ts, s.dur < 0 ? p.to - s.ts : s.dur,
                  STATES[s.state] ?? '#ddd', '');
        }
        p.y += STATE + 4;
        if (t.track !== null) {
            await slicesOf(p, trace, t.track);
        }
        p.y = Math.max(p.y, top + ROW);
        p.text(6, top + 14, t.thread);
        p.y += GAP;
    }
}

// Tracks that belong to no thread, below a group.
async function group(p, trace, name) {
    const rows = await trace.query(`select k.id, k.name from track k join track g
        on g.id = k.parent_id where g.name = '${name}'
        and exists (select 1 from slice where track_id = k.id and ${visible(p)}) order by k.id`);
    if (rows.length) {
        p.heading(name);
    }
    for (const row of rows) {
        p.label(row.name, ROW);
        await slicesOf(p, trace, row.id);
        p.y += GAP;
    }
}

function legend(p) {
    let x = LABELS;
    const words = {Running: 'running', R: 'ready', S: 'waits for work', D: 'waits for an answer',
                   T: 'stopped, faulted'};
    for (const [state, text] of Object.entries(words)) {
        p.out.push(`<rect x="${x}" y="${p.y + 5}" width="14" height="8" fill="${STATES[state]}"/>`);
        p.text(x + 19, p.y + 13, text, {size: 10});
        x += 40 + text.length * 6.2;
    }
    p.text(x, p.y + 13, '◆ instant    → flow', {size: 10});
    p.y += 20;
}

async function main() {
    const options = parse(process.argv.slice(2));
    if (!options) {
        console.error('usage: render.mjs [--from US] [--length US] [--threads a,b,...] TRACE OUT.svg');
        return 2;
    }
    const trace = await Trace.load(options.trace);
    const start = await trace.value('select min(ts) from sched') ?? 0;
    const third = await trace.value(`select ts from slice where name = 'raised' and category = 'irq'
                                     order by ts limit 1 offset 2`);
    const from = options.from ? options.from * 1000 : third === null ? start : third - 3000;
    const p = new Picture(from, options.length * 1000);
    await scheduling(p, trace);
    await threads(p, trace, options.threads);
    for (const name of ['Kernel', 'Endpoints', 'Notifications', 'Interrupts']) {
        await group(p, trace, name);
    }
    for (const f of await trace.query('select slice_out as a, slice_in as b from flow')) {
        p.flow(f.a, f.b);
    }
    legend(p);
    fs.writeFileSync(options.output, p.svg());
    return 0;
}

main().then((status) => process.exit(status), (error) => {
    console.error(`render.mjs: ${error.message ?? error}`);
    process.exit(1);
});
