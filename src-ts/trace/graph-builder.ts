/** The graph of a function while it is traced: nodes are added one by one, and the engine checks each. */

import { basename } from 'node:path';
import { frozenCopy, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { addon, unwrap } from '../engine/native.ts';

/** An axis of a tensor: its name, and its size if it is known. */
export type TracedAxis = readonly [name: string, size: number | null];

/** A traced function as plain data. */
export interface TracedGraph {
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
  /** The name of each result and its node. */
  readonly results: readonly (readonly [name: string, node: number])[];
}

/** A node of a graph, with its axes. */
export interface TracedNode {
  readonly number: number;
  readonly axes: readonly TracedAxis[];
}

/** Builds one graph; after `finish` nothing can be added. */
export class GraphBuilder {
  readonly #native = new addon.GraphBuilder();
  #isOpen = true;
  /** Of the body of a loop: the graph around it. */
  readonly outer: GraphBuilder | undefined;
  /** Of the body of a loop: adds a value of the graph around it to the body's parameters. */
  readonly lift: ((node: TracedNode) => TracedNode) | undefined;

  constructor(outer?: GraphBuilder, lift?: (node: TracedNode) => TracedNode) {
    this.outer = outer;
    this.lift = lift;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  push(op: string, of: readonly number[], options: object = {}): TracedNode {
    if (!this.#isOpen) leaked();
    const at = userPlace();
    const node = { op, ...options, of, ...(at === undefined ? {} : { at }) };
    const [number, axes] = JSON.parse(unwrap(this.#native.push(JSON.stringify(node)))) as [
      number,
      TracedAxis[],
    ];
    return { number, axes };
  }

  finish(results: readonly (readonly [string, number])[]): TracedGraph {
    this.#isOpen = false;
    return JSON.parse(unwrap(this.#native.finish(JSON.stringify(results)))) as TracedGraph;
  }
}

/** A graph from outside as plain data; the engine checks its content. @internal */
export function checkedGraph(name: string, graph: unknown): TracedGraph {
  if (typeof graph !== 'object' || graph === null || Array.isArray(graph)) {
    return invalid(name, graph, 'a graph as trace() writes it');
  }
  return frozenCopy(name, graph) as TracedGraph;
}

/** Refuses a tensor that is used after its function has been traced, or in another one. */
export function leaked(): never {
  throw new LapicqueError('invalid-parameter', {
    name: place('traced tensor'),
    value: 'a tensor of another traced function',
    expected: 'tensors of this function: its arguments, and what is computed from them',
  });
}

/** A name for messages, with the place in the user's function. */
export function place(name: string): string {
  const at = userPlace();
  return at === undefined ? name : `${name} (${at})`;
}

/** The place of a frame: `file:///…/loss.mjs:3:7`. */
const ofFrame = /([^\s()]+):(\d+):(\d+)\)?$/;

/** Names in frames of the tracer, if a bundler has put it into one file with the user's code. */
const tracer =
  /TracedTensor|ElementwiseTensor|GraphBuilder|TracedScope|namedScope|userPlace|\bplace\b|\bleaked\b|traceLoss/;

/** `file:line:column` in the user's function. */
function userPlace(): string | undefined {
  const frames = (new Error().stack?.split('\n').slice(1) ?? []).flatMap((line) => {
    const place = line.match(ofFrame);
    return place === null ? [] : [{ line, file: place[1]!, at: `${place[2]}:${place[3]}` }];
  });
  const folder = frames[0]?.file.replace(/[^/\\]*$/, '');
  const outside = frames.find(({ file }) => !file.startsWith(folder ?? '') && !file.startsWith('node:'));
  const found = outside ?? frames.find(({ line }) => !tracer.test(line));
  return found === undefined ? undefined : `${basename(found.file)}:${found.at}`;
}
