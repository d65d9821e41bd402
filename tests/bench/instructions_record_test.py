"""instructions.py: what it says of counts beside recorded ones."""
import contextlib
import io
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'scripts'))
import instructions  # pylint: disable=wrong-import-position


def compared(counted, recorded):
    with contextlib.redirect_stdout(io.StringIO()) as told:
        good = instructions.compare(counted, recorded)
    return good, told.getvalue()


class Compare(unittest.TestCase):
    def test_within_five_percent_is_good(self):
        good, told = compared({'map, root': 1050, 'submit, root': 950},
                              {'map, root': 1000, 'submit, root': 1000})
        self.assertTrue(good)
        self.assertEqual(told, 'map, root: 1,050 instructions per task, recorded 1,000 (+5.0%)\n'
                               'submit, root: 950 instructions per task, recorded 1,000 (-5.0%)\n')

    def test_more_is_bad(self):
        good, told = compared({'map, root': 1060}, {'map, root': 1000})
        self.assertFalse(good)
        self.assertIn('(+6.0%): slower; mend it', told)

    def test_less_is_to_be_recorded(self):
        good, told = compared({'map, root': 940}, {'map, root': 1000})
        self.assertFalse(good)
        self.assertIn('(-6.0%): quicker; record it', told)

    def test_what_was_never_recorded_is_bad(self):
        self.assertFalse(compared({'map, root': 940}, {})[0])


if __name__ == '__main__':
    unittest.main()
