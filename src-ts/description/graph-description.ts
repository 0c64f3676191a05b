/** Converts a directed graph of layers to a description: orders nodes so that shapes are known. */
import { options as checkOptions, flag, invalid, text, unknownName } from '../checks/check.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import type { EdgeOptions, GraphSpec } from '../layers/branches.ts';
import { checkLayers } from '../layers/layer-kinds.ts';
import { slice } from '../layers/operations.generated.ts';
import { portNames } from '../neurons/neuron-node.ts';
import type { Description } from './description.ts';
import { type Port, Writer } from './description-writer.ts';
import { checkNetworkOptions, type NetworkOptions } from './network-options.ts';
import { inputShape } from './sequential-description.ts';
import { inOrderOfInputs } from './traced-inputs.ts';

/** Converts a directed graph of layers to a description. */
export function describeGraph(spec: GraphSpec, options: NetworkOptions = {}): Description {
  checkNetworkOptions(options, ['inputs']);
  if (spec === undefined) invalid('graph', spec, 'an object with nodes, edges, output and inputs');
  checkOptions('graph', spec, ['nodes', 'edges', 'output', 'inputs']);
  const inputs = inputsOf(spec.inputs);
  const names = checkNames(
    spec,
    inputs?.map(({ name }) => name),
  );
  const size = inputs?.reduce((sum, input) => sum + elementCount(input.shape), 0);
  const shape = inputShape(size ?? (spec.inputs as readonly number[]));
  const order = new Order(spec, { name: 'input', shape }, inputs);
  names.forEach((name) => {
    order.write(name);
  });
  return order.writer.description(shape, spec.output, options);
}

/** A named input. */
interface NamedInput {
  readonly name: string;
  readonly shape: Shape;
}

/** The named inputs; undefined for one without a name. */
function inputsOf(inputs: GraphSpec['inputs']): readonly NamedInput[] | undefined {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) return undefined;
  const named = Object.entries(inputs as Readonly<Record<string, number | readonly number[]>>);
  if (named.length === 0) invalid('graph.inputs', inputs, 'a shape, or a shape for each name');
  return named.map(([name, shape]) => ({ name, shape: inputShape(shape, `inputs.${name}`) }));
}

/** Checks the edges; returns the names of the nodes. */
function checkNames(spec: GraphSpec, inputs: readonly string[] = ['input']): readonly string[] {
  const names = typeof spec.nodes === 'object' && spec.nodes !== null ? Object.keys(spec.nodes) : [];
  if (names.length === 0) invalid('graph.nodes', spec.nodes, 'layers by name');
  const taken = ['input', ...inputs].find((name) => names.includes(name));
  if (taken !== undefined)
    invalid(
      'graph.nodes',
      taken,
      `another name: '${taken}' is ${taken === 'input' ? 'the' : 'an'} input of the network`,
    );
  if (!Array.isArray(spec.edges)) invalid('graph.edges', spec.edges, 'a list of [from, to]');
  const nodes = new Set(names);
  const sources = new Set([...names, ...inputs]);
  const checkNode = (name: string, where: string, known = nodes) => {
    text('graph: the name of a node', name);
    if (!known.has(name)) throw unknownName(`node of ${where}`, name, [...known]);
  };
  for (const [i, edge] of spec.edges.entries()) {
    if (!Array.isArray(edge) || edge.length < 2 || edge.length > 3) {
      invalid('graph.edges', edge, '[from, to] or [from, to, options]');
    }
    const [from, to, how] = edge;
    const where = `graph.edges[${i}]`;
    checkNode(from, where, sources);
    checkNode(to, where);
    if (how !== undefined) checkEdge(`graph.edges: ${from} → ${to}`, how);
  }
  checkNode(spec.output, 'graph.output');
  return names;
}

function checkEdge(name: string, how: EdgeOptions): void {
  checkOptions(name, how, ['port', 'state', 'delayed']);
  if (how.port !== undefined) portNames(`${name}: port`, how.port);
  if (how.state !== undefined) text(`${name}: state`, how.state);
  if (how.delayed !== undefined) flag(`${name}: delayed`, how.delayed);
}

type Edge = GraphSpec['edges'][number];

function grouped(edges: readonly Edge[], key: (edge: Edge) => string): ReadonlyMap<string, readonly Edge[]> {
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) {
    const name = key(edge);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [edge]);
    else group.push(edge);
  }
  return groups;
}

/** Depth-first search, so that a node is written after everything that it reads, except for delayed edges. */
class Order {
  readonly writer = new Writer();
  readonly #spec: GraphSpec;
  /** The edges into each node and out of it, in the order of the specification. */
  readonly #into: ReadonlyMap<string, readonly Edge[]>;
  readonly #outOf: ReadonlyMap<string, readonly Edge[]>;
  readonly #done: Map<string, Port>;
  readonly #inProgress = new Set<string>();

  constructor(spec: GraphSpec, input: Port, named: readonly NamedInput[] = []) {
    this.#spec = spec;
    this.#into = grouped(spec.edges, ([, to]) => to);
    this.#outOf = grouped(spec.edges, ([from]) => from);
    this.#done = new Map([[input.name, input]]);
    let from = 0;
    for (const { name, shape } of named) {
      this.#done.set(name, this.writer.node(slice(from, shape), name, [input]));
      from += elementCount(shape);
    }
  }

  write(name: string): Port {
    const there = this.#done.get(name);
    if (there !== undefined) return there;
    if (this.#inProgress.has(name)) {
      const inProgress = [...this.#inProgress];
      const cycle = [...inProgress.slice(inProgress.indexOf(name)), name].join(' → ');
      invalid('graph.edges', cycle, 'an edge with `delayed: true` in every cycle (or see `recurrent`)');
    }
    this.#inProgress.add(name);
    const sources = this.#sources(name);
    this.#inProgress.delete(name);
    const layer = this.#spec.nodes[name]!;
    if (layer?.layer !== 'join') checkLayers((_) => `graph.nodes.${name}`, [layer]);
    const inputs = layer.layer === 'traced' ? layer.inputs : undefined;
    const ordered = inputs === undefined ? sources : inOrderOfInputs(name, inputs, sources);
    const port = this.writer.node(layer, name, ordered);
    this.#done.set(name, port);
    return port;
  }

  #sources(name: string): Port[] {
    const incoming = this.#into.get(name) ?? [];
    const found = new Map<string, Port>();
    // A population takes its shape from sources that are written before it; sources that wait for that shape come last.
    for (const [from, , how] of [...incoming].sort(
      ([a], [b]) => Number(this.#needsSourceShape(a)) - Number(this.#needsSourceShape(b)),
    )) {
      const hasShape = [...found.values()].some((port) => port.isPending !== true);
      const later = how?.delayed
        ? !this.#needsSourceShape(name)
        : hasShape && this.#needsSourceShape(from) && this.#closesCycle(from);
      found.set(from, later ? this.#pendingPort(from) : this.write(from));
    }
    return incoming.map(([from, , how]) => ({ ...found.get(from)!, how }));
  }

  /** A convolution with a delayed edge must know the image that it reads, so it is written after its source. */
  #needsSourceShape(name: string): boolean {
    const { nodes } = this.#spec;
    const own = nodes[name]?.layer;
    return (
      (own === 'conv' || own === 'pointwise') &&
      (this.#into.get(name) ?? []).some(([, , how]) => how?.delayed === true) &&
      (this.#outOf.get(name) ?? []).every(([, to]) => nodes[to]?.layer === 'population')
    );
  }

  /** Whether writing a node would need one that is being written. */
  #closesCycle(name: string, seen = new Set<string>()): boolean {
    if (this.#inProgress.has(name)) return true;
    if (this.#done.has(name) || seen.has(name)) return false;
    seen.add(name);
    return (this.#into.get(name) ?? []).some(
      ([from, , how]) => (!how?.delayed || this.#needsSourceShape(name)) && this.#closesCycle(from, seen),
    );
  }

  #pendingPort(name: string): Port {
    const layer = this.#spec.nodes[name];
    const neurons = layer?.layer === 'population' ? layer.neurons : undefined;
    return this.#done.get(name) ?? { name, shape: [neurons ?? 1], isPending: true };
  }
}
