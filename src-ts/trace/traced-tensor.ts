/** A tensor in a traced function: its methods add nodes to the graph of the function. */

import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { ElementwiseTensor } from './elementwise-tensor.ts';
import { GraphBuilder, leaked, place, type TracedAxis, type TracedNode } from './graph-builder.ts';

/** A tensor of the function, or a number. */
export type TracedOperand = TracedTensor | number;

/** One axis or several, by name. */
export type AxisNames = string | readonly string[];

/** The body of {@link TracedTensor.scan}: the carried value and one element in, the next carried value and an output out. */
export type ScanBody = (
  carried: TracedTensor,
  element: TracedTensor,
) => readonly [carried: TracedTensor, output: TracedTensor];

/**
 * A tensor in a function that is being traced ({@link trace}, `loss.trace`, `layer.trace`). It has no values yet: each method
 * adds an operation to the function's graph, which the engine evaluates and differentiates later.
 *
 * Axes have names. Two tensors are aligned by the names of their axes; an axis that one of them lacks is repeated. Axes of one
 * name must have the same size. Conditions are numbers: 1 if they hold, 0 if not. JavaScript's operators and comparisons do not
 * work on tensors and are refused; `if (x)` cannot be noticed, so use {@link TracedTensor.where}.
 */
export class TracedTensor extends ElementwiseTensor<TracedTensor> {
  /** @internal */
  readonly builder: GraphBuilder;
  /** @internal */
  readonly node: TracedNode;

  /** @internal */
  constructor(builder: GraphBuilder, node: TracedNode) {
    super();
    this.builder = builder;
    this.node = node;
  }

  /** The names of the axes; the last one is contiguous in memory. */
  get axes(): readonly string[] {
    return this.node.axes.map(([name]) => name);
  }

  /** The sizes of the axes; `null` where a size is only known for a batch. */
  get shape(): readonly (number | null)[] {
    return this.node.axes.map(([, size]) => size);
  }

  /** Refuses arithmetic and comparisons of JavaScript. */
  [Symbol.toPrimitive](): never {
    throw new LapicqueError('invalid-parameter', {
      name: place('traced tensor'),
      value: 'an operator of JavaScript',
      expected: 'methods, such as x.add(y), x.mul(2) or x.greater(0)',
    });
  }

  /** @internal */
  protected override op(
    op: string,
    others: readonly TracedOperand[] = [],
    options: object = {},
  ): TracedTensor {
    const operands = [this, ...others];
    const builder = this.#open(operands);
    const of = operands.map((operand) => TracedTensor.#number(builder, operand));
    return new TracedTensor(builder, builder.push(op, of, options));
  }

  /** @internal */
  protected override get self(): this {
    return this;
  }

  /** The graph that an operation is added to: that of a loop's body if one of the operands is in there. */
  #open(operands: readonly unknown[] = []): GraphBuilder {
    const { builder } = this;
    if (!builder.isOpen) leaked();
    const inner = operands.find((x) => x instanceof TracedTensor && x.builder.outer === builder);
    return inner instanceof TracedTensor && inner.builder.isOpen ? inner.builder : builder;
  }

  static #number(builder: GraphBuilder, operand: unknown): number {
    if (typeof operand === 'number') {
      if (!Number.isFinite(operand)) invalid(place('operand'), operand, 'a finite number');
      return builder.push('constant', [], { value: operand }).number;
    }
    if (!(operand instanceof TracedTensor)) {
      return invalid(place('operand'), operand, 'a tensor of this function, or a number');
    }
    if (operand.builder === builder) return operand.node.number;
    if (builder.outer === operand.builder && builder.lift !== undefined)
      return builder.lift(operand.node).number;
    return leaked();
  }

  /** The operation for each of several axes; without names for all. */
  #along(op: string, axes: AxisNames | undefined): TracedTensor {
    const names = axes === undefined ? this.axes : typeof axes === 'string' ? [axes] : axes;
    return names.reduce<TracedTensor>((x, axis) => x.op(op, [], { axis }), this);
  }

  /** The axis of the given name; by default `neuron`, or else the last one. */
  #axis(axis: string | undefined): string {
    if (axis !== undefined) return axis;
    const { axes } = this;
    const last = axes.includes('neuron') ? 'neuron' : axes.at(-1);
    return last ?? invalid(place('axis'), 'a tensor without axes', 'a tensor with an axis');
  }

  /** The value, through which no gradient flows. */
  detach(): TracedTensor {
    return this.op('detach');
  }

  /**
   * 1 where x is above 0, else 0. The derivative is that of the surrogate.
   *
   * @param surrogate - as of a neuron: `surrogate.sigmoid({ slope: 4 })`, or a name; default `'atan'`
   */
  spike(surrogate: string | object = 'atan'): TracedTensor {
    return this.op('spike', [], { surrogate });
  }

  /** The sum over axes, by default over all. */
  sum(axes?: AxisNames): TracedTensor {
    return this.#along('sum', axes);
  }

  /** The mean over axes, by default over all. */
  mean(axes?: AxisNames): TracedTensor {
    return this.#along('mean', axes);
  }

  /** The mean squared distance from the mean over axes, by default over all; divided by the number of elements. */
  variance(axes?: AxisNames): TracedTensor {
    return this.sub(this.mean(axes)).square().mean(axes);
  }

  /** The product over axes, by default over all. */
  prod(axes?: AxisNames): TracedTensor {
    return this.#along('prod', axes);
  }

  /** The largest element over axes, by default over all. The gradient goes to the first of several. */
  max(axes?: AxisNames): TracedTensor {
    return this.#along('max', axes);
  }

  /** The smallest element over axes, by default over all. The gradient goes to the first of several. */
  min(axes?: AxisNames): TracedTensor {
    return this.#along('min', axes);
  }

  /** log(sum(exp(x))) over axes, by default over all, without overflow. */
  logSumExp(axes?: AxisNames): TracedTensor {
    return this.#along('logSumExp', axes);
  }

  /** The square root of the sum of squares over axes, by default over all. */
  norm(axes?: AxisNames): TracedTensor {
    return this.square().sum(axes).sqrt();
  }

  /** exp(x) divided by its sum over axes; by default over `neuron`, or else the last axis. */
  softmax(axes?: AxisNames): TracedTensor {
    return this.logSoftmax(axes).exp();
  }

  /** The logarithm of {@link TracedTensor.softmax}. */
  logSoftmax(axes?: AxisNames): TracedTensor {
    return this.sub(this.logSumExp(axes ?? this.#axis(undefined)));
  }

  /** The index of the first largest element; no gradient. */
  argMax(axis?: string): TracedTensor {
    return this.op('argMax', [], { axis: this.#axis(axis) });
  }

  /** The index of the first smallest element; no gradient. */
  argMin(axis?: string): TracedTensor {
    return this.op('argMin', [], { axis: this.#axis(axis) });
  }

  /** The indices that sort an axis, equal elements in their order; no gradient. */
  argSort(axis?: string, { descending = false } = {}): TracedTensor {
    return this.op('argSort', [], { axis: this.#axis(axis), descending });
  }

  /** The elements of an axis in order. */
  sort(axis?: string, { descending = false } = {}): TracedTensor {
    const name = this.#axis(axis);
    return this.gather(name, this.argSort(name, { descending }));
  }

  /** The `k` largest elements of an axis, in descending order, and their indices. */
  topK(k: number, axis?: string): { values: TracedTensor; indices: TracedTensor } {
    const name = this.#axis(axis);
    const indices = this.argSort(name, { descending: true }).slice(name, 0, k);
    return { values: this.gather(name, indices), indices };
  }

  /** The sum up to each element of an axis, including it. */
  cumSum(axis: string): TracedTensor {
    return this.op('cumSum', [], { axis });
  }

  /**
   * The product with a matrix `[in, out]`: the axis `neuron`, or else the last one, is multiplied with the matrix's first axis.
   * The result has the matrix's second axis in its place.
   */
  matmul(matrix: TracedTensor): TracedTensor {
    const [first] = matrix instanceof TracedTensor ? matrix.axes : [];
    if (first === undefined) return invalid(place('matmul'), matrix, 'a tensor with axes [in, out]');
    return this.contract(matrix, this.#axis(undefined), first);
  }

  /**
   * The sum over an axis of the products with another tensor. Other axes of one name are aligned, all others are kept: with named
   * axes this is an einsum.
   *
   * @param right - the name of the axis in the other tensor; default: the same
   */
  contract(other: TracedTensor, left: string, right: string = left): TracedTensor {
    return this.op('contract', [other], { left, right });
  }

  /** Another order of the axes in memory. */
  transpose(axes: readonly string[]): TracedTensor {
    return this.op('transpose', [], { axes });
  }

  /** Several axes as one, in this order; it becomes the last axis. */
  flatten(axes: readonly string[], name: string): TracedTensor {
    return this.op('flatten', [], { axes, name });
  }

  /** One axis as several, for example `x.unflatten('neuron', { channel: 4, y: 8, x: 8 })`. */
  unflatten(axis: string, sizes: Readonly<Record<string, number>>): TracedTensor {
    return this.op('unflatten', [], { axis, axes: Object.entries(sizes) });
  }

  /** Another name for an axis. */
  rename(from: string, to: string): TracedTensor {
    return this.op('rename', [], { from, to });
  }

  /** Elements `from`, `from + step` … before `to`; negative positions count from the end. */
  slice(axis: string, from: number, to?: number, step = 1): TracedTensor {
    return this.op('slice', [], { axis, from, to: to ?? null, step });
  }

  /** One element of an axis, without the axis; a negative index counts from the end. */
  at(axis: string, index: number): TracedTensor {
    return this.op('at', [], { axis, index });
  }

  /** Elements of one value before and after an axis. */
  pad(axis: string, before: number, after: number, value = 0): TracedTensor {
    return this.op('pad', [], { axis, before, after, value });
  }

  /** Moved by `steps` to later positions of an axis; the first ones are `value`. */
  shift(axis: string, steps = 1, value = 0): TracedTensor {
    return this.pad(axis, steps, 0, value).slice(axis, 0, -steps);
  }

  /** This tensor and others, one after the other along an axis that all of them have. */
  concat(others: readonly TracedTensor[], axis: string): TracedTensor {
    return this.op('concat', others, { axis });
  }

  /** This tensor and others side by side along a new axis, which becomes the first. */
  stack(others: readonly TracedTensor[], axis: string): TracedTensor {
    return this.op('stack', others, { axis });
  }

  /** The elements at the positions that `index` gives; other axes of one name are aligned. */
  gather(axis: string, index: TracedTensor): TracedTensor {
    return this.op('gather', [index], { axis });
  }

  /** These whole numbers as vectors of 0 with a 1 at their position, along a new last axis that `like` has. */
  oneHot(axis: string, like: TracedTensor): TracedTensor {
    return this.equal(like.range(axis));
  }

  /** Repeated along an axis that `like` has; the new axis becomes the first. */
  expand(axis: string, like: TracedTensor): TracedTensor {
    return this.op('expand', [like], { axis });
  }

  /**
   * Given numbers as a tensor of the function of this one, for example `target.constant([1, 1, 5], { neuron: 3 })`.
   *
   * @param axes - the size of each axis; the last one is contiguous in `values`
   */
  constant(values: ArrayLike<number>, axes: Readonly<Record<string, number>>): TracedTensor {
    const numbers = Array.from(values as ArrayLike<number>);
    const node = this.#open().push('literal', [], { axes: Object.entries(axes), values: numbers });
    return new TracedTensor(this.builder, node);
  }

  /** The elements of an axis in reverse order. */
  flip(axis: string): TracedTensor {
    return this.gather(axis, this.size(axis).sub(1).sub(this.range(axis)));
  }

  /** 0, 1, 2 … along one axis of this tensor. */
  range(axis: string): TracedTensor {
    return this.op('range', [], { axis });
  }

  /** The number of elements along an axis, as a tensor without axes. */
  size(axis: string): TracedTensor {
    return this.op('size', [], { axis });
  }

  /**
   * The cross-entropy of the softmax of these logits: -log of the target's probability.
   *
   * @param target - class indices without the axis, or probabilities with it
   * @param axis - the axis of the classes; default `neuron`, or else the last one
   */
  crossEntropy(target: TracedTensor, axis?: string): TracedTensor {
    const name = this.#axis(axis);
    if (!(target instanceof TracedTensor)) {
      return invalid(place('target'), target, 'a tensor of this function');
    }
    if (target.axes.includes(name)) return this.logSoftmax(name).mul(target).sum(name).neg();
    return this.logSumExp(name).sub(this.gather(name, target));
  }

  /** The cross-entropy of the sigmoid of these logits with targets from 0 to 1, element by element. */
  binaryCrossEntropy(target: TracedOperand): TracedTensor {
    return this.softplus().sub(this.mul(target));
  }

  /**
   * A loop over an axis: `body` receives the carried value and one element, and returns the next carried value and an output.
   * The carried value keeps its axes.
   *
   * ```ts
   * const { outputs } = x.scan('time', x.at('time', 0).mul(0), (v, input) => {
   *   const next = v.mul(0.9).add(input);
   *   return [next, next.square()];
   * });
   * ```
   *
   * @returns the outputs of all elements, with the axis first, and the carried value at the end
   */
  scan(
    axis: string,
    initial: TracedTensor,
    body: ScanBody,
  ): { outputs: TracedTensor; carried: TracedTensor } {
    if (!(initial instanceof TracedTensor)) {
      return invalid(place('initial'), initial, 'a tensor of this function');
    }
    if (this.builder.outer !== undefined || initial.builder.outer !== undefined) {
      return invalid(
        place('scan'),
        'a loop within a loop',
        "a loop of JavaScript over x.at('axis', i) inside",
      );
    }
    const captured: TracedNode[] = [];
    const inner = new GraphBuilder(this.builder, (node) => {
      captured.push(node);
      return parameter(captured.length + 1, node.axes);
    });
    const parameter = (index: number, axes: readonly TracedAxis[]) =>
      inner.push('parameter', [], { index, axes });
    const carried = new TracedTensor(inner, parameter(0, initial.node.axes));
    const element = parameter(
      1,
      this.node.axes.filter(([name]) => name !== axis),
    );
    const results = body(carried, new TracedTensor(inner, element));
    if (!Array.isArray(results) || results.length !== 2) {
      return invalid(place('scan'), results, '[carried, output]');
    }
    const [next, output] = results.map((result) => TracedTensor.#number(inner, result)) as [number, number];
    const graph = inner.finish([
      ['carried', next],
      ['output', output],
    ]);
    const lifted = captured.map((node) => new TracedTensor(this.builder, node));
    const options = { axis, carries: 1, slices: 1, body: graph };
    const result = (number: number) => initial.op('scan', [this, ...lifted], { ...options, result: number });
    return { outputs: result(1), carried: result(0) };
  }
}
Object.defineProperty(TracedTensor, 'name', { value: 'TracedTensor' });
