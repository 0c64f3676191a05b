// Every option of the leaky and the current-based neuron with every other: outputs, losses and gradients equal those of
// an independent implementation in torch, __test__/neurons/fixtures/options/reference.py, to rounding.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { cubaLif, lif, surrogate } from '../../src-ts/doors/neurons.ts';
import { dense, type Loss, sequential } from '../../src-ts/index.ts';
import { any } from '../support/table.ts';

interface Layer {
  params: object;
  learn: string[];
  spikes: number[];
  v: number[];
}

interface Case {
  options: { alpha: number; currentOrder?: string; [option: string]: unknown };
  dt: number;
  recurrent: 'dense' | 'one-to-one' | null;
  lengths: number[] | null;
  loss: Loss;
  shape: number[];
  x: number[];
  y: number[];
  layers: [Layer, Layer];
  weights: Record<string, number[]>;
  value: number;
  gradients: Record<string, number[]>;
}

const { cases } = JSON.parse(readFileSync('__test__/neurons/fixtures/options/lif.json', 'utf8')) as {
  cases: Case[];
};

const names = ['hidden', 'out'] as const;

function networkOf({ options, recurrent, layers, shape, y, weights }: Case) {
  const { alpha, ...others } = options;
  const make = options.currentOrder === undefined ? lif : cubaLif;
  const population = (at: 0 | 1) => {
    const { params, learn } = layers[at];
    const back = recurrent === 'dense' ? { kind: recurrent, bias: false } : { kind: recurrent };
    return make(
      any({
        ...others,
        ...params,
        learn,
        name: names[at],
        surrogate: surrogate.atan({ alpha }),
        ...(recurrent === null ? {} : { recurrent: back }),
      }),
    );
  };
  const hidden = weights['to hidden.bias']!.length;
  const out = layers[1].v.length / (shape[0]! * y.length);
  return sequential(
    dense(shape[2]! as number, hidden, { name: 'to hidden' }),
    population(0),
    dense(hidden, out as number, { name: 'to out' }),
    population(1),
  );
}

/** The largest difference, relative to the largest of the numbers expected. */
function deviation(got: ArrayLike<number>, expected: readonly number[]): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  const most = expected.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  return expected.reduce((worst, x, i) => Math.max(worst, Math.abs(got[i]! - x)), 0) / Math.max(most, 1e-9);
}

// In single precision a gradient loses more, the smaller it is beside those of which it is the sum.
for (const [precision, bound] of [
  ['f64', 1e-9],
  ['f32', 1e-3],
] as const) {
  for (const [number, one] of cases.entries()) {
    test(`${precision}, case ${number}: ${JSON.stringify(one.options)}`, async (t) => {
      using model = await networkOf(one).compile({ dt: one.dt, precision });
      const array = (numbers: readonly number[]) =>
        precision === 'f64' ? Float64Array.from(numbers) : Float32Array.from(numbers);
      await model.setWeights(
        Object.fromEntries(Object.entries(one.weights).map(([name, w]) => [name, array(w)])),
      );
      const batch = {
        x: array(one.x),
        shape: one.shape,
        y: Uint32Array.from(one.y),
        ...(one.lengths === null ? {} : { lengths: Uint32Array.from(one.lengths) }),
      };
      const run = await model.run(batch, {
        record: names.flatMap((name) => [`${name}.spikes`, `${name}.v`]),
      });
      for (const [at, name] of names.entries()) {
        const { spikes, v } = one.layers[at]!;
        t.deepEqual([...run.recordings[`${name}.spikes`]!], spikes, `spikes of ${name}`);
        t.true(deviation(run.recordings[`${name}.v`]!, v) < bound, `v of ${name}`);
      }
      const { loss } = await model.trainStep(batch, { loss: one.loss });
      t.true(Math.abs(loss - one.value) <= bound * Math.max(1, one.value), `loss ${loss}, not ${one.value}`);
      const gradients = await model.gradients();
      for (const [name, expected] of Object.entries(one.gradients)) {
        t.true(deviation(gradients[name]!, expected) < bound, `gradient of ${name}`);
      }
    });
  }
}
