/** From layers to a description: plain frozen data, the form in which models are kept in files. */
import {
  options as checkOptions,
  finite,
  flag,
  integer,
  invalid,
  oneOf,
  text,
  unknownName,
} from './check.ts';
import { checkTokens } from './data/text.ts';
import { LapicqueError } from './errors.ts';
import type { Branches, Edge, EdgeOptions, GraphSpec, Join } from './graph.ts';
import type { BatchNorm, Dropout, InputShape, LateralInhibition, LayerNorm, MapLayer } from './layers.ts';
import type { TimeLayer } from './over-time.ts';
import {
  type DynamicsSpec,
  type Population,
  type PortedPopulation,
  portNames,
  type Recurrence,
} from './population.ts';
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
      readonly lambda?: number;
      readonly bias: boolean;
      readonly initial?: Initialiser;
      readonly initialBias?: Initialiser;
      readonly trainable?: boolean;
    }
  | {
      readonly kind: 'time-reduction';
      readonly name: string;
      readonly reduction: 'sum' | 'mean' | 'max';
    }
  | {
      readonly kind: 'one-to-one';
      readonly name: string;
      readonly neurons: number;
      /** One weight a neuron for each of so many ports; default 1. */
      readonly parts?: number;
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
  | { readonly kind: 'flatten' | 'concat' | 'add' | 'multiply' | 'inhibition'; readonly name: string }
  | {
      readonly kind: 'matrix-product';
      readonly name: string;
      readonly rows: number;
      readonly inner: number;
      readonly columns: number;
    }
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
  /** `[from, to]` or `[from, to, options]`; `input` is the network's input. */
  readonly edges: readonly Edge[];
  /** The population whose spikes and membrane are the output. */
  readonly output: string;
  /** Of a language model the tokens, in the order of their numbers. */
  readonly vocabulary?: readonly string[];
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
  /**
   * Of a language model the characters that its inputs and outputs stand for, in the order of their numbers: files keep
   * them, and `generate` needs them. As many as the output has neurons.
   */
  vocabulary?: readonly string[];
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
    : First extends PortedPopulation
      ? [First, ...Fitting<Rest>]
      : First extends Population | LateralInhibition | Dropout | LayerNorm | BatchNorm | TimeLayer
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
  checkOptions('network', options, ['dt', 'precision', 'seed', 'inputs', 'vocabulary']);
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
  checkOptions('network', options, ['dt', 'precision', 'seed', 'vocabulary']);
  checkOptions('graph', spec, ['nodes', 'edges', 'output', 'inputs']);
  const names = Object.keys(spec.nodes ?? {});
  if (names.length === 0) invalid('graph.nodes', spec.nodes, 'layers by name');
  if (!Array.isArray(spec.edges)) invalid('graph.edges', spec.edges, 'a list of [from, to]');
  const known = (name: string) => {
    if (!names.includes(name)) throw unknownName('node', name, names);
  };
  for (const edge of spec.edges) {
    if (!Array.isArray(edge) || edge.length < 2 || edge.length > 3) {
      invalid('graph.edges', edge, '[from, to] or [from, to, options]');
    }
    const [from, to, how] = edge;
    if (from !== 'input') known(from);
    known(to);
    if (how !== undefined) checkEdge(`graph.edges: ${from} → ${to}`, how);
  }
  known(spec.output);
  const shape = inputShape(spec.inputs);
  const writer = new Writer();
  const done = new Map<string, Port>([['input', { name: 'input', shape }]]);
  const underway = new Set<string>();
  // Depth first, so that a node is written after all that it reads; what it reads a step later may be written after it.
  const write = (name: string): Port => {
    const there = done.get(name);
    if (there !== undefined) return there;
    if (underway.has(name)) {
      const cycle = [...underway, name].slice([...underway].indexOf(name)).join(' → ');
      invalid('graph.edges', cycle, 'an edge with `delayed: true` in every cycle (or see `recurrent`)');
    }
    underway.add(name);
    const sources = spec.edges
      .filter(([, to]) => to === name)
      .map(([from, , how]): Port => ({ ...(how?.delayed ? ahead(from) : write(from)), how }));
    underway.delete(name);
    const layer = spec.nodes[name]!;
    if (layer.layer !== 'join') checkLayers(`graph.nodes.${name}`, [layer]);
    const port = writer.node(layer, name, sources);
    done.set(name, port);
    return port;
  };
  const ahead = (name: string): Port => {
    const layer = spec.nodes[name];
    const neurons = layer?.layer === 'population' ? layer.neurons : undefined;
    return done.get(name) ?? { name, shape: [neurons ?? 1], ahead: true };
  };
  names.forEach(write);
  return writer.description(shape, spec.output, options);
}

function checkEdge(name: string, how: EdgeOptions): void {
  checkOptions(name, how, ['port', 'state', 'delayed']);
  if (how.port !== undefined) portNames(`${name}: port`, how.port);
  if (how.state !== undefined) text(`${name}: state`, how.state);
  if (how.delayed !== undefined) flag(`${name}: delayed`, how.delayed);
}

const kinds = [
  'dense',
  'population',
  'conv',
  'pointwise',
  'pool',
  'global-pool',
  'flatten',
  'lateral-inhibition',
  'dropout',
  'layer-norm',
  'batch-norm',
  'embedding',
  'filter',
  'mixture',
  'time-reduction',
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
  if (first.layer !== 'population' || first.neurons === undefined) return undefined;
  return first.neurons * (first.ports?.entering.length ?? 1);
}

function inputShape(inputs: number | readonly number[]): readonly number[] {
  const sizes = typeof inputs === 'number' ? [inputs] : inputs;
  if (!Array.isArray(sizes) || sizes.length === 0 || sizes.length > 3) {
    invalid('inputs', inputs, 'a number of channels, or a shape of at most three sizes');
  }
  for (const size of sizes) integer('inputs', size, { min: 1, max: 2 ** 24 });
  return Object.freeze([...sizes]);
}

/** What a node gives: its name and shape, and what the edge to its reader says. */
interface Port {
  readonly name: string;
  readonly shape: readonly number[];
  readonly how?: EdgeOptions | undefined;
  /** It is not written yet, and its shape perhaps another. */
  readonly ahead?: boolean;
}

/** Writes nodes and edges, and finds shapes on the way. The engine checks that all fits. */
class Writer {
  readonly #nodes: NodeSpec[] = [];
  readonly #edges: Edge[] = [];
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
      this.#connect(sources, name);
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
        if (typeof join === 'object' && join.kind === 'matrix-product') {
          return write('matrixProduct', [join.rows * join.columns], join);
        }
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
      case 'lateral-inhibition': {
        const name = this.#named(own, 'lateralInhibition');
        this.#nodes.push(frozen({ kind: 'inhibition', name }));
        const [spikes] = sources;
        this.#connect([spikes!, { ...spikes!, how: { state: layer.state } }], name);
        return { name, shape };
      }
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
      case 'time-reduction': {
        const { reduction } = layer;
        const base = `time${reduction[0]!.toUpperCase()}${reduction.slice(1)}`;
        return write(base, shape, { kind: 'time-reduction', reduction });
      }
      case 'embedding': {
        const { count, size, initial, trainable } = layer;
        return write('embedding', [size], { kind: 'embedding', count, size, initial, trainable });
      }
    }
  }

  #population(layer: Population, own: string | undefined, sources: readonly Port[]): Port {
    const name = this.#named(own, baseName(layer.dynamics.equations?.name ?? layer.dynamics.model));
    const { entering = ['current'], returning = ['current'] } = layer.ports ?? {};
    const tells = sources.find(({ ahead }) => !ahead);
    const arrives = tells?.shape ?? [1];
    const width = tells === undefined ? undefined : elements(arrives);
    const ports = portCount(tells?.how?.port, entering);
    if (layer.neurons === undefined && width !== undefined && width % ports !== 0) {
      const expected = `a multiple of ${ports}: ${ports} ports (${entering.join(', ')}) of as many neurons`;
      throw new LapicqueError('shape-mismatch', { layer: name, expected, got: `[${arrives.join(', ')}]` });
    }
    const neurons = layer.neurons ?? (width ?? ports) / ports;
    const [channels, ...pixels] = arrives as [number, ...number[]];
    const isImage = neurons * ports === width && channels % ports === 0;
    const shape = isImage ? [channels / ports, ...pixels] : [neurons];
    this.#nodes.push(frozen({ kind: 'dynamics', name, neurons, dynamics: layer.dynamics }));
    this.#connect(sources, name);
    if (layer.recurrent !== undefined) {
      const { state, port } = layer.recurrent;
      const parts = portCount(port, returning);
      const back = recurrentNode(layer.recurrent, `${name}.recurrent`, neurons, shape, parts);
      this.#nodes.push(back);
      this.#connect([{ name, shape, how: { ...(state === undefined ? {} : { state }) } }], back.name);
      this.#connect([{ name: back.name, shape, how: { ...(port === undefined ? {} : { port }) } }], name);
    }
    return { name, shape };
  }

  #connect(sources: readonly Port[], to: string): void {
    for (const { name, how = {} } of sources) {
      const { delayed, ...told } = how;
      const kept = { ...told, ...(delayed ? { delayed } : {}) };
      this.#edges.push(Object.keys(kept).length === 0 ? [name, to] : [name, to, Object.freeze(kept)]);
    }
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
      ...(options.vocabulary === undefined
        ? {}
        : { vocabulary: Object.freeze(checkTokens('vocabulary', options.vocabulary)) }),
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

/** Into how many parts what enters is cut. */
function portCount(port: string | readonly string[] | undefined, usual: readonly string[]): number {
  if (port === undefined) return usual.length;
  return typeof port === 'string' ? 1 : port.length;
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
  parts: number,
): NodeSpec {
  const { initial, trainable } = recurrent;
  const own = recurrent.name ?? name;
  if (recurrent.kind === 'one-to-one')
    return frozen({
      kind: 'one-to-one',
      name: own,
      neurons,
      ...(parts === 1 ? {} : { parts }),
      initial,
      trainable,
    });
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
      out: parts * channels,
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
    out: parts * neurons,
    bias: recurrent.bias ?? true,
    initial,
    initialBias: recurrent.initialBias,
    trainable,
    parallel: recurrent.parallel === true ? true : undefined,
  });
}

/** Leaves out what is undefined, so that a description reads the same after a round trip through JSON. */
function frozen(node: object): NodeSpec {
  const kept = Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
  return Object.freeze(kept) as unknown as NodeSpec;
}
