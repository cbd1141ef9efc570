# SPDX-License-Identifier: BSD-2-Clause
"""What a command has to say: rows with named columns, as a table for people or JSON for tools."""

import fnmatch
import json

from .errors import U4Error


def number(text):
    """An integer in decimal, 0x or 0b, or None."""
    try:
        return int(text, 0)
    except ValueError:
        return None


class Hex(int):
    """An integer that people want to see in hexadecimal."""

    def __str__(self):
        return f"0x{int(self):x}"

    __repr__ = __str__


class Report:
    """columns: names in the order shown; a name that begins with "_" is for JSON only."""

    def __init__(self, columns=(), title=None):
        self.columns = list(columns)
        self.title = title
        self.rows = []
        self.text = []
        self.notes = []
        self.facts = {}
        self.filterable = True

    def add(self, *values, **more):
        row = dict(zip(self.columns, values))
        row.update(more)
        self.rows.append(row)
        return row

    def say(self, line):
        self.text.append(line)

    def filter(self, wanted):
        """Keep rows that match every "column=value" (value: a number or a pattern)."""
        for column, value in wanted:
            known = set(self.columns) | {key for row in self.rows for key in row}
            if self.filterable and column not in known:
                names = ", ".join(sorted(name.lstrip("_") for name in known))
                if "_" + column not in known:
                    raise U4Error(f"no column '{column}' to filter by; there are: {names}")
            self.rows = [row for row in self.rows if matches(row, column, value)]

    def render(self):
        out = [self.title] if self.title else []
        out += self.text
        if self.rows:
            out += self._table()
        elif self.columns and not self.text:
            out.append("(none)")
        out += [f"note: {note}" for note in self.notes]
        return "\n".join(out)

    def _table(self):
        columns = [c for c in self.columns if not c.startswith("_")]
        cells = [columns] + [[cell(row.get(c)) for c in columns] for row in self.rows]
        widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
        right = [all(isinstance(row.get(c), int) and not isinstance(row.get(c), (bool, Hex))
                     for row in self.rows) for c in columns]
        return ["  ".join(text.rjust(w) if r else text.ljust(w)
                          for text, w, r in zip(line, widths, right)).rstrip() for line in cells]

    def as_json(self, command):
        body = {"command": command}
        body.update(self.facts)
        if self.columns:
            body["rows"] = [{key.lstrip("_"): plain(value) for key, value in row.items()}
                            for row in self.rows]
        if self.text and not self.facts and not self.columns:
            body["text"] = self.text
        body["notes"] = self.notes
        return json.dumps(body, default=plain)


def cell(value):
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(v) for v in value) or "-"
    return str(value)


def plain(value):
    return int(value) if isinstance(value, Hex) else value


def matches(row, column, value):
    found = row.get(column, row.get("_" + column))
    return any(match_one(v, value) for v in (found if isinstance(found, (list, tuple)) else [found]))


def match_one(found, value):
    if isinstance(found, bool):
        return value in (("yes", "true", "1") if found else ("no", "false", "0"))
    if isinstance(found, int):
        return number(value) == found
    if number(value) is not None and number(str(found)) == number(value):
        return True
    return fnmatch.fnmatchcase(str(found or ""), value)
