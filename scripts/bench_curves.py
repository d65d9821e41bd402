#!/usr/bin/env python3
"""bench_curves.py FIGURES SVG: efficiency over task time and speed-up over workers, of acre and its peers,
drawn from the figures that bench.sh gathered."""
import math
import sys
from html import escape

from bench_table import Figures

COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#8c6d31', '#7f7f7f',
           '#6a3d9a', '#b2182b', '#1b7837']
WIDTH, HEIGHT, LEFT, TOP, BELOW, LEGEND = 560, 300, 60, 40, 60, 200


class Plot:
    """One set of axes with a logarithmic x axis."""

    colour_of = {}  # the same for a name in all plots

    def __init__(self, above, title, x_name, y_name, xs, top):
        self.begin, self.low, self.high, self.top = above + TOP, math.log(min(xs)), math.log(max(xs)), top
        self.parts = [f'<rect x="{LEFT}" y="{self.begin}" width="{WIDTH}" height="{HEIGHT}" fill="none" '
                      'stroke="#888"/>',
                      self.text(LEFT + WIDTH / 2, self.begin - 14, title, 'middle', 15),
                      self.text(LEFT + WIDTH / 2, self.begin + HEIGHT + 40, x_name, 'middle'),
                      self.text(LEFT, self.begin - 14, y_name, 'middle')]
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
        return LEFT + part * WIDTH

    def y(self, value):
        return self.begin + HEIGHT * (1 - min(value, self.top) / self.top)

    def x_marks(self, values):
        for value in values:
            x = self.x(value)
            self.line(x, self.begin, x, self.begin + HEIGHT, '#ddd')
            self.parts.append(self.text(x, self.begin + HEIGHT + 18, f'{value:g}', 'middle'))

    def y_marks(self, values):
        for value in values:
            y = self.y(value)
            self.line(LEFT, y, LEFT + WIDTH, y, '#ddd')
            self.parts.append(self.text(LEFT - 8, y + 4, f'{value:g}', 'end'))

    def curve(self, name, points):
        colour = self.colour_of.setdefault(name, COLOURS[len(self.colour_of) % len(COLOURS)])
        width = 3 if name.startswith('acre') else 1.5
        path = ' '.join(f'{self.x(x):.1f},{self.y(y):.1f}' for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3" fill="{colour}"/>')
        x, y = LEFT + WIDTH + 14, self.begin + 12 + 20 * self.entries
        self.line(x, y, x + 20, y, colour, width)
        self.parts.append(self.text(x + 26, y + 4, name))
        self.entries += 1


def curves_of(figures, figure):
    """Points (at, median) of each system."""
    curves = {}
    for (name, at), systems in figures.items():
        if name == figure:
            for system, line in systems.items():
                curves.setdefault(system, []).append((at, line['median']))
    return {system: sorted(points) for system, points in curves.items()}


def efficiency_plot(above, figures, title, ending):
    """Of systems without a curve what is known of their efficiency."""
    curves = curves_of(figures, 'efficiency curve' + ending)
    curves |= {system: points for system, points in curves_of(figures, 'efficiency' + ending).items()
               if system not in curves}
    if not curves:
        return None
    xs = [x for points in curves.values() for x, _ in points]
    plot = Plot(above, title, 'task time, µs', 'efficiency', xs, 1.1)
    plot.x_marks(10.0 ** n for n in range(-2, 7) if min(xs) <= 10.0 ** n <= max(xs))
    plot.y_marks((0, 0.25, 0.5, 0.75, 1))
    for name, points in curves.items():
        plot.curve(name, points)
    return plot


def speedup_plot(above, figures):
    names = [figure for figure, _ in figures if figure.startswith('speed-up, ')]
    curves = {name.removeprefix('speed-up, '): curves_of(figures, name)['acre'] for name in names}
    if not curves:
        return None
    most = max(x for points in curves.values() for x, _ in points)
    plot = Plot(above, 'Speed-up over one worker', 'workers', 'speed-up', [1, most], most * 1.1)
    workers = [2 ** n for n in range(20) if 2 ** n <= most]
    plot.x_marks(workers)
    plot.y_marks(workers)
    for name, points in curves.items():
        plot.curve('acre, ' + name if name in ('pi', 'tiles') else name, [(1, 1), *points])
    return plot


def draw(figures):
    step = TOP + HEIGHT + BELOW
    plots = []
    for title, ending in (('Efficiency of maps by length of their tasks', ''),
                          ('Efficiency of single submits by length of the tasks', ' of submits')):
        plots.append(efficiency_plot(len(plots) * step, figures, title, ending))
        plots = [plot for plot in plots if plot]
    plots.append(speedup_plot(len(plots) * step, figures))
    plots = [plot for plot in plots if plot]
    width, height = LEFT + WIDTH + LEGEND, len(plots) * step
    return '\n'.join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">',
                      f'<rect width="{width}" height="{height}" fill="white"/>',
                      *(part for plot in plots for part in plot.parts), '</svg>', ''])


if __name__ == '__main__':
    if len(sys.argv) != 3:
        raise SystemExit('bench_curves.py: give it the file of figures and the SVG to write')
    with open(sys.argv[2], 'w', encoding='utf-8') as svg:
        svg.write(draw(Figures(sys.argv[1]).figures))
