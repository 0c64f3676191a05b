/** Lowers a flat graph to the description of a network, with separate weights. */
import { invalid } from '../checks/check.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import type { NodeSpec } from '../description/description.ts';
import type { Edge } from '../layers/branches.ts';
import { contracted } from './contracted.ts';
import type { NirConventions } from './conventions.ts';
import { unsupportedNir } from './errors.ts';
import type { FlatGraph } from './flat.ts';
import { type NirNode, numbersOf } from './graph.ts';
import {
  identity,
  type LoweredLayer,
  type LoweredWeights,
  maxNumbers,
  populationOf,
  tooLarge,
  type Unnamed,
} from './layer-specs.ts';
import { NeuronNode } from './neuron-node.ts';
import type { NirNodeType } from './node-type.ts';
import { nodeType } from './node-types.ts';
import type { Shapes } from './shapes.ts';
import {
  backEdges,
  cyclesOf,
  edgeKey,
  edgeOfKey,
  readersOf,
  sourcesOf,
  topologicalOrder,
} from './traversal.ts';

/** Where the model has the values of a NIR Output. */
export interface NirOutput {
  /** The name of the Output node. */
  readonly node: string;
  /** The population with the values. */
  readonly layer: string;
  /** The recorded state of the population: `spikes` are 0 and 1, `graded` is the number of spikes per step, `v` is the membrane potential. */
  readonly value: 'spikes' | 'graded' | 'v';
  readonly shape: readonly number[];
}

/** A network without its compile options. */
export interface LoweredGraph {
  readonly input: { readonly size: number; readonly shape?: readonly number[] };
  readonly nodes: readonly NodeSpec[];
  readonly edges: readonly Edge[];
  readonly weights: ReadonlyMap<string, LoweredWeights>;
  readonly outputs: readonly NirOutput[];
  /** The layer by the name of its node; nodes without a layer are absent. */
  readonly layers: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
  /** Whether a time constant is shorter than a step of forward Euler. */
  readonly unstable: boolean;
  /** Edges that carry the values of the previous step. */
  readonly delayed: readonly (readonly [string, string])[];
}

/** @param dt - ms @throws LapicqueError naming the node */
export function lower(
  graph: FlatGraph,
  shapes: Shapes,
  conventions: NirConventions,
  dt: number,
): LoweredGraph {
  return new Lowering(graph, shapes, conventions, dt).result();
}

/** The layer at which the outgoing edges of a node start. */
interface Exit {
  readonly name: string;
  readonly population: boolean;
  readonly value: NirOutput['value'];
}

class Lowering {
  readonly #graph: FlatGraph;
  readonly #shapes: Shapes;
  readonly #conventions: NirConventions;
  readonly #dt: number;
  readonly #nodes: NodeSpec[] = [];
  readonly #edges: Edge[] = [];
  readonly #weights = new Map<string, LoweredWeights>();
  readonly #warnings: string[] = [];
  /** The layer names in use. */
  readonly #names = new Set<string>(['input']);
  readonly #layers = new Map<string, string>();
  readonly #exits = new Map<string, Exit>();
  /** The layer at which the incoming edges of a node end. */
  readonly #entries = new Map<string, string>();
  /** Neighbors by the contracted edges. */
  #sources: ReadonlyMap<string, readonly string[]> = new Map();
  #readers: ReadonlyMap<string, readonly string[]> = new Map();
  #unstable = false;
  /** The keys of edges that carry the value of the previous step. */
  #delayedKeys: ReadonlySet<string> = new Set();
  #cycles: ReadonlyMap<string, number> = new Map();
  /** The keys of those of them that leave a Delay: the step is one of its own. */
  #delaySteps: ReadonlySet<string> = new Set();
  /** The layers of Delays in cycles with the values of one step before their delay has passed. */
  readonly #early = new Map<string, string>();

  constructor(graph: FlatGraph, shapes: Shapes, conventions: NirConventions, dt: number) {
    this.#graph = graph;
    this.#shapes = shapes;
    this.#conventions = conventions;
    this.#dt = dt;
  }

  result(): LoweredGraph {
    const { inputs, outputs } = this.#graph;
    if (inputs.length === 0) invalid('nodes', 'no node of the type Input', 'at least one');
    if (outputs.length === 0) invalid('nodes', 'no node of the type Output', 'at least one');
    const edges = contracted(this.#graph, this.#warnings);
    const starts = new Set(inputs);
    this.#sources = sourcesOf(edges);
    this.#readers = readersOf(edges);
    this.#cycles = cyclesOf(new Set(edges.flat()), edges);
    const cut = this.#cutAtDelays(edges);
    this.#delaySteps = cut;
    const rest = edges.filter(([from, to]) => !cut.has(edgeKey(from, to)));
    this.#delayedKeys = new Set([...this.#moved(backEdges(inputs, rest)), ...cut]);
    const input = this.#inputs();
    for (const name of topologicalOrder(edges, this.#delayedKeys, outputs))
      if (!starts.has(name)) this.#emit(name);
    const ends = outputs.map((name) => this.#output(name));
    this.#connectDelayed();
    return {
      input,
      nodes: this.#nodes,
      edges: this.#edges,
      weights: this.#weights,
      outputs: ends,
      layers: this.#layers,
      warnings: this.#warnings,
      unstable: this.#unstable,
      delayed: this.#delayed().filter(([from, to]) => !this.#delaySteps.has(edgeKey(from, to))),
    };
  }

  /**
   * The keys of edges within cycles that leave a Delay of at least one step. Such an edge carries the value of the previous step as one of the steps of
   * the Delay, so the cycle needs no other delay and the Delay has its own length.
   */
  #cutAtDelays(edges: readonly (readonly [string, string])[]): Set<string> {
    const within = edges.filter(([from, to]) => {
      const node = this.#graph.nodes.get(from)!;
      const cycle = this.#cycles.get(from);
      const steps = nodeType(node.type).delaySteps?.(node, this.#dt);
      return (
        cycle !== undefined && cycle === this.#cycles.get(to) && steps?.every((one) => one >= 1) === true
      );
    });
    return new Set(within.map(([from, to]) => edgeKey(from, to)));
  }

  /**
   * Moves the delay of back edges behind a projection to the edge before it, if the values are the same or the conventions delay the
   * neuron's output.
   */
  #moved(back: ReadonlySet<string>): Set<string> {
    const moved = new Set(back);
    for (const key of back) {
      const [from] = edgeOfKey(key);
      const node = this.#graph.nodes.get(from)!;
      const sources = this.#sources.get(from) ?? [];
      const all = (this.#readers.get(from) ?? []).map((to) => edgeKey(from, to));
      if (
        nodeType(node.type).projection !== true ||
        sources.length !== 1 ||
        !all.every((edge) => back.has(edge))
      )
        continue;
      const source = sources[0]!;
      const followsNeuron = this.#typeOf(source).populations !== undefined && this.#cycles.has(source);
      if (!followsNeuron || back.has(edgeKey(source, from)) || !this.#startsAtZero(source)) continue;
      const biased = numbersOf(node, 'bias')?.some((x) => x !== 0) ?? false;
      if (biased && this.#conventions.feedback === 'closing-edge') continue;
      for (const edge of all) moved.delete(edge);
      moved.add(edgeKey(source, from));
    }
    return moved;
  }

  /** Whether the output of a population before the first step is 0. For neurons without spikes it is the initial v. */
  #startsAtZero(path: string): boolean {
    const node = this.#graph.nodes.get(path)!;
    return node.fields.has('v_threshold') || (numbersOf(node, 'v_leak')?.every((v) => v === 0) ?? true);
  }

  #inputs(): LoweredGraph['input'] {
    const { inputs } = this.#graph;
    const all = inputs.map((name) => this.#shapes.output.get(name)!);
    if (inputs.length === 1) {
      this.#exits.set(inputs[0]!, { name: 'input', population: false, value: 'v' });
      this.#layers.set(inputs[0]!, 'input');
      return sized(all[0]!);
    }
    // Several inputs are concatenated to one vector; a fixed matrix selects each of them.
    const total = all.reduce((sum, shape) => sum + elementCount(shape), 0);
    let from = 0;
    for (const [i, name] of inputs.entries()) {
      const count = elementCount(all[i]!);
      if (count * total > maxNumbers) tooLarge('the inputs of the graph', 4 * count * total);
      const weight = new Float32Array(count * total);
      for (let k = 0; k < count; k++) weight[k * total + from + k] = 1;
      const layer = this.#add(name, { kind: 'dense', in: total, out: count, bias: false, trainable: false });
      this.#weights.set(`${layer}.weight`, { data: weight, shape: [count, total] });
      this.#edges.push(['input', layer]);
      let exit = layer;
      if (all[i]!.length > 1) {
        exit = this.#add(`${name}~shape`, { kind: 'unflatten', shape: all[i]! });
        this.#edges.push([layer, exit]);
      }
      this.#exits.set(name, { name: exit, population: false, value: 'v' });
      this.#layers.set(name, layer);
      from += count;
    }
    this.#warnings.push(
      `the inputs ${inputs.join(', ')} are concatenated in this order to one vector of ${total}`,
    );
    return sized([total]);
  }

  /** A unique layer name. */
  #unique(preferred: string): string {
    let name = preferred;
    for (let i = 1; this.#names.has(name); i++) name = `${preferred}~${i}`;
    this.#names.add(name);
    return name;
  }

  #add(preferred: string, spec: Unnamed): string {
    const name = this.#unique(preferred);
    this.#nodes.push(Object.freeze({ ...spec, name }) as NodeSpec);
    return name;
  }

  #emit(path: string): void {
    const node = this.#graph.nodes.get(path)!;
    if (this.#graph.outputs.includes(path) && node.type === 'Output') return;
    const shape = this.#shapes.output.get(path)!;
    const type = nodeType(node.type);
    if (type.populations !== undefined) this.#emitNeuron(path, node, type, shape);
    else if (type.passing === true) this.#emitSum(path, shape);
    else this.#emitStateless(path, node, type, shape);
  }

  #emitNeuron(path: string, node: NirNode, { populations, spiking }: NirNodeType, shape: Shape): void {
    const context = { conventions: this.#conventions, dt: this.#dt, recurrent: this.#cycles.has(path) };
    const { stages, unstable, warnings } = populations!(
      new NeuronNode(path, node, spiking === true, context),
    );
    this.#warnings.push(...(warnings ?? []));
    this.#unstable ||= unstable === true;
    const names = stages.map((dynamics, i) =>
      this.#add(i === stages.length - 1 ? path : `${path}~current`, populationOf(shape, dynamics)),
    );
    for (let i = 1; i < names.length; i++) this.#edges.push([names[i - 1]!, names[i]!]);
    const name = names.at(-1)!;
    this.#layers.set(path, name);
    const graded = stages.at(-1)!.model === 'multi-level-lif';
    this.#exits.set(path, {
      name,
      population: true,
      value: spiking === true ? (graded ? 'graded' : 'spikes') : 'v',
    });
    this.#enter(path, names[0]!);
  }

  /** The sum of several edges to an Input, Output or Identity node. */
  #emitSum(path: string, shape: Shape): void {
    const name = this.#cycles.has(path) ? this.#add(path, identity(shape)) : this.#add(path, { kind: 'add' });
    this.#layers.set(path, name);
    this.#exits.set(path, { name, population: this.#cycles.has(path), value: 'v' });
    this.#enter(path, name);
  }

  #emitStateless(path: string, node: NirNode, type: NirNodeType, shape: Shape): void {
    const cyclic = this.#cycles.has(path);
    const inputShape = this.#shapes.input.get(path)!;
    const sources = this.#sources.get(path)!;
    const hasDelayedSource = sources.some((from) => this.#delayedKeys.has(edgeKey(from, path)));
    // A stateless layer has one source, so several sources are added before it.
    let entry: string | undefined;
    if (sources.length > 1 || (hasDelayedSource && type.projection !== true))
      entry = cyclic
        ? this.#add(`${path}~sum`, identity(inputShape))
        : this.#add(`${path}~sum`, { kind: 'add' });
    const stateless = { path, node, inputShape, shape, dt: this.#dt };
    const { layers, layersInCycle = layers, delaySteps } = type;
    const [first, last] =
      cyclic && delaySteps !== undefined
        ? this.#delayInCycle(path, delaySteps(node, this.#dt), shape)
        : this.#series(path, (cyclic ? layersInCycle : layers)!(stateless));
    if (entry !== undefined) this.#edges.push([entry, first]);
    this.#layers.set(path, last);
    // Within a cycle a projection must lead to populations; otherwise an identity population holds its output.
    const readers = (this.#readers.get(path) ?? []).filter((to) => !this.#delaySteps.has(edgeKey(path, to)));
    const needsPopulation =
      cyclic &&
      !readers.every(
        (to) => this.#typeOf(to).populations !== undefined && !this.#delayedKeys.has(edgeKey(path, to)),
      );
    if (needsPopulation) {
      const hold = this.#add(`${path}~hold`, identity(shape));
      this.#edges.push([last, hold]);
      this.#exits.set(path, { name: hold, population: true, value: 'v' });
    } else this.#exits.set(path, { name: last, population: false, value: 'v' });
    this.#enter(path, entry ?? first);
  }

  /** Connects a node to its sources, which are emitted already. Delayed edges are connected at the end. */
  #enter(path: string, entry: string): void {
    this.#entries.set(path, entry);
    const seen = new Set<string>();
    for (const from of this.#sources.get(path)!) {
      if (this.#delayedKeys.has(edgeKey(from, path))) continue;
      let { name } = this.#exits.get(from)!;
      if (seen.has(name)) {
        // Two paths from the same layer need two edges, so the second goes through an identity population.
        const again = this.#add(`${path}~again`, identity(this.#shapes.output.get(from)!));
        this.#edges.push([name, again]);
        name = again;
      }
      seen.add(name);
      this.#edges.push([name, entry]);
    }
  }

  #delayed(): [string, string][] {
    return Array.from(this.#delayedKeys, edgeOfKey);
  }

  #connectDelayed(): void {
    for (const [from, to] of this.#delayed()) {
      const exit = this.#exits.get(from)!;
      let name = this.#delaySteps.has(edgeKey(from, to)) ? this.#early.get(from)! : exit.name;
      // An edge of a neuron to itself is no projection, so a population holds its output.
      if (to === from || !this.#startsAtZero(from)) {
        const hold = this.#add(`${from}~hold`, identity(this.#shapes.output.get(from)!));
        this.#edges.push([name, hold]);
        name = hold;
      }
      // A recurrent edge, back to the population it starts from, is always delayed and needs no option.
      const entry = this.#entries.get(to)!;
      const readers = this.#readers.get(to) ?? [];
      const returns =
        this.#entries.get(from) === exit.name &&
        name === exit.name &&
        this.#typeOf(to).projection === true &&
        readers.length === 1 &&
        readers[0] === from;
      this.#edges.push(returns ? [name, entry] : [name, entry, { delayed: true }]);
    }
  }

  #output(path: string): NirOutput {
    const sources = this.#sources.get(path)!;
    const shape = this.#shapes.output.get(path)!;
    const single = sources.length === 1 ? this.#exits.get(sources[0]!)! : undefined;
    if (single?.population) return { node: path, layer: single.name, value: single.value, shape };
    const name = this.#add(path, identity(shape));
    this.#enter(path, name);
    this.#layers.set(path, name);
    return { node: path, layer: name, value: 'v', shape };
  }

  /** Adds the layers of a stateless node in series and returns the first and the last. */
  #series(path: string, layers: readonly LoweredLayer[]): [string, string] {
    const names = layers.map(({ spec, weights = {}, suffix = '' }) => {
      const name = this.#add(`${path}${suffix}`, spec);
      for (const [end, value] of Object.entries(weights)) this.#weights.set(`${name}.${end}`, value);
      return name;
    });
    for (let i = 1; i < names.length; i++) this.#edges.push([names[i - 1]!, names[i]!]);
    return [names[0]!, names.at(-1)!];
  }

  /** Adds a delay in a cycle: a population for each step. */
  #delayInCycle(path: string, steps: readonly number[], shape: Shape): [string, string] {
    if (steps.some((one) => one !== steps[0]) || steps[0]! > 256) {
      const feature = `the delays of ${path} in a cycle; a Delay in a cycle needs the same delay of at most 256 steps for all elements`;
      throw unsupportedNir(feature);
    }
    const first = this.#add(path, identity(shape));
    let last = first;
    const next = () => {
      const layer = this.#add(`${path}~step`, identity(shape));
      this.#edges.push([last, layer, { delayed: true }]);
      last = layer;
    };
    const readers = this.#readers.get(path) ?? [];
    const cut = readers.filter((to) => this.#delaySteps.has(edgeKey(path, to))).length;
    for (let i = cut > 0 ? 1 : 0; i < steps[0]!; i++) next();
    this.#early.set(path, last);
    // Readers outside of the cycle have no delayed edge.
    if (cut > 0 && cut < readers.length) next();
    return [first, last];
  }

  #typeOf(path: string): NirNodeType {
    return nodeType(this.#graph.nodes.get(path)!.type);
  }
}

function sized(shape: Shape): LoweredGraph['input'] {
  return shape.length === 1 ? { size: shape[0]! } : { size: elementCount(shape), shape };
}
