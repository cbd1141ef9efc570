// SPDX-License-Identifier: BSD-2-Clause
//
// What of the trace processor's `stats` table means that an import went wrong. Severity does not
// tell: unknown interning ids, missing incremental state or an unclosed slice count as "info".

const WRONG = `
    select name, severity, source, sum(value) as value from stats
    where value <> 0 and (
        severity in ('error', 'data_loss')
        or name glob '*error*' or name glob '*invalid*' or name glob '*fail*'
        or name glob '*skipped*' or name glob '*mismatch*' or name glob '*misplaced*'
        or name glob 'flow_*' or name glob '*_no_*' or name glob '*unknown*'
        or name glob '*missing*' or name glob '*out_of_order*' or name glob '*dropped*'
        or name glob '*negative*' or name glob '*loss*' or name glob '*truncated*')
    group by name, severity, source`;

/** The statistics that should not be there; `allowed` names those a test expects. */
export async function troubles(trace, allowed = []) {
    const rows = await trace.query(WRONG);
    return rows.filter((row) => !allowed.includes(row.name));
}
