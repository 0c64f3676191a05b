/**
 * Types that check in the editor whether neighboring layers fit, as far as sizes are literals: elements, channels and pixels.
 * Everything else is checked at `compile`.
 */

import type { Neuron, PortedNeuron } from '../neurons/neuron-node.ts';
import type { Add, Multiply, Product } from './arithmetic.ts';
import type { Conv, Pointwise } from './convolutions.ts';
import type { Branches, Layer } from './layer-kinds.ts';
import type { InputShape, LateralInhibition } from './layers.ts';
import type { Dense, Embedding, Flatten, KeepingOperation, Pool, Unflatten } from './operations.generated.ts';
import type { TimeLayer } from './over-time.ts';
import type { GlobalPool } from './pools.ts';
import type { Slid, WindowRefused } from './sliding.ts';
import type { TracedLayer } from './traced-layer-types.ts';

/** A sequence of layers. A layer that does not fit is replaced by the reason, a string, so that the types do not match. */
export type Fitting<L extends readonly Layer[]> = Marked<L, Ending<Reasons<L, Sizes>, LastRefused<L>>>;

/** Why the last layer of a network cannot be its output; `never` if it can, or if the types do not tell which layer it is. */
export type LastRefused<L extends readonly Layer[]> = L extends readonly [...unknown[], infer Last]
  ? [Extract<Last, Neuron>] extends [never]
    ? 'the last layer of a network is a population, such as lif() or li()'
    : never
  : never;

/** A second branch: the first size that either branch states is the input size of both. */
export type FittingBranch<L extends readonly Layer[], First extends readonly Layer[]> = Marked<
  L,
  Reasons<L, Known<Entry<First>, Entry<L>>>
>;

/** Branches with a common input. */
export type FittingBranches<L extends readonly (readonly Layer[])[]> = {
  [K in keyof L]: FittingBranch<L[K], L[0]>;
};

/** The body of a residual connection: its output must have the size of the shortcut's. */
export type FittingBody<
  B extends readonly Layer[],
  S extends readonly Layer[],
  At extends Sizes = Known<Entry<B>, Entry<S>>,
> = Marked<B, Ending<Reasons<B, At>, Apart<Leaving<B, At>, Leaving<S, At>>>>;

/** The layers themselves if none has a reason, which also keeps a union of lists intact. */
export type Marked<L extends readonly Layer[], R extends readonly Said[]> = [R[number]] extends [never]
  ? L
  : { [K in keyof L]: K extends keyof R ? ([R[K]] extends [never] ? L[K] : R[K]) : L[K] };

/** The reason why a layer does not fit; `never` if it does. */
export type Said = string;

/** Whether two sizes can be equal; an unknown size may be any. */
export type Fits<A extends number, B extends number> = [A & B] extends [never]
  ? [A] extends [never]
    ? true
    : [B] extends [never]
      ? true
      : false
  : true;

/** The known sizes of a shape; `number` (for pixels `readonly number[]`) stands for unknown ones. */
export interface Sizes<
  N extends number = number,
  C extends number = number,
  P extends readonly number[] = readonly number[],
> {
  readonly elements: N;
  readonly channels: C;
  /** `[height, width]`, `[width]`, or `[]`. */
  readonly pixels: P;
}

/** The sizes of a shape `[channels, …pixels]`. */
export type Image<C extends number, P extends readonly number[]> = Sizes<Multiply<C, Product<P>>, C, P>;

/** The first of two sizes if it is known, otherwise the second. */
export type Known<A extends Sizes, B extends Sizes> = Sizes<
  number extends A['elements'] ? B['elements'] : A['elements'],
  number extends A['channels'] ? B['channels'] : A['channels'],
  number extends A['pixels']['length'] ? B['pixels'] : A['pixels']
>;

/**
 * For each layer the reason why it does not fit after those before it, or `never`; `never` for further layers. `At` is the
 * input of the first.
 */
export type Reasons<
  L extends readonly unknown[],
  At extends Sizes,
  Done extends readonly Said[] = [],
> = L extends readonly [infer First, ...infer Rest]
  ? Reasons<Rest, After<First, At>, [...Done, Reason<First, At>]>
  : L extends readonly []
    ? Done
    : [...Done, ...never[]];

export type Reason<L, At extends Sizes> = [L] extends [Branches<infer J, infer Lists>]
  ? BranchReason<J, Lists, At>
  : [L] extends [Conv<number, number, infer W> | Pool<infer W>]
    ? [Refused<Taken<L>, At>] extends [never]
      ? WindowRefused<W, At['pixels']>
      : Refused<Taken<L>, At>
    : [L] extends [Unflatten<infer S>]
      ? Refused<Sizes<Product<S>>, At>
      : Refused<Taken<L>, At>;

/** The reason of the first layer inside that does not fit. */
export type BranchReason<J, Lists extends readonly (readonly Layer[])[], At extends Sizes> = [
  Reasons<Lists[number], At>[number],
] extends [never]
  ? [J, Lists] extends ['add', readonly [infer A extends readonly Layer[], infer B extends readonly Layer[]]]
    ? Apart<Leaving<B, At>, Leaving<A, At>>
    : never
  : Reasons<Lists[number], At>[number];

export type Refused<Expected extends Sizes, At extends Sizes> =
  Fits<Expected['elements'], At['elements']> extends false
    ? `expected ${Expected['elements']} inputs but the layer before has ${At['elements']}`
    : Fits<Expected['channels'], At['channels']> extends false
      ? `expected ${Expected['channels']} channels but the layer before has ${At['channels']}`
      : never;

/** Why the outputs of two branches cannot be added. */
export type Apart<B extends Sizes, S extends Sizes> =
  Fits<B['elements'], S['elements']> extends false
    ? `the body has ${B['elements']} outputs but the shortcut ${S['elements']}`
    : Fits<B['channels'], S['channels']> extends false
      ? `the body has ${B['channels']} channels but the shortcut ${S['channels']}`
      : never;

/** The reason of the last layer, or `Why` if it has none. */
export type Ending<R extends readonly Said[], Why extends Said> = R extends readonly [
  ...infer Others extends readonly Said[],
  infer Last extends Said,
]
  ? [...Others, [Last] extends [never] ? Why : Last]
  : R;

/** The input of a layer. */
export type Taken<L> = [L] extends [Dense<infer In> | TracedLayer<infer In>]
  ? Sizes<In>
  : [L] extends [Conv<infer In> | Pointwise<infer In>]
    ? Sizes<number, In>
    : [L] extends [PortedNeuron]
      ? Sizes
      : [L] extends [Neuron<infer N>]
        ? Sizes<N>
        : Sizes;

/** Layers that keep the shape. */
export type Keeping = LateralInhibition | TimeLayer | KeepingOperation;

/** The input of a sequence of layers, as stated by the first layer with known sizes. */
export type Entry<L extends readonly unknown[]> = L extends readonly [infer First, ...infer Rest]
  ? [First] extends [Keeping | Neuron]
    ? Known<Taken<First>, Entry<Rest>>
    : Taken<First>
  : Sizes;

/** The output of a sequence of layers with the input `At`. */
export type Leaving<L extends readonly unknown[], At extends Sizes> = L extends readonly [
  infer First,
  ...infer Rest,
]
  ? Leaving<Rest, After<First, At>>
  : L extends readonly []
    ? At
    : Sizes;

/** The output of a layer with the input `At`. */
export type After<L, At extends Sizes> = [L] extends [Dense<number, infer Out> | Embedding<infer Out>]
  ? Sizes<Out, Out, readonly []>
  : [L] extends [Keeping]
    ? At
    : [L] extends [PortedNeuron<infer N>]
      ? Sizes<N>
      : [L] extends [Neuron<infer N>]
        ? Known<Sizes<N>, At>
        : [L] extends [Branches<infer J, infer Lists>]
          ? Joined<J, Lists, At>
          : AfterImage<L, At>;

/** As `After`, for layers with images. */
export type AfterImage<L, At extends Sizes> = [L] extends [Conv<number, infer Out, infer W>]
  ? Image<Out, Slid<W, At['pixels']>>
  : [L] extends [Pointwise<number, infer Out>]
    ? Image<Out, At['pixels']>
    : [L] extends [Pool<infer W>]
      ? Image<At['channels'], Slid<W, At['pixels']>>
      : [L] extends [GlobalPool]
        ? Sizes<At['channels'], At['channels'], OnePixel<At['pixels']>>
        : [L] extends [Flatten]
          ? Sizes<At['elements'], At['elements'], readonly []>
          : [L] extends [InputShape<infer S> | Unflatten<infer S>]
            ? S extends readonly [infer C extends number, ...infer P extends readonly number[]]
              ? Image<C, P>
              : Sizes
            : Sizes;

/** One pixel along each axis. */
export type OnePixel<P extends readonly number[]> = number extends P['length']
  ? P
  : { readonly [Axis in keyof P]: 1 };

/** The output of joined branches. */
export type Joined<J, Lists extends readonly (readonly Layer[])[], At extends Sizes> = [J] extends ['add']
  ? Lists extends readonly [infer A extends readonly Layer[], infer B extends readonly Layer[]]
    ? Known<Leaving<A, At>, Leaving<B, At>>
    : Sizes
  : [J] extends ['multiply']
    ? Lists extends readonly [infer A extends readonly Layer[], ...unknown[]]
      ? Leaving<A, At>
      : Sizes
    : [J] extends ['concat']
      ? Concatenated<Lists, At>
      : Sizes;

/** The channels of all branches, and the pixels of the first. */
export type Concatenated<
  Lists extends readonly (readonly Layer[])[],
  At extends Sizes,
  C extends number = 0,
  P extends readonly number[] = readonly number[],
> = Lists extends readonly [
  infer First extends readonly Layer[],
  ...infer Rest extends readonly (readonly Layer[])[],
]
  ? Concatenated<
      Rest,
      At,
      Add<C, Leaving<First, At>['channels']>,
      number extends P['length'] ? Leaving<First, At>['pixels'] : P
    >
  : Lists extends readonly []
    ? Image<C, P>
    : Sizes;
