/** From a flat graph to the description of a network, with its weights apart. */
import { invalid } from '../checks/check.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import type { NodeSpec } from '../description/description.ts';
import type { Edge } from '../layers/branches.ts';
import type { DynamicsSpec } from '../neurons/population.ts';
import type { NirConventions } from './conventions.ts';
import { shapeText, unsupportedNir } from './errors.ts';
import type { FlatGraph } from './flat.ts';
import type { NirNode } from './graph.ts';
import {
  delayOf,
  delaySteps,
  type LoweredWeights,
  mostNumbers,
  poolInCycle,
  poolOf,
  projectionOf,
  tooLarge,
  type Unnamed,
  type WeightedSpec,
} from './layer-specs.ts';
import { identity, lowerNeuron } from './neurons.ts';
import { neuronTypes, passing } from './node-types.ts';
import { numbersOf, type Shapes } from './shapes.ts';
import {
  backEdges,
  cyclesOf,
  edgeKey,
  reachable,
  readersOf,
  sourcesOf,
  topologicalOrder,
} from './traversal.ts';

/** Where the values of an Output of NIR are found. */
export interface NirOutput {
  /** The node of the type Output. */
  readonly node: string;
  /** The population that gives them. */
  readonly layer: string;
  /** What of it: `spikes` are 0 and 1, `graded` several spikes a step, `v` values. */
  readonly value: 'spikes' | 'graded' | 'v';
  readonly shape: readonly number[];
}

/** A network without the choices that it is compiled with. */
export interface LoweredGraph {
  readonly input: { readonly size: number; readonly shape?: readonly number[] };
  readonly nodes: readonly NodeSpec[];
  readonly edges: readonly Edge[];
  readonly weights: ReadonlyMap<string, LoweredWeights>;
  readonly outputs: readonly NirOutput[];
  /** The layer of each node of the file that has one. */
  readonly layers: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
  /** Whether a time constant is shorter than a step of forward Euler. */
  readonly unstable: boolean;
  /** Edges that carry the values of the step before. */
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

/** How an edge leaves a layer. */
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
  readonly #names = new Set<string>(['input']);
  readonly #layers = new Map<string, string>();
  readonly #exits = new Map<string, Exit>();
  /** Where edges enter a node. */
  readonly #entries = new Map<string, string>();
  #sources: ReadonlyMap<string, readonly string[]> = new Map();
  #readers: ReadonlyMap<string, readonly string[]> = new Map();
  readonly #delayed: (readonly [string, string])[] = [];
  #unstable = false;
  #closing: ReadonlySet<string> = new Set();
  #cycles: ReadonlyMap<string, number> = new Map();

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
    const edges = this.#contracted();
    const starts = new Set(inputs);
    this.#sources = sourcesOf(edges);
    this.#readers = readersOf(edges);
    for (const name of outputs)
      if (!this.#sources.has(name)) invalid(`node "${name}"`, 'no edge to it', 'an edge that leads to it');
    this.#cycles = cyclesOf(new Set(edges.flat()), edges);
    this.#closing = this.#moved(backEdges(inputs, edges));
    const input = this.#inputs();
    for (const name of topologicalOrder(edges, this.#closing, outputs))
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
      delayed: this.#delayed,
    };
  }

  /** Edges past nodes that only pass on what one other gives; what leads nowhere is left out. */
  #contracted(): [string, string][] {
    const { nodes, edges, inputs, outputs } = this.#graph;
    const ends = new Set(outputs);
    const starts = new Set(inputs);
    const leading = reachable(outputs, edges, true);
    const fed = reachable(inputs, edges);
    for (const name of nodes.keys()) {
      if (leading.has(name) && !fed.has(name))
        invalid(`node "${name}"`, 'no way from an Input to it', 'an edge that leads to it');
      if (!leading.has(name) && !starts.has(name))
        this.#warnings.push(`${name} does not lead to an Output and is left out`);
    }
    const live = edges.filter(([from, to]) => leading.has(from) && leading.has(to));
    const into = sourcesOf(live);
    const isPassed = (name: string) =>
      passing.has(nodes.get(name)!.type) &&
      !starts.has(name) &&
      !ends.has(name) &&
      into.get(name)?.length === 1;
    const origin = (name: string) => {
      const seen = new Set<string>();
      let at = name;
      while (isPassed(at)) {
        if (seen.has(at))
          invalid(
            `node "${name}"`,
            'a cycle of nodes that only pass on',
            'a node with a state in every cycle',
          );
        seen.add(at);
        at = into.get(at)![0]!;
      }
      return at;
    };
    return live.filter(([, to]) => !isPassed(to)).map(([from, to]) => [origin(from), to]);
  }

  /** A closing edge that leaves a projection may be cut before it, where that is the same or the conventions say so. */
  #moved(closing: ReadonlySet<string>): Set<string> {
    const moved = new Set(closing);
    for (const key of closing) {
      const [from] = JSON.parse(key) as [string, string];
      const node = this.#graph.nodes.get(from)!;
      const sources = this.#sources.get(from) ?? [];
      const all = (this.#readers.get(from) ?? []).map((to) => edgeKey(from, to));
      if (!isProjection(node) || sources.length !== 1 || !all.every((edge) => closing.has(edge))) continue;
      const source = sources[0]!;
      const ofNeuron = isPopulation(this.#graph.nodes.get(source)!) && this.#cycles.has(source);
      if (!ofNeuron || closing.has(edgeKey(source, from)) || !this.#startsAtZero(source)) continue;
      const biased = numbersOf(node, 'bias')?.some((x) => x !== 0) ?? false;
      if (biased && this.#conventions.feedback === 'closing-edge') continue;
      for (const edge of all) moved.delete(edge);
      moved.add(edgeKey(source, from));
    }
    return moved;
  }

  /** Whether what a population gave before the first step is 0: of neurons that do not spike it is where v starts. */
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
    // Several inputs are one behind the other; a fixed matrix takes each out.
    const total = all.reduce((sum, shape) => sum + elementCount(shape), 0);
    let from = 0;
    for (const [i, name] of inputs.entries()) {
      const count = elementCount(all[i]!);
      if (count * total > mostNumbers) tooLarge(`the inputs of the graph`, 4 * count * total);
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
    this.#warnings.push(`the inputs ${inputs.join(', ')} are one vector of ${total} in this order`);
    return sized([total]);
  }

  /** A name that no other layer has. */
  #unique(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}~${i}`;
    this.#names.add(name);
    return name;
  }

  #add(wanted: string, spec: Unnamed): string {
    const name = this.#unique(wanted);
    this.#nodes.push(Object.freeze({ ...spec, name }) as NodeSpec);
    return name;
  }

  #population(wanted: string, shape: Shape, dynamics: DynamicsSpec): string {
    return this.#add(wanted, { kind: 'dynamics', neurons: elementCount(shape), dynamics });
  }

  #emit(path: string): void {
    const node = this.#graph.nodes.get(path)!;
    if (this.#graph.outputs.includes(path) && node.type === 'Output') return;
    const shape = this.#shapes.output.get(path)!;
    if (isPopulation(node)) this.#emitNeuron(path, node, shape);
    else if (passing.has(node.type)) this.#emitSum(path, shape);
    else this.#emitMap(path, node, shape);
  }

  #emitNeuron(path: string, node: NirNode, shape: Shape): void {
    const { stages, spiking, unstable, warnings } = lowerNeuron(
      path,
      node,
      this.#conventions,
      this.#dt,
      this.#cycles.has(path),
    );
    this.#warnings.push(...warnings);
    this.#unstable ||= unstable;
    const names = stages.map((dynamics, i) =>
      this.#population(i === stages.length - 1 ? path : `${path}~current`, shape, dynamics),
    );
    for (let i = 1; i < names.length; i++) this.#edges.push([names[i - 1]!, names[i]!]);
    const name = names.at(-1)!;
    this.#layers.set(path, name);
    const graded = stages.at(-1)!.model === 'multi-level-lif';
    this.#exits.set(path, { name, population: true, value: spiking ? (graded ? 'graded' : 'spikes') : 'v' });
    this.#enter(path, names[0]!);
  }

  /** What several edges bring to a node that only passes on. */
  #emitSum(path: string, shape: Shape): void {
    const name = this.#cycles.has(path)
      ? this.#population(path, shape, identity())
      : this.#add(path, { kind: 'add' });
    this.#layers.set(path, name);
    this.#exits.set(path, { name, population: this.#cycles.has(path), value: 'v' });
    this.#enter(path, name);
  }

  #emitMap(path: string, node: NirNode, shape: Shape): void {
    const cyclic = this.#cycles.has(path);
    const arrives = this.#shapes.input.get(path)!;
    const sources = this.#sources.get(path)!;
    const fromLater = sources.some((from) => this.#closing.has(edgeKey(from, path)));
    // A map reads one source: several are added before it.
    let entry: string | undefined;
    if (sources.length > 1 || (fromLater && !isProjection(node)))
      entry = cyclic
        ? this.#population(`${path}~sum`, arrives, identity())
        : this.#add(`${path}~sum`, { kind: 'add' });
    const [first, last] = cyclic ? this.#cyclicMap(path, node, shape) : this.#map(path, node, arrives, shape);
    if (entry !== undefined) this.#edges.push([entry, first]);
    this.#layers.set(path, last);
    // Within a cycle a projection leads from one population to others.
    const readers = this.#readers.get(path) ?? [];
    const held =
      cyclic &&
      !readers.every(
        (to) => isPopulation(this.#graph.nodes.get(to)!) && !this.#closing.has(edgeKey(path, to)),
      );
    if (held) {
      const hold = this.#population(`${path}~hold`, shape, identity());
      this.#edges.push([last, hold]);
      this.#exits.set(path, { name: hold, population: true, value: 'v' });
    } else this.#exits.set(path, { name: last, population: false, value: 'v' });
    this.#enter(path, entry ?? first);
  }

  /** Connects what has been written before; what comes a step later is connected at the end. */
  #enter(path: string, entry: string): void {
    this.#entries.set(path, entry);
    const seen = new Set<string>();
    for (const from of this.#sources.get(path)!) {
      if (this.#closing.has(edgeKey(from, path))) continue;
      let { name } = this.#exits.get(from)!;
      if (seen.has(name)) {
        // The same by two ways counts twice.
        const again = this.#population(`${path}~again`, this.#shapes.output.get(from)!, identity());
        this.#edges.push([name, again]);
        name = again;
      }
      seen.add(name);
      this.#edges.push([name, entry]);
    }
  }

  #connectDelayed(): void {
    for (const key of this.#closing) {
      const [from, to] = JSON.parse(key) as [string, string];
      this.#delayed.push([from, to]);
      let { name } = this.#exits.get(from)!;
      if (!this.#startsAtZero(from)) {
        const held = this.#population(`${from}~hold`, this.#shapes.output.get(from)!, identity());
        this.#edges.push([name, held]);
        name = held;
      }
      // What returns to the population that it left reads the step before without being told.
      const entry = this.#entries.get(to)!;
      const readers = this.#readers.get(to) ?? [];
      const returns =
        to === from ||
        (isProjection(this.#graph.nodes.get(to)!) && readers.length === 1 && readers[0] === from);
      this.#edges.push(returns ? [name, entry] : [name, entry, { delayed: true }]);
    }
  }

  #output(path: string): NirOutput {
    const sources = this.#sources.get(path)!;
    const shape = this.#shapes.output.get(path)!;
    const single = sources.length === 1 ? this.#exits.get(sources[0]!)! : undefined;
    if (single?.population) return { node: path, layer: single.name, value: single.value, shape };
    const name = this.#population(path, shape, identity());
    this.#enter(path, name);
    this.#layers.set(path, name);
    return { node: path, layer: name, value: 'v', shape };
  }

  /** A map outside of cycles: its first and last layer. */
  #map(path: string, node: NirNode, arrives: Shape, shape: Shape): [string, string] {
    switch (node.type) {
      case 'SumPool2d':
      case 'AvgPool2d': {
        const name = this.#add(path, poolOf(node));
        return [name, name];
      }
      case 'Flatten':
        return this.#shaped(path, shape);
      case 'Delay':
        return this.#delay(path, node, arrives);
      default: {
        const name = this.#projection(path, node, shape);
        if (node.type !== 'Scale' || shape.length === 1) return [name, name];
        // A factor for each element gives a line; the image comes back behind it.
        const behind = this.#add(`${path}~shape`, { kind: 'unflatten', shape });
        this.#edges.push([name, behind]);
        return [name, behind];
      }
    }
  }

  #shaped(path: string, shape: Shape): [string, string] {
    const first = this.#add(path, { kind: 'flatten' });
    if (shape.length === 1) return [first, first];
    if (shape.length > 3)
      throw unsupportedNir(`the shape ${shapeText(shape)} of ${path}`, 'networks of at most three axes');
    const last = this.#add(`${path}~shape`, { kind: 'unflatten', shape });
    this.#edges.push([first, last]);
    return [first, last];
  }

  #projection(path: string, node: NirNode, shape: Shape): string {
    return this.#weighted(path, projectionOf(path, node, shape));
  }

  /** A layer with its weights. */
  #weighted(path: string, { spec, weights }: WeightedSpec): string {
    const name = this.#add(path, spec);
    for (const [end, value] of Object.entries(weights)) this.#weights.set(`${name}.${end}`, value);
    return name;
  }

  /** What a cycle can hold: projections between populations. */
  #cyclicMap(path: string, node: NirNode, shape: Shape): [string, string] {
    switch (node.type) {
      case 'SumPool2d':
      case 'AvgPool2d': {
        const name = this.#weighted(path, poolInCycle(path, node, shape));
        return [name, name];
      }
      case 'Flatten': {
        const name = this.#population(path, shape, identity());
        return [name, name];
      }
      case 'Delay': {
        const steps = delaySteps(node, this.#dt);
        if (steps.some((one) => one !== steps[0]) || steps[0]! > 256) {
          const feature = `the delays of ${path} within a cycle (only one of at most 256 steps for all elements)`;
          throw unsupportedNir(feature);
        }
        const first = this.#population(path, shape, identity());
        let last = first;
        for (let i = 0; i < steps[0]!; i++) {
          const next = this.#population(`${path}~step`, shape, identity());
          this.#edges.push([last, next, { delayed: true }]);
          last = next;
        }
        return [first, last];
      }
      default: {
        const name = this.#projection(path, node, shape);
        return [name, name];
      }
    }
  }

  #delay(path: string, node: NirNode, arrives: Shape): [string, string] {
    const made = delayOf(path, node, this.#dt);
    const image = made.weights.weight!.shape[0]! > 1 && arrives.length > 1;
    const before = image ? this.#add(`${path}~flat`, { kind: 'flatten' }) : undefined;
    const name = this.#weighted(path, made);
    if (before === undefined) return [name, name];
    const behind = this.#add(`${path}~shape`, { kind: 'unflatten', shape: arrives });
    this.#edges.push([before, name], [name, behind]);
    return [before, behind];
  }
}

function sized(shape: Shape): LoweredGraph['input'] {
  return shape.length === 1 ? { size: shape[0]! } : { size: elementCount(shape), shape };
}

function isPopulation({ type }: NirNode): boolean {
  return neuronTypes.has(type) && type !== 'Scale' && type !== 'Delay';
}

function isProjection({ type }: NirNode): boolean {
  return ['Affine', 'Linear', 'Conv1d', 'Conv2d', 'Scale'].includes(type);
}
