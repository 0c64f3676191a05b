/** Infers the input and output shape of each node of a flat graph from inputs, weights and neurons. */
import { elementCount, type Shape } from '../checks/tensor.ts';
import { shapeMismatch, shapeText, unsupportedNir } from './errors.ts';
import type { FlatGraph } from './flat.ts';
import { type NirNode, numbersOf } from './graph.ts';
import { nodeType } from './node-types.ts';
import { readersOf, sourcesOf } from './traversal.ts';

/** Shapes by path, and the assumptions that they depend on. */
export interface Shapes {
  readonly output: ReadonlyMap<string, Shape>;
  readonly input: ReadonlyMap<string, Shape>;
  readonly assumptions: readonly string[];
}

/** Infers all shapes and checks every edge. @throws LapicqueError `shape-mismatch` with the edge or node, `unsupported` */
export function shapesOf(graph: FlatGraph): Shapes {
  const assumptions: string[] = [];
  const output = new Map<string, Shape>();
  const input = new Map<string, Shape>();
  const sources = sourcesOf(graph.edges);
  const readers = readersOf(graph.edges);

  // Input shapes that follow from the fields of the node itself.
  const demand = new Map<string, Shape>();
  for (const [name, node] of graph.nodes) {
    const own = demanded(node);
    if (own !== undefined) demand.set(name, own);
  }
  for (const name of graph.inputs) {
    const node = graph.nodes.get(name)!;
    const declared = numbersOf(node, 'shape')!;
    const expectedShape = (readers.get(name) ?? [])
      .map((to) => demand.get(to))
      .find((shape) => shape !== undefined);
    const shape = withoutBatch(declared, expectedShape, () =>
      assumptions.push(
        `${name}: its shape ${shapeText(declared)} includes a batch or time axis, which is removed: ${shapeText(expectedShape!)}`,
      ),
    );
    if (shape.length > 3)
      throw unsupportedNir(`more than three axes: the input ${shapeText(declared)} of ${name}`);
    output.set(name, shape);
  }
  // Propagate shapes along edges until no shape is new. A cycle gets its shape from the first known source of any of its nodes.
  let open = [...graph.nodes.keys()];
  for (let changed = true; changed && open.length > 0; ) {
    changed = false;
    for (const name of open) {
      if (graph.inputs.includes(name)) continue;
      const node = graph.nodes.get(name)!;
      const inferred = (sources.get(name) ?? [])
        .map((from) => output.get(from))
        .find((shape) => shape !== undefined);
      const inputShape = inferred ?? demand.get(name);
      if (inputShape === undefined) continue;
      input.set(name, inputShape);
      output.set(name, outputOf(name, node, demand.get(name) ?? inputShape));
      changed = true;
    }
    open = open.filter((name) => !output.has(name));
  }
  function nextDemand(name: string): Shape | undefined {
    return (readers.get(name) ?? []).map((to) => demand.get(to)).find((shape) => shape !== undefined);
  }
  function outputOf(name: string, node: NirNode, inputShape: Shape): Shape {
    const { output = () => ({ shape: inputShape, assumed: undefined }) } = nodeType(node.type);
    const { shape, assumed } = output(name, node, inputShape, nextDemand(name));
    if (assumed !== undefined) assumptions.push(assumed);
    return shape;
  }
  for (const [from, to] of graph.edges) {
    const [sourceShape, targetShape] = [output.get(from), input.get(to)];
    if (sourceShape === undefined || targetShape === undefined) continue;
    const demandedShape = demand.get(to);
    const expected = demandedShape ?? targetShape;
    if (`${sourceShape}` === `${expected}`) continue;
    const { flattens } = nodeType(graph.nodes.get(to)!.type);
    if (flattens === true && elementCount(sourceShape) === elementCount(expected)) {
      assumptions.push(`${from} → ${to}: the input ${shapeText(sourceShape)} of ${to} is flattened`);
      continue;
    }
    shapeMismatch(`edge ${from} → ${to}`, shapeText(expected), sourceShape);
  }
  return { output, input, assumptions };
}

/** The input shape that follows from the fields of a node; `undefined` if it depends on the sources. */
function demanded(node: NirNode): Shape | undefined {
  const { fields, elementwise, demands } = nodeType(node.type);
  if (elementwise !== true) return demands?.(node);
  for (const key of Object.keys(fields)) {
    const field = node.fields.get(key);
    if (field !== undefined && typeof field !== 'string' && field.data.length > 1) return field.shape;
  }
  // A single number may be one neuron or apply to all neurons.
  return undefined;
}

/** Removes leading axes of an input that its reader does not have: they are batch and time. */
function withoutBatch(declared: Shape, expectedShape: Shape | undefined, note: () => void): Shape {
  if (expectedShape === undefined || declared.length <= expectedShape.length) return declared;
  const innermost = declared.slice(declared.length - expectedShape.length);
  if (`${innermost}` !== `${expectedShape}`) return declared;
  note();
  return innermost;
}
