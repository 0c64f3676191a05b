/** An artificial network as a graph that the conversion changes: nodes, edges, shapes and numbers. */
import { LapicqueError } from '../checks/errors.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import type { Description, NodeSpec } from '../description/description.ts';
import type { Model } from '../model/model.ts';

/** A node without its readonly marks, and with the fields of all kinds. */
export type Node = NodeSpec;

/** The error of a layer that has no counterpart among spiking layers. */
export function notConverted(layer: string, reason: string): Error {
  return new LapicqueError('unsupported', {
    feature: `${layer}: ${reason}`,
    format: 'the conversion to spikes',
  });
}

export class AnnGraph {
  readonly nodes = new Map<string, Node>();
  readonly shapes = new Map<string, Shape>();
  readonly weights = new Map<string, Float64Array>();
  edges: (readonly [from: string, to: string])[] = [];
  output: string;

  private constructor(output: string) {
    this.output = output;
  }

  /** The graph of a model with its current numbers. @throws LapicqueError `unsupported` for edges that look back in time or read a state */
  static async of(model: Model): Promise<AnnGraph> {
    const description = await model.currentDescription();
    if (description.readout !== undefined) {
      throw notConverted(
        'readout',
        'a function of the outputs; an artificial network is compiled without one',
      );
    }
    const graph = new AnnGraph(description.output);
    graph.shapes.set('input', description.input.shape ?? [description.input.size]);
    for (const node of description.nodes) graph.nodes.set(node.name, node);
    for (const [from, to, how = {}] of description.edges) {
      if (how.delayed === true || how.state !== undefined || how.port !== undefined)
        throw notConverted(
          graph.label(how.delayed === true ? to : from),
          `the edge ${from} → ${to} ${how.delayed === true ? 'reads the previous step' : 'names a state or a port'}; an artificial network has plain edges`,
        );
      graph.edges.push([from, to]);
    }
    for (const { name, shape } of [...model.info.layers, ...model.info.maps]) graph.shapes.set(name, shape);
    for (const node of description.nodes) graph.#complete(node, description);
    for (const [name, values] of Object.entries(await model.weights()))
      graph.weights.set(name, Float64Array.from(values));
    return graph;
  }

  /** The engine does not list the shape of a dense layer that is merged into a population. */
  #complete(node: Node, description: Description): void {
    if (this.shapes.has(node.name)) return;
    const [reader] = description.edges.filter(([from]) => from === node.name);
    const shape = node.kind === 'dense' ? [node.out] : this.shapes.get(reader?.[1] ?? '');
    if (shape === undefined) throw notConverted(this.label(node.name), 'its shape is not known');
    this.shapes.set(node.name, shape);
  }

  label(name: string): string {
    const node = this.nodes.get(name);
    const kind = node?.kind === 'dynamics' ? node.dynamics.model : node?.kind;
    return kind === undefined ? name : `${name} (${kind})`;
  }

  sources(name: string): string[] {
    return this.edges.filter(([, to]) => to === name).map(([from]) => from);
  }

  readers(name: string): string[] {
    return this.edges.filter(([from]) => from === name).map(([, to]) => to);
  }

  shape(name: string): Shape {
    return this.shapes.get(name)!;
  }

  size(name: string): number {
    return elementCount(this.shape(name));
  }

  /** Channels of a signal: what has one scale. */
  channels(name: string): number {
    return this.shape(name)[0]!;
  }

  /** Takes a node with one source out; its readers read its source. */
  remove(name: string): void {
    const [source] = this.sources(name);
    this.edges = this.edges
      .filter(([, to]) => to !== name)
      .map(([from, to]) => [from === name ? source! : from, to]);
    this.nodes.delete(name);
    if (this.output === name) this.output = source!;
  }

  /** Puts a node behind another; the readers of that one read the new one. */
  insertAfter(source: string, node: Node, shape: Shape): void {
    this.edges = this.edges.map(([from, to]) => [from === source ? node.name : from, to]);
    this.edges.push([source, node.name]);
    this.nodes.set(node.name, node);
    this.shapes.set(node.name, shape);
  }

  /** Puts a node between a source and one of its readers. */
  insertBetween(source: string, reader: string, node: Node): void {
    this.edges = this.edges.map((edge) =>
      edge[0] === source && edge[1] === reader ? [node.name, reader] : edge,
    );
    this.edges.push([source, node.name]);
    this.nodes.set(node.name, node);
    this.shapes.set(node.name, this.shape(source));
  }

  /** A name that no node has. */
  unique(preferred: string): string {
    let name = preferred;
    for (let i = 2; this.nodes.has(name) || name === 'input'; i++) name = `${preferred}${i}`;
    return name;
  }

  /** Node names with sources before their readers. */
  ordered(): string[] {
    const order: string[] = [];
    const done = new Set(['input']);
    const pending = [...this.nodes.keys()];
    while (pending.length > 0) {
      const ready = pending.findIndex((name) => this.sources(name).every((source) => done.has(source)));
      // Cycles need delayed edges, which `of` refuses.
      if (ready < 0) throw notConverted(this.label(pending[0]!), 'it is part of a cycle');
      const [name] = pending.splice(ready, 1) as [string];
      done.add(name);
      order.push(name);
    }
    return order;
  }
}
