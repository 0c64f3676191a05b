// Figures: what they show is compared with the data, and every text lies inside the figure without touching another.
import { mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { circuits } from '../../src-ts/doors/circuit.ts';
import { figure } from '../../src-ts/doors/figure.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, residual, sequential } from '../../src-ts/index.ts';
import { appearances, checkFigure, clocks, moving, textsOf } from '../support/figures.ts';
import { uniform } from '../support/numbers.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-figure-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const two = { E: clocks, I: { ...clocks, neurons: 100 } };
const epochs = (shift: number) =>
  Array.from({ length: 8 }, (_, i) => ({
    epoch: i + 1,
    loss: 1 / (i + 1) + shift,
    accuracy: 0.5 + i / 20 - shift,
    validationLoss: 1.2 / (i + 1) + shift,
    validationAccuracy: 0.45 + i / 20 - shift,
    lrFactor: 1,
    seconds: 1,
  }));

const every: Record<string, () => Promise<figure.Figure>> = {
  raster: () => figure.raster(two),
  'raster as density': () => figure.raster(two, { marks: 'density' }),
  rate: () => figure.rate(two, { bin: 5 }),
  psth: () => figure.psth(clocks, { bin: 5, events: [50, 100], window: [-40, 60] }),
  isi: () => figure.isi(two),
  'isi with a log axis': () => figure.isi(two, { x: { scale: 'log' } }),
  correlogram: () => figure.correlogram(clocks, { pair: [0, 5], bin: 2, window: [-50, 50] }),
  spectrum: () => figure.spectrum(two, { bin: 1 }),
  membrane: () =>
    figure.membrane(
      {
        'E.v': { times: [1, 2, 3], values: [-70, -65, -60, -64, Number.NaN, -63] },
        'I.v': { times: [1, 2], values: [1, 2] },
      },
      { unit: 'mV', threshold: -50 },
    ),
  weights: () => figure.weights({ dense1: uniform(400, 1, -1, 1), dense2: [0.5, 0.5] }),
  fi: () =>
    figure.fi({
      a: { currents: [0, 1e3, 2e3], rates: [0, 10, 35] },
      b: { currents: [0, 1e3, 2e3], rates: [0, 20, 50] },
    }),
  eventFrame: () => figure.eventFrame(moving),
  eventCloud: () => figure.eventCloud(moving, { window: [0, 800] }),
  'history of a run': () => figure.history(epochs(0)),
  'history of several runs': () => figure.history([epochs(0), epochs(0.1), epochs(0.05)]),
  confusion: () =>
    figure.confusion(
      [
        [9, 1, 0],
        [0, 10, 0],
        [2, 0, 8],
      ],
      { classes: ['cat', 'dog', 'a long name'] },
    ),
};

for (const [name, make] of Object.entries(every))
  test(`${name}: axes have labels, and texts are inside and apart`, async (t) => {
    const made = await make();
    for (const appearance of Object.values(appearances)) await checkFigure(t, made, appearance);
  });

test('a raster has a stroke for each spike, in the time that is shown', async (t) => {
  const whole = await (await figure.raster(clocks)).svg();
  const [, strokes] = /<path d="([^"]*)" stroke="#0072b2"/.exec(whole)!;
  t.is(strokes!.match(/v[\d.]+/g)!.length, clocks.times.length);
  const { spec } = await figure.raster(clocks, { window: [50, 100] });
  const mark = spec.columns[0]![0]!.marks[0] as figure.TicksMark;
  t.is(mark.x.length, clocks.times.filter((time) => time >= 50 && time <= 100).length);
});

test('a density counts every spike once', async (t) => {
  const { spec } = await figure.raster(clocks, { marks: 'density' });
  const { values, columns, rows } = spec.columns[0]![0]!.marks[0] as figure.CellsMark;
  t.is(values.length, columns * rows);
  t.is(
    Array.from(values).reduce((sum, value) => sum + value),
    clocks.times.length,
  );
});

test('a frame counts the events of each pixel in the window', async (t) => {
  const { spec } = await figure.eventFrame(moving, { window: [200, 400] });
  const [on, off] = spec.columns.map(([panel]) => panel!.marks[0] as figure.CellsMark);
  const columnsOf = ({ values, columns }: figure.CellsMark) =>
    Array.from(values).flatMap((count, i) =>
      count > 0 ? [[i % columns, Math.floor(i / columns), count]] : [],
    );
  const rows = (column: number) => Array.from({ length: 8 }, (_, row) => [column, row, 1]);
  const sorted = (list: number[][]) => list.sort(([a, b], [c, d]) => a! - c! || b! - d!);
  t.deepEqual(sorted(columnsOf(on!)), [...rows(3), ...rows(4)]);
  t.deepEqual(sorted(columnsOf(off!)), [...rows(2), ...rows(3)]);
});

test('a network has an arrow for each connection, with a bar for inhibition', async (t) => {
  const { circuit } = circuits.brunel({ scale: 0.05 });
  const made = await figure.topology(circuit);
  const arrows = made.spec.columns[0]![0]!.marks.filter(({ type }) => type === 'arrow') as figure.ArrowMark[];
  const { connections = [] } = circuit.description;
  t.is(arrows.length, connections.length);
  t.deepEqual(
    arrows.map(({ head }) => head),
    connections.map(({ weight }) => ((weight as number) < 0 ? 'bar' : 'arrow')),
  );
  const { texts } = textsOf(await made.svg());
  for (const { name, size } of circuit.description.populations)
    t.true(texts.some(({ text }) => text === `${name}, ${size.toLocaleString('en')}`));
  t.is(texts.filter(({ text }) => text === '1.5 ms').length, connections.length);
  t.regex(made.spec.caption, /Neurons: lif, Poisson input\. Times are delays\./);
});

test('the layers of a model have an arrow for each edge, and feedback stands out', async (t) => {
  const net = sequential(
    dense(6, 5),
    lif({ beta: 0.9, recurrent: 'dense' }),
    residual([dense(5, 5), lif({ beta: 0.9 })]),
    dense(5, 2),
    lif({ beta: 0.9 }),
  );
  const { spec } = await figure.topology(await net.compile());
  const arrows = spec.columns[0]![0]!.marks.filter(({ type }) => type === 'arrow') as figure.ArrowMark[];
  t.is(arrows.length, net.description.edges.length);
  t.is(arrows.filter(({ color }) => color === 1).length, 1);
  const [texts] = spec.columns[0]![0]!.marks.filter(({ type }) => type === 'text') as figure.TextMark[];
  t.is(texts!.texts.length, net.description.nodes.length + 1);
  t.true(texts!.texts.includes('dense1: dense, 6 → 5') && texts!.texts.includes('lif1: lif, 5'));
});

test('a million spikes are a picture of less than a megabyte, with each of them counted', async (t) => {
  const [spikes, neurons] = [1_000_000, 10_000];
  const times = Float64Array.from({ length: spikes }, (_, i) => Math.ceil(i / 100) / 10);
  const ids = Uint32Array.from({ length: spikes }, (_, i) => (i * 7919) % neurons);
  const made = await figure.raster({ times, ids, neurons, start: 0, stop: 1000 });
  const [panel] = made.spec.columns[0]!;
  const { values, rows } = panel!.marks[0] as figure.CellsMark;
  t.is(
    (values as Float64Array).reduce((sum, count) => sum + count),
    spikes,
  );
  // Cells of as many neurons and ms each: other ones would make stripes.
  t.deepEqual([rows, panel!.shades!.label], [100, 'spikes per 5 ms × 100 neurons']);
  t.true((await made.svg()).length < 1e6);
});

test('operations are bars of their numbers, and energy has the unit that suits it', async (t) => {
  const { spec } = await figure.operations({
    model: 'x',
    layers: [
      { name: 'a', dense: 100, effectiveAcs: 20, effectiveMacs: 5, joules: 3e-9 },
      { name: 'b', dense: 10, effectiveAcs: 0, effectiveMacs: 0, joules: 5e-10 },
    ],
  });
  const [[counts], [energy]] = spec.columns as [[figure.PanelSpec], [figure.PanelSpec]];
  const ends = (counts.marks as figure.BoxesMark[]).map(({ left, right }) => [
    Array.from(left),
    Array.from(right),
  ]);
  t.deepEqual(ends, [
    [
      [0, 0],
      [100, 10],
    ],
    [
      [0, 0],
      [20, 0],
    ],
    [
      [20, 0],
      [25, 0],
    ],
  ]);
  t.is(energy.x.label, 'energy per sample (nJ)');
  t.deepEqual(
    Array.from((energy.marks[0] as figure.BoxesMark).right, (nJ) => Number(nJ.toPrecision(9))),
    [3, 0.5],
  );
});

test('a phase diagram has the mean of the rows of a point, and a blank without any', async (t) => {
  const { spec } = await figure.phaseDiagram(
    { g: [1, 2, 1, 1], eta: [5, 5, 6, 6], rate: [10, 20, 30, 50] },
    { parameters: ['g', 'eta'], measures: ['rate'], labels: { rate: 'rate (Hz)' } },
  );
  const [panel] = spec.columns[0]!;
  const { values, columns, range } = panel!.marks[0] as figure.CellsMark;
  t.deepEqual([columns, ...Array.from(values)], [2, 10, 20, 40, Number.NaN]);
  t.deepEqual([range, panel!.shades!.label], [[10, 40], 'rate (Hz)']);
});

test('neuron 0 of a raster is at the top, or at the bottom on request', async (t) => {
  const times = Float64Array.of(1, 2, 3);
  const trains = { times, ids: Uint32Array.of(0, 1, 2), neurons: 3, start: 0, stop: 4 };
  for (const [marks, mark, attribute] of [
    ['strokes', 'ticks', 'y'],
    ['density', 'cells', 'values'],
  ] as const) {
    const [above, below] = await Promise.all(
      [undefined, 'bottom' as const].map((origin) =>
        figure.raster(trains, { marks, window: [0, 4], ...(origin === undefined ? {} : { origin }) }),
      ),
    );
    const panels = [above!, below!].map(({ spec }) => spec.columns[0]![0]!);
    t.deepEqual(
      panels.map(({ y }) => y.domain),
      [
        [2.5, -0.5],
        [-0.5, 2.5],
      ],
    );
    // Only the axis turns: the marks are those of the same neurons.
    t.is(panels[0]!.marks[0]!.type, mark);
    t.deepEqual(
      (panels[0]!.marks[0] as unknown as Record<string, unknown>)[attribute],
      (panels[1]!.marks[0] as unknown as Record<string, unknown>)[attribute],
    );
  }
});

test('a phase diagram of a sweep finds the axes of the sweep', async (t) => {
  const sweep = {
    axes: { 'd.rate': Float64Array.of(1, 1, 2, 2), 'E.tauMem': Float64Array.of(5, 6, 5, 6) },
    columns: { 'E.rate': Float64Array.of(10, 20, 30, 40) },
  };
  const { spec } = await figure.phaseDiagram(sweep, {
    parameters: ['d.rate', 'E.tauMem'],
    measures: ['E.rate'],
  });
  const { values } = spec.columns[0]![0]!.marks[0] as figure.CellsMark;
  t.deepEqual(Array.from(values), [10, 30, 20, 40]);
});

test('gaps are gaps, and what is beyond the axes is not drawn', async (t) => {
  const gap = [0, 1, Number.NaN, 1, Number.POSITIVE_INFINITY, 3, 1.5];
  const x = gap.map((_, i) => i);
  const panel: figure.PanelSpec = {
    x: { label: 'x', domain: [0, 6] },
    y: { label: 'y', domain: [0, 2] },
    marks: [
      { type: 'line', x, y: gap, color: '#111111' },
      { type: 'band', x, low: gap.map(() => 0), high: gap, color: '#222222' },
      { type: 'points', x, y: gap, color: '#333333' },
      { type: 'bars', from: x, to: x.map((at) => at + 0.5), height: gap, color: '#444444' },
    ],
  };
  const spec = { name: 'gaps', title: 'Gaps', caption: 'Gaps.', columns: [[panel]] };
  const svg = await new figure.Figure(spec, { width: 200 }).svg();
  const of = (color: string) => new RegExp(`<path d="([^"]*)"[^>]*${color}`).exec(svg)![1]!;
  const pieces = (color: string) => of(color).split('M').length - 1;
  // Two runs of two neighbors; single values have no line.
  t.deepEqual([pieces('#111111'), pieces('#222222')], [2, 2]);
  // Values 0, 1, 1 and 1.5 are within the axis.
  t.is(pieces('#333333'), 4);
  const [, left, top, width, height] =
    /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="none"/.exec(svg)!.map(Number);
  for (const color of ['#111111', '#222222']) {
    const numbers = [...of(color).matchAll(/([\d.]+) ([\d.]+)/g)].map(
      ([, px, py]) => [Number(px), Number(py)] as const,
    );
    for (const [px, py] of numbers)
      t.true(
        px >= left! - 0.02 && px <= left! + width! + 0.02 && py >= top! - 0.02 && py <= top! + height! + 0.02,
        `${px}, ${py}`,
      );
  }
});

test('a rate is spikes per second and neuron', async (t) => {
  const { spec } = await figure.rate(clocks, { bin: 50 });
  const { x, y } = spec.columns[0]![0]!.marks[0] as figure.LineMark;
  t.deepEqual(Array.from(x), [25, 75, 125, 175]);
  const sum = Array.from(y).reduce((total, rate) => total + rate) * 30 * 0.05;
  t.true(Math.abs(sum - clocks.times.length) < 1e-9);
});

test('a window shows a part of the time: bins from its start, with the spikes within it', async (t) => {
  const window = [50, 80] as const;
  const { spec } = await figure.rate(clocks, { bin: 10, window });
  const [{ x: axis, marks }] = spec.columns[0]! as [figure.PanelSpec];
  const { x, y } = marks[0] as figure.LineMark;
  t.deepEqual(axis.domain, window);
  t.deepEqual(Array.from(x), [55, 65, 75]);
  const within = clocks.times.filter((time) => time > 50 && time <= 80).length;
  t.true(Math.abs(Array.from(y).reduce((sum, rate) => sum + rate) * 30 * 0.01 - within) < 1e-9);
  const beyond = (await figure.rate(clocks, { bin: 10, window: [180, 240] })).spec.columns[0]![0]!;
  t.deepEqual(Array.from((beyond.marks[0] as figure.LineMark).x), [185, 195]);
  t.deepEqual(beyond.x.domain, [180, 240]);

  const times = Float64Array.from({ length: 101 }, (_, i) => i);
  const values = times.map((time) => (time < 60 ? 100 : time / 100));
  const trace = { times, values, spikes: [10, 70] };
  const zoomed = await figure.membrane({ v: trace }, { window: [60, 100] });
  const [panel] = zoomed.spec.columns[0]!;
  t.deepEqual(panel!.x.domain, [60, 100]);
  const points = panel!.marks[1] as figure.PointsMark;
  t.deepEqual(Array.from(points.x), [70]);
  // Above the values that are shown, 0.6 to 1, not above the 100 before them.
  t.true(points.y[0]! > 1 && points.y[0]! < 1.1);
});

test('intervals of a clock stand in one bin', async (t) => {
  const times = Float64Array.from({ length: 21 }, (_, i) => 10 * i);
  const clock = { times, ids: new Uint32Array(21), neurons: 1, stop: 200 };
  const { spec } = await figure.isi(clock, { bins: 10 });
  const { height } = spec.columns[0]![0]!.marks[0] as figure.BarsMark;
  t.deepEqual(Array.from(height), [0, 0, 0, 0, 0, 0, 0, 0, 0, 20]);
});

test('several runs are their mean and the band around it', async (t) => {
  const { spec } = await figure.history([epochs(0), epochs(0.3)]);
  const [band, line] = spec.columns[0]![0]!.marks as [figure.BandMark, figure.LineMark];
  t.true(Math.abs(line.y[0]! - 1.15) < 1e-12);
  t.deepEqual([band.low[0], band.high[0]], [1, 1.3]);
});

test('a figure is saved as SVG, PNG, PDF and HTML', async (t) => {
  const small = (await figure.fi({ currents: [0, 1], rates: [0, 1] })).with({ width: '96px', height: 96 });
  const path = (ending: string) => join(folder, `fi.${ending}`);
  for (const ending of ['svg', 'png', 'pdf', 'html']) await small.save(path(ending));
  const png = await readFile(path('png'));
  t.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [192, 192]);
  await small.save(path('png'), { dpi: 300 });
  t.is((await readFile(path('png'))).readUInt32BE(16), 300);
  const pdf = (await readFile(path('pdf'))).toString('latin1');
  t.regex(pdf, /^%PDF-1/);
  t.regex(pdf, /MediaBox \[0 0 72 72\]/);
  t.regex(pdf, /Inter/);
  t.is((await readFile(path('html'), 'utf8')).match(/https?:\/\/(?!www\.w3\.org)/), null);
  // The same figure has the same bytes.
  t.deepEqual(await small.pdf(), await small.pdf());
});

test('the description can be changed, and figures stand beside each other', async (t) => {
  const fi = await figure.fi(
    { currents: [1, 10, 100], rates: [0, 5, 50] },
    { x: { scale: 'log', label: 'I' } },
  );
  fi.spec.columns[0]![0]!.title = 'A <title> & more';
  const svg = await fi.svg();
  t.regex(svg, /A &#60;title&#62; &#38; more/);
  t.regex(svg, />I</);
  const both = figure.beside([fi, await figure.weights([1, 2, 3])], { letters: true });
  t.is(both.spec.columns.length, 2);
  const { texts } = textsOf(await both.svg());
  t.deepEqual(
    texts.filter(({ text }) => /^[ab]$/.test(text)).map(({ text }) => text),
    ['a', 'b'],
  );
});

test('stacked figures share the time axis, and ticks follow the height', async (t) => {
  const states = await figure.membrane({ 'E.v': { times: [0, 300], values: [0, 20], unit: 'mV' } });
  const rates = await figure.rate({ bin: 100, start: 100, populations: [{ name: 'E', rate: [5, 8, 6] }] });
  const stacked = figure.beside([states, rates], { stacked: true });
  const [above, below] = stacked.spec.columns[0]!;
  t.deepEqual([stacked.spec.columns.length, above!.x.hidden, below!.x.hidden], [1, true, false]);
  t.deepEqual(
    [above!.x.domain, below!.x.domain],
    [
      [0, 400],
      [0, 400],
    ],
  );
  for (const appearance of Object.values(appearances)) await checkFigure(t, stacked, appearance);
  const texts = async (made: figure.Figure) => textsOf(await made.svg()).texts.map(({ text }) => text);
  t.is((await texts(stacked)).filter((text) => text === 'time (ms)').length, 1);
  // Different axes stay as they are.
  const fi = await figure.fi({ currents: [1, 10], rates: [0, 5] });
  const apart = figure.beside([states, fi], { stacked: true }).spec.columns[0]!;
  t.deepEqual(
    apart.map(({ x }) => x.label),
    ['time (ms)', 'input current'],
  );
  t.not(apart[0]!.x.hidden, true);
  const numbers = async (height: number) =>
    (await texts(fi.with({ height, x: { label: 'I' } }))).filter((text) => /^\d/.test(text)).length;
  const [low, middle, high] = [await numbers(90), await numbers(260), await numbers(500)];
  t.true(low < middle && middle < high, `${low}, ${middle}, ${high}`);
});

test('names of energy models are whole beside an accuracy', async (t) => {
  const name = 'horowitz-45nm-bfloat16';
  const made = await figure.operations({
    annAccuracy: 0.9,
    steps: 2,
    curve: [
      { steps: 1, accuracy: 0.5 },
      { steps: 2, accuracy: 0.9 },
    ],
    energies: [{ name, ann: 2e-9, snn: 1e-9 }],
  });
  for (const width of ['85mm', '120mm', 560, 876] as const) {
    const { texts } = textsOf(await made.with({ width, fontSize: width === '85mm' ? '8pt' : 12 }).svg());
    t.true(
      texts.some(({ text }) => text === name),
      `${width}`,
    );
  }
});

test('all populations of a raster are strokes, or all are cells', async (t) => {
  const many = {
    times: Float64Array.from({ length: 20_001 }, (_, i) => i / 200),
    ids: new Uint32Array(20_001),
    neurons: 1,
    start: 0,
    stop: 200,
  };
  const kinds = ({ spec }: figure.Figure) => spec.columns[0]!.map(({ marks }) => marks[0]!.type);
  t.deepEqual(kinds(await figure.raster({ E: clocks, I: clocks })), ['ticks', 'ticks']);
  t.deepEqual(kinds(await figure.raster({ E: many, I: clocks })), ['cells', 'cells']);
});

test('spectra and correlograms have bins of 1 ms by default', async (t) => {
  const { spec } = await figure.spectrum(clocks);
  const line = spec.columns[0]![0]!.marks[0] as figure.LineMark;
  // Half of the inverse of 1 ms.
  t.is(Math.max(...Array.from(line.x)), 500);
  const { spec: pairs } = await figure.correlogram(clocks, { pair: [0, 0] });
  const bars = pairs.columns[0]![0]!.marks[0] as figure.BarsMark;
  t.is(bars.height.length, 101);
  // Neuron 0 fires every 5 ms, 40 times: 39 pairs at a lag of 5 ms, 38 at 10 ms.
  t.deepEqual([bars.height[55], bars.height[60], bars.height[52]], [39, 38, 0]);
});

test('arrows of a field do not leave the frame', async (t) => {
  const field = new figure.Figure({
    name: 'field',
    title: 'field',
    caption: 'field',
    columns: [
      [
        {
          x: { label: 'x', domain: [0, 1] },
          y: { label: 'y', domain: [0, 1] },
          marks: [
            { type: 'vectors', x: [0, 1, 0.5], y: [0.5, 1, 0], u: [1, 1, 0], v: [0, 1, 1], length: 40 },
          ],
        },
      ],
    ],
  });
  const svg = await field.svg();
  const frame = /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="none"/.exec(svg)!;
  const [left, top, width, height] = frame.slice(1).map(Number) as [number, number, number, number];
  const [, d] = /<path d="(M[^"]*)" fill="none" stroke="[^"]*" stroke-width="0.9"/.exec(svg)!;
  const points = [...d!.matchAll(/[ML]([-\d.]+) ([-\d.]+)/g)];
  t.true(points.length >= 8);
  for (const [, x, y] of points) {
    t.true(Number(x) >= left - 0.01 && Number(x) <= left + width + 0.01, x);
    t.true(Number(y) >= top - 0.01 && Number(y) <= top + height + 0.01, y);
  }
});

test('a part of long traces is drawn as that part alone: all its points, and the range of its values', async (t) => {
  // A sine of 6 ms, ten times as high in the second half.
  const times = Float64Array.from({ length: 10_001 }, (_, i) => i / 10);
  const values = times.map((time) => Math.sin((2 * Math.PI * time) / 6) * (time < 500 ? 1 : 10));
  const [from, to] = [2000, 2401];
  const x = { domain: [200, 240] as const };
  const part = { times: times.slice(from, to), values: values.slice(from, to) };
  const zoomed = await (await figure.membrane({ v: { times, values } }, { x })).svg();
  const alone = await (await figure.membrane({ v: part }, { x })).svg();
  t.deepEqual(textsOf(zoomed).texts, textsOf(alone).texts);
  const longest = (svg: string) => Math.max(...[...svg.matchAll(/ d="([^"]*)"/g)].map(([, d]) => d!.length));
  t.true(longest(zoomed) >= 0.99 * longest(alone), `${longest(zoomed)} and ${longest(alone)}`);
});
