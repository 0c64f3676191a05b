/** Converts a model to a NIR graph. */

import { elementCount, type Shape } from '../checks/tensor.ts';
import type { Weights } from '../compiled/compiled-model.ts';
import type { Description, NodeOf, NodeSpec } from '../description/description.ts';
import { operationShape } from '../description/operation-shape.ts';
import { operationTables } from '../layers/operation-tables.generated.ts';
import type { Model } from '../model/model.ts';
import { unsupportedNir } from './errors.ts';
import { exportMap, isPassedOn } from './export-maps.ts';
import { exportNeuron } from './export-neurons.ts';
import type { ExportedGraph } from './exported.ts';
import { integers, type NirGraph, type NirNode, reals } from './graph.ts';
import { delayFields } from './node-delay.ts';
import { flattenFields } from './node-flatten.ts';
import type { Fields } from './node-type.ts';
import { graphFor, type NirTarget } from './targets.ts';
import { cyclesOf } from './traversal.ts';

/** @throws LapicqueError `unsupported` for a layer or neuron model without a NIR node */
export async function exportGraph(model: Model, target?: NirTarget): Promise<ExportedGraph> {
  const description = await model.currentDescription();
  const exported = new Exporter(model, description, await model.weights(), target).result();
  return target === undefined ? exported : graphFor(target, exported);
}

class Exporter {
  readonly #model: Model;
  readonly #target: NirTarget | undefined;
  readonly #description: Description;
  readonly #weights: Readonly<Record<string, Weights>>;
  readonly #specs: ReadonlyMap<string, NodeSpec>;
  readonly #nodes = new Map<string, NirNode>();
  readonly #edges: [string, string][] = [];
  readonly #lost: (readonly [string, string])[] = [];
  readonly #notes: string[] = [];
  readonly #layers = new Map<string, string>();
  /** The name of the node by the name of its layer. */
  readonly #names = new Map<string, string>();
  readonly #shapes = new Map<string, Shape>();
  /** Flatten and unflatten layers around an elementwise layer: NIR has elementwise nodes of any shape, so they are not written. */
  readonly #layouts = new Set<string>();

  constructor(
    model: Model,
    description: Description,
    weights: Readonly<Record<string, Weights>>,
    target: NirTarget | undefined,
  ) {
    this.#target = target;
    this.#model = model;
    this.#description = description;
    this.#weights = weights;
    this.#specs = new Map(description.nodes.map((node) => [node.name, node]));
  }

  result(): ExportedGraph {
    const { input, nodes, output, readout } = this.#description;
    if (readout !== undefined) {
      this.#lost.push([
        'readout',
        'NIR has no function of all steps; the graph ends with the output population',
      ]);
    }
    const shape = input.shape ?? [input.size];
    this.#shapes.set('input', shape);
    for (const { name, shape: own } of [...this.#model.info.layers, ...this.#model.info.maps])
      this.#shapes.set(name, own);
    this.#addNode('input', 'input', 'Input', { shape: integers(shape) });
    for (const node of nodes) if (node.kind === 'unflatten') this.#layout(node.name, node.shape);
    for (const node of nodes) this.#node(node);
    this.#connect();
    const end = this.#unique('output');
    this.#nodes.set(end, plainNode('Output', { shape: integers(this.#shapes.get(output)!) }));
    for (const { name, lag } of this.#origins(output))
      this.#edge(lag === 0 ? name : this.#delayed(name, output, lag), end);
    const graph: NirGraph = { type: 'NIRGraph', nodes: this.#nodes, edges: this.#edges, metadata: new Map() };
    return { graph, lost: this.#lost, notes: this.#notes, layers: this.#layers };
  }

  /** A unique node name without `/`, which separates paths in HDF5. */
  #unique(preferred: string): string {
    const plain = preferred.replaceAll('/', '.') || 'node';
    let name = plain;
    for (let i = 1; this.#nodes.has(name); i++) name = `${plain}_${i}`;
    return name;
  }

  #addNode(layer: string, preferred: string, type: string, fields: Fields): void {
    const name = this.#unique(preferred);
    this.#nodes.set(name, plainNode(type, fields));
    this.#names.set(layer, name);
    this.#layers.set(name, layer);
  }

  #sources(name: string): readonly string[] {
    return this.#description.edges.filter(([, to]) => to === name).map(([from]) => from);
  }

  /** The output shape of a layer. The engine does not list the layers inside recurrent populations, so those are computed. */
  #shapeOf(name: string): Shape {
    const cached = this.#shapes.get(name);
    if (cached !== undefined) return cached;
    const node = this.#specs.get(name)!;
    const inputShape = this.#inputShape(name);
    const isProjection = node.kind === 'dense' || node.kind === 'conv';
    const shape = isProjection ? this.#shapeBehind(node, inputShape) : inputShape;
    this.#shapes.set(name, shape);
    return shape;
  }

  #shapeBehind({ kind, name, ...fields }: NodeOf<'dense'> | NodeOf<'conv'>, inputShape: Shape): Shape {
    const [source = 'input'] = this.#sources(name);
    return operationShape(operationTables[kind], name, fields, [{ name: source, shape: inputShape }]);
  }

  #inputShape(name: string): Shape {
    const [source] = this.#sources(name);
    return source === undefined ? [1] : this.#shapeOf(source);
  }

  /** Finds the layout layers around an elementwise factor or delay of an image, which is flat in the engine and an image in NIR. */
  #layout(name: string, shape: Shape): void {
    const inner = this.#specs.get(this.#sources(name)[0] ?? '');
    const readers = (of: string) => this.#description.edges.filter(([from]) => from === of).length;
    if (inner === undefined || readers(inner.name) !== 1) return;
    const before = this.#specs.get(this.#sources(inner.name)[0] ?? '');
    const isFlat = inner.kind === 'filter' && before?.kind === 'flatten' && readers(before.name) === 1;
    if (!isFlat && inner.kind !== 'one-to-one') return;
    if (`${this.#inputShape(isFlat ? before.name : inner.name)}` !== `${shape}`) return;
    if (isFlat) this.#layouts.add(before.name);
    this.#layouts.add(name);
    this.#shapes.set(inner.name, shape);
  }

  #node(node: NodeSpec): void {
    if (this.#layouts.has(node.name)) return;
    if (isPassedOn(node, this.#description)) {
      if (node.kind === 'dropout')
        this.#lost.push([`${node.name}.rate`, 'NIR has no dropout; it acts in training only']);
      return;
    }
    const shape = this.#shapeOf(node.name);
    if (node.kind === 'dynamics') {
      const {
        node: exported,
        lost,
        notes,
      } = exportNeuron(node.name, node.dynamics, shape, this.#description.dt, this.#target);
      const name = this.#unique(node.name);
      this.#nodes.set(name, exported);
      this.#names.set(node.name, name);
      this.#layers.set(name, node.name);
      this.#lost.push(...lost.map(([field, why]) => [`${node.name}.${field}`, why] as const));
      this.#notes.push(...notes);
      return;
    }
    const { name } = node;
    const { type, answer } = exportMap({
      node,
      inputShape: this.#inputShape(name),
      shape,
      weight: (end) => this.#weights[`${name}.${end}`]!,
      dt: this.#description.dt,
    });
    this.#addNode(name, name, type, answer);
  }

  /** The nodes whose outputs add up to the output of a layer, with the steps of delayed edges on the way through layers that are not written. */
  #origins(layer: string): readonly { readonly name: string; readonly lag: number }[] {
    const own = this.#names.get(layer);
    if (own !== undefined) return [{ name: own, lag: 0 }];
    return this.#description.edges
      .filter(([, to]) => to === layer)
      .flatMap(([from, , how]) =>
        this.#origins(from).map(({ name, lag }) => ({ name, lag: lag + (how?.delayed === true ? 1 : 0) })),
      );
  }

  #connect(): void {
    const { edges } = this.#description;
    const cycles = cyclesOf(
      this.#specs.keys(),
      edges.map(([from, to]) => [from, to] as const),
    );
    for (const [from, to, how = {}] of edges) {
      const target = this.#names.get(to);
      if (target === undefined) continue;
      this.#checkState(from, to, how.state);
      const inCycle = cycles.get(from) !== undefined && cycles.get(from) === cycles.get(to);
      if (how.delayed === true && inCycle && biased(this.#specs.get(to)!))
        this.#notes.push(
          `${from} → ${to} carries the value of the previous step; NIR does not define which edge of a cycle is delayed`,
        );
      for (const origin of this.#origins(from)) {
        const lag = origin.lag + (how.delayed === true ? 1 : 0);
        // The one step of a cycle is the reader's; a Delay is written for more.
        const isClosing = inCycle && origin.lag === 0;
        const source = lag === 0 || isClosing ? origin.name : this.#delayed(origin.name, from, lag);
        this.#edge(this.#flat(source, from, to), target);
      }
    }
  }

  /** Adds an edge. A second edge between the same nodes goes through a Scale of 1, because NIR has each edge once. */
  #edge(from: string, to: string): void {
    const exists = this.#edges.some(([a, b]) => a === from && b === to);
    if (!exists) {
      this.#edges.push([from, to]);
      return;
    }
    const shape = this.#shapeOf(this.#layers.get(from) ?? 'input');
    const again = this.#unique(`${from}_again`);
    this.#nodes.set(
      again,
      plainNode('Scale', { scale: reals(new Float32Array(elementCount(shape)).fill(1), shape) }),
    );
    this.#edges.push([from, again], [again, to]);
  }

  /** Inserts a Flatten between an image and a dense layer. */
  #flat(source: string, from: string, to: string): string {
    const kind = this.#specs.get(to)?.kind;
    const shape = this.#shapeOf(from);
    if (kind !== 'dense' || shape.length === 1) return source;
    const name = this.#unique(`${this.#names.get(to)}_flatten`);
    this.#nodes.set(name, plainNode('Flatten', flattenFields(shape)));
    this.#edge(source, name);
    return name;
  }

  /** Adds a Delay of some steps. */
  #delayed(source: string, layer: string, steps: number): string {
    const shape = this.#shapeOf(layer);
    const name = this.#unique(`${source}_delay`);
    this.#nodes.set(name, plainNode('Delay', delayFields(steps * this.#description.dt, shape)));
    this.#edge(source, name);
    return name;
  }

  /** Checks that an edge reads the state that NIR outputs: spikes of spiking neurons, otherwise the first state. */
  #checkState(from: string, to: string, state: string | undefined): void {
    const layer = this.#model.info.layers.find(({ name }) => name === from);
    if (state === undefined || layer === undefined) return;
    if (state === (layer.spiking ? 'spikes' : layer.states[0]!.name)) return;
    const feature = `${from}.${state} as the source of ${to}: a NIR neuron outputs only ${layer.spiking ? 'its spikes' : 'its membrane potential'}`;
    throw unsupportedNir(feature, 'NIR');
  }
}

function biased(node: NodeSpec): boolean {
  return (node.kind === 'dense' || node.kind === 'conv') && node.bias;
}

function plainNode(type: string, fields: Fields): NirNode {
  return { type, fields: new Map(Object.entries(fields)), metadata: new Map() };
}
