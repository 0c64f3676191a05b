// The same seed gives the same bits: whatever the number of threads, whatever the vector instructions.
import test from 'ava';
import { cubaLif, li, lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  dense,
  environment,
  loss,
  type Network,
  type NetworkOptions,
  sequential,
  setSimd,
  setThreads,
  type TrainingBatch,
} from '../../src-ts/index.ts';
import { noisy } from '../support/neurons.ts';
import { deviation, labels, spikes, uniform } from '../support/numbers.ts';

const simd = environment().simd as 'avx2';
const threads = environment().threads;
test.afterEach.always(() => {
  setSimd(simd);
  setThreads(threads);
});

interface Case {
  network: Network;
  batch: (seed: number) => TrainingBatch;
  steps?: number;
  options?: NetworkOptions;
}

/** Sizes that are no multiples of a panel (64 neurons) or a tile (32 samples). */
const [T, B] = [7, 37];
const analog = (channels: number) => (seed: number) => ({
  x: uniform(T * B * channels, seed, -0.5, 1),
  shape: [T, B, channels],
  y: labels(B, seed, 10),
});
const events = (channels: number) => (seed: number) => ({
  x: spikes(T * B * channels, seed),
  shape: [T, B, channels],
  y: labels(B, seed, 10),
});
const constant = (channels: number) => (seed: number) => ({
  x: uniform(B * channels, seed, 0, 1),
  shape: [B, channels],
  y: labels(B, seed, 10),
});
const twoLayers = sequential(dense(50, 100), lif({ beta: 0.9 }), dense(100, 10), lif({ beta: 0.9 }));
const cases: Record<string, Case> = {
  'dense LIF, constant input': { network: twoLayers, batch: constant(50), steps: T },
  'dense LIF, spikes': { network: twoLayers, batch: events(50) },
  'dense LIF, analog input': { network: twoLayers, batch: analog(50) },
  'dense LIF in f64': { network: twoLayers, batch: analog(50), options: { precision: 'f64' } },
  'recurrent current-based LIF': {
    network: sequential(
      dense(30, 70),
      cubaLif({ alpha: 0.8, beta: 0.9, recurrent: 'dense', reset: 'value' }),
      dense(70, 10),
      lif({ beta: 0.8, recurrent: 'one-to-one' }),
    ),
    batch: events(30),
  },
  'learned decay and threshold': {
    network: sequential(
      dense(30, 65),
      lif({ beta: 0.9, learn: ['beta', 'vThreshold'] }),
      dense(65, 10),
      lif({ beta: new Float64Array(10).fill(0.85), vThreshold: 0.7, learn: ['beta', 'vThreshold'] }),
    ),
    batch: analog(30),
  },
  'equations with noise': {
    network: sequential(
      dense(30, 70),
      noisy({ recurrent: 'dense', learn: ['tauMem', 'sigma'] }),
      dense(70, 10),
      li({ beta: 0.9 }),
    ),
    batch: events(30),
  },
  'recurrent with a silent readout, f64': {
    network: sequential(
      dense(30, 70),
      cubaLif({ alpha: 0.8, beta: 0.9, recurrent: 'dense', learn: ['alpha'] }),
      dense(70, 10),
      li({ beta: 0.9, learn: ['beta'] }),
    ),
    batch: events(30),
    options: { precision: 'f64' },
  },
};

async function train({ network, batch, steps, options }: Case, segment?: number): Promise<string> {
  using model = await network.compile({ seed: 3, ...options });
  for (let i = 0; i < 5; i++) {
    const report = await model.trainStep(batch(i), {
      steps,
      segment,
      loss: loss.crossEntropyMembrane(),
      optimizer: adam({ lr: 5e-3 }),
    });
    if (!Number.isFinite(report.loss)) throw new Error(`loss ${report.loss}`);
  }
  return model.weightsSha256();
}

for (const [name, subject] of Object.entries(cases)) {
  for (const segment of [undefined, 3]) {
    const cut = segment === undefined ? '' : ', in segments';
    test.serial(`${name}${cut}: one hash for all threads and instructions`, async (t) => {
      const seen = new Map<string, string[]>();
      for (const level of environment().simdAvailable) {
        setSimd(level as 'portable');
        for (const count of [1, 2, 3, 4]) {
          setThreads(count);
          const hash = await train(subject, segment);
          seen.set(hash, [...(seen.get(hash) ?? []), `${level} × ${count}`]);
        }
      }
      t.is(seen.size, 1, JSON.stringify([...seen]));
    });
  }
}

test.serial('another seed gives other weights', async (t) => {
  using one = await twoLayers.compile({ seed: 1 });
  using again = await twoLayers.compile({ seed: 1 });
  using other = await twoLayers.compile({ seed: 2 });
  t.is(await one.weightsSha256(), await again.weightsSha256());
  t.not(await one.weightsSha256(), await other.weightsSha256());
});

for (const [name, { network, batch, steps, options }] of Object.entries(cases)) {
  test.serial(`${name}: segments change gradients by rounding only`, async (t) => {
    const gradients = async (segment?: number) => {
      using model = await network.compile({ seed: 3, ...options });
      const report = await model.trainStep(batch(1), { steps, segment, loss: loss.crossEntropyMembrane() });
      return { report, gradients: await model.gradients() };
    };
    const whole = await gradients();
    for (const segment of [1, 2, 3, 6]) {
      const cut = await gradients(segment);
      t.is(cut.report.loss, whole.report.loss);
      for (const [parameter, values] of Object.entries(whole.gradients)) {
        const error = deviation(cut.gradients[parameter]!, values);
        t.true(error <= 1e-5, `${parameter} with segment ${segment}: ${error}`);
      }
    }
  });
}
