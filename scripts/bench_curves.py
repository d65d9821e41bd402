#!/usr/bin/env python3
"""bench_curves.py FIGURES SVG: efficiency over task time and speed-up over workers, of acre and its peers,
drawn from the figures that bench.sh gathered."""
import math
import sys
from html import escape

from bench_table import Figures

COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#8c6d31', '#7f7f7f',
           '#6a3d9a']
WIDTH, HEIGHT, LEFT, TOP, LEGEND = 560, 360, 60, 40, 230


class Plot:
    """One set of axes with a logarithmic x axis."""

    def __init__(self, offset, title, x_name, y_name, xs, top):
        self.offset, self.low, self.high, self.top = offset, math.log(min(xs)), math.log(max(xs)), top
        self.parts = [f'<rect x="{offset + LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" '
                      'stroke="#888"/>',
                      self.text(offset + LEFT + WIDTH / 2, TOP - 14, title, 'middle', 15),
                      self.text(offset + LEFT + WIDTH / 2, TOP + HEIGHT + 40, x_name, 'middle')]
        self.parts.append(self.text(offset + LEFT, TOP - 14, y_name, 'middle'))
        self.entries = 0

    @staticmethod
    def text(x, y, words, anchor='start', size=12):
        return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
                f'font-family="sans-serif">{escape(words)}</text>')

    def line(self, x1, y1, x2, y2, colour, width=1):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
                          f'stroke-width="{width}"/>')

    def x(self, value):
        part = (math.log(value) - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.offset + LEFT + part * WIDTH

    def y(self, value):
        return TOP + HEIGHT * (1 - min(value, self.top) / self.top)

    def x_marks(self, values):
        for value in values:
            x = self.x(value)
            self.line(x, TOP, x, TOP + HEIGHT, '#ddd')
            self.parts.append(self.text(x, TOP + HEIGHT + 18, f'{value:g}', 'middle'))

    def y_marks(self, values):
        for value in values:
            y = self.y(value)
            self.line(self.offset + LEFT, y, self.offset + LEFT + WIDTH, y, '#ddd')
            self.parts.append(self.text(self.offset + LEFT - 8, y + 4, f'{value:g}', 'end'))

    def curve(self, name, points):
        colour = COLOURS[self.entries % len(COLOURS)]
        path = ' '.join(f'{self.x(x):.1f},{self.y(y):.1f}' for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3" fill="{colour}"/>')
        x, y = self.offset + LEFT + WIDTH + 14, TOP + 12 + 20 * self.entries
        self.line(x, y, x + 20, y, colour, 3)
        self.parts.append(self.text(x + 26, y + 4, name))
        self.entries += 1


def curves_of(figures, wanted):
    """Points (at, median) by name of the curve, of the figures for which `wanted` gives one."""
    curves = {}
    for (figure, at), systems in figures.items():
        for system, line in systems.items():
            name = wanted(figure, system)
            if name and at is not None:
                curves.setdefault(name, {})[at] = line['median']
    return {name: sorted(points.items()) for name, points in curves.items()}


def efficiency_name(figure, system):
    if not figure.startswith('efficiency') or 'uniform' in figure:
        return None
    return system + (', submits' if figure.endswith('of submits') and 'textbook' not in system else '')


def draw(figures):
    efficiencies = curves_of(figures, efficiency_name)
    speedups = curves_of(figures, lambda figure, _: figure[10:] if figure.startswith('speed-up, ') else None)
    plots = []
    if efficiencies:
        xs = [x for points in efficiencies.values() for x, _ in points]
        plot = Plot(0, 'Efficiency by length of the tasks', 'task time, µs', 'efficiency', xs, 1.1)
        plot.x_marks(10.0 ** n for n in range(-2, 7) if min(xs) <= 10.0 ** n <= max(xs))
        plot.y_marks((0, 0.25, 0.5, 0.75, 1))
        plots.append(plot)
        for name, points in efficiencies.items():
            plot.curve(name, points)
    if speedups:
        most = max(x for points in speedups.values() for x, _ in points)
        plot = Plot(len(plots) * (LEFT + WIDTH + LEGEND), 'Speed-up over one worker', 'workers', 'speed-up',
                    [1, most], most * 1.1)
        workers = [2 ** n for n in range(20) if 2 ** n <= most]
        plot.x_marks(workers)
        plot.y_marks(workers)
        plots.append(plot)
        for name, points in speedups.items():
            plot.curve(name, [(1, 1), *points])
    width, height = len(plots) * (LEFT + WIDTH + LEGEND), TOP + HEIGHT + 60
    return '\n'.join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">',
                      f'<rect width="{width}" height="{height}" fill="white"/>',
                      *(part for plot in plots for part in plot.parts), '</svg>', ''])


if __name__ == '__main__':
    if len(sys.argv) != 3:
        raise SystemExit('bench_curves.py: give it the file of figures and the SVG to write')
    with open(sys.argv[2], 'w', encoding='utf-8') as svg:
        svg.write(draw(Figures(sys.argv[1]).figures))
