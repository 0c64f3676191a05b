// Data and options that a figure cannot have are refused, and the error names them.
import test from 'ava';
import { figure } from '../../src-ts/doors/figure.ts';
import * as morphology from '../../src-ts/doors/morphology.ts';
import { outcome } from '../support/errors.ts';
import { clocks, moving } from '../support/figures.ts';

test('nonsense is refused by name', async (t) => {
  const refused: Record<string, [() => unknown, RegExp]> = {
    'a width without a unit': [
      () => figure.raster(clocks, { width: '85' as never }),
      /^invalid-parameter: width/,
    ],
    'a width of nothing': [() => figure.raster(clocks, { width: 0 }), /^invalid-parameter: width/],
    'an unknown theme': [() => figure.raster(clocks, { theme: 'blue' as never }), /^unknown-name/],
    'an unknown option': [() => figure.raster(clocks, { size: 3 } as never), /^unknown-name/],
    'a color with quotes': [
      () => figure.raster(clocks, { colors: ['"><script>'] }),
      /^invalid-parameter: colors\[0\]/,
    ],
    'a font with quotes': [() => figure.raster(clocks, { font: '"x' }), /^invalid-parameter: font/],
    'no spikes': [() => figure.raster(undefined as never), /^invalid-parameter: spikes/],
    'no events': [
      () => figure.eventFrame({ t: [], x: [], y: [], polarity: [] }),
      /^invalid-parameter: events/,
    ],
    'a window that is a number': [
      () => figure.membrane({ v: { values: [1, 2] } }, { window: 5 as never }),
      /^invalid-parameter: window: expected two numbers, \[from, to\]/,
    ],
    'a window of three numbers': [
      () => figure.rate(clocks, { window: [1, 2, 3] as never }),
      /^invalid-parameter: window: expected two numbers/,
    ],
    'a window that begins nowhere': [
      () => figure.rate(clocks, { window: [Number.NaN, 5] }),
      /^invalid-parameter: window\[0\]/,
    ],
    'a window that ends before its start': [
      () => figure.membrane({ v: { values: [1, 2] } }, { window: [1, 1] }),
      /^invalid-parameter: window: expected an end after the start/,
    ],
    ...Object.fromEntries(
      [
        () => figure.raster(clocks, { window: [300, 400] }),
        () => figure.rate(clocks, { window: [300, 400] }),
        () => figure.rate({ bin: 100, populations: [{ name: 'E', rate: [1, 2] }] }, { window: [300, 400] }),
        () => figure.membrane({ v: { times: [0, 200], values: [1, 2] } }, { window: [300, 400] }),
      ].map((call, i) => [
        `a window outside of the recording ${i}`,
        [call, /^invalid-parameter: window: expected a part of the time from 0 to 200/],
      ]),
    ),
    'a sensor too small': [
      () => figure.eventCloud({ ...moving, sensor: { width: 4, height: 4 } }),
      /^invalid-parameter: events\.sensor\.width/,
    ],
    'no network': [() => figure.topology({} as never), /^invalid-parameter: network/],
    'no interval': [
      () => figure.isi({ ...clocks, times: new Float64Array(0), ids: new Uint32Array(0) }),
      /^invalid-parameter/,
    ],
    'weights that are not finite': [() => figure.weights({ a: [1, Number.NaN] }), /tensors\.a\[1\]/],
    'a matrix that is not square': [() => figure.confusion([[1, 2]]), /^invalid-parameter: result/],
    'another ending': [
      async () => (await figure.fi({ currents: [1], rates: [1] })).save('build/a.jpg'),
      /^invalid-parameter: path/,
    ],
    'a resolution of SVG': [
      async () => (await figure.fi({ currents: [1], rates: [1] })).save('build/a.svg', { dpi: 300 }),
      /^invalid-parameter: dpi/,
    ],
    'an option of the figure, given to its file': [
      async () =>
        (await figure.fi({ currents: [1], rates: [1] })).save('build/a.svg', { height: 9 } as never),
      /^unknown-name: unknown option of save "height"/,
    ],
    'a domain without numbers': [
      async () => {
        const fi = await figure.fi({ currents: [1, 2], rates: [1, 2] });
        fi.spec.columns[0]![0]!.x.domain = [0, Number.NaN];
        await fi.svg();
      },
      /^invalid-parameter: columns\[0\]\[0\]\.x\.domain/,
    ],
    'arrays of different lengths': [
      async () => {
        const fi = await figure.fi({ currents: [1, 2], rates: [1, 2] });
        (fi.spec.columns[0]![0]!.marks[0] as figure.LineMark).y = [1];
        await fi.svg();
      },
      /^invalid-parameter: columns\[0\]\[0\]\.marks\[0\]/,
    ],
  };
  for (const [name, [call, pattern]] of Object.entries(refused)) t.regex(await outcome(call), pattern, name);
});

const shape = morphology.fromBranches([
  {
    points: [
      [0, 0, 0, 5],
      [10, 0, 0, 5],
    ],
  },
]);
const soma = morphology.cell(shape, { compartments: { perBranch: 1 }, paint: [] });

test('a cell that cannot be drawn is refused by name', async (t) => {
  const refused: Record<string, [() => unknown, RegExp]> = {
    'no cell': [() => figure.morphology({} as never), /^invalid-parameter: cell/],
    'values of other compartments': [
      () => figure.morphology(soma, { values: [1, 2] }),
      /^invalid-parameter: values: expected 3 numbers/,
    ],
    'no picture of a film strip': [
      () => figure.morphology(soma, { values: {} }),
      /^invalid-parameter: values/,
    ],
    'a value that is not finite': [
      () => figure.morphology(soma, { values: { rest: [0, Number.NaN, 0] } }),
      /^invalid-parameter: values\.rest\[1\]/,
    ],
    'an unknown plane': [
      () => figure.morphology(soma, { plane: 'zz' as never }),
      /^unknown-name: unknown plane/,
    ],
  };
  for (const [name, [call, pattern]] of Object.entries(refused)) t.regex(await outcome(call), pattern, name);
});
