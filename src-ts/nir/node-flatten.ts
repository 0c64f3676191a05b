/** Flatten. */
import { elementCount, type Shape } from '../checks/tensor.ts';
import { shapeMismatch, shapeText, unsupportedNir } from './errors.ts';
import { integers, numbersOf } from './graph.ts';
import { identity, imageOf } from './layer-specs.ts';
import type { Fields, NirNodeType } from './node-type.ts';

/** The fields of a Flatten of all axes. */
export function flattenFields(inputShape: Shape): Fields {
  return { start_dim: integers([0], []), end_dim: integers([-1], []), input_type: integers(inputShape) };
}

/** The shape after flattening the axes `from` to `to`, which may be negative; `undefined` if there are no such axes. */
function span(shape: Shape, from: number, to: number): Shape | undefined {
  const axes = shape.length;
  const [first, last] = [from < 0 ? from + axes : from, to < 0 ? to + axes : to];
  if (first < 0 || last >= axes || first > last) return undefined;
  return [...shape.slice(0, first), elementCount(shape.slice(first, last + 1)), ...shape.slice(last + 1)];
}

export const Flatten: NirNodeType = {
  fields: {
    start_dim: { kind: 'integer' },
    end_dim: { kind: 'integer' },
    input_type: { kind: 'shape', optional: true },
  },
  becomes: '`flatten`, followed by `unflatten` if several axes remain',
  // NIR counts axes without the batch, but some exporters count it, and flatten from axis 1.
  output: (name, node, inputShape, next) => {
    const [start, end] = [numbersOf(node, 'start_dim')![0]!, numbersOf(node, 'end_dim')![0]!];
    const plain = span(inputShape, start, end);
    const batched = span(inputShape, start > 0 ? start - 1 : start, end > 0 ? end - 1 : end);
    const fitsNext = (shape: Shape | undefined) =>
      shape !== undefined && (next === undefined || `${shape}` === `${next}`);
    if (fitsNext(plain) || (plain !== undefined && !fitsNext(batched))) return { shape: plain! };
    if (batched !== undefined && (start > 0 || end > 0))
      return { shape: batched, assumed: `${name}: its axes ${start} to ${end} include the batch axis` };
    shapeMismatch(name, `axes ${start} to ${end}`, inputShape);
  },
  layers: ({ path, shape }) => {
    if (shape.length > 3)
      throw unsupportedNir(`more than three axes: the shape ${shapeText(shape)} of ${path}`);
    return [{ spec: { kind: 'flatten' } }, ...(shape.length === 1 ? [] : [imageOf(shape)])];
  },
  layersInCycle: ({ shape }) => [{ spec: identity(shape) }],
  writesLayers: { flatten: ({ inputShape }) => flattenFields(inputShape) },
};
