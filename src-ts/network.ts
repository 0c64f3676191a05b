/** From layers to a description: plain frozen data, the form in which models are kept in files. */
import { options as checkOptions, finite, integer, invalid, oneOf } from './check.ts';
import type { DynamicsSpec, Population, Recurrence } from './population.ts';
import type { Dense, Initialiser } from './projection.ts';

/** Precision of all arithmetic: `f32` is fast, `f64` the reference. */
export type Precision = 'f32' | 'f64';

/** A node of a {@link Description}. */
export type NodeSpec =
  | {
      readonly kind: 'dense';
      readonly name: string;
      readonly in: number;
      readonly out: number;
      readonly bias: boolean;
      readonly initial?: Initialiser;
      readonly initialBias?: Initialiser;
      readonly trainable?: boolean;
    }
  | {
      readonly kind: 'one-to-one';
      readonly name: string;
      readonly neurons: number;
      readonly initial?: Initialiser;
      readonly trainable?: boolean;
    }
  | {
      readonly kind: 'dynamics';
      readonly name: string;
      readonly neurons: number;
      readonly dynamics: DynamicsSpec;
    };

/** A network as data: what files keep and what `compile` takes. */
export interface Description {
  readonly schema: 1;
  /** Length of a time step, ms. */
  readonly dt: number;
  readonly precision: Precision;
  /** Seed of the initial weights. */
  readonly seed: number;
  readonly input: { readonly size: number };
  readonly nodes: readonly NodeSpec[];
  /** `[from, to]`; `input` is the network's input. */
  readonly edges: readonly (readonly [string, string])[];
  /** The population whose spikes and membrane are the output. */
  readonly output: string;
}

/** A layer of {@link sequential}. */
export type Layer = Dense<number, number> | Population;

/** What is chosen for a whole network. */
export interface NetworkOptions {
  /** Length of a time step, ms; default 1. */
  dt?: number;
  /** Default `'f32'`. */
  precision?: Precision;
  /** Seed of the initial weights, an integer from 0; default 0. */
  seed?: number;
  /** Number of input channels; needed only when the first layer is a population without `neurons`. */
  inputs?: number;
}

/** Checks that neighbouring layers fit; a layer that does not is replaced by a type that says why. */
export type Fitting<L extends readonly unknown[], N extends number = number> = L extends readonly [
  infer First,
  ...infer Rest,
]
  ? First extends Dense<infer In, infer Out>
    ? [
        Fits<In, N> extends true ? First : `expected ${In} inputs but the layer before has ${N}`,
        ...Fitting<Rest, Out>,
      ]
    : [First, ...Fitting<Rest, N>]
  : L extends readonly []
    ? []
    : L;

/** Whether a width fits an expected one; unknown widths do. */
export type Fits<In extends number, N extends number> = number extends In
  ? true
  : number extends N
    ? true
    : In extends N
      ? true
      : false;

/**
 * Layers one after the other: projections and the populations they feed.
 *
 * @example
 * ```ts
 * const model = await sequential(dense(784, 1000), lif({ beta: 0.95 }), dense(1000, 10), lif({ beta: 0.95 })).compile();
 * ```
 * @returns a frozen network; `compile` makes it run
 * @throws LapicqueError `shape-mismatch` when neighbours do not fit (a type error where sizes are literals),
 * `invalid-parameter` when a projection follows a projection or the network does not end with a population
 */
export function describeSequential(layers: readonly Layer[], options: NetworkOptions = {}): Description {
  checkOptions('network', options, ['dt', 'precision', 'seed', 'inputs']);
  if (layers.length === 0) invalid('layers', layers, 'at least one layer');
  layers.forEach((layer, i) => {
    if (layer?.layer !== 'dense' && layer?.layer !== 'population') {
      invalid(`layers[${i}]`, layer, 'a projection or a population');
    }
  });
  const nodes: NodeSpec[] = [];
  const edges: [string, string][] = [];
  const count = new Map<string, number>();
  const named = (name: string | undefined, base: string): string => {
    if (name !== undefined) return name;
    const n = (count.get(base) ?? 0) + 1;
    count.set(base, n);
    return `${base}${n}`;
  };
  const first = layers[0]!;
  const size = options.inputs ?? (first.layer === 'dense' ? first.inputs : first.neurons);
  if (size === undefined) invalid('inputs', undefined, 'the number of input channels');
  let width = size;
  let from = 'input';
  for (const layer of layers) {
    if (layer.layer === 'dense') {
      const name = named(layer.name, 'dense');
      nodes.push(
        frozen({
          kind: 'dense',
          name,
          in: layer.inputs,
          out: layer.outputs,
          bias: layer.bias ?? true,
          initial: layer.initial,
          initialBias: layer.initialBias,
          trainable: layer.trainable,
        }),
      );
      edges.push([from, name]);
      [from, width] = [name, layer.outputs];
    } else {
      const name = named(layer.name, baseName(layer.dynamics.equations?.name ?? layer.dynamics.model));
      const neurons = layer.neurons ?? width;
      nodes.push(frozen({ kind: 'dynamics', name, neurons, dynamics: layer.dynamics }));
      edges.push([from, name]);
      if (layer.recurrent !== undefined) {
        const back = recurrentNode(layer.recurrent, `${name}.recurrent`, neurons);
        nodes.push(back);
        edges.push([name, back.name], [back.name, name]);
      }
      [from, width] = [name, neurons];
    }
  }
  if (layers.at(-1)!.layer !== 'population') {
    invalid('the last layer', 'a projection', 'a population: lif(), li(), …');
  }
  return Object.freeze({
    schema: 1,
    dt: finite('dt', options.dt ?? 1, { above: 0 }),
    precision: oneOf('precision', options.precision ?? 'f32', ['f32', 'f64']),
    seed: integer('seed', options.seed ?? 0, { min: 0 }),
    input: Object.freeze({ size }),
    nodes: Object.freeze(nodes),
    edges: Object.freeze(edges.map((edge) => Object.freeze(edge))),
    output: from,
  });
}

function baseName(model: string): string {
  return model.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function recurrentNode(recurrent: Recurrence, name: string, neurons: number): NodeSpec {
  const { initial, trainable } = recurrent;
  const own = recurrent.name ?? name;
  if (recurrent.kind === 'one-to-one')
    return frozen({ kind: 'one-to-one', name: own, neurons, initial, trainable });
  return frozen({
    kind: 'dense',
    name: own,
    in: neurons,
    out: neurons,
    bias: recurrent.bias ?? true,
    initial,
    trainable,
  });
}

/** Leaves out what is undefined, so that a description reads the same after a round trip through JSON. */
function frozen(node: object): NodeSpec {
  const kept = Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
  return Object.freeze(kept) as unknown as NodeSpec;
}
