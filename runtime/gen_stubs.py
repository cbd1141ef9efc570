#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make sel4/stubs.h, the C invocation stubs, from runtime/invocations.def.

With --async: rel4/stubs.h, the same with names that begin with reL4, through u4_async_invoke().

usage: gen_stubs.py [--async] invocations.def OUT
"""
import re
import sys

# Parameters that travel as capabilities; seL4_Word ones are message words.
CAPS = {"seL4_CPtr", "seL4_CNode", "seL4_TCB", "seL4_Untyped", "seL4_RISCV_PageTable",
        "seL4_SchedContext"}
WIDTH = {"seL4_Bool": 1, "seL4_Uint8": 8}  # bits; all others fill a word
LINE = re.compile(r"(\w+) = (\w+) \(([^)]*)\)(?: -> (.*))?$")

HEAD = """/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generated from runtime/invocations.def. After an error the message's words are in the IPC
 * buffer, as the interface defines them for each error.
 */
#ifndef SEL4_STUBS_H
#define SEL4_STUBS_H

#include <sel4/syscalls.h>

#include "abi/u4/extensions.h"

typedef seL4_CPtr u4_TCB, u4_SenderTable;

/* Make the call: words 0..3 in MR, the others in the IPC buffer already. */
static inline seL4_Error u4_invoke(seL4_CPtr service, seL4_Word label, seL4_Word caps,
                                   seL4_Word words, seL4_Word mr[4])
{
    seL4_MessageInfo_t tag = seL4_MessageInfo_new(label, 0, caps, words);
    seL4_Error result;

    tag = seL4_CallWithMRs(service, tag, &mr[0], &mr[1], &mr[2], &mr[3]);
    result = (seL4_Error)seL4_MessageInfo_get_label(tag);
    if (result != seL4_NoError)
        for (int i = 0; i < 4; i++)
            seL4_SetMR(i, mr[i]);
    return result;
}
"""

TAIL = """
#if U4_MCS
static inline seL4_Error seL4_SchedControl_Configure(seL4_SchedControl service,
                                                     seL4_SchedContext schedcontext,
                                                     seL4_Time budget, seL4_Time period,
                                                     seL4_Word extra_refills, seL4_Word badge)
{
    return seL4_SchedControl_ConfigureFlags(service, schedcontext, budget, period, extra_refills,
                                            badge, 0);
}
#endif

#endif"""


def pack(params):
    """Words of the message: lists of (shift, parameter); small ones share a word."""
    words, used = [], 64
    for ctype, name in params:
        width = WIDTH.get(ctype, 64)
        at = (used + width - 1) // width * width
        if at + width > 64:
            words.append([])
            at = 0
        words[-1].append((at, width, ctype, name))
        used = at + width
    return words


def word_expr(fields):
    if fields[0][1] == 64:
        _, _, ctype, name = fields[0]
        return name + (".words[0]" if ctype == "seL4_CapRights_t" else "")
    return " | ".join(f"(seL4_Word)({name} & {(1 << width) - 1}) << {at}"
                      for at, width, _, name in fields)


def split(text):
    return [tuple(p.rsplit(" ", 1)) for p in text.split(", ")] if text else []


def stub(name, label, params, out):
    service = name.rsplit("_", 1)[0]
    context = [p for p in params if p[1] == "*regs"]
    caps = [p[1] for p in params if p[0] in CAPS]
    words = pack([p for p in params if p[0] not in CAPS and p not in context])
    args = [f"{service} service"] + [f"{t} {n}" for t, n in params]
    lines, ret, result = [], "seL4_Error", "result"
    if out and out[1] == "*regs":
        args.append(f"{out[0]} {out[1]}")
    elif out:
        ret, result = f"{name}_t", f"({name}_t){{(int)result, mr[0]}}"
        lines.append(f"typedef struct {{\n    int error;\n    {out[0]} {out[1]};\n}} {ret};\n")
    lines += [f"static inline {ret} {name}({', '.join(args)})", "{"]
    inline = [word_expr(w) for w in words[:4]]
    count = str(len(words))
    if context:
        inline += ["regs->pc", "regs->ra"]
        count = "34"
    lines.append(f"    seL4_Word mr[4] = {{{', '.join(inline) or '0'}}};")
    lines.append("    seL4_Error result;\n")
    lines += [f"    seL4_SetCap({i}, {c});" for i, c in enumerate(caps)]
    lines += [f"    seL4_SetMR({i}, {word_expr(w)});" for i, w in enumerate(words) if i >= 4]
    if context:
        lines += ["    for (int i = 2; i < 32; i++)",
                  "        seL4_SetMR(i + 2, (&regs->pc)[i]);"]
    lines.append(f"    result = u4_invoke(service, {label}, {len(caps)}, {count}, mr);")
    if out and out[1] == "*regs":
        lines += ["    for (int i = 0; !result && i < 32 && (seL4_Word)i < count; i++)",
                  "        (&regs->pc)[i] = i < 4 ? mr[i] : seL4_GetMR(i);"]
    lines += [f"    return {result};", "}"]
    return "\n".join(lines)


ASYNC_HEAD = """/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated from runtime/invocations.def: seL4's invocations, through a ring where u4/sysring.h
 * says so. Arguments, results and errors are those of the functions without "re". */
#ifndef REL4_STUBS_H
#define REL4_STUBS_H

#include <u4/sysring.h>
"""


def through_ring(text):
    """The stub as reL4's: the result's type is seL4's own."""
    text = re.sub(r"typedef struct \{.*?\} \w+;\n\n?", "", text, flags=re.S)
    text = re.sub(r"(static inline \w+ )(?:seL4|u4)_", r"\1reL4_", text)
    return text.replace("u4_invoke(", "u4_async_invoke(")


def main():
    to_ring = "--async" in sys.argv
    if to_ring:
        sys.argv.remove("--async")
    if len(sys.argv) != 3:
        print(__doc__.strip().splitlines()[-1], file=sys.stderr)
        return 2
    out, condition = [ASYNC_HEAD if to_ring else HEAD], None
    for number, line in enumerate(open(sys.argv[1], encoding="ascii"), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            out.append(("#endif\n" if condition else "") + f"#if {line[1:-1]}")
            condition = line
            continue
        m = LINE.match(line)
        if not m:
            print(f"{sys.argv[1]}:{number}: expected 'STUB = LABEL (PARAMETERS) [-> RESULT]', "
                  f"found '{line}'", file=sys.stderr)
            return 1
        text = stub(m[1], m[2], split(m[3]), split(m[4])[0] if m[4] else None) + "\n"
        out.append(through_ring(text) if to_ring else text)
    out.append(("#endif\n" if condition else "") + ("\n#endif" if to_ring else TAIL))
    with open(sys.argv[2], "w", encoding="ascii") as f:
        f.write("\n".join(out) + "\n")
    return 0


sys.exit(main())
