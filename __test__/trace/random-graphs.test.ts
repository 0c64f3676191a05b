// 500 random functions from all operations: gradients are slopes by central differences, and bits do not depend on threads and SIMD level.
//
// Points without a derivative are kept away by construction. Each operation with a kink or a jump adds its distance from it to the results;
// if one is too close, the inputs are drawn again. Ties are made of equal functions, so that a slope exists there. Detached values and
// spikes have a second form whose slope is the gradient that they state.
import test from 'ava';
import { ElementwiseTensor, evaluateTraced, TracedTensor, trace } from '../../src-ts/doors/trace.ts';
import { environment, setSimd, setThreads } from '../../src-ts/index.ts';
import { random } from '../support/numbers.ts';
import { RandomGraph, steps, ties, type Value } from './random-graph.ts';

const [graphs, operations, closest, h] = [500, 8, 1e-4, 1e-6];
const { simd, threads } = environment();
test.afterEach.always(() => {
  setSimd(simd as 'avx2');
  setThreads(threads);
});

const used = new Map<string, number>();

/** A random function, with the shapes of its inputs. */
function draw(seed: number, sizes: readonly number[], most: number) {
  const next = random(seed);
  const graph = new RandomGraph(next, most);
  const [time, batch, neuron, other] = [0, 1, 2, 3].map(() => graph.pick(sizes)) as [
    number,
    number,
    number,
    number,
  ];
  const axes: Record<string, Record<string, number>> = {
    a: { time, batch, neuron },
    b: { batch, neuron },
    c: { neuron },
    d: { other, time },
    e: {},
  };
  const frozen = Object.fromEntries(Object.entries(axes).map(([name, sizes]) => [`${name}0`, sizes]));
  const traced = trace({ ...axes, ...frozen } as Record<string, Record<string, number>>, (given) => {
    const inputs = Object.keys(axes).map((name): Value => {
      return { live: given[name]!, open: given[name]!, frozen: given[`${name}0`]! };
    });
    const pool = graph.grow(inputs, operations);
    const tied = graph.pick(ties)(graph, pool.at(-1)!, pool[0]!)!;
    const sum = graph.apply((x, y) => x.mul(0.5).add(y), tied, pool.at(-2)!);
    const margins = graph.margins.map((margin, i) => [`margin${i}`, margin]);
    return { live: sum.live, open: sum.open, ...Object.fromEntries(margins) };
  });
  for (const [name, count] of graph.used) used.set(name, (used.get(name) ?? 0) + count);
  return { traced, axes, next };
}

type Drawn = ReturnType<typeof draw>;
type Numbers = Record<string, number[]>;

const numbers = ({ axes, next }: Drawn, low = -1.5, high = 1.5): Numbers =>
  Object.fromEntries(
    Object.entries(axes).map(([name, sizes]) => {
      const length = Object.values(sizes).reduce((product, size) => product * size, 1);
      return [name, Array.from({ length }, () => low + (high - low) * next())];
    }),
  );

/** The function at `values`; what does not move is at `rest`. */
async function evaluate(drawn: Drawn, values: Numbers, rest: Numbers, options: object) {
  const inputs = Object.entries(drawn.axes).flatMap(([name, sizes]) => {
    const shape = Object.values(sizes);
    return [
      [name, { values: values[name]!, shape }],
      [`${name}0`, { values: rest[name]!, shape }],
    ];
  });
  return evaluateTraced(drawn.traced, Object.fromEntries(inputs), options);
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Inputs far from kinks, and the results there; none if there is no such point. */
async function point(drawn: Drawn) {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const values = numbers(drawn);
    const { results } = await evaluate(drawn, values, values, { gradients: false });
    const margins = Object.keys(results).filter((name) => name.startsWith('margin'));
    if (margins.every((name) => results[name]!.values.every((margin) => margin > closest))) {
      return { values, results, margins };
    }
  }
  return undefined;
}

test.serial('gradients are slopes by central differences', async (t) => {
  let [checked, empty, ones] = [0, 0, 0];
  for (let seed = 1; checked < graphs; seed += 1) {
    t.true(seed < 1.2 * graphs, `${seed - checked} graphs without a point to differentiate at`);
    const drawn = draw(seed, [2, 3, 4, 3, 2, 1, 1, 0], 200);
    const at = await point(drawn);
    if (at === undefined) continue;
    const { values, results, margins } = at;
    t.deepEqual(results.live!.values, results.open!.values);
    checked += 1;
    const sizes = Object.values(drawn.axes).flatMap((axes) => Object.values(axes));
    if (sizes.includes(0)) empty += 1;
    if (sizes.includes(1)) ones += 1;
    const seeds = Array.from(results.live!.values, () => drawn.next() - 0.5);
    const silent = [...margins, 'open'].map((name) => [name, results[name]!.values.map(() => 0)]);
    const { gradients } = await evaluate(drawn, values, values, {
      seeds: { live: seeds, ...Object.fromEntries(silent) },
    });
    const found = Object.keys(values).map((name) => [name, gradients[name]?.values ?? []] as const);
    for (const moved of [...Object.keys(values), 'all']) {
      const direction = numbers(drawn, -1, 1);
      for (const name of Object.keys(values)) {
        if (moved !== 'all' && name !== moved) direction[name]!.fill(0);
      }
      const shifted = async (by: number) => {
        const there = Object.fromEntries(
          Object.entries(values).map(([name, own]) => [
            name,
            own.map((x, i) => x + by * direction[name]![i]!),
          ]),
        );
        const { results } = await evaluate(drawn, there, values, { gradients: false });
        return dot(results.open!.values, seeds);
      };
      const slope = ((await shifted(h)) - (await shifted(-h))) / (2 * h);
      const gradient = found.reduce((sum, [name, own]) => sum + dot(own, direction[name]!), 0);
      const scale = found.reduce(
        (sum, [name, own]) => sum + dot(own.map(Math.abs), direction[name]!.map(Math.abs)),
        1,
      );
      t.true(Math.abs(gradient - slope) < 1e-6 * scale, `seed ${seed}, ${moved}: ${gradient}, not ${slope}`);
    }
  }
  t.true(empty > graphs / 20 && ones > graphs / 5, `${empty} with an empty axis, ${ones} with one element`);
});

test.serial('every operation of TracedTensor was used', (t) => {
  const methods = [ElementwiseTensor, TracedTensor].flatMap(({ prototype }) =>
    Object.getOwnPropertyNames(prototype),
  );
  const others = ['constructor', 'axes', 'shape', 'op', 'self'];
  const operations = methods.filter((name) => !others.includes(name));
  t.deepEqual(Object.keys(steps).sort(), operations.sort());
  for (const name of operations) t.true((used.get(name) ?? 0) >= 10, `${name}: ${used.get(name)}`);
});

test.serial('f32: the same bits with 1 and 2 threads and at each SIMD level', async (t) => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const drawn = draw(seed, seed % 3 === 0 ? [17, 33, 8, 5] : [3, 2, 4, 1], 4000);
    const values = numbers(drawn);
    const seen = new Set<string>();
    for (const level of environment().simdAvailable) {
      setSimd(level as 'portable');
      for (const count of [1, 2]) {
        setThreads(count);
        const { results, gradients } = await evaluate(drawn, values, values, { precision: 'f32' });
        const bits = [results, gradients].flatMap((all) =>
          Object.values(all).map(({ values }) => values.join()),
        );
        seen.add(bits.join(';'));
      }
    }
    t.is(seen.size, 1, `seed ${seed}`);
  }
});
