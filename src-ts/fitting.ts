/**
 * The types that check in the editor that neighbouring layers fit, as far as sizes are literals. What no type can know, such as
 * the pixels that a convolution leaves, is checked at `compile`.
 */
import type { Conv, Pointwise } from './convolutions.ts';
import type { Branches } from './graph.ts';
import type { Layer } from './layer-kinds.ts';
import type { Dropout, Embedding, Flatten, InputShape, LateralInhibition, Unflatten } from './layers.ts';
import type { BatchNorm, LayerNorm } from './normalisation.ts';
import type { TimeLayer } from './over-time.ts';
import type { GlobalPool, Pool } from './pools.ts';
import type { Population, PortedPopulation } from './population.ts';
import type { Dense } from './projection.ts';

/** Layers one after the other. In the place of one that does not fit stands why, a text, which it is not. */
export type Fitting<L extends readonly Layer[]> = Marked<L, Reasons<L, Sizes>>;

/** A branch beside a first one: what enters both is what their first sizes tell. */
export type FittingBranch<L extends readonly Layer[], First extends readonly Layer[]> = Marked<
  L,
  Reasons<L, Known<Entry<First>, Entry<L>>>
>;

/** Branches that read the same. */
export type FittingBranches<L extends readonly (readonly Layer[])[]> = {
  [K in keyof L]: FittingBranch<L[K], L[0]>;
};

/** The body of a residual connection: its last layer gives what the shortcut gives. */
export type FittingBody<
  B extends readonly Layer[],
  S extends readonly Layer[],
  At extends Sizes = Known<Entry<B>, Entry<S>>,
> = Marked<B, Ending<Reasons<B, At>, Apart<Leaving<B, At>, Leaving<S, At>>>>;

/** Layers as they are where nothing is said of any, which also keeps a union of lists whole. */
export type Marked<L extends readonly Layer[], R extends readonly Said[]> = [R[number]] extends [never]
  ? L
  : { [K in keyof L]: K extends keyof R ? ([R[K]] extends [never] ? L[K] : R[K]) : L[K] };

/** Why a layer does not fit; `never` where it does. */
export type Said = string;

/** Whether two sizes can be the same: one that is not known can be any. */
export type Fits<A extends number, B extends number> = [A & B] extends [never]
  ? [A] extends [never]
    ? true
    : [B] extends [never]
      ? true
      : false
  : true;

/** What is known of a shape; `number` stands for what is not. */
export interface Sizes<N extends number = number, C extends number = number> {
  readonly elements: N;
  readonly channels: C;
}

/** The first of two where it is known, else the second. */
export type Known<A extends Sizes, B extends Sizes> = Sizes<
  number extends A['elements'] ? B['elements'] : A['elements'],
  number extends A['channels'] ? B['channels'] : A['channels']
>;

/**
 * For each layer why it does not fit behind those before it, or `never`, and `never` for as many more as there may be. `At`
 * enters the first.
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
  : Refused<Taken<L>, At>;

/** What the first layer inside that does not fit says. */
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

/** Why what two branches give cannot be added. */
export type Apart<B extends Sizes, S extends Sizes> =
  Fits<B['elements'], S['elements']> extends false
    ? `the body has ${B['elements']} outputs but the shortcut ${S['elements']}`
    : Fits<B['channels'], S['channels']> extends false
      ? `the body has ${B['channels']} channels but the shortcut ${S['channels']}`
      : never;

/** The last layer has a reason of its own, or `Why`. */
export type Ending<R extends readonly Said[], Why extends Said> = R extends readonly [
  ...infer Others extends readonly Said[],
  infer Last extends Said,
]
  ? [...Others, [Last] extends [never] ? Why : Last]
  : R;

/** What a layer takes. */
export type Taken<L> = [L] extends [Dense<infer In>]
  ? Sizes<In>
  : [L] extends [Conv<infer In> | Pointwise<infer In>]
    ? Sizes<number, In>
    : [L] extends [PortedPopulation]
      ? Sizes
      : [L] extends [Population<infer N>]
        ? Sizes<N>
        : Sizes;

/** Layers that keep the shape. */
export type Keeping = LateralInhibition | Dropout | LayerNorm | BatchNorm | TimeLayer;

/** What enters layers, as the first of them with sizes tells. */
export type Entry<L extends readonly unknown[]> = L extends readonly [infer First, ...infer Rest]
  ? [First] extends [Keeping | Population]
    ? Known<Taken<First>, Entry<Rest>>
    : Taken<First>
  : Sizes;

/** What layers give, one after the other, of which `At` enters the first. */
export type Leaving<L extends readonly unknown[], At extends Sizes> = L extends readonly [
  infer First,
  ...infer Rest,
]
  ? Leaving<Rest, After<First, At>>
  : L extends readonly []
    ? At
    : Sizes;

/** What a layer gives that `At` enters. */
export type After<L, At extends Sizes> = [L] extends [Dense<number, infer Out> | Embedding<infer Out>]
  ? Sizes<Out, Out>
  : [L] extends [Keeping]
    ? At
    : [L] extends [PortedPopulation<infer N>]
      ? Sizes<N>
      : [L] extends [Population<infer N>]
        ? Known<Sizes<N>, At>
        : [L] extends [Branches<infer J, infer Lists>]
          ? Joined<J, Lists, At>
          : AfterImage<L, At>;

/** The same of layers that know of images. */
export type AfterImage<L, At extends Sizes> = [L] extends [Conv<number, infer Out>]
  ? Sizes<number, Out>
  : [L] extends [Pointwise<number, infer Out>]
    ? Sizes<IsLine<At> extends true ? Out : number, Out>
    : [L] extends [Pool]
      ? Sizes<number, At['channels']>
      : [L] extends [GlobalPool]
        ? Sizes<At['channels'], At['channels']>
        : [L] extends [Flatten]
          ? Sizes<At['elements'], At['elements']>
          : [L] extends [InputShape<infer S> | Unflatten<infer S>]
            ? Sizes<S extends readonly [infer N extends number] ? N : number, S[0]>
            : Sizes;

/** Whether a shape is known to have no pixels, or one. */
export type IsLine<S extends Sizes> = number extends S['elements'] | S['channels']
  ? false
  : [S['elements']] extends [S['channels']]
    ? true
    : false;

/** What joined branches give; the sum of channels is beyond a type. */
export type Joined<J, Lists extends readonly (readonly Layer[])[], At extends Sizes> = [J] extends ['add']
  ? Lists extends readonly [infer A extends readonly Layer[], infer B extends readonly Layer[]]
    ? Known<Leaving<A, At>, Leaving<B, At>>
    : Sizes
  : [J] extends ['multiply']
    ? Lists extends readonly [infer A extends readonly Layer[], ...unknown[]]
      ? Leaving<A, At>
      : Sizes
    : Sizes;
