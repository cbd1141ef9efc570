#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Draws the async runtime's figures beside reL4's published ones.

usage: bench/plots.py RESULTS.json OUT-DIR

Writes OUT-DIR/async-ipc.svg, async-harts.svg and async-syscalls.svg from what `make bench` has stored. Each
system is drawn relative to its own synchronous calls, since reL4's figures are cycles on an FPGA
and u4's are instructions.
"""
import json
import math
import os
import sys

WIDTH, HEIGHT, LEFT, TOP, PLOT_W, PLOT_H = 760, 460, 70, 50, 480, 340
COLOURS = ["#1f5fa8", "#c2410c", "#2f7d32", "#7b3fa0", "#666666"]

# reL4's publication, cycles per operation on its FPGA: async by concurrency, and its sync calls.
REL4_IPC = {1: 10535, 2: 5969, 4: 3443, 8: 2489, 16: 1946, 32: 1703}
REL4_IPC_HARTS = {1: 10329, 2: 4547, 4: 2264, 8: 1834, 16: 1534, 32: 1441}
REL4_SYNC_HARTS = 19424
REL4_FAST, REL4_SLOW = 2994, 8046
REL4_MAP = {8: 22800, 16: 12323, 32: 7149, 64: 6150, 128: 6150, 256: 6150, 512: 6150}
REL4_MAP_SYNC = 8099


class Plot:
    """Two logarithmic axes, lines of points, one level line per system's own sync path."""

    def __init__(self, title, x_values, y_range, x_title, y_title):
        self.x_values, self.y_range = x_values, y_range
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="13">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            f'<text x="{LEFT}" y="28" font-size="17">{title}</text>',
            f'<text x="{LEFT + PLOT_W / 2}" y="{HEIGHT - 18}" text-anchor="middle">{x_title}</text>',
            f'<text transform="translate(20,{TOP + PLOT_H / 2}) rotate(-90)" '
            f'text-anchor="middle">{y_title}</text>']
        self.legend = 0
        self.axes()

    def x(self, value):
        low, high = math.log2(self.x_values[0]), math.log2(self.x_values[-1])
        return LEFT + PLOT_W * (math.log2(value) - low) / (high - low)

    def y(self, value):
        low, high = (math.log2(v) for v in self.y_range)
        value = min(max(value, self.y_range[0]), self.y_range[1])
        return TOP + PLOT_H * (1 - (math.log2(value) - low) / (high - low))

    def line(self, x1, y1, x2, y2, colour, extra=""):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{colour}" {extra}/>')

    def text(self, x, y, text, anchor="start"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>')

    def axes(self):
        for value in self.x_values:
            self.line(self.x(value), TOP, self.x(value), TOP + PLOT_H, "#dddddd")
            self.text(self.x(value), TOP + PLOT_H + 20, value, "middle")
        tick = self.y_range[0]
        while tick <= self.y_range[1] * 1.001:
            self.line(LEFT, self.y(tick), LEFT + PLOT_W, self.y(tick), "#dddddd")
            self.text(LEFT - 8, self.y(tick) + 4, f"{tick:g}", "end")
            tick *= 2

    def key(self, name, colour, extra=""):
        y = TOP + 12 + 24 * self.legend
        self.legend += 1
        self.line(LEFT + PLOT_W + 16, y - 4, LEFT + PLOT_W + 44, y - 4, colour,
                  f'stroke-width="2" {extra}')
        self.text(LEFT + PLOT_W + 50, y, name)

    def series(self, name, points, colour, extra=""):
        places = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in sorted(points.items()))
        self.parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" '
                          f'stroke-width="2" {extra}/>')
        for x, y in points.items():
            self.parts.append(f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3.5" '
                              f'fill="{colour}"><title>{name}: {y:.2f} at {x}</title></circle>')
        self.key(name, colour, extra)

    def level(self, name, y, colour, extra='stroke-dasharray="6 4"'):
        self.line(LEFT, self.y(y), LEFT + PLOT_W, self.y(y), colour, extra)
        self.key(name, colour, extra)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts + ["</svg>", ""]))
        print(path)


def relative(points, base):
    return {x: y / base for x, y in points.items()}


def by_concurrency(figures, form):
    result = {}
    for n in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512):
        name = "async." + form.format(n)
        if name in figures:
            result[n] = figures[name]
    return result


def draw_ipc(figures, path):
    plot = Plot("IPC round trip on one hart, relative to the own sync fast path",
                [1, 2, 4, 8, 16, 32], (0.25, 8), "concurrent callers", "cost (fast path = 1)")
    fast = figures["async.sync_w0"]
    plot.series("u4, async", relative(by_concurrency(figures, "async_c{}_w0"), fast), COLOURS[0])
    plot.series("reL4, async", relative(REL4_IPC, REL4_FAST), COLOURS[1])
    plot.level("sync fast path", 1, COLOURS[4])
    plot.level("u4, sync slow path", figures["async.sync_w0.no_fast_path"] / fast, COLOURS[0])
    plot.level("reL4, sync slow path", REL4_SLOW / REL4_FAST, COLOURS[1])
    plot.write(path)


def draw_harts(figures, path):
    plot = Plot("IPC round trip between two harts, relative to the own fast path on one",
                [1, 2, 4, 8, 16, 32], (0.125, 16), "concurrent callers", "cost (fast path = 1)")
    fast = figures["smp.sync_w0.one_hart"]
    for name, form, colour in (("u4, async", "async", COLOURS[0]),
                               ("u4, async, looking", "looking", COLOURS[2])):
        points = {n: figures[f"smp.{form}_c{n}_w0.elapsed"] for n in (1, 2, 4, 8, 16, 32)}
        plot.series(name, relative(points, fast), colour)
    plot.series("reL4, async", relative(REL4_IPC_HARTS, REL4_FAST), COLOURS[1])
    plot.level("fast path, one hart", 1, COLOURS[4])
    plot.level("u4, sync, two harts", figures["smp.sync_w0.elapsed"] / fast, COLOURS[0])
    plot.level("reL4, sync, two harts", REL4_SYNC_HARTS / REL4_FAST, COLOURS[1])
    plot.write(path)


def draw_syscalls(figures, path):
    plot = Plot("Map and unmap a page, relative to the own trapping calls",
                [8, 16, 32, 64, 128, 256, 512], (0.25, 4), "concurrent callers",
                "cost (trapping = 1)")
    mine = by_concurrency(figures, "map_unmap_c{}")
    plot.series("u4, async", relative(mine, figures["async.map_unmap_sync"]), COLOURS[0])
    plot.series("reL4, async", relative(REL4_MAP, REL4_MAP_SYNC), COLOURS[1])
    plot.level("trapping calls", 1, COLOURS[4])
    plot.write(path)


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            figures = {r["name"]: r["value"] for r in json.load(file)}
    except FileNotFoundError:
        sys.exit(f"bench-plots: no {sys.argv[1]}: run 'make bench' first")
    os.makedirs(sys.argv[2], exist_ok=True)
    draw_ipc(figures, os.path.join(sys.argv[2], "async-ipc.svg"))
    draw_harts(figures, os.path.join(sys.argv[2], "async-harts.svg"))
    draw_syscalls(figures, os.path.join(sys.argv[2], "async-syscalls.svg"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
