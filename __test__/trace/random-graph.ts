/** Random functions of tensors from all operations, with what finite differences need: see random-graphs.test.ts. */

import type { TracedTensor } from '../../src-ts/doors/trace.ts';

/**
 * One value in three forms. `live` is differentiated by the engine. `open` is the same number as a smooth function of the inputs, whose
 * slope is the gradient that `live` states: a detached value and the jump of a spike come from `frozen`, which reads inputs that do not move.
 */
export interface Value {
  readonly live: TracedTensor;
  readonly open: TracedTensor;
  readonly frozen: TracedTensor;
}

type Formula = (...tensors: TracedTensor[]) => TracedTensor;

export class RandomGraph {
  /** By operation: how often it was used. */
  readonly used = new Map<string, number>();
  /** Distances from a kink or jump; a finite difference needs all of them far from 0. */
  readonly margins: TracedTensor[] = [];
  readonly #next: () => number;
  readonly #most: number;
  #names = 0;

  constructor(next: () => number, most: number) {
    this.#next = next;
    this.#most = most;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#next() * list.length)]!;
  }

  /** A number that no other value equals by chance. */
  number(): number {
    return 0.3 + this.#next();
  }

  name(): string {
    this.#names += 1;
    return `axis${this.#names}`;
  }

  apply(formula: Formula, ...of: Value[]): Value {
    const form = (key: keyof Value) => formula(...of.map((value) => value[key]));
    return { live: form('live'), open: form('open'), frozen: form('frozen') };
  }

  /** The value, and a distance from the nearest point without a derivative. */
  kink(formula: Formula, distance: Formula, ...of: Value[]): Value {
    this.margins.push(distance(...of.map(({ live }) => live)));
    return this.apply(formula, ...of);
  }

  /** The pool of values after some random operations, from the given ones. */
  grow(inputs: readonly Value[], operations: number): Value[] {
    const pool = [...inputs];
    for (let i = 0; i < operations; i += 1) {
      const name = this.pick(Object.keys(steps));
      const x = this.pick(pool.slice(-4));
      const made = steps[name]!(this, x, this.pick(pool));
      if (made === undefined) continue;
      this.used.set(name, (this.used.get(name) ?? 0) + 1);
      pool.push(this.#small(made));
    }
    return pool;
  }

  /** Bounded values, and not too many. */
  #small(value: Value): Value {
    let small = this.apply((x) => x.sin().mul(1.5), value);
    for (;;) {
      const { axes, shape } = small.live;
      const count = shape.reduce<number>((product, size) => product * size!, 1);
      if (axes.length <= 4 && count <= this.#most) return small;
      const axis = this.pick(axes);
      small = this.apply((x) => (x.shape[x.axes.indexOf(axis)] === 0 ? x.sum(axis) : x.mean(axis)), small);
    }
  }
}

type Step = (graph: RandomGraph, x: Value, y: Value) => Value | undefined;

const above = (x: TracedTensor) => x.square().add(0.5);
const size = ({ live }: Value, axis: string) => live.shape[live.axes.indexOf(axis)]!;
/** An axis of at least some elements; or none. */
const axisOf = (graph: RandomGraph, x: Value, least = 0) => {
  const axes = x.live.axes.filter((axis) => size(x, axis) >= least);
  return axes.length === 0 ? undefined : graph.pick(axes);
};
const withAxis =
  (make: (graph: RandomGraph, x: Value, axis: string, y: Value) => Value, least = 0): Step =>
  (graph, x, y) => {
    const axis = axisOf(graph, x, least);
    return axis === undefined ? undefined : make(graph, x, axis, y);
  };
const plain =
  (formula: Formula): Step =>
  (graph, x, y) =>
    graph.apply(formula, x, y);
/** Not at 0, also where x is 0 whatever the inputs are. */
const bent =
  (formula: Formula): Step =>
  (graph, x) => {
    const by = graph.number();
    return graph.kink(
      (x) => formula(x.add(by)),
      (x) => x.add(by).abs(),
      x,
    );
  };
const compared =
  (formula: Formula): Step =>
  (graph, x, y) => {
    const by = graph.number();
    return graph.kink(
      (x, y) => formula(x.add(by), y),
      (x, y) => x.add(by).sub(y).abs(),
      x,
      y,
    );
  };
const rounded =
  (formula: Formula, jump: number): Step =>
  (graph, x) => {
    const by = graph.number();
    const shifted = (x: TracedTensor) => x.mul(2).add(by);
    const distance = (x: TracedTensor) => shifted(x).sub(jump).sub(shifted(x).sub(jump).round()).abs();
    return graph.kink((x) => formula(shifted(x)).add(x), distance, x);
  };
/** Elements that differ along the axis; the distance is that of neighbors in order. */
const ordered = (formula: (x: TracedTensor, axis: string) => TracedTensor, least = 1): Step =>
  withAxis((graph, x, axis) => {
    const spread = (x: TracedTensor) => x.add(x.range(axis).mul(0.7).sin().mul(3));
    const gaps = (x: TracedTensor) => {
      const sorted = spread(x).sort(axis);
      return sorted.slice(axis, 1).sub(sorted.slice(axis, 0, -1));
    };
    return graph.kink((x) => formula(spread(x), axis), gaps, x);
  }, least);
const reduced = (formula: (x: TracedTensor, axis: string) => TracedTensor, least: number): Step =>
  withAxis((graph, x, axis) => graph.apply((x) => formula(x, axis), x), least);
/** An axis of another size gets another name. */
const resized = (formula: (x: TracedTensor, axis: string) => TracedTensor, least: number): Step =>
  withAxis((graph, x, axis) => {
    const name = graph.name();
    return graph.apply((x) => formula(x, axis).rename(axis, name), x);
  }, least);

/** By method of TracedTensor: a random use of it. */
export const steps: Readonly<Record<string, Step>> = {
  neg: plain((x) => x.neg()),
  abs: bent((x) => x.abs()),
  sign: bent((x) => x.sign().mul(x)),
  exp: plain((x) => x.exp()),
  log: plain((x) => above(x).log()),
  log1p: plain((x) => above(x).log1p()),
  sqrt: plain((x) => above(x).sqrt()),
  square: plain((x) => x.square()),
  reciprocal: plain((x) => above(x).reciprocal()),
  sin: plain((x) => x.sin()),
  cos: plain((x) => x.cos()),
  tanh: plain((x) => x.tanh()),
  sigmoid: plain((x) => x.sigmoid()),
  relu: bent((x) => x.relu()),
  leakyRelu: bent((x) => x.leakyRelu(0.2)),
  silu: plain((x) => x.silu()),
  softplus: plain((x) => x.softplus()),
  floor: rounded((x) => x.floor(), 0),
  ceil: rounded((x) => x.ceil(), 0),
  round: rounded((x) => x.round(), 0.5),
  not: compared((x, y) => x.greater(y).not().mul(x)),
  add: plain((x, y) => x.add(y)),
  sub: plain((x, y) => x.sub(y)),
  mul: plain((x, y) => x.mul(y)),
  div: plain((x, y) => x.div(above(y))),
  pow: plain((x, y) => above(x).pow(y)),
  minimum: compared((x, y) => x.minimum(y)),
  maximum: compared((x, y) => x.maximum(y)),
  clamp: (graph, x) =>
    graph.kink(
      (x) => x.clamp(-0.51, 0.73),
      (x) => x.add(0.51).abs().minimum(x.sub(0.73).abs()),
      x,
    ),
  greater: compared((x, y) => x.greater(y).mul(x)),
  greaterEqual: compared((x, y) => x.greaterEqual(y).mul(y)),
  less: compared((x, y) => x.less(y).mul(x)),
  lessEqual: compared((x, y) => x.lessEqual(y).mul(y)),
  // A value equals itself everywhere, and another one nowhere.
  equal: compared((x, y) => x.equal(y).add(x.equal(x)).mul(x)),
  notEqual: compared((x, y) => x.notEqual(y).mul(x)),
  and: compared((x, y) =>
    x
      .greater(y)
      .and(x.less(y.add(100)))
      .mul(x),
  ),
  or: compared((x, y) => x.greater(y).or(x.less(y)).mul(y)),
  where: compared((x, y) => x.greater(y).where(x.sin(), y.cos())),
  detach: ({ apply }, x, y) => {
    const product = apply((x, y) => x.mul(y), x, y);
    const { live, frozen } = apply((x) => x.sin(), x);
    return {
      live: live.detach().mul(product.live),
      open: frozen.mul(product.open),
      frozen: frozen.mul(product.frozen),
    };
  },
  spike: (graph, { live, open, frozen }) => {
    graph.margins.push(live.add(0.4).abs());
    const spike = (x: TracedTensor) => x.add(0.4).spike({ name: 'sigmoid', slope: 2 });
    const smooth = (x: TracedTensor) => x.add(0.4).mul(2).sigmoid();
    return {
      live: spike(live),
      open: spike(frozen).add(smooth(open).sub(smooth(frozen))),
      frozen: spike(frozen),
    };
  },
  sum: reduced((x, axis) => x.sum(axis), 0),
  mean: reduced((x, axis) => x.mean(axis), 1),
  variance: reduced((x, axis) => x.variance(axis), 1),
  prod: reduced((x, axis) => x.prod(axis), 0),
  max: ordered((x, axis) => x.max(axis)),
  min: ordered((x, axis) => x.min(axis)),
  logSumExp: reduced((x, axis) => x.logSumExp(axis), 1),
  norm: reduced((x, axis) => above(x).norm(axis), 1),
  softmax: reduced((x, axis) => x.softmax(axis), 1),
  logSoftmax: reduced((x, axis) => x.logSoftmax(axis), 1),
  argMax: ordered((x, axis) => x.argMax(axis).mul(x.mean(axis))),
  argMin: ordered((x, axis) => x.argMin(axis).mul(x.mean(axis))),
  argSort: ordered((x, axis) => x.argSort(axis, { descending: true }).mul(x)),
  sort: ordered((x, axis) => x.sort(axis).mul(x.range(axis).add(1))),
  topK: (graph, x, y) => {
    const name = graph.name();
    const best = (x: TracedTensor, axis: string) => {
      const { values, indices } = x.topK(Math.min(2, x.shape[x.axes.indexOf(axis)]!), axis);
      return values.mul(indices.add(1)).rename(axis, name);
    };
    return ordered(best)(graph, x, y);
  },
  cumSum: reduced((x, axis) => x.cumSum(axis), 0),
  matmul: (graph, x) => {
    const axis = x.live.axes.includes('neuron') ? 'neuron' : x.live.axes.at(-1);
    if (axis === undefined) return undefined;
    const [first, second] = [graph.name(), graph.name()];
    const count = size(x, axis);
    const values = Array.from({ length: 3 * count }, () => graph.number() - 0.8);
    return graph.apply((x) => x.matmul(x.constant(values, { [first]: count, [second]: 3 })), x);
  },
  contract: withAxis((graph, x, axis, y) => {
    const name = graph.name();
    const fits = y.live.axes.includes(axis);
    return fits
      ? graph.apply((x, y) => x.contract(y, axis), x, y)
      : graph.apply((x) => x.contract(x.rename(axis, name), axis, name), x);
  }),
  transpose: plain((x) => x.transpose([...x.axes].reverse())),
  flatten: (graph, x) => {
    if (x.live.axes.length < 2) return undefined;
    const [name, axes] = [graph.name(), [...x.live.axes].reverse().slice(0, 2)];
    return graph.apply((x) => x.flatten(axes, name), x);
  },
  unflatten: resized((x, axis) => {
    const count = x.shape[x.axes.indexOf(axis)]!;
    const inner = count > 0 && count % 2 === 0 ? 2 : 1;
    return x.unflatten(axis, { [axis]: count / inner, [`${axis}-in`]: inner }).sum(`${axis}-in`);
  }, 0),
  rename: resized((x) => x, 0),
  slice: resized((x, axis) => x.slice(axis, 1, undefined, 2), 1),
  at: reduced((x, axis) => x.at(axis, -1), 1),
  pad: resized((x, axis) => x.pad(axis, 1, 2, 0.3), 0),
  shift: reduced((x, axis) => x.shift(axis, 1, 0.2), 1),
  concat: resized((x, axis) => x.concat([x.cos()], axis), 0),
  stack: (graph, x, y) => {
    const name = graph.name();
    return graph.apply((x, y) => x.stack([y, x.mul(y)], name), x, y);
  },
  gather: ordered((x, axis) => x.gather(axis, x.argSort(axis)).mul(x)),
  oneHot: (graph, x, y) => ordered((x, axis) => x.argMax(axis).oneHot(axis, x).mul(x).add(x))(graph, x, y),
  expand: (graph, x) => {
    const name = graph.name();
    return graph.apply((x) => x.expand(name, x.constant([1, 2], { [name]: 2 })), x);
  },
  constant: (graph, x) => {
    const [name, values] = [graph.name(), [graph.number(), graph.number(), 0]];
    return graph.apply((x) => x.mul(x.constant(values, { [name]: 3 })), x);
  },
  flip: reduced((x, axis) => x.flip(axis).mul(x), 0),
  range: reduced((x, axis) => x.range(axis).mul(x), 0),
  size: reduced((x, axis) => x.size(axis).mul(x), 0),
  crossEntropy: withAxis((graph, x, axis) => {
    const probabilities = (x: TracedTensor) => x.crossEntropy(x.sin().softmax(axis), axis);
    return graph.apply((x) => probabilities(x).add(x.crossEntropy(x.range(axis).at(axis, 0), axis)), x);
  }, 1),
  binaryCrossEntropy: plain((x, y) => x.binaryCrossEntropy(y.sigmoid())),
  scan: withAxis((graph, x, axis, y) => {
    const loop = (x: TracedTensor, y: TracedTensor) =>
      x.scan(axis, x.at(axis, 0), (carried, element) => {
        const next = carried.mul(0.6).add(element.sin());
        return [next, y.axes.includes(axis) ? next.cos() : y.mul(next)];
      });
    return graph.apply((x, y) => loop(x, y).outputs.add(loop(x, y).carried), x, y);
  }, 1),
};

/** Equal elements in max, min, sort and topK: each of the equal ones is the same function, so a slope exists. */
export const ties: readonly Step[] = [
  plain((x) => x.maximum(x).add(x.minimum(x).square())),
  plain((x) =>
    x
      .stack([x, x], 'tie')
      .max('tie')
      .mul(x.stack([x], 'tie').min('tie')),
  ),
  plain((x) => x.stack([x.sin(), x.sin()], 'tie').sort('tie', { descending: true }).at('tie', 1)),
  plain((x) => x.stack([x, x], 'tie').topK(2, 'tie').values.prod('tie')),
];
