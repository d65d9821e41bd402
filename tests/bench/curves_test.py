"""bench_curves.py: curves of the systems that were measured, in one picture."""
import pathlib
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'scripts'))
import bench_curves  # pylint: disable=wrong-import-position

SVG = '{http://www.w3.org/2000/svg}'


def picture(figures):
    return xml.etree.ElementTree.fromstring(bench_curves.draw(figures))


def words(svg):
    return [text.text for text in svg.iter(SVG + 'text')]


class Curves(unittest.TestCase):
    figures = {
        ('efficiency curve', 1): {'acre': {'median': 0.5}, 'joblib': {'median': 0.1}},
        ('efficiency curve', 100): {'acre': {'median': 1.0}, 'joblib': {'median': 0.5}},
        ('speed-up, pi', 2): {'acre': {'median': 1.9}},
        ('round trip', None): {'acre': {'median': 3}},
    }

    def test_each_system_has_a_curve_with_its_name(self):
        svg = picture(self.figures)
        self.assertEqual(len(list(svg.iter(SVG + 'polyline'))), 3)
        for name in ('acre', 'joblib', 'acre, pi'):
            self.assertIn(name, words(svg))

    def test_points_stand_where_their_figures_are(self):
        svg = picture(self.figures)
        first = next(svg.iter(SVG + 'polyline')).get('points').split()
        (x1, y1), (x2, y2) = (map(float, point.split(',')) for point in first)
        self.assertAlmostEqual(x2 - x1, bench_curves.WIDTH, delta=0.2)
        self.assertAlmostEqual(y1 - y2, bench_curves.HEIGHT * 0.5 / 1.1, delta=0.2)

    def test_without_figures_there_is_an_empty_picture(self):
        self.assertEqual(words(picture({})), [])


if __name__ == '__main__':
    unittest.main()
