/** Weights as users give them: by name, also as a file has them. */
import {
  options as checkOptions,
  shape as checkShape,
  fits,
  integer,
  invalid,
  unknownName,
} from '../checks/check.ts';
import { LapicqueError, type LapicqueErrorBase } from '../checks/errors.ts';
import type { Weights } from '../compiled/compiled-model.ts';
import type { LossParameters } from '../compiled/loss-parameters.ts';
import type { ModelInfo } from '../compiled/model-info.ts';
import { type FileTensor, shapeOf, statedShape, type TensorData } from '../files/tensor-data.ts';
import { entriesOf } from '../files/tensor-file.ts';

/** Parameters by name, as an object or a map; each an array, or one with its shape, as {@link readTensors} gives them. */
export type GivenWeights =
  | Readonly<Record<string, GivenTensor>>
  | ReadonlyMap<string, Pick<FileTensor, 'data' | 'shape'>>;

/** Values, or values with a shape, which must equal the parameter's shape: `{ data, shape }`, or an array with a property `shape`. */
export type GivenTensor = Weights | Pick<FileTensor, 'data' | 'shape'>;

/**
 * Their arrays, and the parameters of losses that are new to the model: these state their shapes. What no parameter is called, or is of another shape,
 * is refused.
 */
export function arraysOf(
  weights: GivenWeights,
  parameters: ModelInfo['parameters'],
): { arrays: Record<string, Weights>; declared: LossParameters } {
  const declared: { name: string; shape: readonly number[] }[] = [];
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
  const entries = entriesOf('weights', weights).map(([name, tensor]): [string, Weights] => {
    const expected = shapes.get(name) ?? shapeOfNew(name, tensor, [...shapes.keys()]);
    if (!shapes.has(name)) declared.push({ name, shape: expected });
    const compare = (shape: readonly number[]) => {
      if (`${shape}` === `${expected}`) return;
      const [expectedShape, got] = [`[${expected.join(', ')}]`, `[${shape.join(', ')}]`];
      throw new LapicqueError('shape-mismatch', { layer: name, expected: expectedShape, got });
    };
    if (
      typeof tensor !== 'object' ||
      tensor === null ||
      Array.isArray(tensor) ||
      ArrayBuffer.isView(tensor)
    ) {
      const stated = ArrayBuffer.isView(tensor) ? statedShape(name, tensor) : undefined;
      if (stated !== undefined) compare(stated);
      return [name, tensor as Weights];
    }
    const { data, shape } = checkOptions(name, tensor as FileTensor, ['dtype', 'data', 'shape']);
    compare(checkShape(`${name}.shape`, shape));
    if (data === undefined) invalid(`${name}.data`, data, 'a typed array');
    return [name, data as Weights];
  });
  return { arrays: Object.fromEntries(entries), declared };
}

/** The shape of a parameter of a loss that the model has not been trained with. */
function shapeOfNew(name: string, tensor: unknown, known: readonly string[]): readonly number[] {
  if (!name.startsWith('loss.')) throw unknownParameter(name, known);
  const { data, shape } = ArrayBuffer.isView(tensor)
    ? { data: tensor, shape: statedShape(name, tensor as TensorData) }
    : ((tensor ?? {}) as Partial<FileTensor>);
  if (shape === undefined) {
    return invalid(name, tensor, '{ data, shape }, because no loss of the model has declared it yet');
  }
  const sizes = checkShape(`${name}.shape`, shape);
  if (ArrayBuffer.isView(data)) fits(name, (data as TensorData).length, sizes);
  return sizes;
}

/** Of a parameter that is near to none the error tells those there are, or, where they are many, their layers. */
function unknownParameter(name: string, known: readonly string[]): Error {
  const error = unknownName('parameter', name, known) as LapicqueErrorBase<'unknown-name'>;
  if (error.details.didYouMean !== undefined || error.details.known !== undefined) return error;
  const layers = new Set(known.map((parameter) => `${parameter.slice(0, parameter.lastIndexOf('.'))}.*`));
  return new LapicqueError('unknown-name', { kind: 'parameter', name, known: [...layers] });
}

/** A tensor of any kind with its shape; an array without one is a vector. */
export function tensorOf(name: string, tensor: unknown): { data: TensorData; shape: readonly number[] } {
  if (ArrayBuffer.isView(tensor))
    return { data: tensor as TensorData, shape: shapeOf(name, tensor as TensorData) };
  if (typeof tensor !== 'object' || tensor === null || Array.isArray(tensor))
    invalid(name, tensor, 'a typed array, or { data, shape }');
  const { data, shape } = checkOptions(name, tensor as FileTensor, ['dtype', 'data', 'shape']);
  if (!ArrayBuffer.isView(data)) invalid(`${name}.data`, data, 'a typed array');
  // A number of torch has no axis.
  if (!Array.isArray(shape)) invalid(`${name}.shape`, shape, 'an array of sizes');
  for (const [axis, size] of shape.entries()) integer(`${name}.shape[${axis}]`, size, { min: 0 });
  fits(name, data.length, shape);
  return { data, shape };
}
