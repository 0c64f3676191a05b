/** Layers without a state: convolutions, pools, normalisation and what joins them, as plain frozen nodes. */
import { options as checkOptions, finite, flag, integer, invalid, text } from './check.ts';
import { type Initialiser, initialisers } from './initialiser.ts';

/** A size for each axis of an image, `[height, width]`; one number stands for both. */
export type Pair = number | readonly [number, number];

/** The shape of the input, where it is an image; only as the first layer. */
export interface InputShape {
  readonly layer: 'input';
  readonly shape: readonly number[];
}

/** What a layer without any other option may be told. */
export interface MapOptions {
  /** Name in files, recordings and messages; default the layer's and a number. */
  name?: string;
}

/** What {@link conv1d} and {@link conv2d} may be told. */
export interface ConvOptions<Size = Pair> {
  /** Name in files, recordings and messages; default `conv` and a number. */
  name?: string;
  /** Pixels from one window to the next, at least 1; default 1. Transposed: pixels between what two inputs give. */
  stride?: Size;
  /** Zeros around the image, in pixels on each side; default 0. Transposed: pixels cut off each side. */
  padding?: Size;
  /** Pixels from one element of a window to the next, at least 1; default 1. */
  dilation?: Size;
  /**
   * Channels are cut into so many groups that do not mix, a divisor of both numbers of channels; as many as input channels:
   * depthwise. Default 1.
   */
  groups?: number;
  /** The transposed convolution, which enlarges the image. Default false. */
  transposed?: boolean;
  /**
   * Of a transposed convolution: further pixels at the far sides (the last rows and columns), less than the stride or the
   * dilation. Default 0.
   */
  outputPadding?: Size;
  /** Adds a trained constant to each channel; default true. */
  bias?: boolean;
  /** Default `fan-in-uniform`, as torch's. */
  initial?: Initialiser;
  /** Default `fan-in-uniform`, with the fan-in of the weights. */
  initialBias?: Initialiser;
  /** Whether training changes it; default true. */
  trainable?: boolean;
}

/** A convolution. */
export interface Conv {
  readonly layer: 'conv';
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly outputPadding?: readonly number[];
  readonly name?: string;
  readonly bias?: boolean;
  readonly initial?: Initialiser;
  readonly initialBias?: Initialiser;
  readonly trainable?: boolean;
}

/** What a pool may be told. */
export interface PoolOptions<Size = Pair> {
  /** Name in files, recordings and messages; default `pool` and a number. */
  name?: string;
  /** Pixels from one window to the next, at least 1; default the window's size, so that windows do not overlap. */
  stride?: Size;
  /** Pixels around the image that count as absent for the largest and as 0 for the others, at most half of the window; default 0. */
  padding?: Size;
}

/** A pool. */
export interface Pool {
  readonly layer: 'pool';
  readonly pooling: 'max' | 'average' | 'sum';
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly name?: string;
}

/** What {@link pointwise} may be told. */
export interface PointwiseOptions {
  /** Name in files, recordings and messages; default `pointwise` and a number. */
  name?: string;
  /** Adds a trained constant to each channel; default true. */
  bias?: boolean;
  /** Default `fan-in-uniform`, as torch's. */
  initial?: Initialiser;
  /** Default `fan-in-uniform`, with the fan-in of the weights. */
  initialBias?: Initialiser;
  /** Whether training changes it; default true. */
  trainable?: boolean;
}

/** A dense layer of the channels, the same at every pixel; see {@link pointwise}. */
export interface Pointwise {
  readonly layer: 'pointwise';
  readonly inputs: number;
  readonly outputs: number;
  readonly name?: string;
  readonly bias?: boolean;
  readonly initial?: Initialiser;
  readonly initialBias?: Initialiser;
  readonly trainable?: boolean;
}

/** A pool over all pixels. */
export interface GlobalPool {
  readonly layer: 'global-pool';
  readonly pooling: 'max' | 'average' | 'sum';
  readonly name?: string;
}

/** {@link flatten} */
export interface Flatten {
  readonly layer: 'flatten';
  readonly name?: string;
}

/** {@link lateralInhibition} */
export interface LateralInhibition {
  readonly layer: 'lateral-inhibition';
  readonly state: string;
  readonly name?: string;
}

/** {@link dropout} */
export interface Dropout {
  readonly layer: 'dropout';
  readonly rate: number;
  readonly name?: string;
}

/** What {@link layerNorm} may be told. */
export interface LayerNormOptions {
  /** Name in files, recordings and messages; default the layer's and a number. */
  name?: string;
  /** ε, added to the variance, above 0; default 1e-5. */
  epsilon?: number;
  /** A trained factor and offset; default true. */
  affine?: boolean;
  /** Whether training changes factor and offset; default true. */
  trainable?: boolean;
}

/** {@link layerNorm} */
export interface LayerNorm extends LayerNormOptions {
  readonly layer: 'layer-norm';
}

/** What {@link batchNorm} may be told. */
export interface BatchNormOptions extends LayerNormOptions {
  /** Share of a batch in the running averages, from 0 to 1; default 0.1. */
  momentum?: number;
  /**
   * Deviation of what leaves before factor and offset, above 0; for the threshold-dependent form α times the threshold.
   * Default 1.
   */
  scale?: number;
}

/** {@link batchNorm} */
export interface BatchNorm extends BatchNormOptions {
  readonly layer: 'batch-norm';
}

/** What {@link lateralInhibition} may be told. */
export interface LateralInhibitionOptions extends MapOptions {
  /** The state of the population that is compared; default `'v'`. */
  state?: string;
}

/** What {@link embedding} may be told. */
export interface EmbeddingOptions extends MapOptions {
  /** Default `normal` with mean 0 and deviation 1, as torch's. */
  initial?: Initialiser;
  /** Whether training changes it; default true. */
  trainable?: boolean;
}

/** {@link embedding} */
export interface Embedding {
  readonly layer: 'embedding';
  readonly count: number;
  readonly size: number;
  readonly name?: string;
  readonly initial?: Initialiser;
  readonly trainable?: boolean;
}

/** A layer without a state. */
export type MapLayer =
  | Conv
  | Pointwise
  | Pool
  | GlobalPool
  | Flatten
  | LateralInhibition
  | Dropout
  | LayerNorm
  | BatchNorm
  | Embedding;

/**
 * The shape of the input where it is an image: `[channels, height, width]`, or `[channels, width]`. The first layer of a
 * network that begins with a convolution or a pool. Data then has as many elements a sample and step, in this order.
 *
 * @param shape - one to three positive integers
 * @returns the first layer of `sequential`, of just this shape
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer, or at `compile` behind another layer
 */
export function input(...shape: readonly number[]): InputShape {
  if (shape.length < 1 || shape.length > 3) invalid('input', shape, 'one to three sizes');
  shape.forEach((size, i) => {
    integer(`input[${i}]`, size, { min: 1, max: 2 ** 24 });
  });
  return Object.freeze({ layer: 'input', shape: Object.freeze([...shape]) });
}

/**
 * A convolution over images: `y[o, p] = Σ W[o, c, k] x[c, stride p + dilation k - padding] + b[o]`, summed over channels `c` of
 * the group and places `k` of the window; weights `[outputs, inputs / groups, ky, kx]`, bias `[outputs]`. With `transposed` what
 * a window reads it writes: weights `[inputs, outputs / groups, ky, kx]`. Definitions, sizes and initial weights are those of
 * `torch.nn.Conv2d` and `ConvTranspose2d` (V. Dumoulin, F. Visin, arXiv:1603.07285). Where the input is spikes, weights are added,
 * not multiplied, and what is silent costs nothing.
 *
 * @param inputs - channels that enter
 * @param outputs - channels that leave
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
 * channels and a window larger than the image, and `shape-mismatch` for other channels or what is no image
 */
export function conv2d(inputs: number, outputs: number, kernel: Pair, options: ConvOptions = {}): Conv {
  return conv('conv2d', 2, inputs, outputs, kernel, options);
}

/**
 * A convolution over one axis that is not time: {@link conv2d} with one pixel axis; weights `[outputs, inputs / groups, k]`,
 * transposed `[inputs, outputs / groups, k]`, bias `[outputs]`; as `torch.nn.Conv1d` and `ConvTranspose1d`. Over time:
 * {@link timeFilter}.
 *
 * @param inputs - channels that enter
 * @param outputs - channels that leave
 * @param kernel - pixels of the window
 * @returns a layer from `[inputs, width]` to `[outputs, width']`, sides as of {@link conv2d}
 * @throws LapicqueError as {@link conv2d}
 */
export function conv1d(
  inputs: number,
  outputs: number,
  kernel: number,
  options: ConvOptions<number> = {},
): Conv {
  return conv('conv1d', 1, inputs, outputs, kernel, options);
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
    invalid(`${who}.outputPadding`, outputPadding, 'nothing, unless transposed');
  }
  if (bias !== undefined) flag(`${who}.bias`, bias);
  initialisers(who, options, ['initial', 'initialBias']);
  const stride = sizes(`${who}.stride`, axes, options.stride ?? 1, 1);
  const dilation = sizes(`${who}.dilation`, axes, options.dilation ?? 1, 1);
  const further = sizes(`${who}.outputPadding`, axes, outputPadding ?? 0, 0);
  // More would be pixels that no window reaches.
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
 * @param inputs - channels that enter
 * @param outputs - channels that leave
 * @returns a layer from `[inputs, …pixels]` to `[outputs, …pixels]`
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` `shape-mismatch` for other channels
 */
export function pointwise(inputs: number, outputs: number, options: PointwiseOptions = {}): Pointwise {
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
  }) as Pointwise;
}

/**
 * The largest of each window, channel by channel: `y[c, p] = max x[c, stride p + k - padding]` over the places `k` of the window;
 * of spikes, whether any fired. The gradient goes to the first of equal ones, as of `torch.nn.MaxPool2d`.
 *
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[channels, height, width]` to `[channels, height', width']`, each side
 * `floor((side + 2 padding - kernel) / stride) + 1`
 * @throws LapicqueError `invalid-parameter` for an option out of range; at `compile` also for a window larger than the image or
 * padding above half of it, and `shape-mismatch` for what is no image
 */
export function maxPool2d(kernel: Pair, options: PoolOptions = {}): Pool {
  return pool('maxPool2d', 'max', 2, kernel, options);
}

/**
 * The mean of each window, zeros of the padding included: `y[c, p] = Σ x[c, stride p + k - padding] / (ky kx)`, as
 * `torch.nn.AvgPool2d`.
 *
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[channels, height, width]` to `[channels, height', width']`, sides as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function avgPool2d(kernel: Pair, options: PoolOptions = {}): Pool {
  return pool('avgPool2d', 'average', 2, kernel, options);
}

/**
 * The sum of each window: `y[c, p] = Σ x[c, stride p + k - padding]`; spikes of a window add up.
 *
 * @param kernel - pixels of the window, `[height, width]` or one number for both
 * @returns a layer from `[channels, height, width]` to `[channels, height', width']`, sides as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function sumPool2d(kernel: Pair, options: PoolOptions = {}): Pool {
  return pool('sumPool2d', 'sum', 2, kernel, options);
}

/**
 * {@link maxPool2d} over one axis that is not time.
 *
 * @param kernel - pixels of the window
 * @returns a layer from `[channels, width]` to `[channels, width']`, the side as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function maxPool1d(kernel: number, options: PoolOptions<number> = {}): Pool {
  return pool('maxPool1d', 'max', 1, kernel, options);
}

/**
 * {@link avgPool2d} over one axis that is not time.
 *
 * @param kernel - pixels of the window
 * @returns a layer from `[channels, width]` to `[channels, width']`, the side as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function avgPool1d(kernel: number, options: PoolOptions<number> = {}): Pool {
  return pool('avgPool1d', 'average', 1, kernel, options);
}

/**
 * {@link sumPool2d} over one axis that is not time.
 *
 * @param kernel - pixels of the window
 * @returns a layer from `[channels, width]` to `[channels, width']`, the side as of {@link maxPool2d}
 * @throws LapicqueError as {@link maxPool2d}
 */
export function sumPool1d(kernel: number, options: PoolOptions<number> = {}): Pool {
  return pool('sumPool1d', 'sum', 1, kernel, options);
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
 * The largest of all pixels, channel by channel: `y[c] = max x[c, p]`.
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

/**
 * An image as one axis: element `(c, y, x)` becomes `(c height + y) width + x`. The same values; {@link dense} would take the image
 * as well.
 *
 * @returns a layer from `[channels, height, width]` to `[channels height width]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export function flatten(options: MapOptions = {}): Flatten {
  checkOptions('flatten', options, ['name']);
  return node({ layer: 'flatten', ...named('flatten', options) }) as Flatten;
}

/**
 * Lateral inhibition, behind a population: of its neurons (of an image, of those at one pixel) only the one with the largest
 * potential may spike: `y[i] = s[i] where v[i] = max v, else 0`. The others are reset as ever, but nothing leaves them (snnTorch's
 * `inhibition`). Of a population that does not spike the largest value leaves.
 *
 * @returns a layer that keeps the shape of the population
 *
 * @example
 * ```ts
 * sequential(dense(784, 100), lif({ beta: 0.9 }), lateralInhibition(), dense(100, 10), lif({ beta: 0.9 }));
 * ```
 * @throws LapicqueError at `compile` `invalid-parameter` behind anything but a population, `unknown-name` for a state that it
 * has not
 */
export function lateralInhibition(options: LateralInhibitionOptions = {}): LateralInhibition {
  checkOptions('lateralInhibition', options, ['name', 'state']);
  const state = text('lateralInhibition.state', options.state ?? 'v');
  return node({
    layer: 'lateral-inhibition',
    state,
    ...named('lateralInhibition', options),
  }) as LateralInhibition;
}

/**
 * Zeroes a share of the elements; the others are scaled by `1 / (1 - rate)`. A sample keeps its mask over the whole
 * sequence. Only in training; which elements follows from the network's seed, the number of the batch and the sample.
 * (N. Srivastava et al., JMLR 15, 2014.)
 *
 * @param rate - the share that is zeroed, from 0 to below 1
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for another rate
 */
export function dropout(rate: number, options: MapOptions = {}): Dropout {
  checkOptions('dropout', options, ['name']);
  finite('dropout.rate', rate, { min: 0, below: 1 });
  return node({ layer: 'dropout', rate, ...named('dropout', options) }) as Dropout;
}

/**
 * Layer norm: `y = weight (x - mean) / √(variance + ε) + bias` over all elements of one sample at one step, with a trained factor
 * and offset for each element (J. L. Ba, J. R. Kiros, G. E. Hinton, arXiv:1607.06450), as `torch.nn.LayerNorm` over the whole shape. Tensors
 * `weight` and `bias` of that shape.
 *
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for an option out of range
 */
export function layerNorm(options: LayerNormOptions = {}): LayerNorm {
  checkOptions('layerNorm', options, ['name', 'epsilon', 'affine', 'trainable']);
  return node({ layer: 'layer-norm', ...norm('layerNorm', options) }) as unknown as LayerNorm;
}

/**
 * Batch norm: `y = weight scale (x - mean) / √(variance + ε) + bias` for each channel over time, batch and pixels, with a trained factor and
 * offset for each channel (S. Ioffe, C. Szegedy, ICML 2015), as `torch.nn.BatchNorm2d` over time and batch together. With `scale` α
 * times the threshold of the neurons behind it, it is the threshold-dependent form (H. Zheng et al., AAAI 2021). Outside
 * training by running averages, which files keep. In training the whole batch is in memory at once, and the sequence
 * cannot be cut into segments. Tensors `weight`, `bias`, `runningMean` and `runningVariance`, `[channels]` each.
 *
 * @returns a layer that keeps its shape, `[channels, …pixels]`
 * @throws LapicqueError `invalid-parameter` for an option out of range; `unsupported` for training with `segment`
 */
export function batchNorm(options: BatchNormOptions = {}): BatchNorm {
  checkOptions('batchNorm', options, ['name', 'epsilon', 'affine', 'trainable', 'momentum', 'scale']);
  const { momentum, scale } = options;
  if (momentum !== undefined) finite('batchNorm.momentum', momentum, { min: 0, max: 1 });
  if (scale !== undefined) finite('batchNorm.scale', scale, { above: 0 });
  return node({
    layer: 'batch-norm',
    ...norm('batchNorm', options),
    momentum,
    scale,
  }) as unknown as BatchNorm;
}

function norm(who: string, { name, epsilon, affine, trainable }: LayerNormOptions) {
  if (epsilon !== undefined) finite(`${who}.epsilon`, epsilon, { above: 0 });
  if (affine !== undefined) flag(`${who}.affine`, affine);
  return { ...named(who, { name, trainable }), epsilon, affine };
}

/**
 * A trained row for each number: `y = W[x]`, weights `[count, size]`. The input is `[time, batch, 1]` with numbers from 0 to
 * `count - 1` (`torch.nn.Embedding`). Only directly behind the input.
 *
 * @param count - how many numbers there are, at least 2
 * @param size - values of a row
 * @returns a layer from `[1]` to `[size]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer; when it runs, for another number
 */
export function embedding(count: number, size: number, options: EmbeddingOptions = {}): Embedding {
  checkOptions('embedding', options, ['name', 'initial', 'trainable']);
  initialisers('embedding', options, ['initial']);
  return node({
    layer: 'embedding',
    count: integer('embedding.count', count, { min: 2, max: 2 ** 24 }),
    size: integer('embedding.size', size, { min: 1, max: 2 ** 24 }),
    ...named('embedding', options),
    initial: options.initial,
  }) as Embedding;
}

function named(
  who: string,
  { name, trainable }: { name?: string | undefined; trainable?: boolean | undefined },
) {
  return {
    ...(name === undefined ? {} : { name: text(`${who}.name`, name) }),
    ...(trainable === undefined ? {} : { trainable: flag(`${who}.trainable`, trainable) }),
  };
}

/** One number for each axis. */
function sizes(name: string, axes: number, given: Pair, min: number): readonly number[] {
  const values = Array.isArray(given) ? given : Array<unknown>(axes).fill(given);
  if (values.length !== axes) invalid(name, given, axes === 1 ? 'one number' : 'one number or two');
  return Object.freeze(values.map((value) => integer(name, value, { min, max: 2 ** 16 })));
}

/** Leaves out what is undefined. */
function node(fields: object): object {
  return Object.freeze(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}
