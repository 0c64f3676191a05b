/** Pools over windows and over all pixels, as plain frozen nodes. */
import { options as checkOptions } from '../checks/check.ts';
import { type MapOptions, named, node, type Pair, sizes } from './map-node.ts';
import type { PerAxis, PoolWindow, SlidingWindow } from './sliding.ts';

/** Options of a pool. */
export interface PoolOptions<Size = Pair, Stride extends Size = Size, Padding extends Size = Size> {
  /** Name in files, recordings and messages; default `pool` and a number. */
  name?: string;
  /** Pixels from one window to the next, at least 1; default the window's size, so that windows do not overlap. */
  stride?: Stride;
  /**
   * Pixels added around the image; they are ignored by the maximum and count as 0 for mean and sum; at most half of the window.
   * Default 0.
   */
  padding?: Padding;
}

/** A pool. */
export interface Pool<W extends SlidingWindow = SlidingWindow> {
  readonly layer: 'pool';
  readonly pooling: 'max' | 'average' | 'sum';
  readonly kernel: W['kernel'];
  readonly stride: W['stride'];
  readonly padding: W['padding'];
  readonly name?: string;
}

/** A pool over all pixels. */
export interface GlobalPool {
  readonly layer: 'global-pool';
  readonly pooling: 'max' | 'average' | 'sum';
  readonly name?: string;
}

/**
 * The maximum of each window, channel by channel: `y[c, p] = max x[c, stride p + k - padding]` over the offsets `k` in the
 * window; for spikes, whether any neuron fired. The gradient goes to the first of equal values, as in `torch.nn.MaxPool2d`.
 *
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[channels, height, width]` to `[channels, height', width']`, each side
 * `floor((side + 2 padding - kernel) / stride) + 1`
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` also for a window larger than the image
 * or padding above half of it, and `shape-mismatch` for a source that is not an image
 */
export function maxPool2d<
  const Kernel extends Pair,
  const Stride extends Pair = Kernel,
  const Padding extends Pair = 0,
>(
  kernel: Kernel,
  options: PoolOptions<Pair, Stride, Padding> = {},
): NoInfer<Pool<PoolWindow<PerAxis<Kernel>, PerAxis<Stride>, PerAxis<Padding>>>> {
  return pool('maxPool2d', 'max', 2, kernel, options) as never;
}

/**
 * The mean of each window, including zeros of the padding: `y[c, p] = Σ x[c, stride p + k - padding] / (ky kx)`, as
 * `torch.nn.AvgPool2d`.
 *
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[channels, height, width]` to `[channels, height', width']`, with the size rule of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function avgPool2d<
  const Kernel extends Pair,
  const Stride extends Pair = Kernel,
  const Padding extends Pair = 0,
>(
  kernel: Kernel,
  options: PoolOptions<Pair, Stride, Padding> = {},
): NoInfer<Pool<PoolWindow<PerAxis<Kernel>, PerAxis<Stride>, PerAxis<Padding>>>> {
  return pool('avgPool2d', 'average', 2, kernel, options) as never;
}

/**
 * The sum of each window: `y[c, p] = Σ x[c, stride p + k - padding]`; it counts the spikes of a window.
 *
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[channels, height, width]` to `[channels, height', width']`, with the size rule of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function sumPool2d<
  const Kernel extends Pair,
  const Stride extends Pair = Kernel,
  const Padding extends Pair = 0,
>(
  kernel: Kernel,
  options: PoolOptions<Pair, Stride, Padding> = {},
): NoInfer<Pool<PoolWindow<PerAxis<Kernel>, PerAxis<Stride>, PerAxis<Padding>>>> {
  return pool('sumPool2d', 'sum', 2, kernel, options) as never;
}

/**
 * {@link maxPool2d} over one axis that is not time.
 *
 * @param kernel - pixels of the window
 * @returns a layer from `[channels, width]` to `[channels, width']`, with the size rule of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function maxPool1d<
  const Kernel extends number,
  const Stride extends number = Kernel,
  const Padding extends number = 0,
>(
  kernel: Kernel,
  options: PoolOptions<number, Stride, Padding> = {},
): NoInfer<Pool<PoolWindow<readonly [Kernel], readonly [Stride], readonly [Padding]>>> {
  return pool('maxPool1d', 'max', 1, kernel, options) as never;
}

/**
 * {@link avgPool2d} over one axis that is not time.
 *
 * @param kernel - pixels of the window
 * @returns a layer from `[channels, width]` to `[channels, width']`, with the size rule of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function avgPool1d<
  const Kernel extends number,
  const Stride extends number = Kernel,
  const Padding extends number = 0,
>(
  kernel: Kernel,
  options: PoolOptions<number, Stride, Padding> = {},
): NoInfer<Pool<PoolWindow<readonly [Kernel], readonly [Stride], readonly [Padding]>>> {
  return pool('avgPool1d', 'average', 1, kernel, options) as never;
}

/**
 * {@link sumPool2d} over one axis that is not time.
 *
 * @param kernel - pixels of the window
 * @returns a layer from `[channels, width]` to `[channels, width']`, with the size rule of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function sumPool1d<
  const Kernel extends number,
  const Stride extends number = Kernel,
  const Padding extends number = 0,
>(
  kernel: Kernel,
  options: PoolOptions<number, Stride, Padding> = {},
): NoInfer<Pool<PoolWindow<readonly [Kernel], readonly [Stride], readonly [Padding]>>> {
  return pool('sumPool1d', 'sum', 1, kernel, options) as never;
}

/**
 * The mean over all pixels, channel by channel: `y[c] = Σ x[c, p] / pixels`.
 *
 * @returns a layer from `[channels, height, width]` to `[channels, 1, 1]`, or `[channels, width]` to `[channels, 1]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export function globalAvgPool(options: MapOptions = {}): GlobalPool {
  return globalPool('globalAvgPool', 'average', options);
}

/**
 * The sum over all pixels, channel by channel: `y[c] = Σ x[c, p]`.
 *
 * @returns a layer from `[channels, height, width]` to `[channels, 1, 1]`, or `[channels, width]` to `[channels, 1]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export function globalSumPool(options: MapOptions = {}): GlobalPool {
  return globalPool('globalSumPool', 'sum', options);
}

/**
 * The maximum over all pixels, channel by channel: `y[c] = max x[c, p]`.
 *
 * @returns a layer from `[channels, height, width]` to `[channels, 1, 1]`, or `[channels, width]` to `[channels, 1]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export function globalMaxPool(options: MapOptions = {}): GlobalPool {
  return globalPool('globalMaxPool', 'max', options);
}

function globalPool(who: string, pooling: Pool['pooling'], options: MapOptions): GlobalPool {
  checkOptions(who, options, ['name']);
  return node({ layer: 'global-pool', pooling, ...named(who, options) }) as GlobalPool;
}

function pool(who: string, pooling: Pool['pooling'], axes: number, kernel: Pair, options: PoolOptions): Pool {
  checkOptions(who, options, ['name', 'stride', 'padding']);
  return node({
    layer: 'pool',
    pooling,
    kernel: sizes(`${who}.kernel`, axes, kernel, 1),
    stride: sizes(`${who}.stride`, axes, options.stride ?? kernel, 1),
    padding: sizes(`${who}.padding`, axes, options.padding ?? 0, 0),
    ...named(who, options),
  }) as Pool;
}
