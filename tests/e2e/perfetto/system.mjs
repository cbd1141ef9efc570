// SPDX-License-Identifier: BSD-2-Clause
//
// Small systems as scripts: who runs is kept here, so that a test says what happens, and when.

export class System {
    // threads: name -> [reference, priority]; the first one is the hart's idle thread.
    constructor(threads) {
        this.lines = [];
        this.threads = threads;
        this.current = Object.keys(threads)[0];
        this.put(100, 'kernel.boot', 'hart=0');
        let vspace = 0x900000;
        for (const [name, [ref]] of Object.entries(threads)) {
            if (name !== this.current) {
                this.put(100, 'thread.create', `thread=${ref}`);
                this.put(100, 'thread.configure', `thread=${ref}`, `vspace=${vspace += 0x1000}`);
            }
            this.put(100, 'thread.name', `thread=${ref}`, `text=${name}`);
        }
    }

    // An event of the current thread on hart 0.
    put(ticks, event, ...fields) {
        this.by(0, this.current, ticks, event, ...fields);
    }

    by(ring, thread, ticks, event, ...fields) {
        this.lines.push([ticks, ring, this.threads[thread][0], event, ...fields].join(' '));
    }

    enter(ticks, call, cptr, label = 0, length = 0) {
        this.put(ticks, 'kernel.entry', 'kind=syscall', `call=${call}`, `cptr=${cptr}`,
                 `info=${label << 12 | length}`);
    }

    interrupt(ticks) {
        this.put(ticks, 'kernel.entry', 'kind=interrupt');
    }

    exit(ticks, path = 'slow') {
        this.put(ticks, 'kernel.exit', `path=${path}`);
    }

    run(ticks, name, reason = 'direct') {
        const [ref, priority] = this.threads[name];
        this.put(ticks, 'sched.switch', `reason=${reason}`, `priority=${priority}`, `next=${ref}`);
        this.current = name;
    }

    transfer(ticks, kind, peer, ...fields) {
        this.put(ticks, 'ipc.transfer', `kind=${kind}`, `peer=${this.threads[peer][0]}`, ...fields);
    }

    block(ticks, why, object) {
        this.put(ticks, 'ipc.block', `why=${why}`, `object=${object}`);
    }

    // Calls, on the fast path: two ticks until the message is there, four until the server runs.
    call(ticks, server, {cptr = 1, label = 0, length = 0, endpoint, badge = 0}) {
        this.enter(ticks, 'Call', cptr, label, length);
        this.transfer(ticks + 2, 'call', server, `length=${length}`, `endpoint=${endpoint}`,
                      `badge=${badge}`);
        this.run(ticks + 3, server);
        this.exit(ticks + 4, 'fast');
    }

    // Replies and waits for the next message: the client runs five ticks later.
    reply(ticks, client, {cptr = 2, length = 0, endpoint}) {
        this.enter(ticks, 'ReplyRecv', cptr, 0, length);
        this.transfer(ticks + 2, 'reply', client, `length=${length}`);
        this.block(ticks + 3, 'recv', endpoint);
        this.run(ticks + 4, client);
        this.exit(ticks + 5, 'fast');
    }

    // A timer interrupt after which another thread runs: at `ticks` + 2.
    preempt(ticks, next) {
        this.interrupt(ticks);
        this.put(ticks + 1, 'irq.timer');
        this.run(ticks + 2, next, 'timeslice');
        this.exit(ticks + 3);
    }
}
