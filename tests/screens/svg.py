#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turns a screen of tmux (capture-pane -e) on standard input into an SVG picture.

    svg.py COLUMNS LINES <screen >picture.svg
"""
import re
import sys
import unicodedata
from html import escape

WIDTH, HEIGHT = 8, 17  # of a cell, pixels
FORE, BACK = "#d0d0d0", "#101418"
SIXTEEN = ["#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
           "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff"]


def colour(number):
    """One of xterm's 256 colours."""
    if number < 16:
        return SIXTEEN[number]
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return f"#{grey:02x}{grey:02x}{grey:02x}"
    levels = [0, 95, 135, 175, 215, 255]
    number -= 16
    return "#%02x%02x%02x" % (levels[number // 36], levels[number // 6 % 6], levels[number % 6])


class Look:
    """What SGR sequences have set."""

    def __init__(self):
        self.fore, self.back, self.bold, self.reverse = None, None, False, False

    def take(self, codes):
        """Applies the numbers of one sequence."""
        codes = [int(c or 0) for c in codes.replace(":", ";").split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.__init__()
            elif code == 1:
                self.bold = True
            elif code == 7:
                self.reverse = True
            elif code in (38, 48) and len(codes) > 1:
                codes.pop(0)
                value = colour(codes.pop(0))
                self.fore, self.back = (value, self.back) if code == 38 else (self.fore, value)
            elif 30 <= code < 38 or 90 <= code < 98:
                self.fore = SIXTEEN[code - 30 if code < 90 else code - 82]
            elif 40 <= code < 48 or 100 <= code < 108:
                self.back = SIXTEEN[code - 40 if code < 100 else code - 92]
            elif code == 39:
                self.fore = None
            elif code == 49:
                self.back = None

    def colours(self):
        """Text and background; None: the picture's own background."""
        if self.reverse:
            return self.back or BACK, self.fore or FORE
        return self.fore or FORE, self.back


def line_shapes(line, row, look):
    """Rectangles and texts of one line."""
    column, shapes = 0, []
    for codes, text in re.findall(r"(?:\x1b\[([0-9;:]*)m)|([^\x1b]+)", line):
        if not text:
            look.take(codes)
            continue
        cells = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
        fore, back = look.colours()
        x, y = column * WIDTH, row * HEIGHT
        if back:
            shapes.append(f'<rect x="{x}" y="{y}" width="{cells * WIDTH}" height="{HEIGHT}"'
                          f' fill="{back}"/>')
        if text.strip():
            weight = ' font-weight="bold"' if look.bold else ""
            shapes.append(f'<text x="{x}" y="{y + 13}" fill="{fore}"{weight}'
                          f' textLength="{cells * WIDTH}" lengthAdjust="spacingAndGlyphs">'
                          f"{escape(text)}</text>")
        column += cells
    return shapes


def main():
    """The picture of standard input."""
    columns, lines = int(sys.argv[1]), int(sys.argv[2])
    width, height = columns * WIDTH, lines * HEIGHT
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
          f' width="{width}" height="{height}" xml:space="preserve"'
          ' font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13">')
    print("<style>text { white-space: pre }</style>")
    print(f'<rect width="{width}" height="{height}" fill="{BACK}"/>')
    look = Look()
    for row, line in enumerate(sys.stdin.read().splitlines()[:lines]):
        print("\n".join(line_shapes(line, row, look)))
    print("</svg>")


if __name__ == "__main__":
    main()
