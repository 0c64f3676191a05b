// Layers that mix steps of time: parallel spiking neurons against SpikingJelly (see fixtures/over-time), and delays and
// filters in sessions, files, states and threads. Their sums are checked in src-rs/core/tests/engine/over_time.rs.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Initializer, li, lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  concat,
  dense,
  loss,
  Model,
  ModelState,
  psn,
  sequential,
  setThreads,
  slidingPsn,
  threshold,
  timeFilter,
  timeMax,
  timeMean,
  timeMixture,
  timeSum,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, spikes, uniform } from '../support/numbers.ts';

interface Case {
  name: string;
  kind: 'psn' | 'sliding';
  options: { steps?: number; order: number; lambda?: number };
  shape: number[];
  x: number[];
  target: number[];
  weight: number[];
  bias: number[];
  spikes: number[];
  loss: number;
  inputGradient: number[];
  weightGradient: number[];
  biasGradient: number[];
}
const { cases } = JSON.parse(
  readFileSync('__test__/training/fixtures/over-time/spikingjelly.json', 'utf8'),
) as {
  cases: Case[];
};

for (const c of cases) {
  test(`SpikingJelly: ${c.name}`, async (t) => {
    const { steps, order, lambda } = c.options;
    const neurons =
      c.kind === 'sliding'
        ? slidingPsn(order, { name: 'p' })
        : psn(steps!, { name: 'p', order, ...(lambda === undefined ? {} : { lambda }) });
    const network = sequential(...neurons, li({ beta: 0 }));
    using model = await network.compile({ inputs: c.shape[2]!, precision: 'f64' });
    await model.setWeights({
      'p.time.weight': Float64Array.from(c.weight),
      'p.time.bias': Float64Array.from(c.bias),
    });
    const batch = { x: Float64Array.from(c.x), shape: c.shape, y: Float32Array.from(c.target) };
    const close = (ours: ArrayLike<number>, theirs: readonly number[], what: string) =>
      theirs.forEach((value, i) => {
        t.true(Math.abs(ours[i]! - value) < 1e-6 * Math.max(1, Math.abs(value)), `${what}[${i}]`);
      });
    const report = await model.trainStep(batch, { loss: loss.meanSquaredMembrane(), inputGradient: true });
    const gradients = await model.gradients();
    close([report.loss], [c.loss], 'loss');
    close(report.inputGradient!, c.inputGradient, 'input');
    close(gradients['p.time.weight']!, c.weightGradient, 'weight');
    close(gradients['p.time.bias']!, c.biasGradient, 'bias');
    close((await model.run(batch)).v, c.spikes, 'spikes');
  });
}

const [steps, batch, channels] = [40, 19, 12];
const input = { x: spikes(steps * batch * channels, 5), shape: [steps, batch, channels] };
/** Delays that are learned and one that is not, a filter, sliding neurons, and reductions. */
const network = () =>
  sequential(
    dense(channels, 70, { delay: { max: 6 } }),
    lif({ beta: 0.8, vThreshold: 0.3, recurrent: 'dense' }),
    timeFilter({ of: (ms) => (ms / 3) * Math.exp(1 - ms / 3), length: 12 }, { each: true }),
    threshold({ vThreshold: 0.8 }),
    dense(70, 30, { delay: 3.4, bias: false }),
    ...slidingPsn(4),
    concat([timeSum()], [timeMean()], [timeMax()]),
    dense(90, 5),
    timeMax(),
    li({ beta: 0.9 }),
  );

async function trained(options = {}): Promise<Model> {
  const model = await network().compile({ seed: 2 });
  for (let step = 0; step < 3; step++) {
    const training = { loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 0.02 }), ...options };
    await model.trainStep({ ...input, y: labels(batch, 1, 5) }, training);
  }
  return model;
}

test('a session gives the bits of a run, and a run those of its pieces', async (t) => {
  using model = await trained();
  const { v } = await model.run(input);
  using session = await model.session();
  for (let step = 0; step < steps; step++) {
    const row = input.x.subarray((step * batch + 7) * channels, (step * batch + 8) * channels);
    session.push(Uint32Array.from(row.keys()).filter((i) => row[i] === 1));
    t.deepEqual(session.membrane(), v.slice((step * batch + 7) * 5, (step * batch + 8) * 5));
  }
  const cut = 3 * batch * channels;
  const first = await model.run({ x: input.x.subarray(0, cut), shape: [3, batch, channels] });
  // What is on its way goes through plain arrays too.
  const state = ModelState.fromArrays(first.state.toArrays());
  const rest = { x: input.x.subarray(cut), shape: [steps - 3, batch, channels] };
  t.deepEqual((await model.run(rest, { state })).v, v.slice(3 * batch * 5));
});

test('the weights do not depend on threads, and on segments within rounding', async (t) => {
  const hashes = [];
  for (const threads of [1, 2, 3]) {
    setThreads(threads);
    using model = await trained();
    hashes.push(await model.weightsSha256());
  }
  setThreads(2);
  t.deepEqual(hashes, [hashes[0], hashes[0], hashes[0]]);
  using whole = await trained();
  using pieces = await trained({ segment: 5 });
  const [a, b] = [await whole.weights(), await pieces.weights()];
  for (const [name, values] of Object.entries(a)) {
    t.true(
      values.every((x, i) => Math.abs(x - b[name]![i]!) < 1e-3),
      name,
    );
  }
});

const message = async (work: () => unknown) => (await failure(async () => work()))?.message;

test('delays learn, stay in files, and are one number where they are given as one', async (t) => {
  using model = await trained();
  const { 'dense1.delay': learned, 'dense2.delay': fixed } = await model.weights();
  using fresh = await network().compile({ seed: 2 });
  t.notDeepEqual(learned, (await fresh.weights())['dense1.delay']);
  t.true(fixed!.every((ms) => Math.abs(ms - 3.4) < 1e-6));
  const path = join(tmpdir(), `lapicque-delays-${process.pid}.safetensors`);
  await model.save(path);
  using loaded = await Model.load(path);
  t.deepEqual((await loaded.run(input)).v, (await model.run(input)).v);
});

test('learned delays stay in their range', async (t) => {
  using model = await sequential(
    dense(channels, 30, { delay: { max: 3 } }),
    lif({ beta: 0.8, vThreshold: 0.3 }),
    dense(30, 5),
    li({ beta: 0.9 }),
  ).compile({ seed: 5 });
  const before = (await model.weights())['dense1.delay']!;
  for (let i = 0; i < 4; i++) {
    const options = { loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 2 }) };
    await model.trainStep({ ...input, y: labels(batch, 1, 5) }, options);
  }
  const after = (await model.weights())['dense1.delay']!;
  t.true(after.every((ms) => ms >= 0 && ms <= 3));
  // Both ends are reached, and what has reached one can leave it.
  t.true(after.includes(0) && after.includes(3) && !after.every((ms, i) => ms === before[i]));
});

test('a mask that closes while training goes on, and then a session', async (t) => {
  const network = sequential(
    dense(channels, 20),
    ...psn(steps, { order: 3, lambda: 0, name: 'p' }),
    dense(20, 5),
    li({ beta: 0.9 }),
  );
  using model = await network.compile({ seed: 4 });
  t.is((await failure(() => model.session()))?.code, 'unsupported');
  const data = {
    async *[Symbol.asyncIterator]() {
      yield { ...input, y: labels(batch, 1, 5) };
    },
  };
  const seen: number[] = [];
  const onEpoch = async ({ epoch }: { epoch: number }) => {
    seen.push((await model.weights())['p.time.lambda']![0]!);
    await model.setWeights({ 'p.time.lambda': Float32Array.of(Math.min(1, epoch / 2)) });
  };
  await model.fit(data, { epochs: 3, loss: loss.crossEntropyMembrane(), callbacks: { onEpoch } });
  t.deepEqual(seen, [0, 0.5, 1]);
  const { v } = await model.run(input);
  using session = await model.session();
  for (let step = 0; step < steps; step++) {
    const row = input.x.subarray((step * batch + 7) * channels, (step * batch + 8) * channels);
    session.push(Uint32Array.from(row.keys()).filter((i) => row[i] === 1));
    t.deepEqual(session.membrane(), v.slice((step * batch + 7) * 5, (step * batch + 8) * 5));
  }
  const path = join(tmpdir(), `lapicque-mask-${process.pid}.safetensors`);
  await model.save(path);
  using loaded = await Model.load(path);
  t.deepEqual((await loaded.run(input)).v, v);
});

test('the last step has what torch gives for all of them', async (t) => {
  const [T, B, N] = [7, 3, 4];
  const x = uniform(T * B * N, 9, -1, 1);
  const expected = {
    sum: (column: number[]) => column.reduce((a, b) => a + b, 0),
    mean: (column: number[]) => column.reduce((a, b) => a + b, 0) / T,
    max: (column: number[]) => Math.max(...column),
  };
  for (const [name, layer] of Object.entries({ sum: timeSum(), mean: timeMean(), max: timeMax() })) {
    using model = await sequential(layer, li({ beta: 0 })).compile({ inputs: N, precision: 'f64' });
    const last = (await model.run({ x, shape: [T, B, N] })).v.slice((T - 1) * B * N);
    last.forEach((value, i) => {
      const column = Array.from({ length: T }, (_, step) => x[step * B * N + i]!);
      t.true(Math.abs(value - expected[name as keyof typeof expected](column)) < 1e-12, `${name}[${i}]`);
    });
  }
});

test('what is counted over time is learned from the last step', async (t) => {
  // Two classes that differ in how often the first or the second channel fires, in whatever order.
  const [T, B] = [20, 32];
  const y = labels(B, 4, 2);
  const draws = uniform(T * B * 2, 6, 0, 1);
  const x = Uint8Array.from(draws, (u, i) => (u < (i % 2 === y[Math.floor(i / 2) % B]! ? 0.6 : 0.2) ? 1 : 0));
  const network = sequential(timeMean(), dense(2, 2), li({ beta: 0 }));
  using model = await network.compile({ inputs: 2, seed: 1 });
  let last = Number.NaN;
  for (let step = 0; step < 60; step++) {
    const options = { loss: loss.crossEntropyMembrane({ from: T - 1 }), optimizer: adam({ lr: 0.1 }) };
    last = (await model.trainStep({ x, shape: [T, B, 2], y }, options)).loss;
  }
  t.true(last < 0.35, `loss ${last}`);
});

test('what cannot be is an error', async (t) => {
  t.is(
    await message(() => dense(3, 4, { delay: -1 })),
    'dense.delay: expected a finite number at least 0 but got -1',
  );
  t.regex((await message(() => dense(3, 4, { delay: { max: Number.NaN } })))!, /^dense\.delay\.max: /);
  t.regex((await message(() => timeFilter([])))!, /^timeFilter\.kernel: expected at least one number/);
  t.regex((await message(() => timeFilter([1, Number.NaN])))!, /^timeFilter\.kernel\[1\]: /);
  t.regex((await message(() => timeMixture(4, { order: 5 })))!, /^timeMixture\.order: /);
  t.regex((await message(() => timeMixture(4, { lambda: 0.5 })))!, /^timeMixture\.lambda: expected an order/);
  t.regex((await message(() => psn(4, { order: 2, lambda: 2 })))!, /^psn\.lambda: /);
  t.regex((await message(() => slidingPsn(0)))!, /^slidingPsn\.order: /);
  t.regex((await message(() => timeSum({ nmae: 'a' } as never)))!, /nmae/);
  using model = await sequential(...psn(8), li({ beta: 0 })).compile({ inputs: 2 });
  const short = await failure(() => model.run({ x: new Uint8Array(14), shape: [7, 1, 2] }));
  t.is(short?.code, 'shape-mismatch');
  t.is((await failure(() => model.session()))?.code, 'unsupported');
  const targets = { x: new Uint8Array(16), shape: [8, 1, 2], y: Uint8Array.of(0) };
  const cut = failure(() => model.trainStep(targets, { loss: loss.crossEntropyMembrane(), segment: 4 }));
  t.is((await cut)?.code, 'unsupported');
  using delayed = await trained();
  const { state } = await delayed.run(input);
  const { pending: _, ...without } = state.toArrays();
  const lost = await failure(() => delayed.run(input, { state: ModelState.fromArrays(without) }));
  t.is(lost?.code, 'shape-mismatch');
});

test('delays outside 0 to the longest are refused, and clamped if they are sampled from a normal distribution', async (t) => {
  const delayed = (initial: Initializer) =>
    sequential(dense(20, 30, { delay: { max: 3, initial } }), lif({ beta: 0.9 }));
  const refused = 'dense1.delay[0]: expected a delay from 0 to 3 ms but got ';
  t.is(await message(() => delayed({ kind: 'constant', value: 7 }).compile()), `${refused}7`);
  t.is(await message(() => delayed({ kind: 'constant', value: -1 }).compile()), `${refused}-1`);
  t.regex(
    (await message(() => delayed({ kind: 'uniform', low: 0, high: 9 }).compile()))!,
    /^dense1\.delay\[\d+\]: expected a delay from 0 to 3 ms but got /,
  );
  using model = await delayed({ kind: 'normal', mean: 1, std: 5 }).compile();
  const { 'dense1.delay': sampled } = await model.weights();
  const values = [...sampled!];
  t.true(values.includes(0) && values.includes(3) && values.some((delay) => delay > 0 && delay < 3));
  t.true(values.every((delay) => delay >= 0 && delay <= 3));
  t.is(
    await message(() => model.setWeights({ 'dense1.delay': new Float32Array(600).fill(4) })),
    `${refused}4`,
  );
});

test('delays learn where weights are frozen', async (t) => {
  using model = await sequential(
    dense(1, 1, { bias: false, trainable: false, delay: { max: 8 } }),
    li({ beta: 0.5 }),
  ).compile({ seed: 1 });
  const before = await model.weights();
  const late = { x: Uint8Array.of(1, ...Array(11).fill(0)), shape: [12, 1, 1], y: Float32Array.of(1) };
  for (let i = 0; i < 3; i++) {
    await model.trainStep(late, { loss: loss.meanSquaredMembrane(), optimizer: adam({ lr: 0.1 }) });
  }
  const after = await model.weights();
  t.deepEqual(after['dense1.weight'], before['dense1.weight']);
  t.notDeepEqual(after['dense1.delay'], before['dense1.delay']);
});
