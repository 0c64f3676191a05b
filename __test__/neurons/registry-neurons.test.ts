// Every neuron model of the registry: training, files and states, alone and with every recurrence. (Gradients: against
// central differences in src-rs/core/tests/engine/gradients/loops.rs.)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { li, type Neuron, type NeuronOptions } from '../../src-ts/doors/neurons.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import { adam, dense, loss, Model, sequential } from '../../src-ts/index.ts';
import * as lapicque from '../support/library.ts';
import { labels, uniform } from '../support/numbers.ts';

interface Described {
  readonly key: string;
  readonly spiking: boolean;
  readonly wiring: { readonly entering: readonly string[] };
}

const { models } = JSON.parse(unwrap(addon.describeModels())) as { models: readonly Described[] };

type Options = Readonly<Record<string, unknown>>;

interface Conditions {
  /** What the model needs to fire. */
  readonly options?: Options;
  readonly dt?: number;
  /** Size of an input that makes it fire. */
  readonly loud?: number;
}

const byFactor = { options: { beta: 0.85 } };
const low = { options: { vThreshold: 0.2 } };
/** By model: what differs from a dimensionless neuron with a threshold of 1. */
const conditions: Readonly<Record<string, Conditions>> = {
  lif: byFactor,
  'cuba-lif': { options: { alpha: 0.7, beta: 0.85 } },
  alpha: { options: { alpha: 0.9, beta: 0.7 } },
  lapicque: { options: { r: 2, c: 2 } },
  li: byFactor,
  'cuba-li': { options: { alpha: 0.7, beta: 0.85 } },
  alif: { options: { tauMem: 8, tauSyn: 4 } },
  'coba-lif': { loud: 40 },
  klif: byFactor,
  'delta-lif': byFactor,
  'multi-level-lif': byFactor,
  qif: { options: { tauW: 20, a: 0.3, b: 0.1 }, loud: 20 },
  eif: { loud: 20 },
  adex: { options: { tauSyn: 5 }, dt: 0.2, loud: 9000 },
  gif: { options: { a: 0.01, jump1: 3, jump2: -2 }, loud: 90 },
  izhikevich: { options: { vInit: -70 }, dt: 0.5, loud: 60 },
  'hodgkin-huxley': { dt: 0.05, loud: 60 },
  'iaf-psc-exp': { loud: 2000 },
  'iaf-psc-exp-shared': { loud: 2000 },
  'iaf-psc-alpha': { loud: 2000 },
  'iaf-cond-exp': { dt: 0.2, loud: 100 },
  'iaf-cond-alpha': { dt: 0.2, loud: 100 },
  'aeif-cond-exp': { dt: 0.2, loud: 200 },
  'two-compartment': { dt: 0.2, loud: 200 },
  'aeif-psc-exp': { dt: 0.2, loud: 9000 },
  'hh-psc-alpha': { dt: 0.1, loud: 4000 },
  'hh-cond-exp-traub': { dt: 0.1, loud: 200 },
  slstm: low,
  sgru: low,
};

function factory({ key }: Described): (options: object) => Neuron {
  const camel =
    key === 'if' ? 'integrateAndFire' : key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return (lapicque as unknown as Record<string, (options: object) => Neuron>)[camel]!;
}

function population(model: Described, more: NeuronOptions & Options): Neuron {
  return factory(model)({ ...conditions[model.key]?.options, ...more, name: 'neurons' });
}

const [B, channels, n] = [3, 4, 5];

for (const model of models) {
  const { dt = 1, loud = 4 } = conditions[model.key] ?? {};
  const { entering } = model.wiring;

  for (const recurrent of [undefined, 'one-to-one', 'dense'] as const) {
    const topology = recurrent ?? 'feed-forward';

    test(`${model.key}, ${topology}: trains, comes back from a file, goes on from a state`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lapicque-neurons-'));
      t.teardown(() => rmSync(folder, { recursive: true }));
      for (const precision of ['f32', 'f64'] as const) {
        const neurons = population(model, recurrent ? { recurrent } : {});
        const network = sequential(
          dense(channels, entering.length * n),
          neurons,
          dense(n, 2),
          li({ beta: 0.9 }),
        );
        using trained = await network.compile({ precision, dt, seed: 3 });
        const steps = 40;
        const x = uniform(steps * B * channels, 7, 0, loud);
        const batch = { x: precision === 'f64' ? Float64Array.from(x) : x, shape: [steps, B, channels] };
        // Upwards, so that the neurons fire.
        const { 'dense1.weight': weights } = await trained.weights();
        // But for what inhibits, and a gate that would keep the state at 0.
        const excitatory = (x: number, i: number) =>
          ['inhibitory', 'dendriteInhibitory', 'z'].includes(entering[Math.floor(i / (n * channels))]!)
            ? 0
            : Math.abs(x);
        await trained.setWeights({ 'dense1.weight': weights!.map(excitatory) });
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
