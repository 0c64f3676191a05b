/** Infers the input and output shape of each node of a flat graph from inputs, weights and neurons. */
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import { shapeMismatch, shapeText, unsupportedNir } from './errors.ts';
import type { FlatGraph } from './flat.ts';
import type { NirNode, NirTensor } from './graph.ts';
import { neuronTypes, nodeTypes, passing } from './node-types.ts';
import { readersOf, sourcesOf } from './traversal.ts';

/** Shapes by path, and the assumptions that they depend on. */
export interface Shapes {
  readonly output: ReadonlyMap<string, Shape>;
  readonly input: ReadonlyMap<string, Shape>;
  readonly assumptions: readonly string[];
}

/** The numbers of a field; `undefined` if it is absent or a string. */
export function numbersOf(node: NirNode, key: string): readonly number[] | undefined {
  const field = node.fields.get(key);
  return field === undefined || typeof field === 'string' ? undefined : Array.from(field.data);
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
      output.set(name, after(name, node, inputShape, demand.get(name), nextDemand(name)));
      changed = true;
    }
    open = open.filter((name) => !output.has(name));
  }
  function nextDemand(name: string): Shape | undefined {
    return (readers.get(name) ?? []).map((to) => demand.get(to)).find((shape) => shape !== undefined);
  }
  function after(
    name: string,
    node: NirNode,
    inputShape: Shape,
    expectedShape: Shape | undefined,
    next: Shape | undefined,
  ) {
    const { shape, assumed } = shapeAfter(name, node, inputShape, expectedShape, next);
    if (assumed !== undefined) assumptions.push(assumed);
    return shape;
  }
  for (const [from, to] of graph.edges) {
    const [sourceShape, targetShape] = [output.get(from), input.get(to)];
    if (sourceShape === undefined || targetShape === undefined) continue;
    const demandedShape = demand.get(to);
    const expected = demandedShape ?? targetShape;
    if (`${sourceShape}` === `${expected}`) continue;
    const { type } = graph.nodes.get(to)!;
    // A dense layer also accepts an image, which it flattens.
    if ((type === 'Affine' || type === 'Linear') && elementCount(sourceShape) === elementCount(expected)) {
      assumptions.push(`${from} → ${to}: the input ${shapeText(sourceShape)} of ${to} is flattened`);
      continue;
    }
    shapeMismatch(`edge ${from} → ${to}`, shapeText(expected), sourceShape);
  }
  return { output, input, assumptions };
}

/** The input shape that follows from the fields of a node; `undefined` if it depends on the sources. */
function demanded(node: NirNode): Shape | undefined {
  if (neuronTypes.has(node.type)) {
    for (const key of Object.keys(nodeTypes[node.type]!)) {
      const field = node.fields.get(key);
      if (field !== undefined && typeof field !== 'string' && field.data.length > 1) return field.shape;
    }
    // A single number may be one neuron or apply to all neurons.
    return undefined;
  }
  if (node.type === 'Affine' || node.type === 'Linear')
    return [(node.fields.get('weight') as NirTensor).shape[1]!];
  if (node.type === 'Conv1d' || node.type === 'Conv2d') {
    const weight = node.fields.get('weight') as NirTensor;
    const pixels = numbersOf(node, 'input_shape');
    const axes = node.type === 'Conv1d' ? 1 : 2;
    if (pixels?.length !== axes) return undefined;
    return [weight.shape[1]! * numbersOf(node, 'groups')![0]!, ...pixels];
  }
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

function shapeAfter(
  name: string,
  node: NirNode,
  inputShape: Shape,
  expectedShape: Shape | undefined,
  next: Shape | undefined,
): { shape: Shape; assumed?: string } {
  switch (node.type) {
    case 'Affine':
    case 'Linear':
      return { shape: [(node.fields.get('weight') as NirTensor).shape[0]!] };
    case 'Conv1d':
    case 'Conv2d':
      return { shape: convolved(name, node, expectedShape ?? inputShape) };
    case 'SumPool2d':
    case 'AvgPool2d':
      return { shape: pooled(name, node, inputShape) };
    case 'Flatten':
      return flattened(name, node, inputShape, next);
    default:
      return { shape: passing.has(node.type) ? inputShape : (expectedShape ?? inputShape) };
  }
}

/** The values of a field, one for each axis. */
export function perAxis(node: NirNode, key: string, axes: number): number[] {
  const values = numbersOf(node, key)!;
  return Array.from({ length: axes }, (_, i) => values[values.length === 1 ? 0 : i]!);
}

/** The padding on each side of every axis; `same` keeps the size. */
export function paddingOf(name: string, node: NirNode, axes: number): number[] {
  const padding = node.fields.get('padding')!;
  if (typeof padding !== 'string') return perAxis(node, 'padding', axes);
  if (padding === 'valid') return Array.from({ length: axes }, () => 0);
  const kernel = (node.fields.get('weight') as NirTensor).shape.slice(2);
  const dilation = perAxis(node, 'dilation', axes);
  return kernel.map((size, i) => {
    const both = dilation[i]! * (size - 1);
    if (both % 2 === 0) return both / 2;
    const feature = `${name}.padding "same" with a kernel of ${size} and dilation ${dilation[i]}, which needs asymmetric padding`;
    throw unsupportedNir(feature);
  });
}

function convolved(name: string, node: NirNode, inputShape: Shape): Shape {
  const axes = node.type === 'Conv1d' ? 1 : 2;
  const { shape: weight } = node.fields.get('weight') as NirTensor;
  const groups = numbersOf(node, 'groups')![0]!;
  const channels = weight[1]! * groups;
  if (inputShape.length !== axes + 1 || inputShape[0] !== channels)
    shapeMismatch(name, `[${channels}, ${axes === 1 ? 'width' : 'height, width'}]`, inputShape);
  if (weight[0]! % groups !== 0)
    invalid(`${name}.groups`, groups, `a divisor of the ${weight[0]} output channels`);
  const padding = paddingOf(name, node, axes);
  const [stride, dilation] = [perAxis(node, 'stride', axes), perAxis(node, 'dilation', axes)];
  const pixels = weight
    .slice(2)
    .map((size, i) =>
      slide(name, inputShape[i + 1]!, dilation[i]! * (size - 1) + 1, stride[i]!, padding[i]!),
    );
  return [weight[0]!, ...pixels];
}

function pooled(name: string, node: NirNode, inputShape: Shape): Shape {
  if (inputShape.length !== 3) shapeMismatch(name, '[channels, height, width]', inputShape);
  const [kernel, stride, padding] = ['kernel_size', 'stride', 'padding'].map((key) => perAxis(node, key, 2));
  for (const [i, size] of [...kernel!, ...stride!].entries())
    if (size < 1) invalid(`${name}.${i < 2 ? 'kernel_size' : 'stride'}`, size, 'an integer of at least 1');
  return [
    inputShape[0]!,
    ...[0, 1].map((i) => slide(name, inputShape[i + 1]!, kernel![i]!, stride![i]!, padding![i]!)),
  ];
}

function slide(name: string, pixels: number, reach: number, stride: number, padding: number): number {
  const count = Math.floor((pixels + 2 * padding - reach) / stride) + 1;
  if (count < 1)
    throw new LapicqueError('shape-mismatch', {
      layer: name,
      expected: `at least ${reach - 2 * padding} pixels`,
      got: `${pixels}`,
    });
  return count;
}

/** The output shape of a Flatten. NIR counts axes without the batch, but some exporters count it, and flatten from axis 1. */
function flattened(
  name: string,
  node: NirNode,
  inputShape: Shape,
  next: Shape | undefined,
): { shape: Shape; assumed?: string } {
  const span = (from: number, to: number): Shape | undefined => {
    const axes = inputShape.length;
    const [first, last] = [from < 0 ? from + axes : from, to < 0 ? to + axes : to];
    if (first < 0 || last >= axes || first > last) return undefined;
    return [
      ...inputShape.slice(0, first),
      elementCount(inputShape.slice(first, last + 1)),
      ...inputShape.slice(last + 1),
    ];
  };
  const [start, end] = [numbersOf(node, 'start_dim')![0]!, numbersOf(node, 'end_dim')![0]!];
  const plain = span(start, end);
  const batched = span(start > 0 ? start - 1 : start, end > 0 ? end - 1 : end);
  const fitsNext = (shape: Shape | undefined) =>
    shape !== undefined && (next === undefined || `${shape}` === `${next}`);
  if (fitsNext(plain) || (plain !== undefined && !fitsNext(batched))) return { shape: plain! };
  if (batched !== undefined && (start > 0 || end > 0))
    return { shape: batched, assumed: `${name}: its axes ${start} to ${end} include the batch axis` };
  shapeMismatch(name, `axes ${start} to ${end}`, inputShape);
}
