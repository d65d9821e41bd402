"""bench_table.py: what it makes of figures, and that it keeps none of a run that failed."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / 'scripts' / 'bench_table.py'
ABOUT = {'about': {'time': '2026-01-02 03:04', 'commit': 'abc1234', 'machine': '2 cores', 'load': 0.1}}
PAGE = 'before\n<!-- bench.sh writes from here -->\nold\n<!-- to here -->\nafter\n'


def figure(system, name, median, unit='', at=None):
    line = {'system': system, 'figure': name, 'unit': unit, 'median': median, 'least': median / 2,
            'most': median * 2, 'runs': 5, 'values': []}
    return line if at is None else line | {'at': at, 'at_unit': 'us'}


class Table(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.page = pathlib.Path(self.folder.name, 'page.md')
        self.page.write_text(PAGE, encoding='utf-8')

    def run_on(self, *lines):
        path = pathlib.Path(self.folder.name, 'figures.jsonl')
        path.write_text(''.join(json.dumps(line) + '\n' for line in lines), encoding='utf-8')
        return subprocess.run([sys.executable, SCRIPT, path, '--write', self.page], capture_output=True,
                              text=True, check=False)

    def row(self, words):
        rows = [line for line in self.page.read_text(encoding='utf-8').splitlines()
                if line.startswith(f'| {words} |')]
        self.assertEqual(len(rows), 1, words)
        return [cell.strip() for cell in rows[0].split('|')[1:-1]]

    def test_a_row_has_goal_systems_limit_peer_and_ratios(self):
        done = self.run_on(ABOUT, figure('acre', 'round trip', 2.0, 'us'),
                           figure('acre, mpirun -n 2', 'round trip', 4.0, 'us'),
                           figure('shared memory', 'round trip', 0.5, 'us'),
                           figure('Dask', 'round trip', 9e3, 'us'),
                           figure('multiprocessing.Pool', 'round trip', 200.0, 'us'), {'done': True})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.row('round trip, one task in flight'), [
            'round trip, one task in flight', '≤ 3 µs', '2 (1 to 4)', '4 (2 to 8) **missed**', '',
            'shared memory 0.5 µs (0.25×)', 'multiprocessing.Pool 200 µs (100×)', '5'])

    def test_more_is_better_where_it_is(self):
        self.run_on(ABOUT, figure('acre', 'submits', 1.5e6, 'tasks/s'),
                    figure('Dask', 'submits', 600, 'tasks/s'),
                    figure('joblib', 'submits', 3000, 'tasks/s'), {'done': True})
        self.assertEqual(self.row('single submits, then results')[1:], [
            '≥ 2 M/s', '1.5 M (750 k to 3 M) **missed**', '', '', '', 'joblib 3000/s (500×)', '5'])

    def test_the_same_figure_at_other_lengths_has_rows_of_its_own(self):
        self.run_on(ABOUT, figure('acre', 'efficiency', 0.95, '', 5),
                    figure('acre', 'efficiency', 0.96, '', 100), {'done': True})
        self.assertEqual(self.row('efficiency, tasks of 5 µs')[2], '0.95 (0.475 to 1.9)')
        self.assertEqual(self.row('efficiency, tasks of 100 µs')[2], '0.96 (0.48 to 1.92) **missed**')

    def test_what_is_missing_is_said_so(self):
        self.run_on(ABOUT, figure('xargs', '1000 commands', 0.6, 's'), {'done': True})
        self.assertEqual(self.row('1000 × true as tasks (goal: 1.2 × xargs)')[1:], [
            '≤ 0.72 s', 'not measured', '', '', '', 'xargs 0.6 s', ''])

    def test_a_goal_may_be_a_multiple_of_a_peers_figure(self):
        for seconds, cell in ((0.71, '0.71 (0.355 to 1.42)'), (0.73, '0.73 (0.365 to 1.46) **missed**')):
            self.run_on(ABOUT, figure('acre', '1000 commands', seconds, 's'),
                        figure('xargs', '1000 commands', 0.6, 's'), {'done': True})
            self.assertEqual(self.row('1000 × true as tasks (goal: 1.2 × xargs)')[1:3], ['≤ 0.72 s', cell])
        self.assertEqual(self.row('map of a trivial function')[2], 'not measured')

    def test_text_around_the_marks_stays_and_no_other_file_is_left(self):
        self.run_on(ABOUT, {'done': True})
        text = self.page.read_text(encoding='utf-8')
        begin = 'before\n<!-- bench.sh writes from here -->\n\nOf 2026-01-02 03:04 UTC, '
        self.assertTrue(text.startswith(begin))
        self.assertTrue(text.endswith('\n\n<!-- to here -->\nafter\n'))
        self.assertNotIn('old', text)
        self.assertEqual({path.name for path in self.page.parent.iterdir()}, {'page.md', 'figures.jsonl'})

    def test_a_busy_machine_is_told_of(self):
        self.run_on(ABOUT, figure('acre', 'cores taken by others', 0.5), {'done': True})
        self.assertIn('Other work took 50% of the cores', self.page.read_text(encoding='utf-8'))
        self.run_on(ABOUT, figure('acre', 'cores taken by others', 0.01), {'done': True})
        self.assertNotIn('Other work', self.page.read_text(encoding='utf-8'))

    def test_a_peer_that_failed_is_named(self):
        done = self.run_on(ABOUT, {'failed': 'python3 dask_client.py'}, {'done': True})
        self.assertEqual(done.returncode, 0)
        self.assertIn('This failed and is missing: `python3 dask_client.py`.',
                      self.page.read_text(encoding='utf-8'))

    def refused(self, why, *lines):
        done = self.run_on(*lines)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'stays as it is: {why}', done.stderr)
        self.assertEqual(self.page.read_text(encoding='utf-8'), PAGE)

    def test_a_run_without_an_end_is_refused(self):
        self.refused('the run did not come to its end', ABOUT, figure('acre', 'map', 1e6, 'items/s'))

    def test_a_failure_of_acre_is_refused(self):
        self.refused('this failed: build/bin/acre-bench map', ABOUT, {'failed': 'build/bin/acre-bench map'},
                     {'done': True})

    def test_a_page_without_marks_is_refused(self):
        self.page.write_text('no marks', encoding='utf-8')
        done = self.run_on(ABOUT, {'done': True})
        self.assertEqual(done.returncode, 1)
        self.assertIn('lacks the lines "<!-- bench.sh writes from here -->"', done.stderr)


if __name__ == '__main__':
    unittest.main()
