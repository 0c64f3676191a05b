/** What the values of an ONNX graph are while it is translated: signals between layers, constants, and sizes of shapes. */
import type { NodeProto } from './messages.ts';
import type { ConstantTensor } from './tensor.ts';

/** A constant: an initializer, or what a Constant node gives. */
interface ConstantValue {
  readonly kind: 'constant';
  readonly tensor: ConstantTensor;
  readonly isInitializer: boolean;
}

/** A size of a shape; that of the batch is known at a run only. */
export type Size = number | 'batch';

/** Sizes that a graph computes with, to reshape by them; of one size without an axis `isScalar`. */
export interface SizesValue {
  readonly kind: 'sizes';
  readonly sizes: readonly Size[];
  readonly isScalar: boolean;
}

/** Elementwise operations that are not a layer yet: statements of equations over the input `i`. */
export interface Pending {
  /** The layer that they read. */
  readonly source: string;
  readonly statements: readonly string[];
  /** The name of the last result. */
  readonly result: string;
  readonly params: ReadonlyMap<string, number | readonly number[]>;
  readonly learned: readonly string[];
  /** Parameters by the initializer that they come from. */
  readonly initializers: ReadonlyMap<string, string>;
  /** The ONNX nodes, one for each statement. */
  readonly nodes: readonly NodeProto[];
}

/** What flows from layer to layer: without the axis of the batch. */
export interface SignalValue {
  readonly kind: 'signal';
  readonly shape: readonly number[];
  /** The layer that gives it; nothing while it is pending. */
  layer?: string;
  readonly pending?: Pending;
}

export type Value = ConstantValue | SizesValue | SignalValue;

/** The inputs of a node in order; `undefined` for an optional input that is left out. */
export type Inputs = readonly (Value | undefined)[];
