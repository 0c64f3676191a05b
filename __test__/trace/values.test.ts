// Losses that read values of layers without a state and currents of populations: the values are those that a run records, gradients those of
// finite differences, for one segment and several, and for chunks of a batch.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import type { LossScope } from '../../src-ts/doors/trace.ts';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  input,
  type Layer,
  layer,
  layerNorm,
  loss,
  maxPool2d,
  type Network,
  sequential,
} from '../../src-ts/index.ts';
import { compareWithDifferences } from '../support/differences.ts';
import { failure } from '../support/errors.ts';

const [steps, batch] = [5, 3];
const numbers = (count: number, seed: number) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));
const gate = layer.trace('gate', { size: 5, parameters: { w: [5, 5] } }, (x, { w }) =>
  x.mul(x.matmul(w).sigmoid()),
);
const network = (...layers: readonly Layer[]) =>
  (sequential as (...of: readonly Layer[]) => Network)(...layers);
/** Different weights for all elements, so that a permutation is noticed. */
const weighted = ({ layers }: LossScope, name: string, variable = 'values') => {
  const values = layers[name]![variable]!;
  const along = (axis: string, factor: number) => values.range(axis).mul(factor).sin();
  return values.square().mul(along('time', 1.3)).mul(along('neuron', 0.7).add(1.5)).sum(['time', 'neuron']);
};

const readout = [dense(5, 2), li({ beta: 0.8 })] as const;
const image = [input(2, 4, 4), conv2d(2, 3, 3, { padding: 1, name: 'conv' })] as const;
const cases: Record<
  string,
  { layers: readonly Layer[]; inputs: number; reads: readonly [string, string][] }
> = {
  'a dense layer and the current of its population': {
    layers: [dense(3, 5, { name: 'in' }), li({ beta: 0.7, name: 'hidden' }), ...readout],
    inputs: 3,
    reads: [
      ['in', 'values'],
      ['hidden', 'current'],
      ['dense1', 'values'],
    ],
  },
  'a traced layer and a norm': {
    layers: [dense(3, 5), li({ beta: 0.7 }), gate, layerNorm({ name: 'norm' }), ...readout],
    inputs: 3,
    reads: [
      ['gate', 'values'],
      ['norm', 'values'],
    ],
  },
  'a convolution that is pooled': {
    layers: [...image, maxPool2d(2), flatten(), dense(12, 5), li({ beta: 0.5 }), ...readout],
    inputs: 32,
    reads: [
      ['conv', 'values'],
      ['pool1', 'values'],
    ],
  },
  'a convolution whose batch norm a population reads': {
    layers: [
      ...image,
      batchNorm({ name: 'norm' }),
      li({ beta: 0.5 }),
      flatten(),
      dense(48, 5),
      li({ beta: 0.5 }),
      ...readout,
    ],
    inputs: 32,
    reads: [
      ['conv', 'values'],
      ['norm', 'values'],
      ['li1', 'current'],
    ],
  },
  'a convolution that a population reads': {
    layers: [...image, li({ beta: 0.5 }), flatten(), dense(48, 5), li({ beta: 0.5 }), ...readout],
    inputs: 32,
    reads: [
      ['conv', 'values'],
      ['li1', 'current'],
    ],
  },
};

for (const [name, { layers, inputs, reads }] of Object.entries(cases)) {
  for (const segment of [undefined, 2]) {
    if (segment !== undefined && name.includes('norm')) continue;
    test(`${name}, segment ${segment}`, async (t) => {
      const model = await network(...layers).compile({ precision: 'f64', seed: 3 });
      const data = {
        x: numbers(steps * batch * inputs, 1),
        shape: [steps, batch, inputs],
        y: Uint32Array.of(0, 1, 1),
      };
      const objective = loss.trace((scope) => ({
        task: scope.v.crossEntropy(scope.target).mean('time'),
        ...Object.fromEntries(
          reads.map(([of, variable]) => [of, weighted(scope, of, variable).mul(0.1)] as const),
        ),
      }));
      const { loss: total, terms } = await model.trainStep(data, { loss: objective, segment });
      t.true(Number.isFinite(total));
      t.deepEqual(Object.keys(terms!), ['task', ...reads.map(([of]) => of)]);
      const gradients = await model.gradients();
      await model.clearGradients();
      // In training, because a batch norm then has the statistics of the batch.
      const lossOf = async () => {
        const report = await model.trainStep(data, { loss: objective, segment });
        await model.clearGradients();
        return report.loss;
      };
      const tolerance = (difference: number) => 2e-8 * Math.max(1, Math.abs(difference));
      await compareWithDifferences(t, model, gradients as never, lossOf, { perTensor: 7, tolerance });
    });
  }
}

test('the values are those that a run records', async (t) => {
  const { layers, inputs } = cases['a convolution that is pooled']!;
  const model = await network(...layers).compile({ precision: 'f64', seed: 3 });
  const input = { x: numbers(steps * batch * inputs, 1), shape: [steps, batch, inputs] };
  const names = ['conv.values', 'pool1.values', 'dense1.values', 'li1.current', 'li2.current'];
  const { recordings } = await model.run(input, { record: names as never });
  const moments = loss.trace(({ layers: of }) =>
    Object.fromEntries(
      names.map((name) => {
        const [layerName, variable] = name.split('.') as [string, string];
        const values = of[layerName]![variable]!;
        const weights = values.range('time').mul(3).add(values.range('neuron')).sin();
        return [layerName + variable, values.mul(weights).sum(['time', 'neuron']).mean('batch')] as const;
      }),
    ),
  );
  const { terms } = await model.evaluateStep({ ...input, y: Uint32Array.of(0, 1, 1) }, { loss: moments });
  for (const name of names) {
    const values = (recordings as Record<string, Float64Array>)[name]!;
    const each = values.length / (steps * batch);
    let sum = 0;
    values.forEach((value, i) => {
      sum += value * Math.sin(3 * Math.floor(i / (batch * each)) + (i % each));
    });
    t.true(Math.abs(terms![name.replace('.', '')]! - sum / batch) < 1e-10, name);
  }
});

test('a current of spiking neurons has the gradient of the same loss in the state', async (t) => {
  // Without reset and decay the membrane after a step is the current.
  const hidden = lif({ beta: 0, reset: 'none', name: 'hidden' });
  const model = await network(dense(3, 5), hidden, ...readout).compile({ precision: 'f64', seed: 2 });
  const data = {
    x: numbers(steps * batch * 3, 1),
    shape: [steps, batch, 3],
    y: Uint32Array.of(0, 1, 1),
  };
  const gradients = async (variable: 'current' | 'v') => {
    const objective = loss.trace((scope) => weighted(scope, 'hidden', variable));
    await model.trainStep(data, { loss: objective });
    const found = await model.gradients();
    await model.clearGradients();
    return found['dense1.weight'] as Float64Array;
  };
  const [current, state] = [await gradients('current'), await gradients('v')];
  t.true(current.every((x, i) => Math.abs(x - state[i]!) <= 1e-12 * Math.abs(state[i]!)));
  t.true(current.some((x) => x !== 0));
});

test('a loss of independent samples has the same gradient in chunks as the sum of its samples', async (t) => {
  const size = 200;
  const model = await network(
    dense(40, 300),
    lif({ beta: 0.9, name: 'hidden' }),
    dense(300, 4),
    li({ beta: 0.9 }),
  ).compile({
    precision: 'f64',
    seed: 2,
  });
  const x = Uint8Array.from({ length: 20 * size * 40 }, (_, i) => Number((i * 7919) % 13 < 3));
  const y = Uint32Array.from({ length: size }, (_, i) => i % 4);
  const objective = loss.trace(({ v, target, layers, parameter }) => ({
    each: v.crossEntropy(target).mean('time'),
    rate: layers.hidden!.spikes.mean('time').sub(0.1).square().mean().mul(3),
    weights: parameter('dense2.weight', ['out', 'in']).square().sum().mul(0.01),
    all: v.square().sum(),
  }));
  const whole = loss.trace(({ v, target, layers, parameter }) => {
    // A maximum over samples makes the loss one of the whole batch; 0 times it changes nothing.
    const none = v.max().mul(0);
    return {
      each: v.crossEntropy(target).mean('time').add(none),
      rate: layers.hidden!.spikes.mean('time').sub(0.1).square().mean().mul(3),
      weights: parameter('dense2.weight', ['out', 'in']).square().sum().mul(0.01),
      all: v.square().sum(),
    };
  });
  const of = async (given: typeof objective) => {
    const report = await model.trainStep({ x, shape: [20, size, 40], y }, { loss: given });
    const gradients = await model.gradients();
    await model.clearGradients();
    return { report, gradients };
  };
  const [chunks, one] = [await of(objective), await of(whole)];
  for (const [term, value] of Object.entries(one.report.terms!)) {
    t.true(Math.abs(chunks.report.terms![term]! - value) <= 1e-12 * Math.abs(value), term);
  }
  t.true(
    chunks.report.perSample.every((x, i) => Math.abs(x - one.report.perSample[i]!) <= 1e-10 * Math.abs(x)),
  );
  for (const [name, expected] of Object.entries(one.gradients)) {
    const largest = Math.max(...Array.from(expected as Float64Array, Math.abs));
    t.true(
      (expected as Float64Array).every(
        (g, i) => Math.abs(g - (chunks.gradients[name] as Float64Array)[i]!) <= 1e-11 * largest,
      ),
      name,
    );
  }
});

test('metrics are means over all samples, however these are divided', async (t) => {
  const model = await network(dense(3, 5), lif({ beta: 0.9, name: 'hidden' }), ...readout).compile({
    seed: 3,
  });
  const x = Float32Array.from(numbers(steps * 7 * 3, 1), (value) => 3 * value);
  const y = Uint32Array.of(0, 1, 1, 0, 1, 0, 0);
  const part = (first: number, count: number) => ({
    x: Float32Array.from({ length: steps * count * 3 }, (_, i) => {
      const [step, rest] = [Math.floor(i / (count * 3)), i % (count * 3)];
      return x[(step * 7 + first) * 3 + rest]!;
    }),
    shape: [steps, count, 3],
    y: y.slice(first, first + count),
  });
  const metrics = {
    rate: loss.trace(({ layers }) => layers.hidden!.spikes.mean()),
    both: loss.trace(({ v, layers }) => ({
      membrane: v.square().sum('neuron').mean('time'),
      current: layers.hidden!.current!.abs().mean(),
    })),
  };
  const of = (data: readonly ReturnType<typeof part>[]) =>
    model.evaluate(data, { loss: loss.crossEntropyMeanMembrane(), metrics });
  const [whole, parts] = [await of([part(0, 7)]), await of([part(0, 2), part(2, 5)])];
  const names = ['rate', 'both.membrane', 'both.current'];
  t.deepEqual(Object.keys(whole.metrics!), names);
  for (const name of names) t.true(Math.abs(whole.metrics![name]! - parts.metrics![name]!) < 1e-6, name);
  t.is(whole.loss.toFixed(5), parts.loss.toFixed(5));
  // A rate is counted by the evaluation, too.
  t.true(Math.abs(whole.metrics!.rate! - whole.spikesPerSample.hidden! / (5 * steps)) < 1e-6);
  const run = await model.run({ x, shape: [steps, 7, 3] }, { record: ['hidden.current'] as never });
  const current = Object.values(run.recordings as Record<string, Float32Array>)[0]!;
  const mean = current.reduce((sum, value) => sum + Math.abs(value), 0) / current.length;
  t.true(Math.abs(whole.metrics!['both.current']! - mean) < 1e-6);
});

test('values that do not exist, or are not stored apart, are refused', async (t) => {
  const model = await network(
    dense(3, 5, { name: 'in' }),
    lif({ beta: 0.9, name: 'hidden' }),
    ...readout,
  ).compile({ seed: 3 });
  const data = {
    x: new Float32Array(steps * batch * 3),
    shape: [steps, batch, 3],
    y: Uint32Array.of(0, 1, 1),
  };
  const refuse = (name: string, variable: string) =>
    failure(() =>
      model.trainStep(data, { loss: loss.trace(({ layers }) => layers[name]![variable]!.mean()) }),
    );
  t.like(await refuse('inn', 'values'), { code: 'unknown-name' });
  t.regex((await refuse('hidden', 'values'))!.message, /unknown recording "hidden\.values"/);
  const metric = await failure(() =>
    model.evaluate([data], { loss: loss.crossEntropyMeanMembrane(), metrics: { rate: 3 as never } }),
  );
  t.regex(metric!.message, /metrics\.rate.*loss\.trace.*but got 3/);
  const own = () => ({ loss: 0, gradV: new Float64Array(steps * batch * 2) });
  const withOwn = await failure(() =>
    model.evaluate([data], { loss: own as never, metrics: { rate: loss.trace(({ v }) => v.mean()) } }),
  );
  t.regex(withOwn!.message, /metrics.*no value, because the loss is a function/);
});
