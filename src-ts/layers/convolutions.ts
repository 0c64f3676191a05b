/** Convolutions over images and lines, and the dense layer of each pixel, as plain frozen nodes. */
import { options as checkOptions, flag, integer, invalid } from '../checks/check.ts';
import { type Initialiser, initialisers } from '../neurons/initialiser.ts';
import { named, node, type Pair, sizes } from './map-node.ts';
import type { FurtherOf, PerAxis, SlidingWindow, WindowOf } from './sliding.ts';

/** Options of {@link conv1d} and {@link conv2d}. */
export interface ConvOptions<
  Size = Pair,
  Stride extends Size = Size,
  Padding extends Size = Size,
  Dilation extends Size = Size,
  Transposed extends boolean = boolean,
  Further extends Size = Size,
> {
  /** Name in files, recordings and messages; default `conv` and a number. */
  name?: string;
  /**
   * Pixels from one window to the next, at least 1; default 1. Transposed: pixels between the windows of two neighboring inputs.
   */
  stride?: Stride;
  /** Zeros around the image, in pixels on each side; default 0. Transposed: pixels that are removed on each side. */
  padding?: Padding;
  /** Pixels from one element of a window to the next, at least 1; default 1. */
  dilation?: Dilation;
  /**
   * Channels are split into this number of separate groups, a divisor of both numbers of channels; as many as input channels:
   * depthwise. Default 1.
   */
  groups?: number;
  /** The transposed convolution, which enlarges the image. Default false. */
  transposed?: Transposed;
  /**
   * For a transposed convolution: additional pixels at the far sides (the last rows and columns), less than the stride or the
   * dilation. Default 0.
   */
  outputPadding?: Further;
  /** Adds a trained constant to each channel; default true. */
  bias?: boolean;
  /** Default `fan-in-uniform`, as in torch. */
  initial?: Initialiser;
  /** Default `fan-in-uniform`, with the fan-in of the weights. */
  initialBias?: Initialiser;
  /** Whether training changes it; default true. */
  trainable?: boolean;
}

/** A convolution. */
export interface Conv<
  In extends number = number,
  Out extends number = number,
  W extends SlidingWindow = SlidingWindow,
> {
  readonly layer: 'conv';
  readonly inputs: In;
  readonly outputs: Out;
  readonly kernel: W['kernel'];
  readonly stride: W['stride'];
  readonly padding: W['padding'];
  readonly dilation: W['dilation'];
  readonly groups: number;
  readonly outputPadding?: NonNullable<W['outputPadding']>;
  readonly name?: string;
  readonly bias?: boolean;
  readonly initial?: Initialiser;
  readonly initialBias?: Initialiser;
  readonly trainable?: boolean;
}

/** Options of {@link pointwise}. */
export interface PointwiseOptions {
  /** Name in files, recordings and messages; default `pointwise` and a number. */
  name?: string;
  /** Adds a trained constant to each channel; default true. */
  bias?: boolean;
  /** Default `fan-in-uniform`, as in torch. */
  initial?: Initialiser;
  /** Default `fan-in-uniform`, with the fan-in of the weights. */
  initialBias?: Initialiser;
  /** Whether training changes it; default true. */
  trainable?: boolean;
}

/** A dense layer of the channels, the same at every pixel; see {@link pointwise}. */
export interface Pointwise<In extends number = number, Out extends number = number> {
  readonly layer: 'pointwise';
  readonly inputs: In;
  readonly outputs: Out;
  readonly name?: string;
  readonly bias?: boolean;
  readonly initial?: Initialiser;
  readonly initialBias?: Initialiser;
  readonly trainable?: boolean;
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
  checkOptions(who, options, [
    'name',
    'stride',
    'padding',
    'dilation',
    'groups',
    'transposed',
    'outputPadding',
    'bias',
    'initial',
    'initialBias',
    'trainable',
  ]);
  const {
    name,
    groups = 1,
    transposed = false,
    outputPadding,
    bias,
    initial,
    initialBias,
    trainable,
  } = options;
  if (!flag(`${who}.transposed`, transposed) && outputPadding !== undefined) {
    invalid(`${who}.outputPadding`, outputPadding, 'no value, because the convolution is not transposed');
  }
  if (bias !== undefined) flag(`${who}.bias`, bias);
  initialisers(who, options, ['initial', 'initialBias']);
  const stride = sizes(`${who}.stride`, axes, options.stride ?? 1, 1);
  const dilation = sizes(`${who}.dilation`, axes, options.dilation ?? 1, 1);
  const further = sizes(`${who}.outputPadding`, axes, outputPadding ?? 0, 0);
  // Further pixels would not be covered by any window.
  if (transposed && further.some((pixels, axis) => pixels >= Math.max(stride[axis]!, dilation[axis]!))) {
    invalid(`${who}.outputPadding`, outputPadding, 'less than the stride or the dilation');
  }
  return node({
    layer: 'conv',
    inputs: integer(`${who}.inputs`, inputs, { min: 1, max: 2 ** 24 }),
    outputs: integer(`${who}.outputs`, outputs, { min: 1, max: 2 ** 24 }),
    kernel: sizes(`${who}.kernel`, axes, kernel, 1),
    stride,
    padding: sizes(`${who}.padding`, axes, options.padding ?? 0, 0),
    dilation,
    groups: integer(`${who}.groups`, groups, { min: 1 }),
    ...(transposed ? { outputPadding: further } : {}),
    ...named(who, { name, trainable }),
    bias,
    initial,
    initialBias,
  }) as Conv;
}

/**
 * A dense layer of the channels, the same at every pixel: `y[o, p] = Σ W[o, c] x[c, p] + b[o]`, the convolution with
 * a kernel of 1. Where pixels are tokens it is the linear layer of a transformer. Weights `[outputs, inputs, 1, 1]` over
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
  checkOptions('pointwise', options, ['name', 'bias', 'initial', 'initialBias', 'trainable']);
  const { bias, initial, initialBias } = options;
  if (bias !== undefined) flag('pointwise.bias', bias);
  initialisers('pointwise', options, ['initial', 'initialBias']);
  return node({
    layer: 'pointwise',
    inputs: integer('pointwise.inputs', inputs, { min: 1, max: 2 ** 24 }),
    outputs: integer('pointwise.outputs', outputs, { min: 1, max: 2 ** 24 }),
    ...named('pointwise', options),
    bias,
    initial,
    initialBias,
  }) as Pointwise<In, Out>;
}
