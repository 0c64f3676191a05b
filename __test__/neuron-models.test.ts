// Every neuron model of the registry: gradients through time against central differences where nothing fires, and
// training, files and states where it does, alone and with every recurrence.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import * as lapicque from '../src-ts/index.ts';
import {
  adam,
  customSurrogate,
  dense,
  li,
  loss,
  Model,
  type Population,
  type PopulationOptions,
  sequential,
} from '../src-ts/index.ts';
import { addon, unwrap } from '../src-ts/native.ts';
import { failure } from './support/errors.ts';
import { labels, random, uniform } from './support/numbers.ts';

interface Described {
  readonly key: string;
  readonly spiking: boolean;
  readonly ports: readonly string[];
  readonly params: readonly { readonly name: string; readonly learnable: boolean }[];
}

const described = JSON.parse(unwrap(addon.describeModels())) as { models: readonly Described[] };
const models = described.models.filter(({ ports }) => ports.length === 1);

test('a model with several ports is no layer', async (t) => {
  const several = described.models.filter(({ ports }) => ports.length > 1);
  t.true(several.length >= 3);
  const { description } = sequential(dense(2, 3), lapicque.lif({ beta: 0.9 }));
  for (const { key } of several) {
    const nodes = description.nodes.map((node) =>
      node.kind === 'dynamics' ? { ...node, dynamics: { model: key } } : node,
    );
    const error = await failure(() => lapicque.compile({ ...description, nodes } as typeof description));
    t.is(error?.code, 'unsupported', key);
  }
});

type Options = Readonly<Record<string, unknown>>;

interface Conditions {
  /** What the model needs, and parameters that let it be checked. */
  readonly options?: Options;
  readonly dt?: number;
  /** Size of an input that leaves it silent, and of one that makes it fire. */
  readonly quiet?: number;
  readonly loud?: number;
  /** Where v is without input. */
  readonly rest?: number;
  /** Parameters of which only one of a pair takes part. */
  readonly without?: readonly string[];
}

const byFactor = { options: { beta: 0.85 }, without: ['tauMem'] };
/** By model: what differs from a dimensionless neuron with a threshold of 1. */
const conditions: Readonly<Record<string, Conditions>> = {
  lif: byFactor,
  'cuba-lif': { options: { alpha: 0.7, beta: 0.85 }, without: ['tauMem', 'tauSyn'] },
  alpha: { options: { alpha: 0.9, beta: 0.7 }, without: ['tauMem', 'tauSyn'] },
  lapicque: { options: { r: 2, c: 2 } },
  'parametric-lif': { without: ['tauInit'] },
  li: byFactor,
  'cuba-li': { options: { alpha: 0.7, beta: 0.85 }, without: ['tauMem', 'tauSyn'] },
  alif: { options: { tauMem: 8, tauSyn: 4 }, without: ['beta', 'rho'] },
  'coba-lif': { quiet: 2, loud: 40, rest: -60 },
  klif: byFactor,
  'delta-lif': byFactor,
  qif: { options: { tauW: 20, a: 0.3, b: 0.1 }, loud: 20 },
  eif: { loud: 20 },
  adex: { options: { tauSyn: 5 }, dt: 0.2, quiet: 50, loud: 9000, rest: -70.6 },
  gif: { options: { a: 0.01, jump1: 3, jump2: -2 }, quiet: 3, loud: 90, rest: -70 },
  izhikevich: { options: { vInit: -70 }, dt: 0.5, quiet: 1, loud: 60, rest: -70 },
  'hodgkin-huxley': { dt: 0.05, quiet: 1, loud: 60, rest: -65 },
};

function factory({ key }: Described): (options: object) => Population {
  const camel =
    key === 'if' ? 'integrateAndFire' : key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return (lapicque as unknown as Record<string, (options: object) => Population>)[camel]!;
}

function population(model: Described, more: PopulationOptions & Options): Population {
  return factory(model)({ ...conditions[model.key]?.options, ...more, name: 'neurons' });
}

const [T, B, channels, n] = [12, 3, 4, 5];

for (const model of models) {
  const { dt = 1, quiet = 0.3, rest = 0, loud = 4, without = [] } = conditions[model.key] ?? {};

  for (const recurrent of [undefined, 'one-to-one', 'dense'] as const) {
    const topology = recurrent ?? 'feed-forward';
    if (recurrent !== undefined && !model.spiking) {
      test(`${model.key}, ${topology}: is refused, because nothing spikes`, async (t) => {
        const network = sequential(dense(channels, n), population(model, { recurrent }));
        await t.throwsAsync(network.compile({}), {
          code: 'invalid-parameter',
          message: /^neurons\.recurrent/,
        });
      });
      continue;
    }

    test(`${model.key}, ${topology}: gradients through time are those of central differences`, async (t) => {
      // Nothing fires, and the surrogate is 0, so that the loss is as smooth as the equations.
      const silent = model.spiking
        ? {
            surrogate: customSurrogate('0 * x'),
            ...(['vThreshold', 'vPeak'].some((name) => rest === 0 && has(model, name))
              ? { [has(model, 'vPeak') ? 'vPeak' : 'vThreshold']: 50 }
              : {}),
          }
        : {};
      const learn = model.params
        .filter(({ name, learnable }) => learnable && !without.includes(name))
        .map(({ name }) => name);
      const neurons = population(model, { ...silent, learn, ...(recurrent ? { recurrent } : {}) });
      using network = await sequential(dense(channels, n), neurons).compile({
        precision: 'f64',
        dt,
        seed: 3,
      });
      const x = Float64Array.from(uniform(T * B * channels, 4, 0, quiet));
      const batch = { x, shape: [T, B, channels], y: labels(B, 5, n) };
      const objective = { loss: loss.meanSquaredMembrane({ onTarget: rest + 1, offTarget: rest - 0.2 }) };
      const evaluate = async (input: Float64Array) =>
        (await network.evaluateStep({ ...batch, x: input }, objective)).loss;
      const { inputGradient, spikes } = await network.trainStep(batch, { ...objective, inputGradient: true });
      if (model.spiking) t.is(spikes[0], 0);
      const [weights, gradients] = [await network.weights(), await network.gradients()];
      const next = random(6);
      for (const [name, values] of [['x', x] as const, ...Object.entries(weights)]) {
        const analytic = name === 'x' ? inputGradient! : gradients[name]!;
        for (let i = 0; i < 3; i++) {
          const index = Math.floor(next() * values.length);
          const step = 1e-4 * Math.max(1, Math.abs(values[index]!));
          const at = async (by: number) => {
            const changed = Float64Array.from(values);
            changed[index]! += by * step;
            if (name === 'x') return evaluate(changed);
            await network.setWeights({ [name]: changed });
            return evaluate(x);
          };
          const numeric =
            (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * step);
          const near = Math.abs(analytic[index]! - numeric) <= 1e-6 * Math.max(Math.abs(numeric), 1e-2);
          t.true(near, `${name}[${index}]: ${analytic[index]}, by differences ${numeric}`);
        }
        if (name !== 'x') await network.setWeights({ [name]: values });
      }
    });

    test(`${model.key}, ${topology}: trains, comes back from a file, goes on from a state`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lapicque-neurons-'));
      t.teardown(() => rmSync(folder, { recursive: true }));
      for (const precision of ['f32', 'f64'] as const) {
        const neurons = population(model, recurrent ? { recurrent } : {});
        const network = sequential(dense(channels, n), neurons, dense(n, 2), li({ beta: 0.9 }));
        using trained = await network.compile({ precision, dt, seed: 3 });
        const steps = 40;
        const x = uniform(steps * B * channels, 7, 0, loud);
        const batch = { x: precision === 'f64' ? Float64Array.from(x) : x, shape: [steps, B, channels] };
        // Upwards, so that the neurons fire.
        const { 'dense1.weight': weights } = await trained.weights();
        await trained.setWeights({ 'dense1.weight': weights!.map(Math.abs) });
        const targets = { ...batch, y: labels(B, 8, 2) };
        const report = await trained.trainStep(targets, {
          loss: loss.crossEntropyMembrane(),
          optimizer: adam({ lr: 1e-3 }),
        });
        t.true(Number.isFinite(report.loss));
        if (model.spiking) t.true(report.spikes[0]! > 0, 'fires');
        const whole = await trained.run(batch);
        const file = join(folder, `${precision}.safetensors`);
        await trained.save(file);
        using loaded = await Model.load(file);
        t.deepEqual((await loaded.run(batch)).v, whole.v);
        const half = (steps / 2) * B * channels;
        const parts = [batch.x.subarray(0, half), batch.x.subarray(half)];
        const shape = [steps / 2, B, channels];
        const first = await loaded.run({ x: parts[0]!, shape });
        const second = await loaded.run({ x: parts[1]!, shape }, { state: first.state });
        t.deepEqual([...first.v, ...second.v], [...whole.v]);
      }
    });
  }
}

function has(model: Described, parameter: string): boolean {
  return model.params.some(({ name }) => name === parameter);
}
