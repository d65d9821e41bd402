#!/usr/bin/env python3
"""bench_about.py [MODE]: a line of JSON that tells on what and when bench.sh measures."""
import json
import os
import platform
import subprocess
import sys
import time


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout.strip() else ''


def processor():
    with open('/proc/cpuinfo', encoding='utf-8') as lines:
        return next((line.split(':')[1].strip() for line in lines if line.startswith('model name')),
                    platform.machine())


def gigabytes():
    return round(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2 ** 30)


def machine():
    """In words, without its name."""
    cores = len(os.sched_getaffinity(0))
    tools = [f'Linux {platform.release().split("-")[0]}', 'g++ ' + output('g++', '-dumpfullversion'),
             output('mpirun', '--version').replace('mpirun (Open MPI)', 'Open MPI'),
             'Python ' + platform.python_version()]
    return f'{cores} cores ({processor()}), {gigabytes()} GB; ' + ', '.join(filter(None, tools))


def commit():
    name = output('git', 'rev-parse', '--short', 'HEAD')
    return name + (' with changes' if output('git', 'status', '--porcelain', '-uno') else '')


if __name__ == '__main__':
    print(json.dumps({'about': {
        'time': time.strftime('%Y-%m-%d %H:%M', time.gmtime()), 'commit': commit(), 'machine': machine(),
        'load': round(os.getloadavg()[0], 2), 'mode': ' '.join(sys.argv[1:])}}))
