/** The layers that NIR nodes become. */
import { LapicqueError } from '../checks/errors.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import type { NodeSpec } from '../description/description.ts';
import { li } from '../neurons/models.generated.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';

/** The values of a weight with their shape. */
export interface LoweredWeights {
  readonly data: Float32Array | Float64Array;
  readonly shape: readonly number[];
}

/** `Omit` of each member of a union. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A node of a description without its name. */
export type Unnamed = DistributiveOmit<NodeSpec, 'name'>;

/** A layer with its weights by name. */
export interface LoweredLayer {
  readonly spec: Unnamed;
  readonly weights?: Readonly<Record<string, LoweredWeights>>;
  /** What follows the path of the node in the name of the layer. */
  readonly suffix?: string;
}

/** The largest number of elements in the kernels of a delay, or in a matrix that selects one of several inputs. */
export const maxNumbers = 2 ** 22;

export function tooLarge(what: string, needed: number): never {
  throw new LapicqueError('too-large', { what, needed, allowed: 8 * maxNumbers });
}

export function populationOf(shape: Shape, dynamics: DynamicsSpec): Unnamed {
  return { kind: 'dynamics', neurons: elementCount(shape), dynamics };
}

/** A population that outputs its input in the same step. */
export function identity(shape: Shape): Unnamed {
  return populationOf(shape, li({ beta: 0 }).dynamics);
}

/** The layer that reshapes a vector to an image. */
export function imageOf(shape: Shape): LoweredLayer {
  return { suffix: '~shape', spec: { kind: 'unflatten', shape } };
}
