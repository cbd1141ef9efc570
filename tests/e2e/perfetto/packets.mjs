// SPDX-License-Identifier: BSD-2-Clause
//
// Counts what is in an uncompressed Perfetto trace, straight from its bytes: for traces that are
// larger than the trace processor's memory, and as a second opinion on those that are not.

const EVENT = {1: 'begin', 2: 'end', 3: 'instant', 4: 'counter'};
const STATE = {2: 'ready', 3: 'running', 4: 'sleeping', 5: 'waiting', 6: 'stopped', 7: 'dead'};
const F = {sequence: 10, event: 11, names: 12, dropped: 42, tracks: 60, state: 117};

class Reader {
    constructor(bytes, at, end) {
        Object.assign(this, {bytes, at, end});
    }

    varint() {
        let value = 0, factor = 1, byte;
        do {
            byte = this.bytes[this.at++];
            value += (byte & 0x7f) * factor;
            factor *= 128;
        } while (byte & 0x80);
        return value;
    }

    // Calls with each field: its number and value, or the place of its body.
    fields(visit) {
        while (this.at < this.end) {
            const tag = this.varint(), number = Math.floor(tag / 8);
            switch (tag & 7) {
            case 0: visit(number, this.varint()); break;
            case 1: visit(number, this.at); this.at += 8; break;
            case 2: {
                const length = this.varint(), at = this.at;
                this.at += length;
                visit(number, new Reader(this.bytes, at, this.at));
                break;
            }
            default: throw new Error(`wire type ${tag & 7} at byte ${this.at}`);
            }
        }
        if (this.at !== this.end) {
            throw new Error(`a field goes beyond its message at byte ${this.at}`);
        }
    }
}

export class Counter {
    constructor() {
        Object.assign(this, {packets: 0, bytes: 0, flows: 0, flow_ends: 0, dropped: 0, tracks: 0,
                             depth: new Map(), underflows: 0, kinds: {}});
        for (const name of [...Object.values(EVENT), ...Object.values(STATE)]) {
            this[name] = 0;
        }
        this.rest = new Uint8Array(0);
    }

    // A piece of the file, of any length.
    feed(piece) {
        const bytes = this.rest.length ? Buffer.concat([this.rest, piece]) : piece;
        const reader = new Reader(bytes, 0, bytes.length);
        for (;;) {
            const start = reader.at;
            if (bytes.length - start < 12) {
                this.rest = bytes.subarray(start);
                return;
            }
            reader.at++; // tag of field 1
            const length = reader.varint();
            if (bytes[start] !== 0x0a) {
                throw new Error(`not a packet: byte ${bytes[start]}`);
            }
            if (reader.at + length > bytes.length) {
                this.rest = bytes.subarray(start);
                return;
            }
            const packet = new Reader(bytes, reader.at, reader.at + length);
            reader.at += length;
            this.packet(packet, reader.at - start);
        }
    }

    finish() {
        for (const rest = new Reader(this.rest, 0, this.rest.length); rest.at < rest.end;) {
            const start = rest.at;
            rest.at++;
            const length = rest.varint();
            const packet = new Reader(this.rest, rest.at, rest.at + length);
            rest.at += length;
            this.packet(packet, rest.at - start);
        }
        this.open = [...this.depth.values()].reduce((sum, d) => sum + d, 0);
        return this;
    }

    packet(packet, size) {
        let kind = 'other';
        this.packets++;
        this.bytes += size;
        packet.fields((number, value) => {
            switch (number) {
            case F.sequence: this.sequence = value; break;
            case F.event: kind = this.event(value); break;
            case F.state: kind = 'state'; this.state(value); break;
            case F.dropped: this.dropped++; break;
            case F.tracks: kind = 'track'; this.tracks++; break;
            case F.names: this.count('names', value.end - value.at); break;
            }
        });
        this.count(kind, size);
    }

    count(kind, size) {
        const sum = this.kinds[kind] ??= {count: 0, bytes: 0};
        sum.count++;
        sum.bytes += size;
    }

    // Mean bytes of a kind of packet: state (of a thread), begin, end, instant, counter, track;
    // names is what packets of any kind introduce.
    mean(kind) {
        const {count, bytes} = this.kinds[kind];
        return bytes / count;
    }

    state(body) {
        body.fields((number, value) => {
            if (number === 4) {
                this[STATE[value]]++;
            }
        });
    }

    event(body) {
        let type, track = `hart of ${this.sequence}`; // the sequence's default
        body.fields((number, value) => {
            switch (number) {
            case 9: type = EVENT[value]; break;
            case 11: track = value; break;
            case 36: this.flows++; break;
            case 42: this.flow_ends++; break;
            }
        });
        this[type]++;
        if (type === 'begin') {
            this.depth.set(track, (this.depth.get(track) ?? 0) + 1);
        } else if (type === 'end') {
            const depth = this.depth.get(track) ?? 0;
            this.underflows += depth === 0;
            this.depth.set(track, Math.max(0, depth - 1));
        }
        return type;
    }
}
