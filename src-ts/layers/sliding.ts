/** Output sizes of sliding windows, as types; the shape rule of the engine computes the same at run time. */
import type { Add, Divide, Multiply, Subtract } from './arithmetic.ts';
import type { Pair } from './map-node.ts';

/** A window of a convolution or pool, with a number for each axis; `outputPadding` only for transposed convolutions. */
export interface SlidingWindow {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[] | undefined;
}

/** The window of a convolution or a pool; `Further` is its output padding. */
export interface WindowOf<
  Kernel extends readonly number[],
  Stride extends readonly number[],
  Padding extends readonly number[],
  Dilation extends readonly number[],
  Further extends readonly number[] | undefined = undefined,
> {
  readonly kernel: Kernel;
  readonly stride: Stride;
  readonly padding: Padding;
  readonly dilation: Dilation;
  readonly outputPadding: Further;
}

/** The window of a pool, which has no dilation. */
export type PoolWindow<
  Kernel extends readonly number[],
  Stride extends readonly number[],
  Padding extends readonly number[],
> = WindowOf<Kernel, Stride, Padding, { readonly [Axis in keyof Kernel]: 1 }>;

/** The output padding of a transposed convolution; a union if it is not known whether it is transposed. */
export type FurtherOf<Transposed extends boolean, Further extends readonly number[]> = Transposed extends true
  ? Further
  : undefined;

/** One number for each of two axes. */
export type PerAxis<Size extends Pair> = Size extends number
  ? readonly [Size, Size]
  : Extract<Size, readonly number[]>;

/** The output pixels of a window; `readonly number[]` if the input pixels are unknown. */
export type Slid<W, P extends readonly number[]> = W extends SlidingWindow
  ? number extends P['length']
    ? readonly number[]
    : { readonly [Axis in keyof P]: Side<W, Axis, P[Axis]> }
  : readonly number[];

/** The size of one side: `floor((side + 2 padding - reach) / stride) + 1`; 0 if the window exceeds the padded image. */
export type Side<W extends SlidingWindow, Axis, Pixels extends number> = [W['outputPadding']] extends [
  undefined,
]
  ? Steps<Subtract<Add<Pixels, Multiply<2, At<W['padding'], Axis>>>, Reach<W, Axis>>, At<W['stride'], Axis>>
  : [W['outputPadding']] extends [readonly number[]]
    ? Enlarged<W, W['outputPadding'], Axis, Pixels>
    : number;

/** The number of windows: one, plus how often the stride fits into the rest. */
export type Steps<Left extends number, Stride extends number> = [Left] extends [never]
  ? 0
  : Add<Divide<Left, Stride>, 1>;

/**
 * The size of a side after a transposed convolution: `(side - 1) stride + reach + outputPadding - 2 padding`; 0 if nothing is
 * left.
 */
export type Enlarged<
  W extends SlidingWindow,
  Further extends readonly number[],
  Axis,
  Pixels extends number,
> = OrNone<
  Subtract<
    Add<Multiply<Subtract<Pixels, 1>, At<W['stride'], Axis>>, Add<Reach<W, Axis>, At<Further, Axis>>>,
    Multiply<2, At<W['padding'], Axis>>
  >
>;

export type OrNone<N extends number> = [N] extends [never] ? 0 : N;

/** From the first pixel of a window to its last: `dilation (kernel - 1) + 1`. */
export type Reach<W extends SlidingWindow, Axis> =
  At<W['dilation'], Axis> extends 1
    ? At<W['kernel'], Axis>
    : Add<Multiply<At<W['dilation'], Axis>, Subtract<At<W['kernel'], Axis>, 1>>, 1>;

/** The number for an axis, which is the key in a list. */
export type At<L extends readonly number[], Axis> = Axis extends keyof L
  ? L[Axis] extends number
    ? L[Axis]
    : number
  : number;

/** Why a window cannot be applied to pixels; `never` if it can, or if they are unknown. */
export type WindowRefused<W, P extends readonly number[]> = W extends SlidingWindow
  ? number extends P['length'] | W['kernel']['length']
    ? never
    : P['length'] extends W['kernel']['length']
      ? HasNone<Slid<W, P>[number]> extends true
        ? `a window of [${Listed<W['kernel']>}] leaves no pixel of an image of [${Listed<P>}]`
        : never
      : `expected ${W['kernel']['length']} axes of pixels but the layer before has ${P['length']}`
  : never;

/** Whether a side is known to be 0. */
export type HasNone<Side extends number> = number extends Side ? false : 0 extends Side ? true : false;

/** Numbers separated by commas, for a message. */
export type Listed<L extends readonly number[]> = L extends readonly [
  infer First extends number,
  ...infer Rest extends readonly number[],
]
  ? Rest extends readonly []
    ? `${First}`
    : `${First}, ${Listed<Rest>}`
  : '';
