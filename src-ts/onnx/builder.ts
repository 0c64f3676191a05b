/** The graph of layers that an ONNX graph becomes, as it is built node by node. */
import { invalid } from '../checks/check.ts';
import { elementCount } from '../checks/tensor.ts';
import type { Edge, Join } from '../layers/branches.ts';
import type { Layer } from '../layers/layer-kinds.ts';
import { rateUnit } from '../neurons/models.generated.ts';
import { neuron } from '../neurons/neuron.ts';
import { unsupported } from './errors.ts';
import type { NodeProto } from './messages.ts';
import type { ConstantTensor } from './tensor.ts';
import type { Pending, SignalValue, Value } from './values.ts';

/** Options of the translation of a node. */
export interface BuilderOptions {
  readonly floor: 'straight-through' | 'exact';
  readonly trained: readonly string[];
  readonly fixed: readonly string[];
}

/** Which layer an ONNX node became. */
export interface TranslatedNode {
  readonly node: string;
  readonly operator: string;
  /** The layer that computes it; nothing for a node that only carries constants, sizes or the same values on. */
  readonly layer?: string;
}

/** Elementwise operations in one population. */
const maxStatements = 64;

/** Numbers of one parameter that a description keeps as a list. */
const maxListed = 2 ** 20;

/** An initializer that torch names by the path of a parameter, and no exporter by a number of its own. */
const parameterPath = /^(?!onnx::)(?:\w+\.)+[A-Za-z_]\w*$/;

/** Names with a meaning in equations: variables and options of populations, and functions. */
const reserved = new Set(
  (
    'i v t dt pi xi name neurons surrogate smoothed recurrent like learn ' +
    'exp ln log sqrt abs min max clip tanh sigmoid sin cos floor ceil sign relu where select exprel and or not'
  ).split(' '),
);

export class GraphBuilder {
  readonly nodes = new Map<string, Layer | Join>();
  readonly edges: Edge[] = [];
  readonly weights = new Map<string, { data: Float32Array | Float64Array; shape: readonly number[] }>();
  readonly translated: TranslatedNode[] = [];
  readonly notes: string[] = [];
  readonly options: BuilderOptions;
  readonly #counts = new Map<string, number>();
  /** Readers of each value. */
  readonly #uses: ReadonlyMap<string, number>;
  readonly #names = new Map<Value, string>();
  readonly #used = new Set<string>();

  constructor(options: BuilderOptions, uses: ReadonlyMap<string, number>) {
    this.options = options;
    this.#uses = uses;
  }

  /** Remembers what a value of the file is called. */
  named(name: string, value: Value): void {
    this.#names.set(value, name);
  }

  /** Whether one node alone reads a value. */
  isReadOnce(value: Value): boolean {
    const name = this.#names.get(value);
    return name !== undefined && this.#uses.get(name) === 1;
  }

  /** Adds a layer after signals; returns its name. */
  layer(
    node: NodeProto,
    base: string,
    added: Layer | Join,
    sources: readonly SignalValue[],
    weights?: ConstantTensor,
  ): string {
    const read = sources.map((source) => this.layerOf(source));
    return this.#add(node, this.#nameFor(node.name, base, weights), added, read);
  }

  #add(node: NodeProto, name: string, added: Layer | Join, sources: readonly string[]): string {
    this.nodes.set(name, added);
    for (const source of sources) this.edges.push([source, name]);
    this.translated.push({ node: node.name, operator: node.operator, layer: name });
    return name;
  }

  /** The module whose weights it takes, the module that the node's name tells, else the operator with a number. */
  #nameFor(nodeName: string, base: string, weights?: ConstantTensor): string {
    const module = parameterPath.test(weights?.name ?? '')
      ? weights!.name.replace(/\.[^.]*$/, '')
      : undefined;
    const scope = /^\/(.+)\/[^/]+$/.exec(nodeName)?.[1]?.replaceAll('/', '.');
    const preferred = (module ?? scope)?.replace(/\W/g, '_');
    const usable = preferred !== undefined && /^[A-Za-z]\w{0,99}$/.test(preferred) && preferred !== 'input';
    if (usable && !this.nodes.has(preferred)) return preferred;
    for (;;) {
      const n = (this.#counts.get(base) ?? 0) + 1;
      this.#counts.set(base, n);
      if (!this.nodes.has(`${base}${n}`)) return `${base}${n}`;
    }
  }

  /** Sets a parameter from numbers of the file. */
  weight(
    layer: string,
    part: string,
    tensor: ConstantTensor,
    shape: readonly number[],
    data = tensor.data,
  ): void {
    this.weights.set(`${layer}.${part}`, { data, shape });
    this.using(tensor);
  }

  /** Notes initializers that several layers read: each then has numbers of its own. */
  using({ name, isInteger }: ConstantTensor): void {
    if (name === '' || isInteger) return;
    if (this.#used.has(name))
      this.notes.push(
        `${name} is read by several layers; each has a copy, which training changes independently`,
      );
    this.#used.add(name);
  }

  /** Whether training changes an initializer. */
  isTrained({ name }: ConstantTensor, byDefault: boolean): boolean {
    if (this.options.fixed.includes(name)) return false;
    return byDefault || this.options.trained.includes(name);
  }

  /** Whether an operand of arithmetic is a parameter, by its name. */
  isParameter(tensor: ConstantTensor, isInitializer: boolean): boolean {
    return isInitializer && this.isTrained(tensor, parameterPath.test(tensor.name));
  }

  /** The layer that gives a signal; pending operations become a population. */
  layerOf(signal: SignalValue): string {
    if (signal.layer !== undefined) return signal.layer;
    const { source, statements, result, params, learned, nodes } = signal.pending!;
    const last = nodes.at(-1)!;
    const activation = nodes.length === 1 && params.size === 0 ? rateActivations[last.operator] : undefined;
    let name: string;
    if (activation !== undefined) {
      name = this.#nameFor(last.name, activation);
      this.nodes.set(name, rateUnit({ activation }));
    } else {
      name = this.#nameFor('', 'arithmetic');
      const make = neuron({
        name: 'arithmetic',
        state: { v: 0 },
        params: Object.fromEntries(params) as Record<string, number | number[]>,
        update: [...statements, `v = ${result}`].join('\n'),
      });
      this.nodes.set(name, make(learned.length === 0 ? {} : ({ learn: learned } as never)));
    }
    this.edges.push([source, name]);
    for (const { name: node, operator } of nodes) this.translated.push({ node, operator, layer: name });
    signal.layer = name;
    return name;
  }

  /**
   * An elementwise operation on a signal, put behind those that are pending.
   *
   * @param statement - the right side, given the name of the input and a function that writes a constant
   */
  elementwise(
    node: NodeProto,
    signal: SignalValue,
    statement: (x: string, write: (operand: Value) => string) => string,
  ): SignalValue {
    const before = signal.pending;
    const continues =
      before !== undefined &&
      signal.layer === undefined &&
      this.isReadOnce(signal) &&
      before.statements.length < maxStatements;
    const start: Pending = continues
      ? before
      : {
          source: this.layerOf(signal),
          statements: [],
          result: 'i',
          params: new Map(),
          learned: [],
          initializers: new Map(),
          nodes: [],
        };
    const params = new Map(start.params);
    const initializers = new Map(start.initializers);
    const learned = [...start.learned];
    const write = (operand: Value): string => {
      if (operand.kind !== 'constant') throw unsupported(node, 'an operand that is not a constant');
      const { tensor, isInitializer } = operand;
      const cached = initializers.get(tensor.name);
      if (cached !== undefined) return cached;
      const value = this.#spread(node, tensor, signal.shape);
      const isTrained = this.isParameter(tensor, isInitializer);
      if (typeof value === 'number' && !isTrained) return written(value);
      const name = parameterName(tensor.name, params);
      params.set(name, value);
      if (isTrained) {
        learned.push(name);
        this.using(tensor);
      }
      if (tensor.name !== '') initializers.set(tensor.name, name);
      return name;
    };
    const result = `x${start.statements.length + 1}`;
    const text = statement(start.result, write);
    const pending: Pending = {
      source: start.source,
      statements: [...start.statements, `${result} = ${text}`],
      result,
      params,
      learned,
      initializers,
      nodes: [...start.nodes, node],
    };
    return { kind: 'signal', shape: signal.shape, pending };
  }

  /** A constant as one number, one per channel or one an element of a signal. */
  #spread(
    node: NodeProto,
    { shape, data, name }: ConstantTensor,
    onto: readonly number[],
  ): number | number[] {
    for (const x of data)
      if (!Number.isFinite(x)) throw unsupported(node, `the constant ${name} is not finite`);
    if (data.length === 1) return data[0]!;
    // Aligned from the right; the first axis of the signal is the batch's.
    const aligned = [...new Array(Math.max(0, onto.length + 1 - shape.length)).fill(1), ...shape];
    const fits =
      aligned.length === onto.length + 1 &&
      aligned[0] === 1 &&
      onto.every((size, axis) => aligned[axis + 1] === 1 || aligned[axis + 1] === size);
    if (!fits)
      throw unsupported(
        node,
        `an operand of shape [${shape.join(', ')}] does not fit [batch, ${onto.join(', ')}]`,
      );
    const [channels, ...pixels] = aligned.slice(1);
    if (channels === onto[0] && pixels.every((size) => size === 1)) return Array.from(data);
    const count = elementCount(onto);
    if (count > maxListed)
      throw unsupported(node, `an operand of ${count} elements; at most ${maxListed} are read`);
    const strides = aligned.map((_, axis) => elementCount(aligned.slice(axis + 1)));
    return Array.from({ length: count }, (_, element) => {
      let [remaining, at] = [element, 0];
      for (let axis = onto.length; axis > 0; axis--) {
        const size = onto[axis - 1]!;
        if (aligned[axis] !== 1) at += (remaining % size) * strides[axis]!;
        remaining = Math.floor(remaining / size);
      }
      return data[at]!;
    });
  }
}

/** Operators that are a rate unit when they stand alone. */
const rateActivations: Readonly<Record<string, 'relu' | 'sigmoid' | 'tanh'>> = {
  Relu: 'relu',
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
};

/** A number in an equation. */
export function written(value: number): string {
  if (!Number.isFinite(value)) invalid('constant', value, 'a finite number');
  return value < 0 || Object.is(value, -0) ? `(${value})` : `${value}`;
}

function parameterName(initializer: string, taken: ReadonlyMap<string, unknown>): string {
  const own = initializer.slice(initializer.lastIndexOf('.') + 1);
  if (/^[a-zA-Z][a-zA-Z0-9]{0,30}$/.test(own) && !reserved.has(own) && !/^x\d+$/.test(own) && !taken.has(own))
    return own;
  for (let n = taken.size + 1; ; n++) if (!taken.has(`p${n}`)) return `p${n}`;
}
