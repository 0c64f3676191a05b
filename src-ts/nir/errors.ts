/** Errors of reading and checking NIR graphs. */
import { LapicqueError } from '../checks/errors.ts';
import type { Shape } from '../checks/tensor.ts';

/** The error of a file that is not a NIR file. */
export function malformedNir(reason: string): LapicqueError {
  return new LapicqueError('malformed-file', { format: 'NIR', offset: 0, reason });
}

/** The error of a valid NIR graph with a feature that networks of this library do not have. */
export function unsupportedNir(feature: string, format = 'this reader of NIR'): LapicqueError {
  return new LapicqueError('unsupported', { feature, format });
}

/** Throws `shape-mismatch`; `layer` is the path of a node, a field or an edge. */
export function shapeMismatch(layer: string, expected: string, got: Shape): never {
  throw new LapicqueError('shape-mismatch', { layer, expected, got: shapeText(got) });
}

/** `[2, 34, 34]` */
export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** The name of one element, `where[2, 5]`, from its offset in C order. */
export function indexed(where: string, offset: number, shape: Shape): string {
  if (shape.length === 0) return where;
  let remaining = offset;
  const index = shape.toReversed().map((size) => {
    const own = remaining % size;
    remaining = Math.floor(remaining / size);
    return own;
  });
  return `${where}[${index.toReversed().join(', ')}]`;
}
