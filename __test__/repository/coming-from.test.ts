// docs/guides/coming-from.md and the pages of single libraries: their programs run as they stand, and networks that they say how to write are those of the peers.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import {
  alif,
  cubaLi,
  cubaLif,
  li,
  lif,
  neuron,
  qif,
  rateUnit,
  surrogate,
} from '../../src-ts/doors/neurons.ts';
import { adam, dense, type Layer, loss, type Regularizer, sequential } from '../../src-ts/index.ts';
import { deviation } from '../support/numbers.ts';

const pages = ['coming-from', 'from-snntorch', 'from-spikingjelly', 'from-norse', 'from-spytorch'];
const text = pages.map((page) => readFileSync(`docs/guides/${page}.md`, 'utf8')).join('\n');
const programs = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);

test('there are programs to run', (t) => {
  t.true(programs.length >= 6);
});

for (const [i, code] of programs.entries()) {
  test(`program ${i + 1} of the pages runs`, async (t) => {
    const folder = await mkdtemp(join('build', 'coming-from-'));
    try {
      const path = join(folder, 'example.mjs');
      await writeFile(path, code);
      const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 200_000 });
      t.true(stdout.trim().length > 0);
      const right = /^([\d.]+) %$/m.exec(stdout);
      if (right !== null) t.true(Number(right[1]) > 80, stdout);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

interface Case {
  name: string;
  shape: number[];
  x: number[];
  y: number[];
  weights: Record<string, number[]>;
  v: number[];
  losses: number[];
  gradients: Record<string, number[]>;
  after: Record<string, number[]>;
}
const cases = JSON.parse(readFileSync('__test__/training/fixtures/coming-from/peers.json', 'utf8')) as Case[];

const [alpha, beta, steps, samples] = [0.75, 0.9, 12, 3];
const first = (bias: boolean) => dense(4, 6, { name: 'in', bias });
const last = (bias: boolean) => dense(6, 3, { name: 'out', bias });
const slope4 = surrogate.sigmoid({ slope: 4 });
const complementary = neuron({
  state: { v: 0, m: 0 },
  params: { tau: 2, vThreshold: 1 },
  update: 'v = v - v/tau + i; m = m*sigmoid(v/tau)',
  spike: 'v >= vThreshold',
  reset: 'm += 1; v -= vThreshold + sigmoid(m)',
  detachReset: false,
});
const synapseFilter = neuron({
  state: { y: 0 },
  params: { w: 0 },
  update: 'y = y - (1 - i)*sigmoid(w)*y + i',
});
const band = 2e-3 * (steps * samples) ** 2;
const maximum = loss.crossEntropyMaxMembrane();
const mean = loss.crossEntropyMeanMembrane();
const networks: Record<
  string,
  { layers: Layer[]; objective: typeof mean; regularizers?: readonly Regularizer[] }
> = {
  spytorch: {
    layers: [
      first(false),
      cubaLif({
        name: 'hidden',
        alpha,
        beta,
        currentOrder: 'use-decay-add',
        thresholdBefore: true,
        reset: 'zero',
        zeroKeepsInput: false,
        surrogate: surrogate.fastSigmoid({ slope: 100 }),
        recurrent: { kind: 'dense', bias: false },
      }),
      last(false),
      cubaLi({ alpha, beta, currentOrder: 'use-decay-add' }),
    ],
    objective: maximum,
    regularizers: [
      { layer: 'hidden', penalty: { kind: 'l1-count', lambda: 2e-3 } },
      { layer: 'hidden', penalty: { kind: 'rate-band', lambda: band, low: 0, high: 0, over: 'batch' } },
    ],
  },
  complementary: {
    layers: [first(true), complementary({ tau: 2.5, surrogate: slope4 }), last(true), li({ beta })],
    objective: mean,
  },
  'synapse-filter': {
    layers: [
      first(true),
      lif({ like: 'spikingjelly' }),
      synapseFilter({ name: 'filter', learn: ['w'] }),
      last(true),
      li({ beta }),
    ],
    objective: mean,
  },
  norse: {
    layers: [
      first(false),
      cubaLif({
        name: 'hidden',
        like: 'norse',
        vThreshold: 0.4,
        detachReset: true,
        recurrent: { kind: 'dense', bias: false, autapses: false },
      }),
      last(false),
      li({ beta }),
    ],
    objective: mean,
  },
  'cuba-by-default': {
    layers: [first(true), cubaLif({ like: 'spikingjelly' }), last(true), li({ beta })],
    objective: mean,
  },
  'izhikevich-by-default': {
    layers: [
      first(true),
      qif({ like: 'spikingjelly', tauW: 2, vLeak: -0.1, vReset: 0 }),
      last(true),
      li({ beta }),
    ],
    objective: mean,
  },
  lsnn: {
    layers: [
      first(false),
      alif({
        name: 'hidden',
        like: 'norse',
        tauAdapt: 100,
        vThreshold: 0.3,
        detachReset: true,
        detachAdaptation: true,
        recurrent: { kind: 'dense', bias: false, autapses: false },
      }),
      last(false),
      li({ beta }),
    ],
    objective: mean,
  },
  'norse-tutorial': {
    layers: [
      first(true),
      cubaLif({ like: 'norse', vThreshold: 0.4, r: 5 }),
      rateUnit({ activation: 'relu' }),
      last(true),
      li({ beta }),
    ],
    objective: mean,
  },
};

for (const { name, shape, x, y, weights, v, losses, gradients, after } of cases) {
  test(`${name}: outputs, losses, gradients and three steps of Adam are the peer's`, async (t) => {
    const { layers, objective, regularizers = [] } = networks[name]!;
    using model = await sequential(...(layers as [Layer])).compile({ precision: 'f64' });
    const own = Object.entries(weights).map(([key, values]) => [key, Float64Array.from(values)] as const);
    await model.setWeights(Object.fromEntries(own));
    const batch = { x: Float64Array.from(x), shape, y: Uint32Array.from(y) };
    t.true(deviation((await model.run(batch)).v, v) < 1e-12, 'v');
    for (const [step, expected] of losses.entries()) {
      const { loss: value } = await model.trainStep(batch, { loss: objective, regularizers });
      t.true(Math.abs(value - expected) < 1e-10, `loss ${step}: ${value}, not ${expected}`);
      if (step === 0) {
        const found = await model.gradients();
        for (const key of Object.keys(gradients))
          t.true(deviation(found[key]!, gradients[key]!) < 1e-10, `gradient of ${key}`);
      }
      await model.step(adam({ lr: 0.01 }));
    }
    const found = await model.weights();
    for (const key of Object.keys(after)) t.true(deviation(found[key]!, after[key]!) < 1e-8, key);
  });
}
