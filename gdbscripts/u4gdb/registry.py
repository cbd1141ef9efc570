# SPDX-License-Identifier: BSD-2-Clause
"""Commands: a function of a context and its arguments that returns a Report. Neither knows GDB;
session.py makes GDB commands of them, u4.py a program for cores without GDB."""

import shlex

from .errors import U4Error
from .output import number

COMMANDS = {}


class Command:
    def __init__(self, name, usage, help_text, function, complete, options):
        self.name, self.usage, self.help = name, usage, help_text
        self.function, self.complete, self.options = function, complete, options

    def text(self):
        """All of `help u4 NAME`; the first line is GDB's summary."""
        return f"{self.help.strip()}\n\nusage: u4 {self.name} {self.usage}".rstrip()


class Arguments:
    def __init__(self, words, filters, flags):
        self.words, self.filters, self.flags = words, filters, flags

    def word(self, index, what):
        if index >= len(self.words):
            raise U4Error(f"which {what}?")
        return self.words[index]

    def at_most(self, count):
        if len(self.words) > count:
            raise U4Error(f"too many arguments: '{self.words[count]}'")


def command(name, usage="", complete=None, options=()):
    """Registers the function below it; its docstring is the help. `complete`: "thread", "captype",
    "event", "file" or None. `options`: flags besides -json, with their dash."""
    def register(function):
        COMMANDS[name] = Command(name, usage, function.__doc__ or "", function, complete,
                                 tuple(options))
        return function
    return register


def parse(entry, line):
    try:
        tokens = shlex.split(line)
    except ValueError as problem:
        raise U4Error(f"cannot read the arguments: {problem}") from None
    words, filters, flags = [], [], set()
    for token in tokens:
        key, equals, value = token.partition("=")
        if token in ("-json", "--json"):
            flags.add("-json")
        elif token in entry.options:
            flags.add(token)
        elif token.startswith("-") and number(token) is None:
            known = " ".join(("-json",) + entry.options)
            raise U4Error(f"no option '{token}' (there are: {known})")
        elif equals and key.replace("_", "").isalnum():
            filters.append((key, value))
        else:
            words.append(token)
    return Arguments(words, filters, flags)


def run(context, name, line):
    """The command's output as text. U4Error if it cannot be done."""
    entry = COMMANDS.get(name)
    if entry is None:
        raise U4Error(f"no command 'u4 {name}'; help u4 lists them")
    arguments = parse(entry, line)
    report = entry.function(context, arguments)
    if report is None:
        return ""
    report.filter(arguments.filters)
    return report.as_json(name) if "-json" in arguments.flags else report.render()


def candidates(context, name, word):
    """What could complete the last word of a command's line."""
    entry = COMMANDS[name]
    kinds = {"thread": thread_names, "event": event_names,
             "captype": lambda c: [f"type={t}" for t in c.kernel().table.caps]}
    try:
        found = kinds[entry.complete](context) if entry.complete in kinds else []
    except U4Error:
        found = []
    return [f for f in list(found) + list(entry.options) + ["-json"] if f.startswith(word)]


def event_names(context):
    from .trace import find_schema
    return [f"{e[0]}.{e[1]}" for e in find_schema(context.kernel()).events.values()]


def thread_names(context):
    return sorted({t.name for t in context.kernel().threads() if t.name and " " not in t.name})
