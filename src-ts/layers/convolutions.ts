/** Convolutions over images and lines, and the dense layer of each pixel, as plain frozen nodes. */
import { options as checkOptions, flag, invalid } from '../checks/check.ts';
import { node, type Pair, sizes } from './map-node.ts';
import { operationNode, optionNames } from './operation-node.ts';
import { operationTables } from './operation-tables.generated.ts';
import type { DenseOptions, WindowedOptions } from './operations.generated.ts';
import type { FurtherOf, PerAxis, SlidingWindow, WindowOf } from './sliding.ts';

/** Options of {@link conv1d} and {@link conv2d}. */
export interface ConvOptions<
  Size = Pair,
  Stride extends Size = Size,
  Padding extends Size = Size,
  Dilation extends Size = Size,
  Transposed extends boolean = boolean,
  Further extends Size = Size,
> extends WindowedOptions<Size, Stride, Padding, Dilation> {
  /** The transposed convolution, which enlarges the image. Default false. */
  transposed?: Transposed;
  /**
   * For a transposed convolution: additional pixels at the far sides (the last rows and columns), less than the stride or the
   * dilation. Default 0.
   */
  outputPadding?: Further;
}

/** A convolution. */
export interface Conv<
  In extends number = number,
  Out extends number = number,
  W extends SlidingWindow = SlidingWindow,
> extends Readonly<Omit<WindowedOptions, 'stride' | 'padding' | 'dilation' | 'groups'>> {
  readonly layer: 'conv';
  readonly inputs: In;
  readonly outputs: Out;
  readonly kernel: W['kernel'];
  readonly stride: W['stride'];
  readonly padding: W['padding'];
  readonly dilation: W['dilation'];
  readonly groups: number;
  readonly outputPadding?: NonNullable<W['outputPadding']>;
}

/** Options of {@link pointwise}. */
export interface PointwiseOptions extends Omit<DenseOptions, 'name' | 'delay'> {
  /** Name in files, recordings and messages; default `pointwise` and a number. */
  name?: string;
}

/** A dense layer of the channels, the same at every pixel; see {@link pointwise}. */
export interface Pointwise<In extends number = number, Out extends number = number>
  extends Readonly<PointwiseOptions> {
  readonly layer: 'pointwise';
  readonly inputs: In;
  readonly outputs: Out;
}

/**
 * A convolution over images: `y[o, p] = Σ W[o, c, k] x[c, stride p + dilation k - padding] + b[o]`, summed over channels `c`
 * of the group and offsets `k` in the window; weights `[outputs, inputs / groups, ky, kx]`, bias `[outputs]`. With
 * `transposed`, windows are written instead of read: weights `[inputs, outputs / groups, ky, kx]`. Definitions, sizes and
 * initial weights are those of `torch.nn.Conv2d` and `ConvTranspose2d` (V. Dumoulin, F. Visin, arXiv:1603.07285). For spike
 * inputs, weights are added, not multiplied, and silent inputs cost nothing.
 *
 * @param inputs - number of input channels
 * @param outputs - number of output channels
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[inputs, height, width]` to `[outputs, height', width']`, each side
 * `floor((side + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`; transposed
 * `(side - 1) stride - 2 padding + dilation (kernel - 1) + 1 + outputPadding`
 *
 * @example
 * ```ts
 * sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), lif({ beta: 0.5 }), flatten(), dense(1728, 10), lif({ beta: 0.5 }));
 * ```
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` also for groups that do not divide the
 * channels and a window larger than the image, and `shape-mismatch` for a different number of channels (a type error if they
 * are literals) or a source that is not an image
 */
export function conv2d<
  const In extends number,
  const Out extends number,
  const Kernel extends Pair = Pair,
  const Stride extends Pair = 1,
  const Padding extends Pair = 0,
  const Dilation extends Pair = 1,
  const Transposed extends boolean = false,
  const Further extends Pair = 0,
>(
  inputs: In,
  outputs: Out,
  kernel: Kernel,
  options: ConvOptions<Pair, Stride, Padding, Dilation, Transposed, Further> = {},
): NoInfer<
  Conv<
    In,
    Out,
    WindowOf<
      PerAxis<Kernel>,
      PerAxis<Stride>,
      PerAxis<Padding>,
      PerAxis<Dilation>,
      FurtherOf<Transposed, PerAxis<Further>>
    >
  >
> {
  return conv('conv2d', 2, inputs, outputs, kernel, options) as never;
}

/**
 * A convolution over one axis that is not time: {@link conv2d} with one pixel axis; weights `[outputs, inputs / groups, k]`,
 * transposed `[inputs, outputs / groups, k]`, bias `[outputs]`; as `torch.nn.Conv1d` and `ConvTranspose1d`. Over time:
 * {@link timeFilter}.
 *
 * @param inputs - number of input channels
 * @param outputs - number of output channels
 * @param kernel - pixels of the window
 * @returns a layer from `[inputs, width]` to `[outputs, width']`, with the size rule of {@link conv2d}
 * @throws LapicqueError as {@link conv2d}
 */
export function conv1d<
  const In extends number,
  const Out extends number,
  const Kernel extends number = number,
  const Stride extends number = 1,
  const Padding extends number = 0,
  const Dilation extends number = 1,
  const Transposed extends boolean = false,
  const Further extends number = 0,
>(
  inputs: In,
  outputs: Out,
  kernel: Kernel,
  options: ConvOptions<number, Stride, Padding, Dilation, Transposed, Further> = {},
): NoInfer<
  Conv<
    In,
    Out,
    WindowOf<
      readonly [Kernel],
      readonly [Stride],
      readonly [Padding],
      readonly [Dilation],
      FurtherOf<Transposed, readonly [Further]>
    >
  >
> {
  return conv('conv1d', 1, inputs, outputs, kernel, options) as never;
}

function conv(
  who: string,
  axes: number,
  inputs: number,
  outputs: number,
  kernel: Pair,
  options: ConvOptions,
): Conv {
  const names = ['name', ...optionNames(operationTables.conv), 'transposed', 'outputPadding'];
  const { transposed, outputPadding, ...windowed } = checkOptions(who, options, names as never[]);
  const layer = operationNode(operationTables.conv, who, [inputs, outputs, kernel], windowed) as Conv;
  if (transposed === undefined || !flag(`${who}.transposed`, transposed)) {
    if (outputPadding === undefined) return layer;
    invalid(`${who}.outputPadding`, outputPadding, 'no value, because the convolution is not transposed');
  }
  const further = sizes(`${who}.outputPadding`, axes, outputPadding ?? 0, 0);
  // Further pixels would not be covered by any window.
  if (further.some((pixels, axis) => pixels >= Math.max(layer.stride[axis]!, layer.dilation[axis]!))) {
    invalid(`${who}.outputPadding`, outputPadding, 'less than the stride or the dilation');
  }
  return node({ ...layer, outputPadding: further }) as Conv;
}

/**
 * A dense layer of the channels, the same at every pixel: `y[o, p] = Σ W[o, c] x[c, p] + b[o]`, the convolution with
 * a kernel of 1. With pixels as tokens it is the linear layer of a transformer. Weights `[outputs, inputs, 1, 1]` over
 * images, `[outputs, inputs, 1]` over a line, `[outputs, inputs]` without pixels; bias `[outputs]`.
 *
 * @param inputs - number of input channels
 * @param outputs - number of output channels
 * @returns a layer from `[inputs, …pixels]` to `[outputs, …pixels]`
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` `shape-mismatch` for other channels
 */
export function pointwise<const In extends number, const Out extends number>(
  inputs: In,
  outputs: Out,
  options: PointwiseOptions = {},
): Pointwise<In, Out> {
  const names = ['name', ...optionNames(operationTables.dense).filter((name) => name !== 'delay')];
  checkOptions('pointwise', options, names as never[]);
  const checked = operationNode(operationTables.dense, 'pointwise', [inputs, outputs], options);
  return node({ ...checked, layer: 'pointwise' }) as Pointwise<In, Out>;
}
