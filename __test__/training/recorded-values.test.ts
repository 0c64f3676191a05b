// What can be recorded: states, spikes, what enters every port and what every layer gives, by one spelling in runs, sessions, the
// command line and simulations of large networks; compared with sums made here.
import { join } from 'node:path';
import test from 'ava';
import {
  circuit,
  connect,
  noise,
  population,
  record,
  rule,
  simulate,
  spikeSource,
} from '../../src-ts/doors/circuit.ts';
import { readTensors, writeTensors } from '../../src-ts/doors/files.ts';
import { cubaLif, li, lif, type Neuron, rateUnit, slstm } from '../../src-ts/doors/neurons.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import {
  avgPool2d,
  batchNorm,
  concat,
  conv2d,
  dense,
  dropout,
  flatten,
  input,
  LapicqueError,
  type Layer,
  layerNorm,
  type Model,
  maxPool2d,
  residual,
  sequential,
} from '../../src-ts/index.ts';
import * as lapicque from '../support/library.ts';
import { deviation, spikes, uniform } from '../support/numbers.ts';
import { folder, json, lapicque as program } from '../support/program.ts';

const [steps, batch] = [7, 3];

/** `[rows, outputs]` of a dense layer, in the order of torch. */
function product(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  inputs: number,
) {
  const outputs = weight.length / inputs;
  const rows = x.length / inputs;
  const out = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++)
    for (let o = 0; o < outputs; o++) {
      let sum = bias?.[o] ?? 0;
      for (let i = 0; i < inputs; i++) sum += weight[o * inputs + i]! * x[row * inputs + i]!;
      out[row * outputs + o] = sum;
    }
  return out;
}

/** The step before, zeros at the start. */
function delayed(values: ArrayLike<number>, row: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = row; i < out.length; i++) out[i] = values[i - row]!;
  return out;
}

const all = async (model: Model, x: Uint8Array | Float32Array, channels: number) => {
  const inputBatch = { x, shape: [steps, batch, channels] };
  const plain = await model.run(inputBatch);
  const run = await model.run(inputBatch, { record: model.info.recordable });
  return { plain, run, recordings: run.recordings };
};

interface Described {
  readonly key: string;
  readonly states: readonly { readonly name: string }[];
  readonly ports: readonly string[];
  readonly wiring: { readonly entering: readonly string[] };
}
const { models } = JSON.parse(unwrap(addon.describeModels())) as { models: readonly Described[] };
/** Parameters of models that have none by default. */
const needed: Readonly<Record<string, object>> = {
  lif: { beta: 0.8 },
  'cuba-lif': { alpha: 0.7, beta: 0.85 },
  alpha: { alpha: 0.9, beta: 0.7 },
  lapicque: { r: 2, c: 2 },
  li: { beta: 0.8 },
  'cuba-li': { alpha: 0.7, beta: 0.85 },
  alif: { tauMem: 8 },
  klif: { beta: 0.8 },
  'delta-lif': { beta: 0.8 },
  'multi-level-lif': { beta: 0.8 },
};
const factory = ({ key }: Described) => {
  const name = key === 'if' ? 'integrateAndFire' : key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return (lapicque as unknown as Record<string, (options: object) => Neuron>)[name]!;
};

for (const model of models) {
  test(`${model.key}: every state and port, as dense weights and what returns bring it`, async (t) => {
    const n = 5;
    const parts = model.wiring.entering.length;
    for (const recurrent of [undefined, 'dense'] as const) {
      const neurons = factory(model)({
        ...needed[model.key],
        name: 'a',
        ...(recurrent ? { recurrent } : {}),
      });
      const layers = [dense(4, parts * n), neurons, dense(n, 2), li({ beta: 0.9 })];
      using compiled = await sequential(...layers).compile({ precision: 'f64', dt: 0.1, seed: 3 });
      const { ports, states } = compiled.info.layers[0]!;
      for (const name of [...ports, ...states.map(({ name }) => name)])
        t.true(compiled.info.recordable.includes(`a.${name}`), name);
      // No port is called as a state is.
      t.is(new Set([...ports, ...states.map(({ name }) => name)]).size, ports.length + states.length);
      const x = uniform(steps * batch * 4, 5, 0, 2);
      const { plain, run, recordings } = await all(compiled, x, 4);
      t.deepEqual([run.v, run.spikes, run.spikeCounts], [plain.v, plain.spikes, plain.spikeCounts]);
      const weights = await compiled.weights();
      const expected = product(x, weights['dense1.weight']!, weights['dense1.bias'], 4);
      t.true(deviation(recordings['dense1.values']!, expected) < 1e-12, 'dense1.values');
      if (recurrent === undefined)
        model.wiring.entering.forEach((port, part) => {
          const own = expected.filter((_, i) => Math.floor((i % (parts * n)) / n) === part);
          t.true(deviation(recordings[`a.${port}`]!, own) < 1e-12, port);
        });
      for (const port of ports) t.is(recordings[`a.${port}`]!.length, steps * batch * n, port);
      // A session goes through the same numbers, one sample at a time.
      const session = await compiled.session({ record: compiled.info.recordable });
      for (let step = 0; step < steps; step++) {
        session.push(x.slice(step * batch * 4, step * batch * 4 + 4));
        for (const name of compiled.info.recordable) {
          const width = run.shapes[name]![2];
          const row = recordings[name]!.subarray(step * batch * width, step * batch * width + width);
          t.deepEqual(Array.from(session.recorded(name)), Array.from(row), `${name}, step ${step}`);
        }
      }
    }
  });
}

test('what enters a recurrent population is the layer before it and its own last spikes', async (t) => {
  const n = 6;
  for (const [neurons, returned] of [
    [lif({ name: 'a', beta: 0.8, vThreshold: 0.3, recurrent: 'dense' }), 'a.spikes'],
    [cubaLif({ name: 'a', alpha: 0.5, beta: 0.8, vThreshold: 0.2, recurrent: 'dense' }), 'a.spikes'],
    [slstm({ name: 'a', vThreshold: 0.05, recurrent: 'dense' }), 'a.v'],
    // All steps at once, where its state is its current.
    [
      rateUnit({
        name: 'a',
        activation: 'identity',
        recurrent: { kind: 'dense', bias: false, parallel: true },
      }),
      'a.v',
    ],
  ] as const) {
    const ports = neurons.ports?.entering ?? ['current'];
    const isParallel = neurons.dynamics.model === 'rate-unit';
    const layers = [
      dense(1, ports.length * n, { bias: !isParallel }),
      neurons,
      dense(n, 2),
      li({ beta: 0.9 }),
    ];
    const model = await sequential(...layers).compile({ precision: 'f64', seed: 8 });
    const x = spikes(steps * batch, 4, 0.5);
    const { plain, run, recordings } = await all(model, x, 1);
    t.deepEqual(run.v, plain.v);
    const w = await model.weights();
    const first = product(x, w['dense1.weight']!, w['dense1.bias'], 1);
    const back = product(
      delayed(recordings[returned]!, batch * n),
      w['a.recurrent.weight']!,
      w['a.recurrent.bias'],
      n,
    );
    const sum = first.map((value, i) => value + back[i]!);
    ports.forEach((port, part) => {
      const own = sum.filter((_, i) => Math.floor((i % (ports.length * n)) / n) === part);
      t.true(deviation(recordings[`a.${port}`]!, own) < 1e-12, `${neurons.dynamics.model}: ${port}`);
    });
  }
});

test('the values of every layer without a state, also of one that is part of the population behind it', async (t) => {
  const layers: Layer[] = [
    input(2, 4, 4),
    conv2d(2, 3, 3, { padding: 1, name: 'conv' }),
    batchNorm({ name: 'norm' }),
    lif({ beta: 0.5, vThreshold: 0.2, name: 'a' }),
    maxPool2d(2, { name: 'pool' }),
    residual([conv2d(3, 3, 1, { name: 'inner' }), lif({ beta: 0.5, vThreshold: 0.2, name: 'b' })]),
    avgPool2d(2, { name: 'mean' }),
    flatten({ name: 'flat' }),
    dropout(0.5, { name: 'drop' }),
    dense(3, 5, { name: 'hidden' }),
    layerNorm({ name: 'tokens' }),
    lif({ beta: 0.5, vThreshold: 0.2, name: 'c' }),
    dense(5, 2, { name: 'out' }),
    li({ beta: 0.9, name: 'readout' }),
  ];
  const model = await sequential(...layers).compile({ precision: 'f64', seed: 2 });
  const x = spikes(steps * batch * 32, 9, 0.5);
  const { plain, run, recordings } = await all(model, x, 32);
  t.deepEqual(run.v, plain.v);
  const { recordable } = model.info;
  for (const name of ['conv', 'norm', 'pool', 'inner', 'mean', 'drop', 'hidden', 'tokens', 'out'])
    t.true(recordable.includes(`${name}.values`), `${name} of ${recordable}`);
  const w = await model.weights();
  const { 'c.spikes': hidden } = recordings;
  t.deepEqual(recordings['out.values'], recordings['readout.current']);
  t.true(deviation(recordings['out.values']!, product(hidden!, w['out.weight']!, w['out.bias'], 5)) < 1e-12);
  // Without learning dropout passes everything on, and norms alone are what enters neurons.
  t.true(
    deviation(
      recordings['hidden.values']!,
      product(recordings['drop.values']!, w['hidden.weight']!, w['hidden.bias'], 3),
    ) < 1e-12,
  );
  t.deepEqual(recordings['tokens.values'], recordings['c.current']);
  t.deepEqual(recordings['norm.values'], recordings['a.current']);
});

test('two layers that enter one population: each is recorded, and their sum', async (t) => {
  const model = await sequential(
    input(3),
    concat([dense(3, 4, { name: 'left' })], [dense(3, 2, { name: 'right' })]),
    lif({ beta: 0.5, name: 'a' }),
  ).compile({ precision: 'f64', seed: 4 });
  const x = uniform(steps * batch * 3, 2);
  const { recordings } = await all(model, x, 3);
  const w = await model.weights();
  for (const name of ['left', 'right']) {
    const expected = product(x, w[`${name}.weight`]!, w[`${name}.bias`], 3);
    t.true(deviation(recordings[`${name}.values`]!, expected) < 1e-12, name);
  }
});

test('long sequences, many samples and single precision: a recording is what a session finds', async (t) => {
  const model = await sequential(
    dense(3, 70),
    lif({ beta: 0.9, recurrent: 'dense' }),
    dense(70, 80),
    slstm({ vThreshold: 0.05 }),
  ).compile({ seed: 6 });
  const [long, many] = [300, 19];
  const x = spikes(long * many * 3, 3, 0.3);
  const names = [
    'lif1.current',
    'dense1.values',
    'dense2.values',
    ...model.info.layers[1]!.ports.map((port) => `slstm1.${port}`),
  ];
  const { recordings, shapes } = await model.run({ x, shape: [long, many, 3] }, { record: names });
  for (const sample of [0, 18]) {
    const session = await model.session({ record: names });
    for (let step = 0; step < long; step++) {
      const at = (step * many + sample) * 3;
      session.push(Float32Array.from(x.subarray(at, at + 3)));
      for (const name of names) {
        const width = shapes[name]![2];
        const from = (step * many + sample) * width;
        t.deepEqual(session.recorded(name), recordings[name]!.subarray(from, from + width) as Float32Array);
      }
    }
  }
});

test('an unknown name tells what can be recorded, everywhere', async (t) => {
  const model = await sequential(dense(3, 4), lif({ beta: 0.9 }), dense(4, 2), li({ beta: 0.9 })).compile();
  const x = new Uint8Array(3);
  const asks = {
    run: (name: string) => model.run({ x, shape: [1, 1, 3] }, { record: [name] }),
    session: (name: string) => model.session({ record: [name] }),
  };
  for (const [where, ask] of Object.entries(asks)) {
    const refused = async (name: string) => {
      const error = await t.throwsAsync(async () => ask(name), undefined, where);
      t.true(error instanceof LapicqueError && error.code === 'unknown-name', where);
      return error!.message;
    };
    t.regex(await refused('lif1.voltage'), /known are lif1\.spikes, lif1\.v.*, lif1\.current/);
    t.regex(await refused('nobody'), /known are lif1\.spikes.*li1\.current.*dense1\.values, dense2\.values/);
    t.regex(await refused('lif1.mem'), /did you mean "lif1\.v"\?/);
    t.regex(await refused('lif1.input'), /did you mean "lif1\.current"\?/);
  }
  const session = await model.session({ record: ['lif1.v'] });
  t.throws(() => session.recorded('lif1.current'), {
    message: /unknown recording of this session "lif1\.current".*lif1\.v/,
  });

  const E = population(lif, 3, { name: 'E', tauMem: 10, vThreshold: 1 });
  await t.throwsAsync(async () => circuit(E, record.traces(E, ['voltage'])).compile(), {
    message: /unknown state or port of E "voltage"; known are v.*, current/,
  });
});

test('a session that forks, begins anew or refuses a step keeps its recordings right', async (t) => {
  const model = await sequential(dense(3, 4), lif({ beta: 0.9 })).compile({ seed: 1 });
  const session = await model.session({ record: ['lif1.current', 'lif1.v', 'lif1.spikes'] });
  session.push([0, 2]);
  const [before, v] = [session.recorded('lif1.current'), session.recorded('lif1.v')];
  t.true(before.some((value) => value !== 0));
  t.throws(() => session.push([9]));
  t.deepEqual([session.recorded('lif1.current'), session.recorded('lif1.v')], [before, v]);
  t.deepEqual([...session.fork().recorded('lif1.current')], [0, 0, 0, 0]);
  session.reset();
  t.deepEqual([...session.recorded('lif1.current')], [0, 0, 0, 0]);
});

test('large networks: what enters a port is the sum of the weights that arrive, and recording changes nothing', async (t) => {
  const E = population(lif, 70, { name: 'E', tauMem: 10, vThreshold: 1 });
  const source = spikeSource([[1, 3], [3]], { name: 'in' });
  const parts = [
    E,
    connect(source, E, rule.allToAll(), { weight: 0.25, delay: 1.5 }),
    connect(E, E, rule.fixedInDegree(5), { weight: 0.1, delay: 1 }),
  ];
  for (const precision of ['f32', 'f64'] as const) {
    const plain = await simulate(circuit(...parts, connect(noise({ sd: 0.3 }), E)), {
      duration: 30,
      precision,
    });
    const traced = circuit(...parts, connect(noise({ sd: 0.3 }), E), record.traces(E, ['v', 'current']));
    const recording = await simulate(traced, { duration: 30, precision, threads: 2 });
    t.deepEqual([recording.times, recording.ids], [plain.times, plain.ids]);

    const quiet = await simulate(circuit(...parts.slice(0, 2), record.traces(E, ['current'])), {
      duration: 10,
      precision,
    });
    const { times, values } = quiet.traces['E.current']!;
    times.forEach((time, k) => {
      // A spike at 1 ms arrives 1.5 ms later, in the step that ends then.
      const expected = Math.abs(time - 2.5) < 0.01 ? 0.25 : Math.abs(time - 4.5) < 0.01 ? 0.5 : 0;
      for (let n = 0; n < 70; n++)
        if (Math.abs(values[k * 70 + n]! - expected) > 1e-6)
          t.fail(`${precision}: ${values[k * 70 + n]} at ${time} ms`);
    });
    t.true(values.some((value) => value > 0.4));
  }
  // A port that nothing enters has zeros.
  const alone = await simulate(circuit(population(lif, 2, { name: 'A', tauMem: 10 }), ...[]), {
    duration: 1,
  });
  t.deepEqual(alone.traces, {});
});

test.serial('the command line takes the same names', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  const model = await sequential(dense(3, 4), lif({ beta: 0.9 })).compile({ seed: 1 });
  await model.save(join(path, 'model.safetensors'));
  const x = Float32Array.from(spikes(12, 1, 0.5));
  await writeTensors(join(path, 'input.npy'), { input: { data: x, shape: [4, 1, 3] } });
  const names = ['lif1.current', 'dense1.values'];
  const run = [
    'run',
    'model.safetensors',
    '--input',
    'input.npy',
    '--output',
    'out.safetensors',
    '--record',
    ...names,
  ];
  await json(run, path);
  const { tensors } = await readTensors(join(path, 'out.safetensors'));
  const { recordings } = await model.run({ x, shape: [4, 1, 3] }, { record: names });
  for (const name of names) t.deepEqual(tensors.get(name)!.data, recordings[name] as Float32Array);
  const wrong = await program([...run, 'lif1.voltage'], path);
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /known are lif1\.spikes, lif1\.v/);

  const simulated = [
    'simulate',
    'brunel',
    '--scale',
    '0.01',
    '--seconds',
    '0.05',
    '--transient',
    '0',
    '--record',
    'out.npz',
  ];
  await json([...simulated, '--trace', 'E.v', 'I.current'], path);
  const file = (await readTensors(join(path, 'out.npz'))).tensors;
  t.deepEqual([...file.get('E.v')!.shape], [500, 10]);
  t.deepEqual([...file.get('I.current')!.shape], [500, 10]);
  t.true(Array.from(file.get('I.current')!.data as Float64Array).some((current) => current !== 0));
  t.is(file.get('E.v.times')!.data.length, 500);
  const unknown = await program([...simulated, '--trace', 'X.v'], path);
  t.regex(unknown.stderr, /unknown population of --trace "X"; known are E, I/);
  const state = await program([...simulated, '--trace', 'E.w'], path);
  t.regex(state.stderr, /unknown state or port of E "w"/);
});
