/** From layers to a description: plain frozen data, the form in which models are kept in files. */
import { options as checkOptions, finite, integer, invalid, oneOf, unknownName } from './check.ts';
import { LapicqueError } from './errors.ts';
import type { Branches, GraphSpec, Join } from './graph.ts';
import type { BatchNorm, Dropout, InputShape, LayerNorm, MapLayer } from './layers.ts';
import type { TimeLayer } from './over-time.ts';
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
      /** ms */
      readonly delay?: { readonly max: number; readonly initial: Initialiser; readonly trainable: boolean };
    }
  | {
      readonly kind: 'filter';
      readonly name: string;
      readonly length: number;
      readonly each: boolean;
      readonly bias: boolean;
      readonly initial: Initialiser;
      readonly initialBias?: Initialiser;
      readonly trainable?: boolean;
    }
  | {
      readonly kind: 'mixture';
      readonly name: string;
      readonly steps: number;
      readonly order?: number;
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
      readonly kind: 'conv';
      readonly name: string;
      readonly in: number;
      readonly out: number;
      /** A number for each axis, as all lists here. */
      readonly kernel: readonly number[];
      readonly stride: readonly number[];
      readonly padding: readonly number[];
      readonly dilation: readonly number[];
      readonly groups: number;
      /** Given: the transposed convolution. */
      readonly outputPadding?: readonly number[];
      readonly bias: boolean;
      readonly initial?: Initialiser;
      readonly initialBias?: Initialiser;
      readonly trainable?: boolean;
    }
  | {
      readonly kind: 'pool';
      readonly name: string;
      readonly pooling: 'max' | 'average' | 'sum';
      readonly kernel: readonly number[];
      readonly stride: readonly number[];
      readonly padding: readonly number[];
    }
  | { readonly kind: 'flatten' | 'concat' | 'add' | 'multiply'; readonly name: string }
  | { readonly kind: 'attention'; readonly name: string; readonly heads: number; readonly scale: number }
  | { readonly kind: 'dropout'; readonly name: string; readonly rate: number }
  | {
      readonly kind: 'layer-norm';
      readonly name: string;
      readonly epsilon: number;
      readonly affine: boolean;
      readonly trainable?: boolean;
    }
  | {
      readonly kind: 'batch-norm';
      readonly name: string;
      readonly epsilon: number;
      readonly momentum: number;
      readonly affine: boolean;
      readonly scale: number;
      readonly trainable?: boolean;
    }
  | {
      readonly kind: 'embedding';
      readonly name: string;
      readonly count: number;
      readonly size: number;
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
  readonly input: {
    readonly size: number;
    /** `[channels, width]` or `[channels, height, width]` where the channels are an image. */
    readonly shape?: readonly number[];
  };
  readonly nodes: readonly NodeSpec[];
  /** `[from, to]`; `input` is the network's input. */
  readonly edges: readonly (readonly [string, string])[];
  /** The population whose spikes and membrane are the output. */
  readonly output: string;
}

/** A layer of {@link sequential}. */
export type Layer = Dense<number, number> | Population | MapLayer | TimeLayer | Branches | InputShape;

/** What is chosen for a whole network. */
export interface NetworkOptions {
  /** Length of a time step, ms; default 1. */
  dt?: number;
  /** Default `'f32'`. */
  precision?: Precision;
  /** Seed of the initial weights, an integer from 0; default 0. */
  seed?: number;
  /**
   * Number of input channels, or the input's shape `[channels, width]` or `[channels, height, width]`; needed only where
   * the first layer does not tell.
   */
  inputs?: number | readonly number[];
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
    : First extends Population | Dropout | LayerNorm | BatchNorm | TimeLayer
      ? [First, ...Fitting<Rest, N>]
      : [First, ...Fitting<Rest>]
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
 * Layers one after the other: projections, the populations they feed, and layers without a state.
 *
 * @example
 * ```ts
 * const model = await sequential(dense(784, 1000), lif({ beta: 0.95 }), dense(1000, 10), lif({ beta: 0.95 })).compile();
 * ```
 * @returns a frozen network; `compile` makes it run
 * @throws LapicqueError `shape-mismatch` when neighbours do not fit (a type error where sizes are literals),
 * `invalid-parameter` when the network does not end with a population
 */
export function describeSequential(layers: readonly Layer[], options: NetworkOptions = {}): Description {
  checkOptions('network', options, ['dt', 'precision', 'seed', 'inputs']);
  if (layers.length === 0) invalid('layers', layers, 'at least one layer');
  const first = layers[0]!;
  if (first?.layer === 'input') {
    if (options.inputs !== undefined) invalid('inputs', options.inputs, 'nothing beside input()');
    return describeSequential(layers.slice(1), { ...options, inputs: first.shape });
  }
  checkLayers('layers', layers);
  const told = options.inputs ?? inputsOf(first);
  if (told === undefined)
    invalid('inputs', undefined, 'the number of input channels, or input() as the first layer');
  const shape = inputShape(told);
  const writer = new Writer();
  const last = writer.all(layers, { name: 'input', shape });
  if (layers.at(-1)!.layer !== 'population') {
    invalid('the last layer', 'a projection', 'a population: lif(), li(), …');
  }
  return writer.description(shape, last.name, options);
}

/** Any directed graph of layers as a description. */
export function describeGraph(spec: GraphSpec, options: NetworkOptions = {}): Description {
  checkOptions('network', options, ['dt', 'precision', 'seed']);
  checkOptions('graph', spec, ['nodes', 'edges', 'output', 'inputs']);
  const names = Object.keys(spec.nodes ?? {});
  if (names.length === 0) invalid('graph.nodes', spec.nodes, 'layers by name');
  if (!Array.isArray(spec.edges)) invalid('graph.edges', spec.edges, 'a list of [from, to]');
  const known = (name: string) => {
    if (!names.includes(name)) throw unknownName('node', name, names);
  };
  for (const edge of spec.edges) {
    if (!Array.isArray(edge) || edge.length !== 2) invalid('graph.edges', edge, '[from, to]');
    if (edge[0] !== 'input') known(edge[0]);
    known(edge[1]);
  }
  known(spec.output);
  const shape = inputShape(spec.inputs);
  const writer = new Writer();
  const done = new Map<string, Port>([['input', { name: 'input', shape }]]);
  const underway = new Set<string>();
  // Depth first, so that a node is written after all that it reads.
  const write = (name: string): Port => {
    const there = done.get(name);
    if (there !== undefined) return there;
    if (underway.has(name))
      invalid('graph.edges', [...underway, name].join(' → '), 'no cycle (see `recurrent`)');
    underway.add(name);
    const sources = spec.edges.filter(([, to]) => to === name).map(([from]) => write(from));
    underway.delete(name);
    const layer = spec.nodes[name]!;
    if (layer.layer !== 'join') checkLayers(`graph.nodes.${name}`, [layer]);
    const port = writer.node(layer, name, sources);
    done.set(name, port);
    return port;
  };
  names.forEach(write);
  return writer.description(shape, spec.output, options);
}

const kinds = [
  'dense',
  'population',
  'conv',
  'pointwise',
  'pool',
  'global-pool',
  'flatten',
  'dropout',
  'layer-norm',
  'batch-norm',
  'embedding',
  'filter',
  'mixture',
  'branches',
];

function checkLayers(name: string, layers: readonly Layer[]): void {
  layers.forEach((layer, i) => {
    if (!kinds.includes(layer?.layer)) invalid(`${name}[${i}]`, layer, 'a projection or a population');
  });
}

function inputsOf(first: Layer): number | undefined {
  if (first.layer === 'dense') return first.inputs;
  if (first.layer === 'embedding') return 1;
  return first.layer === 'population' ? first.neurons : undefined;
}

function inputShape(inputs: number | readonly number[]): readonly number[] {
  const sizes = typeof inputs === 'number' ? [inputs] : inputs;
  if (!Array.isArray(sizes) || sizes.length === 0 || sizes.length > 3) {
    invalid('inputs', inputs, 'a number of channels, or a shape of at most three sizes');
  }
  for (const size of sizes) integer('inputs', size, { min: 1, max: 2 ** 24 });
  return Object.freeze([...sizes]);
}

/** What a node gives: its name and shape. */
interface Port {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Writes nodes and edges, and finds shapes on the way. The engine checks that all fits. */
class Writer {
  readonly #nodes: NodeSpec[] = [];
  readonly #edges: [string, string][] = [];
  readonly #count = new Map<string, number>();

  all(layers: readonly Layer[], from: Port): Port {
    return layers.reduce((port, layer) => this.node(layer, undefined, [port]), from);
  }

  /** One layer behind its sources. */
  node(layer: Layer | Join, given: string | undefined, sources: readonly Port[]): Port {
    const own = given ?? ('name' in layer ? layer.name : undefined);
    const shape = sources[0]?.shape ?? [1];
    const write = (base: string, after: readonly number[], fields: object): Port => {
      const name = this.#named(own, base);
      this.#nodes.push(frozen({ ...fields, name }));
      for (const source of sources) this.#edges.push([source.name, name]);
      return { name, shape: after };
    };
    switch (layer.layer) {
      case 'input':
        return invalid('input()', 'behind another layer', 'the first layer');
      case 'branches': {
        const ends = layer.branches.map((branch) => this.all(branch, sources[0]!));
        return this.node({ layer: 'join', join: layer.join }, given, ends);
      }
      case 'join': {
        const { join } = layer;
        if (typeof join === 'object') {
          const channels = sources[2]?.shape[0] ?? shape[0]!;
          return write('attention', [channels, ...shape.slice(1)], join);
        }
        return write(join, join === 'concat' ? joined(sources) : shape, { kind: join });
      }
      case 'population':
        return this.#population(layer, own, sources);
      case 'dense': {
        const { inputs, outputs, bias = true, initial, initialBias, trainable } = layer;
        const delay = delays(layer.delay);
        const fields = {
          kind: 'dense',
          in: inputs,
          out: outputs,
          bias,
          initial,
          initialBias,
          trainable,
          delay,
        };
        return write('dense', [outputs], fields);
      }
      case 'conv': {
        const { layer: _, inputs, outputs, name: __, bias = true, ...rest } = layer;
        const fields = { kind: 'conv', in: inputs, out: outputs, ...rest, bias };
        return write('conv', [outputs, ...slid('conv', shape, layer, layer.outputPadding)], fields);
      }
      case 'pointwise': {
        const { layer: _, inputs, outputs, name: __, bias = true, ...rest } = layer;
        const pixels = shape.slice(1);
        const ones = pixels.map(() => 1);
        const window = {
          kernel: ones,
          stride: ones,
          padding: pixels.map(() => 0),
          dilation: ones,
          groups: 1,
        };
        const fields = { in: inputs, out: outputs, ...rest, bias };
        const kind = pixels.length === 0 ? { kind: 'dense' } : { kind: 'conv', ...window };
        return write('pointwise', [outputs, ...pixels], { ...kind, ...fields });
      }
      case 'global-pool': {
        const pixels = shape.slice(1);
        const kernel = pixels.length === 0 ? [1] : pixels;
        const window = { kernel, stride: kernel, padding: kernel.map(() => 0) };
        const after = [shape[0]!, ...pixels.map(() => 1)];
        return write('globalPool', after, { kind: 'pool', pooling: layer.pooling, ...window });
      }
      case 'pool': {
        const { layer: _, name: __, ...rest } = layer;
        const ones = layer.kernel.map(() => 1);
        const after = [shape[0]!, ...slid('pool', shape, { ...layer, dilation: ones })];
        return write('pool', after, { kind: 'pool', ...rest });
      }
      case 'flatten':
        return write('flatten', [elements(shape)], { kind: 'flatten' });
      case 'dropout':
        return write('dropout', shape, { kind: 'dropout', rate: layer.rate });
      case 'layer-norm': {
        const { epsilon = 1e-5, affine = true, trainable } = layer;
        return write('layerNorm', shape, { kind: 'layer-norm', epsilon, affine, trainable });
      }
      case 'batch-norm': {
        const { epsilon = 1e-5, momentum = 0.1, affine = true, scale = 1, trainable } = layer;
        const fields = { kind: 'batch-norm', epsilon, momentum, affine, scale, trainable };
        return write('batchNorm', shape, fields);
      }
      case 'filter': {
        const { layer: _, name: __, kernel, ...rest } = layer;
        const kernels = layer.each ? Array.from({ length: shape[0]! }, () => kernel).flat() : kernel;
        const initial = { kind: 'values', values: kernels };
        return write('filter', shape, { kind: 'filter', length: kernel.length, ...rest, initial });
      }
      case 'mixture': {
        const { layer: _, name: __, ...rest } = layer;
        return write('mixture', shape, { kind: 'mixture', ...rest });
      }
      case 'embedding': {
        const { count, size, initial, trainable } = layer;
        return write('embedding', [size], { kind: 'embedding', count, size, initial, trainable });
      }
    }
  }

  #population(layer: Population, own: string | undefined, sources: readonly Port[]): Port {
    const name = this.#named(own, baseName(layer.dynamics.equations?.name ?? layer.dynamics.model));
    const width = sources[0] === undefined ? undefined : elements(sources[0].shape);
    const neurons = layer.neurons ?? width ?? 1;
    this.#nodes.push(frozen({ kind: 'dynamics', name, neurons, dynamics: layer.dynamics }));
    for (const source of sources) this.#edges.push([source.name, name]);
    if (layer.recurrent !== undefined) {
      const shape = neurons === width ? sources[0]!.shape : [neurons];
      const back = recurrentNode(layer.recurrent, `${name}.recurrent`, neurons, shape);
      this.#nodes.push(back);
      this.#edges.push([name, back.name], [back.name, name]);
    }
    return { name, shape: neurons === width ? sources[0]!.shape : [neurons] };
  }

  #named(name: string | undefined, base: string): string {
    if (name !== undefined) return name;
    const n = (this.#count.get(base) ?? 0) + 1;
    this.#count.set(base, n);
    return `${base}${n}`;
  }

  description(shape: readonly number[], output: string, options: NetworkOptions): Description {
    return Object.freeze({
      schema: 1,
      dt: finite('dt', options.dt ?? 1, { above: 0 }),
      precision: oneOf('precision', options.precision ?? 'f32', ['f32', 'f64']),
      seed: integer('seed', options.seed ?? 0, { min: 0 }),
      input: Object.freeze({ size: elements(shape), ...(shape.length === 1 ? {} : { shape }) }),
      nodes: Object.freeze(this.#nodes),
      edges: Object.freeze(this.#edges.map((edge) => Object.freeze(edge))),
      output,
    });
  }
}

/** The delays of a dense projection with every default written out; nothing without. */
function delays(given: Dense['delay']) {
  if (given === undefined || given === 0) return undefined;
  if (typeof given === 'number') {
    return { max: given, initial: { kind: 'constant', value: given }, trainable: false };
  }
  const { max, initial = { kind: 'uniform', low: 0, high: max }, trainable = true } = given;
  return { max, initial, trainable };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Channels add up; the engine checks that the pixels are the same. */
function joined(sources: readonly Port[]): readonly number[] {
  const channels = sources.reduce((sum, { shape }) => sum + shape[0]!, 0);
  return [channels, ...(sources[0]?.shape.slice(1) ?? [])];
}

/** The pixels behind a sliding window. */
function slid(
  layer: string,
  shape: readonly number[],
  {
    kernel,
    stride,
    padding,
    dilation,
  }: Record<'kernel' | 'stride' | 'padding' | 'dilation', readonly number[]>,
  outputPadding?: readonly number[],
): number[] {
  if (shape.length !== kernel.length + 1) {
    const expected = kernel.length === 1 ? '[channels, width]' : '[channels, height, width]';
    throw new LapicqueError('shape-mismatch', { layer, expected, got: `[${shape.join(', ')}]` });
  }
  return kernel.map((size, axis) => {
    const reach = dilation[axis]! * (size - 1) + 1;
    const [pixels, step, zeros] = [shape[axis + 1]!, stride[axis]!, padding[axis]!];
    if (outputPadding !== undefined) return (pixels - 1) * step + reach + outputPadding[axis]! - 2 * zeros;
    return Math.floor((pixels + 2 * zeros - reach) / step) + 1;
  });
}

function baseName(model: string): string {
  return model.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function recurrentNode(
  recurrent: Recurrence,
  name: string,
  neurons: number,
  shape: readonly number[],
): NodeSpec {
  const { initial, trainable } = recurrent;
  const own = recurrent.name ?? name;
  if (recurrent.kind === 'one-to-one')
    return frozen({ kind: 'one-to-one', name: own, neurons, initial, trainable });
  if (recurrent.kind === 'conv') {
    const [channels, ...pixels] = shape as [number, ...number[]];
    if (pixels.length === 0) {
      const expected = '[channels, width] or [channels, height, width]';
      throw new LapicqueError('shape-mismatch', { layer: own, expected, got: `[${neurons}]` });
    }
    const each = (size: number | readonly number[]) =>
      typeof size === 'number' ? pixels.map(() => size) : size;
    const kernel = each(recurrent.kernel).map((size) => integer(`${own}.kernel`, size, { min: 1 }));
    const padding = each(recurrent.padding ?? kernel.map((size) => Math.floor(size / 2)));
    const ones = pixels.map(() => 1);
    return frozen({
      kind: 'conv',
      name: own,
      in: channels,
      out: channels,
      kernel,
      stride: ones,
      padding,
      dilation: ones,
      groups: 1,
      bias: recurrent.bias ?? true,
      initial,
      initialBias: recurrent.initialBias,
      trainable,
    });
  }
  return frozen({
    kind: 'dense',
    name: own,
    in: neurons,
    out: neurons,
    bias: recurrent.bias ?? true,
    initial,
    initialBias: recurrent.initialBias,
    trainable,
  });
}

/** Leaves out what is undefined, so that a description reads the same after a round trip through JSON. */
function frozen(node: object): NodeSpec {
  const kept = Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
  return Object.freeze(kept) as unknown as NodeSpec;
}
