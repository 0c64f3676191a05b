// The colors of series: eight that people with any kind of color vision can tell apart, on white and on dark.
import test from 'ava';
import { Palette } from '../../src-ts/figure/draw/theme.ts';

/** Linear sRGB as seen with normal vision and without one kind of cone: G. Machado, M. Oliveira, L. Fernandes, IEEE TVCG 15, 2009, severity 1. */
const visions = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

type Triple = [number, number, number];
const times = (m: readonly number[], [a, b, c]: Triple): Triple =>
  [0, 3, 6].map((row) => m[row]! * a + m[row + 1]! * b + m[row + 2]! * c) as Triple;

/** OKLab of a color such as #0072b2: B. Ottosson 2020. */
function oklab(color: string, vision: readonly number[]): Triple {
  const linear = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Triple;
  const seen = times(vision, linear).map((value) => Math.min(1, Math.max(0, value))) as Triple;
  const cones = times(
    [
      0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619,
      0.2817188376, 0.6299787005,
    ],
    seen,
  ).map(Math.cbrt) as Triple;
  return times(
    [
      0.2104542553, 0.793617785, -0.0040720468, 1.9779984951, -2.428592205, 0.4505937099, 0.0259040371,
      0.7827717662, -0.808675766,
    ],
    cones,
  );
}

for (const theme of ['light', 'dark'] as const)
  for (const [vision, matrix] of Object.entries(visions))
    test(`eight colors of the ${theme} theme differ for ${vision} vision`, (t) => {
      const palette = new Palette(theme);
      const colors = Array.from({ length: 8 }, (_, i) => palette.color(i));
      t.is(new Set(colors).size, 8);
      // 0.02 is a difference that is just noticed beside each other.
      const least = vision === 'normal' ? 0.14 : 0.05;
      for (const [i, a] of colors.entries()) {
        for (const b of [...colors.slice(i + 1), palette.paper]) {
          const [one, other] = [oklab(a, matrix), oklab(b, matrix)];
          // White on dark and black on white are far from the paper.
          t.true(Math.hypot(...one.map((value, k) => value - other[k]!)) >= least, `${a} ${b}`);
        }
      }
    });

test('eight series in print differ by gray or dash', (t) => {
  const palette = new Palette('print');
  const looks = Array.from({ length: 8 }, (_, i) => `${palette.color(i)} ${palette.dash(i)}`);
  t.is(new Set(looks).size, 8);
});
