/** Writes layers as the nodes and edges of a description, and computes their shapes. */
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import type { Edge, EdgeOptions, Join } from '../layers/branches.ts';
import type { Pointwise } from '../layers/convolutions.ts';
import type { Branches, Joining, Layer } from '../layers/layer-kinds.ts';
import { type OperationTable, operationBase, operationFields } from '../layers/operation-node.ts';
import { operationTables } from '../layers/operation-tables.generated.ts';
import type { DynamicsSpec, Neuron } from '../neurons/neuron-node.ts';
import { type Description, frozen, type NodeSpec } from './description.ts';
import { joined } from './image-shape.ts';
import { chosenFields, type NetworkOptions } from './network-options.ts';
import { operationShape } from './operation-shape.ts';
import { recurrentNode } from './recurrence.ts';

/** The output of a node: its name and shape, and the options of the edge to its reader. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
  readonly how?: EdgeOptions | undefined;
  /** Whether it is not written yet, so that its shape may still change. */
  readonly isPending?: boolean;
}

/** Maximum nesting depth of branches. */
const maxDepth = 100;

/** Maximum number of layers. Branches that share their parts can expand to any number, or endlessly. */
const maxLayers = 100_000;

/** Writes a node after its sources, given the base of its name, its output shape, and its fields. */
type Write = (base: string, after: Shape, fields: object, name?: string) => Port;

/** A dense projection, or a convolution with a window of one pixel and as many axes as the input has. */
function pointwise(layer: Pointwise, shape: Shape, write: Write): Port {
  const pixels = shape.slice(1);
  const ones = pixels.map(() => 1);
  const window = { kernel: ones, stride: ones, padding: pixels.map(() => 0), dilation: ones, groups: 1 };
  const [table, own] =
    pixels.length === 0 ? [operationTables.dense, layer] : [operationTables.conv, { ...layer, ...window }];
  const fields = { kind: table.kind, ...operationFields(table, own) };
  return write('pointwise', [layer.outputs, ...pixels], fields);
}

/** Collects nodes and edges. The engine checks that they fit. */
export class Writer {
  readonly #nodes: NodeSpec[] = [];
  readonly #edges: Edge[] = [];
  readonly #count = new Map<string, number>();
  /** The enclosing branches. */
  readonly #within: Layer[] = [];

  all(layers: readonly Layer[], from: Port): Port {
    return layers.reduce((port, layer) => this.node(layer, undefined, [port]), from);
  }

  /** Writes one layer after its sources. */
  node(layer: Layer | Join, name: string | undefined, sources: readonly Port[]): Port {
    if (this.#nodes.length >= maxLayers) invalid('layers', `more than ${maxLayers} layers`, 'fewer layers');
    const own = name ?? ('name' in layer ? layer.name : undefined);
    const shape = sources[0]?.shape ?? [1];
    const write: Write = (base, after, fields, name = this.#named(own, base)) => {
      this.#nodes.push(frozen({ ...fields, name }));
      this.#connect(sources, name);
      return { name, shape: after };
    };
    switch (layer.layer) {
      case 'input':
        return invalid('input()', 'after another layer', 'the first layer');
      case 'branches':
        return this.#branches(layer, name, sources);
      case 'join':
        return this.#join(layer.join, sources, write);
      case 'population':
        return this.#population(layer, own, sources);
      case 'pointwise':
        return pointwise(layer, shape, write);
      case 'global-pool': {
        const pixels = shape.slice(1);
        const kernel = pixels.length === 0 ? [1] : pixels;
        const window = { kernel, stride: kernel, padding: kernel.map(() => 0) };
        const after = [shape[0]!, ...pixels.map(() => 1)];
        return write('globalPool', after, { kind: 'pool', pooling: layer.pooling, ...window });
      }
      case 'lateral-inhibition': {
        const name = this.#named(own, 'lateralInhibition');
        this.#nodes.push(frozen({ kind: 'inhibition', name }));
        const [spikes] = sources;
        this.#connect([spikes!, { ...spikes!, how: { state: layer.state } }], name);
        return { name, shape };
      }
      case 'filter': {
        const { kernel, ...rest } = layer;
        const values = layer.each ? Array.from({ length: shape[0]! }, () => kernel).flat() : kernel;
        const filter = { ...rest, length: kernel.length, initial: { kind: 'values', values } };
        return this.#operation(filter, own, sources, write);
      }
      default:
        return this.#operation(layer, own, sources, write);
    }
  }

  /** A layer that has a definition in the engine. */
  #operation(
    layer: { readonly layer: keyof typeof operationTables },
    own: string | undefined,
    sources: readonly Port[],
    write: Write,
  ): Port {
    const table: OperationTable = operationTables[layer.layer];
    const fields = operationFields(table, layer);
    const base = operationBase(table, layer);
    const name = this.#named(own, base);
    // The engine refuses a layer that reads what is not written yet, unless its shape is known without.
    const areKnown = sources.length > 0 && !sources.some(({ isPending }) => isPending);
    const after =
      areKnown || table.flatOutputs !== null
        ? operationShape(table, name, fields, sources)
        : (sources[0]?.shape ?? [1]);
    return write(base, after, { kind: table.kind, ...fields }, name);
  }

  #branches(layer: Branches, name: string | undefined, sources: readonly Port[]): Port {
    // Only possible if it was made by hand.
    if (this.#within.includes(layer)) invalid('layers', 'branches that contain themselves', 'layers');
    if (this.#within.length >= maxDepth)
      invalid('layers', `branches within ${maxDepth} others`, 'fewer levels of branches');
    this.#within.push(layer);
    const ends = layer.branches.map((branch) => this.all(branch, sources[0]!));
    this.#within.pop();
    return this.node({ layer: 'join', join: layer.join }, name, ends);
  }

  #join(join: Joining, sources: readonly Port[], write: Write): Port {
    const shape = sources[0]?.shape ?? [1];
    if (typeof join === 'object' && join.kind === 'matrix-product') {
      return write('matrixProduct', [join.rows * join.columns], join);
    }
    if (typeof join === 'object') {
      const channels = sources[2]?.shape[0] ?? shape[0]!;
      const { kind } = join;
      return write(kind, [channels, ...shape.slice(1)], {
        kind,
        ...operationFields(operationTables[kind], join),
      });
    }
    const after = join === 'concat' ? joined(sources.map((source) => source.shape)) : shape;
    return write(join, after, { kind: join });
  }

  #population(layer: Neuron, own: string | undefined, sources: readonly Port[]): Port {
    const name = this.#named(own, baseName(layer.dynamics.equations?.name ?? layer.dynamics.model));
    const { entering = ['current'], returning = ['current'] } = layer.ports ?? {};
    const firstWritten = sources.find(({ isPending }) => !isPending);
    const arrives = firstWritten?.shape ?? [1];
    const width = firstWritten === undefined ? undefined : elementCount(arrives);
    const ports = portCount(firstWritten?.how?.port, entering);
    if (layer.neurons === undefined && width !== undefined && width % ports !== 0) {
      const expected = `a multiple of ${ports}: ${ports} ports (${entering.join(', ')}) of as many neurons`;
      throw new LapicqueError('shape-mismatch', { layer: name, expected, got: `[${arrives.join(', ')}]` });
    }
    const neurons = layer.neurons ?? (width ?? ports) / ports;
    const [channels, ...pixels] = arrives as [number, ...number[]];
    const isImage = neurons * ports === width && channels % ports === 0;
    const shape = isImage ? [channels / ports, ...pixels] : [neurons];
    const dynamics = byChannel(layer.dynamics, shape);
    this.#nodes.push(frozen({ kind: 'dynamics', name, neurons, dynamics }));
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
      const { delayed, ...attributes } = how;
      const kept = { ...attributes, ...(delayed ? { delayed } : {}) };
      this.#edges.push(Object.keys(kept).length === 0 ? [name, to] : [name, to, Object.freeze(kept)]);
    }
  }

  #named(name: string | undefined, base: string): string {
    if (name !== undefined) return name;
    const n = (this.#count.get(base) ?? 0) + 1;
    this.#count.set(base, n);
    return `${base}${n}`;
  }

  description(shape: Shape, output: string, options: NetworkOptions): Description {
    return Object.freeze({
      schema: 1,
      ...chosenFields(options),
      input: Object.freeze({ size: elementCount(shape), ...(shape.length === 1 ? {} : { shape }) }),
      nodes: Object.freeze(this.#nodes),
      edges: Object.freeze(this.#edges.map((edge) => Object.freeze(edge))),
      output,
    });
  }
}

/** The number of parts into which the input is divided. */
function portCount(port: string | readonly string[] | undefined, defaults: readonly string[]): number {
  if (port === undefined) return defaults.length;
  return typeof port === 'string' ? 1 : port.length;
}

function baseName(model: string): string {
  return model.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Lists with one value per channel of an image; the pixels of a channel share it. */
function byChannel(dynamics: DynamicsSpec, [channels, ...pixels]: Shape): DynamicsSpec {
  const size = elementCount(pixels);
  if (size === 1) return dynamics;
  const lists = Object.entries(dynamics.params).filter(
    ([, value]) => typeof value === 'object' && value.length === channels,
  ) as [string, readonly number[]][];
  if (lists.length === 0) return dynamics;
  const spread = lists.map(([name, values]) => [
    name,
    values.flatMap((value) => new Array(size).fill(value)),
  ]);
  return Object.freeze({
    ...dynamics,
    params: Object.freeze({ ...dynamics.params, ...Object.fromEntries(spread) }),
    shared: Object.freeze(Object.fromEntries(lists.map(([name]) => [name, size]))),
  });
}
