/** From layers to a description: chains and graphs, with what is chosen for a whole network. */
import { options as checkOptions, flag, integer, invalid, text, unknownName } from './check.ts';
import type { Description, Precision } from './description.ts';
import { type Port, Writer } from './description-writer.ts';
import { checkLayers, type Layer } from './fitting.ts';
import type { EdgeOptions, GraphSpec } from './graph.ts';
import { portNames } from './population.ts';

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

/** Layers one after the other as a description. */
export function describeSequential(layers: readonly Layer[], options: NetworkOptions = {}): Description {
  checkOptions('network', options, ['dt', 'precision', 'seed', 'inputs', 'vocabulary']);
  if (layers.length === 0) invalid('layers', layers, 'at least one layer');
  const first = layers[0]!;
  if (first?.layer === 'input') {
    if (options.inputs !== undefined) invalid('inputs', options.inputs, 'nothing beside input()');
    return describeSequential(layers.slice(1), { ...options, inputs: first.shape });
  }
  checkLayers((i) => `layers[${i}]`, layers);
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
    text('graph: the name of a node', name);
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
    if (layer?.layer !== 'join') checkLayers((_) => `graph.nodes.${name}`, [layer]);
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
