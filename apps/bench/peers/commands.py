"""xargs and GNU parallel: a thousand times `true`."""
import subprocess

import measure


def run(command, count):
    items = ''.join(f'{i}\n' for i in range(count))
    subprocess.run(command, input=items, text=True, check=True, stdout=subprocess.DEVNULL)


if __name__ == '__main__':
    options = measure.options(__doc__)
    count = max(1, int(1000 * options.scale))
    for system, command in (
            ('xargs', ['xargs', '-P', str(options.cores), '-n', '1', 'true']),
            ('GNU parallel', ['parallel', '-j', str(options.cores), 'true'])):
        bench = measure.Bench(system, options)
        bench.figure('1000 commands', 's',
                     lambda: 1000 / count * measure.seconds(lambda: run(command, count)))
