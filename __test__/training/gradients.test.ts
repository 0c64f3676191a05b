// Gradients of whole networks against central differences, where the loss is smooth, and chunks of a batch against
// single samples.
import test from 'ava';
import { cubaLi, cubaLif, li, lif } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  concat,
  conv2d,
  dense,
  flatten,
  input,
  type Layer,
  layerNorm,
  loss,
  type Model,
  type Network,
  residual,
  sequential,
  sumPool2d,
  type TrainingBatch,
  type Weights,
} from '../../src-ts/index.ts';
import { deviation, labels, random, spikes, uniform } from '../support/numbers.ts';

const [T, B] = [9, 5];
const doubles = (length: number, seed: number) => Float64Array.from(uniform(length, seed));

interface Smooth {
  network: Network;
  channels: number;
  classes: number;
}

const smooth: Record<string, Smooth> = {
  'li behind dense': {
    network: sequential(dense(7, 4), li({ beta: 0.9, learn: ['beta'] })),
    channels: 7,
    classes: 4,
  },
  'li behind li, per-neuron decay': {
    network: sequential(
      dense(7, 66),
      li({ beta: uniform(66, 1, 0.5, 0.95), learn: ['beta'] }),
      dense(66, 4),
      li({ tauMem: 8, learn: ['tauMem'], inputScale: 'one-minus-beta' }),
    ),
    channels: 7,
    classes: 4,
  },
  'cubaLi behind li without a projection': {
    network: sequential(
      dense(7, 4),
      li({ beta: 0.7 }),
      cubaLi({ alpha: 0.8, beta: 0.9, learn: ['alpha', 'beta'] }),
    ),
    channels: 7,
    classes: 4,
  },
  'images, side by side and one behind the other': {
    network: (sequential as (...layers: readonly Layer[]) => Network)(
      input(2, 5, 4),
      conv2d(2, 3, 2, { padding: 1 }),
      layerNorm(),
      li({ beta: 0.6 }),
      residual([conv2d(3, 3, 3, { padding: 1 }), li({ beta: 0.7 })]),
      concat([], [conv2d(3, 2, 1), avgPool2d(3, { stride: 1, padding: 1 })]),
      sumPool2d([2, 1]),
      flatten(),
      dense(75, 8),
      dense(8, 4),
      li({ beta: 0.9, learn: ['beta'] }),
    ),
    channels: 40,
    classes: 4,
  },
  'cubaLi by its time constants': {
    network: sequential(
      dense(70, 4, { bias: false }),
      cubaLi({ tauSyn: 5, tauMem: 12, learn: ['tauSyn', 'tauMem'], currentOrder: 'use-decay-add' }),
    ),
    channels: 70,
    classes: 4,
  },
};

const losses = {
  'per step': loss.crossEntropyMembrane(),
  mean: loss.crossEntropyMeanMembrane(),
  'squared error': loss.meanSquaredMembrane({ onTarget: 1.2, offTarget: -0.1 }),
};

/** Central difference of the loss along one coordinate of an array. */
async function difference(
  values: Weights,
  index: number,
  evaluate: (changed: Float64Array) => Promise<number>,
): Promise<number> {
  const at = (step: number) => {
    const changed = Float64Array.from(values);
    changed[index]! += step;
    return evaluate(changed);
  };
  const h = 1e-4;
  // Fourth order: the error is below rounding.
  const [a, b, c, d] = [await at(-2 * h), await at(-h), await at(h), await at(2 * h)];
  return (a - 8 * b + 8 * c - d) / (12 * h);
}

for (const [name, { network, channels, classes }] of Object.entries(smooth)) {
  for (const [kind, objective] of Object.entries(losses)) {
    for (const steps of [undefined, T]) {
      for (const segment of [undefined, 4]) {
        const how = `${kind}, ${steps === undefined ? 'varying' : 'constant'} input${segment === undefined ? '' : ', segments'}`;
        test(`${name}: ${how}`, async (t) => {
          using model = await network.compile({ precision: 'f64', seed: 5 });
          const shape = steps === undefined ? [T, B, channels] : [B, channels];
          const x = doubles(
            shape.reduce((a, b) => a * b),
            1,
          );
          const batch = { x, shape, y: labels(B, 2, classes), lengths: Uint32Array.of(9, 3, 1, 9, 6) };
          const work = { steps, segment, loss: objective };
          const report = await model.trainStep(batch, { ...work, inputGradient: true });
          const evaluate = async (changed: Float64Array) =>
            (await model.evaluateStep({ ...batch, x: changed }, work)).loss;
          t.is(report.loss, await evaluate(x));
          const close = (analytic: number, numeric: number, what: string) =>
            t.true(
              Math.abs(analytic - numeric) <= 1e-6 * Math.max(Math.abs(numeric), 1e-3),
              `${what}: ${analytic}, by differences ${numeric}`,
            );
          const next = random(9);
          for (let i = 0; i < 6; i++) {
            const index = Math.floor(next() * x.length);
            close(report.inputGradient![index]!, await difference(x, index, evaluate), `input[${index}]`);
          }
          const [weights, gradients] = [await model.weights(), await model.gradients()];
          for (const [parameter, values] of Object.entries(weights)) {
            for (let i = 0; i < 4; i++) {
              const index = Math.floor(next() * values.length);
              const numeric = await difference(values, index, async (changed) => {
                await model.setWeights({ [parameter]: changed });
                return evaluate(x);
              });
              close(gradients[parameter]![index]!, numeric, `${parameter}[${index}]`);
            }
            await model.setWeights({ [parameter]: values });
          }
        });
      }
    }
  }
}

async function gradients(model: Model, batch: TrainingBatch, steps?: number, segment?: number) {
  await model.trainStep(batch, { steps, segment, loss: loss.crossEntropyMembrane({ reduction: 'sum' }) });
}

// 500 neurons × 40 steps × 4 bytes × 2 states take 80 KiB a sample and 2.5 MiB a tile; the tapes of 300 samples are
// above the 22 MiB of one chunk several times with the currents.
for (const precision of ['f32', 'f64'] as const) {
  for (const kind of ['spikes', 'values', 'constant'] as const) {
    test(`chunks of a batch, ${kind} in ${precision}: the sum over single samples`, async (t) => {
      const [steps, batch, channels] = [40, kind === 'spikes' ? 301 : 260, 20];
      const network = sequential(
        dense(channels, 900),
        cubaLif({ alpha: 0.7, beta: 0.9, learn: ['beta'], recurrent: 'one-to-one' }),
        dense(900, 5),
        li({ beta: 0.9 }),
      );
      const y = labels(batch, 4, 5);
      const rows = (kind === 'constant' ? 1 : steps) * batch;
      const x = kind === 'spikes' ? spikes(rows * channels, 3) : uniform(rows * channels, 3, -0.3, 1);
      const shape = kind === 'constant' ? [batch, channels] : [steps, batch, channels];
      const constant = kind === 'constant' ? steps : undefined;
      using whole = await network.compile({ precision, seed: 1 });
      const { tape } = whole.estimate({ steps, batch, training: true });
      const { tape: one } = whole.estimate({ steps, batch: 32, training: true });
      t.true(tape < (one * batch) / 32 / 1.5, 'the batch is meant to be cut into chunks');
      await gradients(whole, { x, shape, y }, constant);
      using apart = await network.compile({ precision, seed: 1 });
      for (let sample = 0; sample < batch; sample++) {
        const own =
          kind === 'spikes'
            ? new Uint8Array((rows / batch) * channels)
            : new Float32Array((rows / batch) * channels);
        for (let row = 0; row < rows / batch; row++) {
          own.set(
            x.subarray((row * batch + sample) * channels, (row * batch + sample + 1) * channels),
            row * channels,
          );
        }
        const ownShape = kind === 'constant' ? [1, channels] : [steps, 1, channels];
        await gradients(apart, { x: own, shape: ownShape, y: y.subarray(sample, sample + 1) }, constant);
      }
      const [a, b] = [await whole.gradients(), await apart.gradients()];
      for (const name of Object.keys(a)) {
        const error = deviation(a[name]!, b[name]!);
        t.true(error <= (precision === 'f32' ? 1e-5 : 1e-12), `${name}: ${error}`);
      }
    });
  }
}

test('a sample does not feel its neighbors in the batch', async (t) => {
  // One batch is all spikes, so the engine adds weights; the other holds an analog sample, so it multiplies.
  const [steps, channels] = [30, 40];
  using model = await sequential(
    dense(channels, 70),
    lif({ beta: 0.9, recurrent: 'dense' }),
    dense(70, 5),
    li({ beta: 0.9 }),
  ).compile({ seed: 2 });
  const own = Float32Array.from(spikes(steps * channels, 1));
  const alone = await model.run({ x: own, shape: [steps, 1, channels] });
  const other = uniform(steps * channels, 2);
  const both = new Float32Array(2 * steps * channels);
  for (let step = 0; step < steps; step++) {
    both.set(own.subarray(step * channels, (step + 1) * channels), 2 * step * channels);
    both.set(other.subarray(step * channels, (step + 1) * channels), (2 * step + 1) * channels);
  }
  const together = await model.run({ x: both, shape: [steps, 2, channels] });
  for (let step = 0; step < steps; step++) {
    t.deepEqual(together.v.slice(step * 10, step * 10 + 5), alone.v.slice(step * 5, step * 5 + 5));
  }
});

test('gradients add until a step is taken', async (t) => {
  using model = await sequential(dense(6, 4), li({ beta: 0.9 })).compile({ precision: 'f64' });
  const batch = (seed: number) => ({ x: doubles(T * B * 6, seed), shape: [T, B, 6], y: labels(B, seed, 4) });
  const one = async (...seeds: number[]) => {
    using fresh = await sequential(dense(6, 4), li({ beta: 0.9 })).compile({ precision: 'f64' });
    for (const seed of seeds) await gradients(fresh, batch(seed));
    return (await fresh.gradients())['dense1.weight']!;
  };
  const [a, b, both] = [await one(1), await one(2), await one(1, 2)];
  t.true(
    deviation(
      both,
      a.map((x, i) => x + b[i]!),
    ) < 1e-14,
  );
  await gradients(model, batch(1));
  await model.step({ kind: 'sgd', lr: 0.1 });
  t.true((await model.gradients())['dense1.weight']!.every((x) => x === 0));
});

test('forward and backward give the gradients of trainStep', async (t) => {
  const network = sequential(
    dense(20, 70),
    lif({ beta: 0.9, recurrent: 'dense' }),
    dense(70, 4),
    lif({ beta: 0.8, learn: ['beta'] }),
  );
  const batch = { x: spikes(T * B * 20, 1), shape: [T, B, 20], y: labels(B, 2, 4) };
  for (const segment of [undefined, 4]) {
    using built = await network.compile({ seed: 1 });
    const report = await built.trainStep(batch, {
      loss: loss.meanSquaredRate(),
      ...(segment === undefined ? {} : { segment }),
    });
    using own = await network.compile({ seed: 1 });
    const {
      spikes: out,
      shape,
      backward,
    } = await own.forward(batch, segment === undefined ? {} : { segment });
    const gradient = new Float32Array(out.length);
    let value = 0;
    const [steps, size, neurons] = shape;
    for (let b = 0; b < size; b++) {
      for (let n = 0; n < neurons; n++) {
        let count = 0;
        for (let s = 0; s < steps; s++) count += out[(s * size + b) * neurons + n]!;
        const error = count / steps - (batch.y[b] === n ? 1 : 0);
        value += error ** 2 / (size * neurons);
        for (let s = 0; s < steps; s++)
          gradient[(s * size + b) * neurons + n] = (2 * error) / (size * neurons * steps);
      }
    }
    t.true(Math.abs(value - report.loss) < 1e-6, `${value} ${report.loss}`);
    await backward({ spikes: gradient });
    const [a, b] = [await own.gradients(), await built.gradients()];
    for (const name of Object.keys(b)) t.true(deviation(a[name]!, b[name]!) < 1e-6, name);
  }
});

test('a backward pass takes numbers of either precision, in a model of either', async (t) => {
  const network = sequential(dense(20, 70), lif({ beta: 0.9 }), dense(70, 4), li({ beta: 0.8 }));
  const input = { x: spikes(T * B * 20, 1), shape: [T, B, 20] };
  for (const precision of ['f32', 'f64'] as const) {
    using model = await network.compile({ seed: 1, precision });
    const found = async (v: Float32Array | Float64Array) => {
      const { backward } = await model.forward(input);
      await backward({ v });
      const all = await model.gradients();
      await model.step({ kind: 'sgd', lr: 0 });
      return all['dense1.weight']!;
    };
    const single = Float32Array.from({ length: T * B * 4 }, (_, i) => Math.sin(i));
    const same = Float64Array.from(single);
    const finer = Float64Array.from(single, (_, i) => Math.sin(i));
    t.deepEqual(await found(same), await found(single), precision);
    // Only f64 has room for what f32 has rounded off.
    const apart = deviation(await found(finer), await found(single));
    if (precision === 'f32') t.is(apart, 0);
    else t.true(apart > 0 && apart < 1e-6, String(apart));
  }
});
