// Defaults and initial values that are expressions of a parameter follow it: in every model of the registry, setting a learned
// parameter equals describing the network with it, gradients equal finite differences, and files keep it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  gif,
  izhikevich,
  li,
  type Neuron,
  neuron,
  resonateAndFire,
  surrogate,
} from '../../src-ts/doors/neurons.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import { dense, loss, Model, sequential } from '../../src-ts/index.ts';
import * as lapicque from '../support/library.ts';
import { labels, uniform } from '../support/numbers.ts';

interface Described {
  readonly key: string;
  readonly spiking: boolean;
  readonly states: readonly { readonly name: string; readonly init: string | null }[];
  readonly params: readonly {
    readonly name: string;
    readonly default: number | string | null;
    readonly learnable: boolean;
  }[];
  readonly options: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly presets: readonly {
    readonly name: string;
    readonly params: Readonly<Record<string, number | string | null>>;
  }[];
  readonly wiring: { readonly entering: readonly string[] };
}

const { models } = JSON.parse(unwrap(addon.describeModels())) as { models: readonly Described[] };

type Options = Readonly<Record<string, unknown>>;

/** What a model needs. */
const needed: Readonly<Record<string, Options>> = {
  lif: { beta: 0.85 },
  li: { beta: 0.85 },
  klif: { beta: 0.85 },
  'delta-lif': { beta: 0.85 },
  'multi-level-lif': { beta: 0.85 },
  'cuba-lif': { alpha: 0.7, beta: 0.85 },
  'cuba-li': { alpha: 0.7, beta: 0.85 },
  alpha: { alpha: 0.9, beta: 0.7 },
  lapicque: { r: 2, c: 2 },
  alif: { tauMem: 8, tauSyn: 4 },
  qif: { tauW: 20 },
};

function factory(key: string): (options: object) => Neuron {
  const camel =
    key === 'if' ? 'integrateAndFire' : key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return (lapicque as unknown as Record<string, (options: object) => Neuron>)[camel]!;
}

const [T, B, n] = [7, 2, 3];

/** A network of these neurons, in f64. The neurons are followed by nothing, so that their states decide the output. */
function network(layer: Neuron, ports: number) {
  return sequential(dense(2, ports * n), layer, dense(n, 2), li({ beta: 0.9 }));
}

const x = Float64Array.from(uniform(T * B * 2, 7, 0, 2));
const batch = { x, shape: [T, B, 2] };

interface Case {
  readonly title: string;
  readonly model: Described;
  readonly options: Options;
  readonly parameter: string;
}

/** Every learnable parameter, of every model and preset. */
const cases: Case[] = models.flatMap((model) =>
  [undefined, ...model.presets.map(({ name }) => name)].flatMap((like) =>
    model.params
      .filter(({ learnable }) => learnable)
      .map(({ name }) => ({
        title: `${model.key}${like === undefined ? '' : ` like ${like}`}: ${name}`,
        model,
        parameter: name,
        options: {
          ...needed[model.key],
          ...(like === undefined ? {} : { like }),
          ...(model.options.some(({ name, values }) => name === 'reset' && values.includes('value'))
            ? { reset: 'value' }
            : {}),
          learn: [name],
        },
      })),
  ),
);

/** Builds the network, or says that the model does not use the parameter with these options. */
async function build({ model, options }: Case, more: Options = {}) {
  const layer = () => factory(model.key)({ ...options, ...more, name: 'neurons' });
  try {
    return await network(layer(), model.wiring.entering.length).compile({
      precision: 'f64',
      dt: 0.5,
      seed: 4,
    });
  } catch {
    return undefined;
  }
}

async function traces(model: Model, states: readonly string[]) {
  const record = states.map((state) => `neurons.${state}`);
  const { recordings, v } = await model.run(batch, { record });
  return [v, ...record.map((name) => recordings[name])];
}

let tried = 0;

for (const one of cases) {
  test(`${one.title}: set, described, from a file`, async (t) => {
    using model = await build(one);
    if (model === undefined) return t.pass();
    tried++;
    const name = `neurons.${one.parameter}`;
    const [value] = (await model.weights())[name] as Float64Array;
    const moved = value! * (1 + 2 ** -6) || 2 ** -6;
    const states = one.model.states.map(({ name }) => name).filter((state) => state !== 'refractory');
    const present: string[] = [];
    for (const state of states)
      if (
        await model.run(batch, { record: [`neurons.${state}`] }).then(
          () => true,
          () => false,
        )
      )
        present.push(state);

    using described = await build(one, { [one.parameter]: moved });
    await model.setWeights({ [name]: Float64Array.of(moved) });
    const got = await traces(model, present);
    t.deepEqual(got, await traces(described!, present), 'one value');

    const each = Float64Array.from({ length: n }, (_, i) => moved * (1 + 2 ** -7 * i));
    using listed = await build(one, { [one.parameter]: each.map((x) => x) });
    using start = await build(one, { [one.parameter]: new Float64Array(n).fill(value!) });
    await start!.setWeights({ [name]: each });
    t.deepEqual(await traces(start!, present), await traces(listed!, present), 'one value per neuron');

    const folder = mkdtempSync(join(tmpdir(), 'lapicque-followed-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'model.safetensors');
    await model.save(file);
    using loaded = await Model.load(file);
    t.deepEqual(await traces(loaded, present), got, 'from a file');
    // What follows, follows on.
    await loaded.setWeights({ [name]: Float64Array.of(value!) });
    await model.setWeights({ [name]: Float64Array.of(value!) });
    t.deepEqual(await traces(loaded, present), await traces(model, present), 'set after loading');
  });
}

test.after('the search tries more than a hundred parameters', (t) => {
  t.true(tried > 100, `${tried}`);
});

/** Central difference of fourth order. */
async function difference(at: (by: number) => Promise<number>, h: number) {
  const [a, b, c, d] = [await at(-2 * h), await at(-h), await at(h), await at(2 * h)];
  return (a - 8 * b + 8 * c - d) / (12 * h);
}

/** Whether something that is not learned follows this parameter, directly or through another default. */
function isFollowed({ model, options, parameter }: Case): boolean {
  const preset = model.presets.find(({ name }) => name === options.like)?.params ?? {};
  const defaults = model.params.map(({ name, default: own }) => [name, preset[name] ?? own] as const);
  const follows = (of: string) =>
    defaults.filter(
      ([name, own]) => typeof own === 'string' && own.split(/\W+/).includes(of) && !(name in options),
    );
  return follows(parameter).length > 0 || model.states.some(({ init }) => init === parameter);
}

const followed = cases.filter(isFollowed);

for (const one of followed) {
  for (const segment of [undefined, 3]) {
    test(`${one.title}: the gradient through what follows, ${segment ? 'segments' : 'whole'}`, async (t) => {
      const smooth = one.model.spiking ? { smoothed: 2 } : {};
      const [base] = [await build(one, smooth)];
      if (base === undefined) return t.pass();
      const name = `neurons.${one.parameter}`;
      const [value] = (await base.weights())[name] as Float64Array;
      base.dispose();
      using model = (await build(one, {
        ...smooth,
        [one.parameter]: [value!, value! * 1.01 || 0.01, value!],
      }))!;
      const targets = { ...batch, y: labels(B, 8, 2) };
      const work = { segment, loss: loss.crossEntropyMembrane() };
      await model.trainStep(targets, work);
      const values = (await model.weights())[name]! as Float64Array;
      const gradient = (await model.gradients())[name]!;
      for (let i = 0; i < n; i++) {
        const slope = await difference(
          async (by) => {
            const moved = values.slice();
            moved[i]! += by;
            await model.setWeights({ [name]: moved });
            return (await model.evaluateStep(targets, work)).loss;
          },
          1e-4 * Math.max(1, Math.abs(value!)),
        );
        t.true(
          Math.abs(gradient[i]! - slope) <= 1e-5 * Math.max(Math.abs(slope), 1e-3),
          `${one.parameter}[${i}]: ${gradient[i]}, by differences ${slope}`,
        );
      }
    });
  }
}

test('the three that were reported', async (t) => {
  t.true(followed.length >= 7, `${followed.map(({ title }) => title)}`);
  const titles = followed.map(({ title }) => title);
  for (const title of ['resonate-and-fire: vThreshold', 'gif: thetaInf', 'izhikevich: b'])
    t.true(titles.includes(title), title);

  // v is reset to the threshold itself.
  const oscillator = resonateAndFire({ learn: ['vThreshold'], name: 'r' });
  using resonating = await sequential(dense(1, 1, { bias: false }), oscillator).compile({ precision: 'f64' });
  await resonating.setWeights({
    'dense1.weight': Float64Array.of(10),
    'r.vThreshold': Float64Array.of(0.25),
  });
  const drive = { x: new Float64Array(12).fill(1), shape: [12, 1, 1] };
  const { recordings: after } = await resonating.run(drive, { record: ['r.v', 'r.spikes'] });
  const [v, fired] = [after['r.v']!, after['r.spikes']!];
  t.true([...fired].some((s) => s === 1));
  [...fired].forEach((s, i) => {
    if (s === 1) t.is(v[i], 0.25);
  });

  // theta decays from thetaInf to thetaInf: it stays there.
  using moving = await sequential(gif({ learn: ['thetaInf'], name: 'g', neurons: 1 })).compile({
    precision: 'f64',
  });
  await moving.setWeights({ 'g.thetaInf': Float64Array.of(-45) });
  const silence = { x: new Float64Array(5), shape: [5, 1, 1] };
  const { recordings: theta } = await moving.run(silence, { record: ['g.theta'] });
  t.deepEqual([...theta['g.theta']!], new Array(5).fill(-45));

  // u starts at b vInit.
  using simple = await sequential(izhikevich({ learn: ['b'], name: 'i', neurons: 1 })).compile({
    precision: 'f64',
    dt: 0.5,
  });
  await simple.setWeights({ 'i.b': Float64Array.of(0.3) });
  const { recordings: u } = await simple.run(
    { x: new Float64Array(1), shape: [1, 1, 1] },
    { record: ['i.u', 'i.v'] },
  );
  const [a, b, u0] = [0.02, 0.3, 0.3 * -65];
  t.true(Math.abs(u['i.u']![0]! - (u0 + 0.5 * a * (b * u['i.v']![0]! - u0))) < 1e-12);
});

const starting = neuron({
  state: { v: { init: 'vr' } },
  params: { vr: 0.4, a: 0.8 },
  update: 'v = a*v + i',
});

test('a learned initial value: v[t] = a^(t + 1) vr without input', async (t) => {
  using model = await sequential(starting({ learn: ['vr', 'a'], name: 's', neurons: 1 })).compile({
    precision: 'f64',
  });
  const silence = { x: new Float64Array(3 * 2), shape: [3, 2, 1] };
  const run = async () => [...(await model.run(silence)).v];
  const expected = (vr: number, a: number) => [1, 1, 2, 2, 3, 3].map((power) => vr * a ** power);
  const near = (got: number[], wanted: number[]) => got.every((x, i) => Math.abs(x - wanted[i]!) < 1e-15);
  t.true(near(await run(), expected(0.4, 0.8)));
  await model.setWeights({ 's.vr': Float64Array.of(0.9) });
  t.true(near(await run(), expected(0.9, 0.8)));
  // d sum(v) / d vr = B (a + a^2 + a^3); d / d a = B vr (1 + 2 a + 3 a^2).
  const out = await model.forward(silence);
  await out.backward({ v: new Float64Array(6).fill(1) });
  const gradients = await model.gradients();
  t.true(Math.abs(gradients['s.vr']![0]! - 2 * (0.8 + 0.64 + 0.512)) < 1e-14);
  t.true(Math.abs(gradients['s.a']![0]! - 2 * 0.9 * (1 + 1.6 + 1.92)) < 1e-14);
  // From a given state, the initial value has no effect.
  const again = await model.forward(silence, { state: out.state });
  await again.backward({ v: new Float64Array(6).fill(1) });
  t.is((await model.gradients())['s.vr']![0]! - gradients['s.vr']![0]!, 0);
});

test('the gradient of an initial value that a loop reads a step later', async (t) => {
  // v[t] = w v[t-1] through the loop alone, so v[0] = w vr and v[1] = w^2 vr.
  const follower = neuron({ state: { v: { init: 'vr' } }, params: { vr: 0.5 }, update: 'v = i' });
  const layer = follower({ learn: ['vr'], name: 'f', neurons: 1, recurrent: 'one-to-one' });
  using model = await sequential(layer).compile({ precision: 'f64' });
  const [loop] = Object.keys(await model.weights()).filter(
    (name) => name !== 'f.vr' && name.endsWith('weight'),
  );
  await model.setWeights({ [loop!]: Float64Array.of(0.7) });
  const silence = { x: new Float64Array(2), shape: [2, 1, 1] };
  const out = await model.forward(silence);
  t.deepEqual([...out.v], [0.7 * 0.5, 0.7 * (0.7 * 0.5)]);
  await out.backward({ v: Float64Array.of(1, 1) });
  t.true(Math.abs((await model.gradients())['f.vr']![0]! - (0.7 + 0.49)) < 1e-15);
});

test('a trained initial value is the same in sessions, files, new surrogates and resumed training', async (t) => {
  const spiking = neuron({
    state: { v: { init: 'vr' } },
    params: { vr: [0.4, 0.6, 0.2] },
    update: 'v = 0.9*v + i',
    spike: 'v > 1',
    reset: 'v = vr',
  });
  const make = () =>
    sequential(dense(2, 3), spiking({ learn: ['vr'], name: 's' }), dense(3, 2), li({ beta: 0.9 })).compile({
      precision: 'f64',
      seed: 3,
    });
  using model = await make();
  const targets = { ...batch, y: labels(B, 8, 2) };
  const optimizer = lapicque.adam({ lr: 0.05 });
  for (let i = 0; i < 5; i++)
    await model.trainStep(targets, { loss: loss.crossEntropyMembrane(), optimizer });
  t.notDeepEqual([...(await model.weights())['s.vr']!], [0.4, 0.6, 0.2]);
  const record = ['s.v', 's.spikes'];
  const whole = await model.run(batch, { record });
  const same = async (other: Model, what: string) => {
    const { v, recordings } = await other.run(batch, { record });
    t.deepEqual([v, recordings], [whole.v, whole.recordings], what);
  };
  const folder = mkdtempSync(join(tmpdir(), 'lapicque-start-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'm.safetensors');
  await model.save(file);
  using loaded = await Model.load(file);
  await same(loaded, 'loaded');
  using changed = await model.withSurrogates({ s: surrogate.sigmoid({ slope: 3 }) });
  await same(changed, 'withSurrogates');
  using session = await model.session();
  const steps: number[] = [];
  for (let step = 0; step < T; step++) {
    session.push(x.slice(step * B * 2, step * B * 2 + 2));
    steps.push(...session.membrane(new Float64Array(2)));
  }
  t.deepEqual(
    steps,
    [...whole.v].filter((_, i) => i % (B * 2) < 2),
    'session',
  );
  // Training goes on to the bit.
  const more = (other: Model) => other.trainStep(targets, { loss: loss.crossEntropyMembrane(), optimizer });
  using resumed = await Model.load(file);
  await more(resumed);
  await more(model);
  t.deepEqual([...(await resumed.gradients())['s.vr']!], [...(await model.gradients())['s.vr']!]);
});
