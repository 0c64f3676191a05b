// Each row of a sweep is, bit for bit, what compile and run of a network described with the row's numbers give.
import test from 'ava';
import * as analysis from '../../src-ts/doors/analysis.ts';
import {
  circuit,
  connect,
  currentSource,
  distribution,
  noise,
  poisson,
  population,
  record,
  rule,
  simulateMany,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';
import { LapicqueError, setSimd } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';

interface Numbers {
  tauMem?: number;
  rate?: number;
  weight?: number;
  inhibition?: number;
  count?: number;
}

/** Excitatory and inhibitory neurons with drives of their own. */
function balanced({ tauMem = 10, rate = 8000, weight = 40, inhibition = -200, count = 16 }: Numbers = {}) {
  const E = population(iafPscExp, 160, { name: 'E', tauMem, initial: { v: distribution.uniform(-70, -56) } });
  const I = population(iafPscExp, 40, { name: 'I' });
  return circuit(
    E,
    I,
    connect(E, E, rule.fixedInDegree(count), { weight, delay: 1.5, name: 'recurrent' }),
    connect(E, I, rule.fixedInDegree(16), { weight: 40, delay: 1.5 }),
    connect(I, E, rule.fixedInDegree(4), { weight: inhibition, delay: 1.5, name: 'inhibition' }),
    connect(I, I, rule.fixedInDegree(4), { weight: inhibition, delay: 1.5, name: 'inhibition' }),
    connect(poisson(rate), E, { weight: 24, name: 'drive' }),
    connect(poisson(8000), I, { weight: 20 }),
    record.mean(E, ['v'], 1),
  );
}

const [transient, duration] = [20, 60];

test('rows equal networks of their own, over axes, threads, levels and precisions', async (t) => {
  const axes = {
    'E.tauMem': [9, 11.5],
    'drive.rate': [8000, 8800],
    'recurrent.weight': [40, 55],
    'inhibition.weight': [-200, -150],
    'recurrent.count': [10, 16],
  };
  const seeds = [3, 4];
  const alone = new Map<string, { times: number[]; ids: number[] }>();
  for (const [precision, level, threads] of [
    ['f32', 'portable', 1],
    ['f32', undefined, 2],
    ['f64', undefined, 2],
  ] as const) {
    if (level !== undefined) setSimd(level);
    const sweep = await simulateMany(balanced(), {
      axes,
      seeds,
      measure: ['spikes', 'means'],
      transient,
      duration,
      precision,
      threads,
      spikes: true,
    });
    if (level !== undefined) setSimd('avx2');
    t.is(sweep.rows, 64);
    t.is(sweep.atATime, threads);
    // Every ninth row, so that a test takes no minute; the grid is that of all.
    for (let row = 0; row < sweep.rows; row += 9) {
      const number = (name: keyof typeof axes) => sweep.axes[name][row]!;
      const described = balanced({
        tauMem: number('E.tauMem'),
        rate: number('drive.rate'),
        weight: number('recurrent.weight'),
        inhibition: number('inhibition.weight'),
        count: number('recurrent.count'),
      });
      const key = `${precision} ${row}`;
      if (!alone.has(key)) {
        using simulation = await described.compile({ seed: sweep.seeds[row]!, precision });
        await simulation.run(transient);
        const recording = await simulation.run(duration);
        alone.set(key, { times: [...recording.times], ids: [...recording.ids] });
        t.is(sweep.columns['E.spikes']![row], recording.of('E').times.length);
        const { values } = recording.means['E.v']!;
        t.is(sweep.columns['E.v']![row], values.reduce((sum, x) => sum + x, 0) / values.length);
      }
      const { times, ids } = sweep.spikesOf(row);
      t.true(times.length > 20, 'networks must spike');
      t.deepEqual({ times: [...times], ids: [...ids] }, alone.get(key));
    }
  }
});

test('the design says which rows there are', async (t) => {
  const options = { measure: ['rate'] as const, duration: 5 };
  const grid = await simulateMany(balanced(), {
    ...options,
    axes: { 'E.tauMem': [9, 10], 'drive.rate': [1, 2] },
    seeds: [5, 6],
  });
  t.deepEqual([...grid.axes['E.tauMem']], [9, 9, 9, 9, 10, 10, 10, 10]);
  t.deepEqual([...grid.axes['drive.rate']], [1, 1, 2, 2, 1, 1, 2, 2]);
  t.deepEqual([...grid.seeds], [5, 6, 5, 6, 5, 6, 5, 6]);
  t.deepEqual(Object.keys(grid.columns), ['E.rate', 'I.rate']);
  t.is(grid.toJSON()[4]!['E.tauMem'], 10);
  const zip = await simulateMany(balanced(), {
    ...options,
    axes: { 'E.tauMem': Float64Array.of(9, 10, 11) },
    seeds: [1, 2, 3],
    design: 'zip',
  });
  t.deepEqual(
    [[...zip.axes['E.tauMem']], [...zip.seeds]],
    [
      [9, 10, 11],
      [1, 2, 3],
    ],
  );
  const sampled = () =>
    simulateMany(balanced(), {
      ...options,
      axes: { 'E.tauMem': distribution.uniform(9, 12), 'drive.rate': [10, 20] },
      design: 'sample',
      samples: 40,
      sampleSeed: 7,
      seeds: 3,
    });
  const sample = await sampled();
  const [tauMem, chosen] = [sample.axes['E.tauMem'], sample.axes['drive.rate']];
  t.true(tauMem.every((x) => x >= 9 && x < 12) && new Set(tauMem).size === 40);
  t.deepEqual([...new Set(chosen)].sort(), [10, 20]);
  t.deepEqual((await sampled()).axes, sample.axes);
  const none = await simulateMany(balanced(), { ...options, axes: {}, seeds: [1, 2] });
  t.is(none.rows, 2);
});

test('statistics are those that analysis finds in a recording', async (t) => {
  const sweep = await simulateMany(balanced(), {
    axes: {},
    seeds: [9],
    measure: ['rate', 'cv', 'cv2', 'lv', { measure: 'fano', window: 50 }, { measure: 'synchrony', bin: 2 }],
    transient: 50,
    duration: 400,
  });
  using simulation = await balanced().compile({ seed: 9 });
  await simulation.run(50);
  const recording = await simulation.run(400);
  const meanOfKnown = (values: Float64Array) => {
    const known = values.filter((x) => !Number.isNaN(x));
    return known.reduce((sum, x) => sum + x, 0) / known.length;
  };
  const column = (name: string) => sweep.columns[name]![0]!;
  for (const name of ['E', 'I']) {
    const trains = recording.of(name);
    t.is(column(`${name}.rate`), recording.rates()[name]!);
    t.is(column(`${name}.cv`), meanOfKnown(await analysis.cv(trains)));
    t.is(column(`${name}.cv2`), meanOfKnown(await analysis.cv2(trains)));
    t.is(column(`${name}.lv`), meanOfKnown(await analysis.lv(trains)));
    const correlations = await analysis.correlation(trains, { bin: 2 });
    t.true(Number.isFinite(column(`${name}.synchrony`)));
    // Of neurons with equal variances it is the mean correlation of pairs; here they differ by little.
    const n = trains.neurons;
    let [sum, pairs] = [0, 0];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) {
        const r = correlations.values[i * n + j]!;
        if (Number.isNaN(r)) continue;
        sum += r;
        pairs += 1;
      }
    t.true(Math.abs(column(`${name}.synchrony`) - sum / pairs) < 0.02, `${name}: ${sum / pairs}`);
  }
});

test('a row that fails is told and the others go on', async (t) => {
  const sweep = await simulateMany(balanced(), {
    axes: { 'drive.rate': [8000, -1, 9000], 'E.initial.v': [-60] },
    duration: 20,
  });
  t.deepEqual(
    sweep.failed.map(({ row, error }) => [row, error instanceof LapicqueError && error.code]),
    [[1, 'invalid-parameter']],
  );
  t.deepEqual([...sweep.columns['E.rate']!].map(Number.isNaN), [false, true, false]);
  t.regex(String(sweep.toJSON()[1]!.error), /rate/);
});

test('what is wrong with a sweep is refused before anything runs', async (t) => {
  const wrong = (options: object) =>
    failure(() => simulateMany(balanced(), { duration: 10, ...options } as never));
  const cases: [object, LapicqueError['code'], RegExp][] = [
    [{ axes: { 'E.tauMen': [1] } }, 'unknown-name', /tauMen.*did you mean "tauMem"/],
    [{ axes: { 'X.tauMem': [1] } }, 'unknown-name', /"X"/],
    [{ axes: { 'recurrent.p': [1] } }, 'unknown-name', /"p"/],
    [{ axes: { 'recurrent.weight.mean': [1] } }, 'unknown-name', /"mean"/],
    [{ axes: { 'drive.current': [1] } }, 'unknown-name', /current/],
    [{ axes: { 'E.tauMem': [] } }, 'invalid-parameter', /a list of values/],
    [{ axes: { 'E.tauMem': [Number.NaN] } }, 'invalid-parameter', /axes\['E.tauMem'\]\[0\]/],
    [{ axes: { 'E.tauMem': distribution.uniform(1, 2) } }, 'invalid-parameter', /design: 'sample'/],
    [{ axes: { 'E.tauMem': [-1] } }, 'invalid-parameter', /tauMem/],
    [{ axes: {}, measure: ['lfp'] }, 'invalid-parameter', /record\.lfp/],
    [{ axes: {}, measure: ['rates'] }, 'unknown-name', /did you mean "rate"/],
    [{ axes: {}, measure: [{ measure: 'fano', window: 11 }] }, 'invalid-parameter', /window/],
    [{ axes: {}, design: 'random' }, 'unknown-name', /random/],
    [{ axes: {}, duration: 0.05 }, 'invalid-parameter', /whole number of steps/],
    [{ axes: { 'E.tauMem': [1, 2] }, seeds: [1], design: 'zip' }, 'invalid-parameter', /seeds/],
    [{ axes: {}, seeds: [-1] }, 'invalid-parameter', /seeds\[0\]/],
    [{ axes: { 'recurrent.count': [1e8] } }, 'too-large', /one row of the sweep/],
  ];
  for (const [options, code, message] of cases) {
    const error = await wrong(options);
    t.is(error?.code, code, `${JSON.stringify(options)}: ${error?.message}`);
    t.regex(error!.message, message);
  }
});

test('a connection without a name goes by what it connects', async (t) => {
  const rates = async (axis: string) => {
    const sweep = await simulateMany(balanced(), {
      axes: { [axis]: [40, 400] },
      duration: 50,
      measure: ['spikes'],
    });
    return [...sweep.columns['I.spikes']!];
  };
  const [weak, strong] = await rates('E>I.weight');
  t.true(strong! > weak!);
  t.deepEqual(await rates('EI.weight'), [weak!, strong!]);
});

test('progress counts rows, and a signal ends the sweep', async (t) => {
  const progress: number[] = [];
  await simulateMany(balanced(), {
    axes: {},
    seeds: [1, 2, 3, 4],
    duration: 5,
    onProgress: ({ done, total }) => progress.push(done, total),
  });
  t.deepEqual(progress.slice(-2), [4, 4]);
  const controller = new AbortController();
  const sweep = simulateMany(balanced(), {
    axes: {},
    seeds: [1, 2, 3, 4],
    duration: 1e7,
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 50);
  const error = await t.throwsAsync(sweep);
  t.is(error?.name, 'AbortError');
});

test('an axis changes all inputs of its name, as separate numbers do', async (t) => {
  const E = population(iafPscExp, 40, { name: 'E' });
  const I = population(iafPscExp, 10, { name: 'I' });
  const shared = circuit(connect(poisson(1000), [E, I], { weight: 60, name: 'drive' }));
  const options = { duration: 60, seeds: 1, spikes: true } as const;
  const sweep = await simulateMany(shared, { ...options, axes: { 'drive.rate': [8000, 12_000] } });
  for (const [row, rate] of [8000, 12_000].entries()) {
    const alone = circuit(...[E, I].map((target) => connect(poisson(rate), target, { weight: 60 })));
    using simulation = await alone.compile({ seed: 1 });
    const { times, ids } = await simulation.run(60);
    t.true(times.length > 0);
    t.deepEqual(sweep.spikesOf(row), { times, ids });
  }
  using simulation = await shared.compile();
  const error = await failure(() => simulation.set('drive', { rate: 5 }));
  t.regex(error?.message ?? '', /one input, but 2 have this name/);
});

test('inputs of two kinds, or an input and a population, do not share a name', async (t) => {
  const E = population(iafPscExp, 4, { name: 'E' });
  const drive = connect(poisson(1000), E, { weight: 60, name: 'drive' });
  const current = connect(currentSource(10), E, { name: 'drive' });
  await t.throwsAsync(circuit(drive, current).compile(), { message: /a unique name, because/ });
  const same = connect(currentSource(10), E, { name: 'E' });
  await t.throwsAsync(circuit(same).compile(), { message: /a name that no population or source has/ });
});

test('arguments that would be ignored are refused, with the form that does the same', (t) => {
  const E = population(iafPscExp, 4, { name: 'E' });
  const further = (call: (...given: never[]) => unknown, ...given: unknown[]) =>
    t.throws(() => call(...(given as never[])), { instanceOf: LapicqueError }, JSON.stringify(given))!
      .message;
  t.regex(further(currentSource, 100, { start: 50, stop: 60 }), /times: \[50, 60\], values: \[100, 0\]/);
  t.regex(further(poisson, 8000, { start: 50 }), /times: \[50, 60\], values: \[8000, 0\]/);
  t.regex(further(noise, { sd: 1 }, { start: 50 }), /further argument of noise/);
  t.deepEqual([8000, 9000].map(poisson), [poisson(8000), poisson(9000)]);
  t.regex(further(distribution.uniform, 1, 2, { min: 1 }), /further argument of distribution.uniform/);
  t.regex(further(connect, currentSource(1), E, {}, { start: 5 }), /further argument of connect/);
  const synapse = { weight: 1, delay: 1 };
  t.regex(further(connect, E, E, rule.allToAll(), synapse, { start: 5 }), /further argument of connect/);
});
