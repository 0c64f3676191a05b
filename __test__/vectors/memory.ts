/** Legendre memories: matrices, what they hold of a signal, and layers of them. */

import { rateUnit } from '../../src-ts/doors/neurons.ts';
import { dense, legendreDecoder, legendreMemory, networks, sequential } from '../../src-ts/index.ts';
import { using } from './check.ts';
import { BadCase, type Json, list, number, object, type SideCar, Skip, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** `check: 'memory'` */
export async function memory(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  if (entry.model === 'lmu') return matrices(car, entry, comparison);
  if (entry.model === 'lmu.layer') return layer(car, entry, comparison);
  throw new Skip(`the memory ${entry.model} is not built yet`);
}

async function matrices(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const [order, dt] = [number(params.order, 'params.order'), number(params.dt ?? 1, 'params.dt')];
  const theta = number(params.theta, 'params.theta') / dt;
  const shapes = [
    [order, order],
    [order, 1],
  ] as const;
  const continuous = await legendreMemory(order, theta, 'continuous');
  // Per unit of time, not per step.
  comparison.tensor(
    'A',
    continuous.a.map((x) => x / dt),
    shapes[0],
  );
  comparison.tensor(
    'B',
    continuous.b.map((x) => x / dt),
    shapes[1],
  );
  for (const method of list(params.discretizers, 'params.discretizers')) {
    const { a, b } = await legendreMemory(order, theta, method as 'zoh');
    comparison.tensor(`Ad_${method}`, a, shapes[0]);
    comparison.tensor(`Bd_${method}`, b, shapes[1]);
  }
  const u = car.tensor(object(entry.inputs, 'inputs').u);
  const steps = u.data.length;
  const legendre = { order, theta } as const;
  const network = sequential(
    dense(1, order, { bias: false, initial: { kind: 'legendre-input', ...legendre } }),
    rateUnit({
      name: 'memory',
      recurrent: { kind: 'dense', bias: false, initial: { kind: 'legendre-memory', ...legendre } },
    }),
  );
  await using(await network.compile({ precision: 'f64' }), async (model) => {
    const { v } = await model.run({ x: u.data, shape: [steps, 1, 1] });
    comparison.tensor('mem', v, [steps, order]);
    const fractions = list(entry.decode_fractions, 'decode_fractions').map((x) =>
      number(x, 'decode_fractions[]'),
    );
    const rows = legendreDecoder(order, fractions);
    comparison.tensor('decode_C', rows, [fractions.length, order]);
    const decoded = Float64Array.from({ length: steps * fractions.length }, (_, i) => {
      const [step, row] = [Math.floor(i / fractions.length), i % fractions.length];
      let sum = 0;
      for (let n = 0; n < order; n++) sum += rows[row * order + n]! * v[step * order + n]!;
      return sum;
    });
    comparison.tensor('decoded', decoded, [steps, fractions.length]);
  });
}

/** keras-lmu's layer, whose weights are those of row vectors. */
async function layer(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const size = (name: string) => number(params[name], `params.${name}`);
  const [inputs, memories, order, hidden] = ['input_size', 'memory_d', 'order', 'hidden'].map(size) as [
    number,
    number,
    number,
    number,
  ];
  const { activation, discretizer, hidden_cell: cell } = params;
  if (activation !== 'tanh') throw new Skip(`the activation ${activation} is not built yet`);
  if (cell !== 'simple' && cell !== 'dense') throw new BadCase(`unknown hidden cell ${cell}`);
  const network = networks.lmu({
    inputs,
    memories,
    order,
    hidden,
    classes: 1,
    theta: size('theta') / number(params.dt ?? 1, 'params.dt'),
    method: text(discretizer, 'params.discretizer') as 'zoh' | 'euler',
    feedback: [
      ...(params.hidden_to_memory ? (['hidden'] as const) : []),
      ...(params.memory_to_memory ? (['memory'] as const) : []),
    ],
    recurrent: cell === 'simple',
    shortcut: params.input_to_hidden === true,
  });
  const x = car.tensor(object(entry.inputs, 'inputs').x);
  if (!/^x \[B, ?T\b/.test(text(entry.layout ?? 'x [B,T]', 'layout')))
    throw new BadCase(`unknown layout ${entry.layout}`);
  const [batch, steps] = x.shape as [number, number, number];
  const weights = object(entry.weights, 'weights');
  /** Rows `first..first + count` of a matrix of row vectors, turned round. */
  const transposed = (role: string, first: number, count: number) => {
    const matrix = car.tensor(weights[role]);
    const columns = matrix.shape[1]!;
    return Float64Array.from(
      { length: columns * count },
      (_, i) => matrix.data[(first + (i % count)) * columns + Math.floor(i / count)]!,
    );
  };
  const stateSize = memories * order;
  await using(await network.compile({ precision: 'f64' }), async (model) => {
    await model.setWeights({
      'encode.weight': transposed('memory.kernel', 0, inputs),
      'read.weight': transposed('hidden.kernel', 0, stateSize),
      'read.bias': car.tensor(weights['hidden.bias']).data,
      ...(params.hidden_to_memory
        ? { 'hiddenToSignal.weight': transposed('memory.kernel', inputs, hidden) }
        : {}),
      ...(params.memory_to_memory
        ? { 'memoryToSignal.weight': transposed('memory.recurrent_kernel', 0, stateSize) }
        : {}),
      ...(params.input_to_hidden
        ? { 'shortcut.weight': transposed('hidden.kernel', stateSize, inputs) }
        : {}),
      ...(cell === 'simple'
        ? { 'hidden.recurrent.weight': transposed('hidden.recurrent_kernel', 0, hidden) }
        : {}),
    });
    const swapped = (data: ArrayLike<number>, [a, b]: [number, number], width: number) =>
      Float64Array.from({ length: a * b * width }, (_, i) => {
        const [row, column] = [Math.floor(i / width), i % width];
        return data[((row % a) * b + Math.floor(row / a)) * width + column]!;
      });
    const run = await model.run(
      { x: swapped(x.data, [batch, steps], inputs), shape: [steps, batch, inputs] },
      { record: ['hidden.v'] },
    );
    const y = swapped(run.recordings['hidden.v']!, [steps, batch], hidden);
    comparison.tensor('y', y, [batch, steps, hidden]);
  });
}
