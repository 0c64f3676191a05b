// Figures that run equations: nullclines, responses, windows and surrogates against their closed forms.
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  type Population,
  population,
  record,
  type SynapseModel,
  simulate,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { figure } from '../../src-ts/doors/figure.ts';
import { adex, cubaLif, izhikevich, lif, neuron, surrogate } from '../../src-ts/doors/neurons.ts';
import { zeroLines } from '../../src-ts/figure/zero-lines.ts';
import { outcome } from '../support/errors.ts';

const lineOf = ({ spec }: figure.Figure, color: number | string) =>
  spec.columns[0]![0]!.marks.find((mark) => mark.type === 'line' && mark.color === color) as figure.LineMark;

/** The largest distance of a line from a function, and the number of its points. */
function awayFrom({ x, y }: figure.LineMark, of: (x: number) => number): [distance: number, points: number] {
  let [most, points] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i])) continue;
    most = Math.max(most, Math.abs(y[i]! - of(x[i]!)));
    points += 1;
  }
  return [most, points];
}

const fitzHughNagumo = neuron({
  state: { v: 0, w: 0 },
  params: { a: 0.7, b: 0.8, epsilon: 0.08 },
  update: "v' = v - v^3/3 - w + i; w' = epsilon*(v + a - b*w)",
  spike: 'v > 10',
});

test('nullclines of FitzHugh-Nagumo are a cubic and a straight line', async (t) => {
  const plane = await figure.phasePlane(population(fitzHughNagumo, 1), {
    current: 0.5,
    x: { domain: [-2.5, 2.5] },
    y: { domain: [-1.5, 2.5] },
  });
  const [cubic, many] = awayFrom(lineOf(plane, 0), (v) => v - v ** 3 / 3 + 0.5);
  const [straight, more] = awayFrom(lineOf(plane, 1), (v) => (v + 0.7) / 0.8);
  // Interpolation between points 5/160 apart.
  t.true(cubic < 2e-3 && many > 150, `${cubic}, ${many}`);
  t.true(straight < 1e-7 && more > 100, `${straight}, ${more}`);
  const field = plane.spec.columns[0]![0]!.marks.find(({ type }) => type === 'vectors') as figure.VectorsMark;
  for (let i = 0; i < field.x.length; i++) {
    const [v, w] = [field.x[i]!, field.y[i]!];
    t.true(Math.abs(field.u[i]! / 1e-6 - (v - v ** 3 / 3 - w + 0.5)) < 1e-6);
    t.true(Math.abs(field.v[i]! / 1e-6 - 0.08 * (v + 0.7 - 0.8 * w)) < 1e-6);
  }
});

test('nullclines of adex and Izhikevich are those of their papers', async (t) => {
  const brette = await figure.phasePlane(population(adex, 1), {
    current: 500,
    x: { domain: [-80, -42] },
    y: { domain: [-200, 900] },
  });
  t.deepEqual(brette.spec.columns[0]![0]!.marks.filter(({ type }) => type === 'line').length, 2);
  t.is(brette.spec.columns[0]![0]!.x.label, 'v (mV)');
  t.is(brette.spec.columns[0]![0]!.y.label, 'w (pA)');
  const [exponential] = awayFrom(
    lineOf(brette, 0),
    (v) => 30 * (-70.6 - v) + 30 * 2 * Math.exp((v + 50.4) / 2) + 500,
  );
  // The curve is steep: a hundredth of a mV is 20 pA at its end.
  t.true(exponential < 25, `${exponential}`);
  t.true(awayFrom(lineOf(brette, 1), (v) => 4 * (v + 70.6))[0] < 1e-6);
  const simple = await figure.phasePlane(population(izhikevich, 1), {
    current: 10,
    field: false,
    x: { domain: [-80, 0] },
    y: { domain: [-20, 20] },
  });
  const [parabola, points] = awayFrom(lineOf(simple, 0), (v) => 0.04 * v ** 2 + 5 * v + 140 + 10);
  t.true(parabola < 0.02 && points > 20, `${parabola}, ${points}`);
  // Its u is updated after its v, so that the nullcline is off by what v moves in a step.
  t.true(awayFrom(lineOf(simple, 1), (v) => 0.2 * v)[0] < 1e-4);
});

test('a trajectory has gaps at the spikes of the neuron', async (t) => {
  const cell = population(izhikevich, 1, { name: 'cell' });
  const run = await simulate(
    circuit(cell, connect(currentSource(10), cell), record.traces(cell, ['v', 'u'], 0.5)),
    { duration: 200, dt: 0.1, seed: 1 },
  );
  const plane = await figure.phasePlane(cell, { current: 10, trajectory: run });
  const way = lineOf(plane, 'ink');
  t.true(run.times.length > 2);
  t.is(Array.from(way.x).filter(Number.isNaN).length, run.times.length);
  const { domain } = plane.spec.columns[0]![0]!.x;
  t.true(domain![0] < -65 && domain![1] > 20);
});

test('lines of zeros are closed where the function is, and keep their distance', (t) => {
  const grid = Float64Array.from({ length: 81 }, (_, i) => -2 + i / 20);
  const circle = zeroLines(
    Array.from(grid).flatMap((y) => Array.from(grid, (x) => x ** 2 + y ** 2 - 1)),
    grid,
    grid,
  );
  t.false(circle.x.some(Number.isNaN), 'one line');
  t.deepEqual([circle.x[0], circle.y[0]], [circle.x.at(-1), circle.y.at(-1)]);
  for (const [i, x] of circle.x.entries()) t.true(Math.abs(Math.sqrt(x ** 2 + circle.y[i]! ** 2) - 1) < 1e-3);
  const half = zeroLines(
    Array.from(grid).flatMap((y) => Array.from(grid, (x) => (y > 0 ? Number.NaN : x ** 2 + y ** 2 - 1))),
    grid,
    grid,
  );
  t.true(half.y.every((y) => !(y > 0)));
});

test('a leaky neuron charges by its exponential while the current flows', async (t) => {
  const [tau, current] = [10, 0.8];
  const response = await figure.stepResponse(
    population(lif, 1, { tauMem: tau, inputScale: 'one-minus-beta' }),
    {
      current,
      window: [20, 70],
      duration: 100,
    },
  );
  const { x, y } = response.spec.columns[0]![0]!.marks[0] as figure.LineMark;
  const charged = current * (1 - Math.exp(-50 / tau));
  const of = (time: number) =>
    time <= 20
      ? 0
      : time <= 70
        ? current * (1 - Math.exp(-(time - 20) / tau))
        : charged * Math.exp(-(time - 70) / tau);
  t.is(x.length, 1000);
  for (let i = 0; i < x.length; i++) t.true(Math.abs(y[i]! - of(x[i]!)) < 1e-9, `${x[i]} ms: ${y[i]}`);
  t.regex(response.spec.caption, /0 spikes/);
  const strong = await figure.stepResponse(population(adex, 1), {
    current: 1000,
    unit: 'pA',
    states: ['v', 'w'],
  });
  const [v, w, input] = strong.spec.columns[0]!;
  t.deepEqual([v!.y.label, w!.y.label, input!.y.label], ['v (mV)', 'w (pA)', 'input (pA)']);
  const spikes = v!.marks[1] as figure.PointsMark;
  t.true(spikes.x.length > 2 && Array.from(spikes.x).every((time) => time > 20 && time < 162));
});

test('the window of STDP is two exponentials with nothing between them', async (t) => {
  const rule = synapse.stdp({
    ...{ aPlus: 0.01, aMinus: 0.006, tauPlus: 17, tauMinus: 34 },
    ...{ muPlus: 0, muMinus: 0, wMin: 0, wMax: 4 },
  });
  const { spec } = await figure.stdpWindow(rule, { weight: 2 });
  const { x, y } = spec.columns[0]![0]!.marks.at(-1) as figure.LineMark;
  t.is(Array.from(x).filter(Number.isNaN).length, 1);
  for (let i = 0; i < x.length; i++) {
    const lag = x[i]!;
    if (Number.isNaN(lag)) continue;
    const exact = lag > 0 ? 0.01 * Math.exp(-lag / 17) : -0.006 * Math.exp(lag / 34);
    t.true(Math.abs(y[i]! - exact) < 1e-9, `${lag} ms: ${y[i]} for ${exact}`);
  }
});

test('a window starts in the middle of the limits, where both directions are possible', async (t) => {
  const changes = async (rule: SynapseModel) => {
    const { spec } = await figure.stdpWindow(rule, { range: 20 });
    const { x, y } = spec.columns[0]![0]!.marks.at(-1) as figure.LineMark;
    return { at: (lag: number) => y[Array.from(x).indexOf(lag)]!, caption: spec.caption };
  };
  const additive = { muPlus: 0, muMinus: 0, aPlus: 0.01, aMinus: 0.006, tauPlus: 17, tauMinus: 34 };
  const one = await changes(synapse.stdp({ ...additive, wMin: 0.5, wMax: 1 }));
  t.true(Math.abs(one.at(20) - 0.01 * Math.exp(-20 / 17)) < 1e-9);
  t.true(Math.abs(one.at(-20) + 0.006 * Math.exp(-20 / 34)) < 1e-9);
  t.regex(one.caption, /a weight of 0\.75 /);
  const scaled = synapse.combine(synapse.stdp({ wMax: 1 }), synapse.synapticScaling({ wMax: 1 }));
  t.regex((await changes(scaled)).caption, /a weight of 0\.5 /);
  // Its wMax is 1 by default; without a wMax, the weight is the documented 1.
  t.regex((await changes(synapse.inhibitoryStdp({}))).caption, /a weight of 0\.5 /);
  t.regex((await changes(synapse.stdp({}))).caption, /a weight of 1 /);
  const { spec } = await figure.stdpWindow({ a: synapse.stdp({ wMax: 1 }), b: synapse.stdp({ wMax: 4 }) });
  t.regex(spec.caption, /a weight of 0\.5 or 2 /);
});

test("states of NEST's neurons and of equations with units have their unit", async (t) => {
  const nest = { like: 'nest', tauMem: 20, vThreshold: 20 } as const;
  const label = async (cells: Population, state: string) => {
    const drive = connect(currentSource(0), cells);
    const recording = await simulate(circuit(cells, drive, record.traces(cells, [state], 1)), {
      duration: 2,
    });
    const [panel] = (await figure.membrane(recording)).spec.columns[0]!;
    return [panel!.y.label, panel!.x.label];
  };
  // The units of iaf_psc_delta and iaf_psc_exp in NEST's documentation.
  t.deepEqual(await label(population(lif, 1, nest), 'v'), ['v (mV)', 'time (ms)']);
  t.deepEqual(await label(population(cubaLif, 1, { ...nest, tauSyn: 2 }), 'iSyn'), [
    'iSyn (pA)',
    'time (ms)',
  ]);
  t.deepEqual(await label(population(lif, 1, { tauMem: 20 }), 'v'), ['v', 'time (ms)']);
  const own = neuron({
    state: { v: '-65 mV' },
    params: { tau: '10 ms' },
    input: { name: 'i', unit: 'mV' },
    update: "v' = (i - v)/tau",
    spike: 'v > 0',
  });
  t.deepEqual(await label(population(own, 1), 'v'), ['v (mV)', 'time (ms)']);
  const response = await figure.stepResponse(population(lif, 1, nest), { current: 1 });
  t.is(response.spec.columns[0]![0]!.y.label, 'v (mV)');
});

test('a trace without times is in steps, and a name that is no state is a name in the legend', async (t) => {
  const panelsOf = async (traces: Record<string, figure.FigureTrace>) =>
    (await figure.membrane(traces)).spec.columns[0]!;
  const [steps] = await panelsOf({ v: { values: [1, 2, 3], spikes: [1] } });
  t.deepEqual([steps!.x.label, steps!.y.label, steps!.legend], ['step', 'v', undefined]);
  t.deepEqual(Array.from((steps!.marks[0] as figure.LineMark).x), [0, 1, 2]);
  const [pair] = await panelsOf({ 'a.v': { values: [1, 2, 3, 4], neurons: [7, 9] } });
  t.deepEqual(Array.from((pair!.marks[1] as figure.LineMark).y), [2, 4]);
  const both = await panelsOf({ engine: { values: [1, 2] }, w: { values: [0, 1] } });
  t.deepEqual(
    both.map(({ y, legend, title }) => [y.label, legend?.map(({ name }) => name), title]),
    [
      ['v', ['engine'], undefined],
      ['w', undefined, undefined],
    ],
  );
  t.regex(
    await outcome(() => figure.membrane({ v: { values: [1] }, w: { times: [1], values: [1] } })),
    /^invalid-parameter: traces/,
  );
});

test('a surrogate has its derivative, and a curve with that slope', async (t) => {
  const { spec } = await figure.surrogate(surrogate.fastSigmoid({ slope: 5 }), { range: [-1, 1] });
  const [curve, slope] = spec.columns.map(([panel]) => panel!.marks.at(-1) as figure.LineMark);
  const { x, y } = slope!;
  for (let i = 0; i < x.length; i++) t.true(Math.abs(y[i]! - 1 / (1 + 5 * Math.abs(x[i]!)) ** 2) < 1e-12);
  for (let i = 1; i + 1 < x.length; i++) {
    const numeric = (curve!.y[i + 1]! - curve!.y[i - 1]!) / (x[i + 1]! - x[i - 1]!);
    t.true(Math.abs(numeric - y[i]!) < 0.03, `${x[i]}`);
  }
});

test('nonsense of neurons is refused by name', async (t) => {
  const one = population(adex, 1);
  const refused: Record<string, [() => unknown, RegExp]> = {
    'no population': [() => figure.phasePlane({} as never), /^invalid-parameter: neuron/],
    'two neurons': [
      () => figure.stepResponse(population(adex, 2), { current: 1 }),
      /^invalid-parameter: neuron/,
    ],
    'no domain': [() => figure.phasePlane(one), /^invalid-parameter: x\.domain/],
    'an unknown state': [() => figure.phasePlane(one, { states: ['v', 'q'] }), /^unknown-name: .*q/],
    'no current': [() => figure.stepResponse(one, {} as never), /^invalid-parameter: current/],
    'a window that ends before it starts': [
      () => figure.stepResponse(one, { current: 1, window: [5, 2] }),
      /^invalid-parameter: window: expected an end after the start/,
    ],
    'no surrogate': [() => figure.surrogate(undefined as never), /^invalid-parameter: surrogates/],
    'no rule': [() => figure.stdpWindow(null as never), /^invalid-parameter: rules/],
    'pairs too near': [
      () => figure.stdpWindow(synapse.stdp({ wMax: 2 }), { interval: 50 }),
      /^invalid-parameter: interval/,
    ],
    'a trajectory without traces': [
      () => figure.phasePlane(one, { trajectory: { x: [1], y: [] } }),
      /^invalid-parameter: trajectory/,
    ],
  };
  for (const [name, [call, pattern]] of Object.entries(refused)) t.regex(await outcome(call), pattern, name);
});
