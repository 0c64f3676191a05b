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

/** What {@link conv1d} and {@link conv2d} may be told. */
export interface ConvOptions<Size = Pair> {
  /** Name in files and messages; default `conv` and a number. */
  name?: string;
  /** Pixels from one window to the next; default 1. */
  stride?: Size;
  /** Zeros around the image; default 0. */
  padding?: Size;
  /** Pixels from one element of a window to the next; default 1. */
  dilation?: Size;
  /** Channels are cut into so many groups that do not mix; as many as input channels: depthwise. Default 1. */
  groups?: number;
  /** The transposed convolution, which enlarges the image. Default false. */
  transposed?: boolean;
  /** Of a transposed convolution: further pixels at the far sides. Default 0. */
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
  /** Default `pool` and a number. */
  name?: string;
  /** Default: the window's size, so that windows do not overlap. */
  stride?: Size;
  /** Default 0; at most half of the window. */
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
  name?: string;
  /** Added to the variance; default 1e-5. */
  epsilon?: number;
  /** A trained factor and offset for each element; default true. */
  affine?: boolean;
  trainable?: boolean;
}

/** {@link layerNorm} */
export interface LayerNorm extends LayerNormOptions {
  readonly layer: 'layer-norm';
}

/** What {@link batchNorm} may be told. */
export interface BatchNormOptions extends LayerNormOptions {
  /** Share of a batch in the running averages; default 0.1. */
  momentum?: number;
  /** Deviation of what leaves; for the threshold-dependent form α times the threshold. Default 1. */
  scale?: number;
}

/** {@link batchNorm} */
export interface BatchNorm extends BatchNormOptions {
  readonly layer: 'batch-norm';
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
 * network that begins with a convolution or a pool.
 *
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 */
export function input(...shape: readonly number[]): InputShape {
  if (shape.length < 1 || shape.length > 3) invalid('input', shape, 'one to three sizes');
  shape.forEach((size, i) => {
    integer(`input[${i}]`, size, { min: 1, max: 2 ** 24 });
  });
  return Object.freeze({ layer: 'input', shape: Object.freeze([...shape]) });
}

/**
 * A convolution over images: `[channels, height, width]` to `[outputs, height', width']`, weights
 * `[outputs, inputs / groups, ky, kx]`; `transposed` `[inputs, outputs / groups, ky, kx]`. Definitions, sizes and initial
 * weights are those of `torch.nn.Conv2d` and `ConvTranspose2d`. Where the input is spikes, weights are added, not
 * multiplied, and what is silent costs nothing.
 *
 * @example
 * ```ts
 * sequential(input(1, 28, 28), conv2d(1, 12, 5), maxPool2d(2), lif({ beta: 0.5 }), flatten(), dense(1728, 10), lif({ beta: 0.5 }));
 * ```
 * @throws LapicqueError `invalid-parameter` for an option out of range
 */
export function conv2d(inputs: number, outputs: number, kernel: Pair, options: ConvOptions = {}): Conv {
  return conv('conv2d', 2, inputs, outputs, kernel, options);
}

/**
 * A convolution over one axis: `[channels, width]` to `[outputs, width']`, weights `[outputs, inputs / groups, k]`; as
 * `torch.nn.Conv1d` and `ConvTranspose1d`.
 *
 * @throws LapicqueError `invalid-parameter` for an option out of range
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
  return node({
    layer: 'conv',
    inputs: integer(`${who}.inputs`, inputs, { min: 1, max: 2 ** 24 }),
    outputs: integer(`${who}.outputs`, outputs, { min: 1, max: 2 ** 24 }),
    kernel: sizes(`${who}.kernel`, axes, kernel, 1),
    stride: sizes(`${who}.stride`, axes, options.stride ?? 1, 1),
    padding: sizes(`${who}.padding`, axes, options.padding ?? 0, 0),
    dilation: sizes(`${who}.dilation`, axes, options.dilation ?? 1, 1),
    groups: integer(`${who}.groups`, groups, { min: 1 }),
    ...(transposed ? { outputPadding: sizes(`${who}.outputPadding`, axes, outputPadding ?? 0, 0) } : {}),
    ...named(who, { name, trainable }),
    bias,
    initial,
    initialBias,
  }) as Conv;
}

/**
 * A dense layer of the channels, the same at every pixel: `[inputs, …pixels]` to `[outputs, …pixels]`, the convolution with
 * a kernel of 1. Where pixels are tokens it is the linear layer of a transformer. Weights `[outputs, inputs, 1, 1]` over
 * images, `[outputs, inputs, 1]` over a line, `[outputs, inputs]` without pixels.
 *
 * @throws LapicqueError `invalid-parameter` for an option out of range
 */
export function pointwise(
  inputs: number,
  outputs: number,
  options: Omit<Pointwise, 'layer' | 'inputs' | 'outputs'> = {},
): Pointwise {
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
 * The largest of each window, channel by channel; of spikes, whether any fired. The gradient goes to the first of equal
 * ones, as in torch.
 *
 * @throws LapicqueError `invalid-parameter` for an option out of range
 */
export function maxPool2d(kernel: Pair, options: PoolOptions = {}): Pool {
  return pool('maxPool2d', 'max', 2, kernel, options);
}

/** The mean of each window, zeros of the padding included, as `torch.nn.AvgPool2d`. */
export function avgPool2d(kernel: Pair, options: PoolOptions = {}): Pool {
  return pool('avgPool2d', 'average', 2, kernel, options);
}

/** The sum of each window: spikes of a window add up. */
export function sumPool2d(kernel: Pair, options: PoolOptions = {}): Pool {
  return pool('sumPool2d', 'sum', 2, kernel, options);
}

/** {@link maxPool2d} over `[channels, width]`. */
export function maxPool1d(kernel: number, options: PoolOptions<number> = {}): Pool {
  return pool('maxPool1d', 'max', 1, kernel, options);
}

/** {@link avgPool2d} over `[channels, width]`. */
export function avgPool1d(kernel: number, options: PoolOptions<number> = {}): Pool {
  return pool('avgPool1d', 'average', 1, kernel, options);
}

/** {@link sumPool2d} over `[channels, width]`. */
export function sumPool1d(kernel: number, options: PoolOptions<number> = {}): Pool {
  return pool('sumPool1d', 'sum', 1, kernel, options);
}

/** The mean over all pixels, `[channels, 1, 1]` or `[channels, 1]`. */
export function globalAvgPool(options: { name?: string } = {}): GlobalPool {
  return globalPool('globalAvgPool', 'average', options);
}

/** The sum over all pixels, `[channels, 1, 1]` or `[channels, 1]`. */
export function globalSumPool(options: { name?: string } = {}): GlobalPool {
  return globalPool('globalSumPool', 'sum', options);
}

/** The largest of all pixels, `[channels, 1, 1]` or `[channels, 1]`. */
export function globalMaxPool(options: { name?: string } = {}): GlobalPool {
  return globalPool('globalMaxPool', 'max', options);
}

function globalPool(who: string, pooling: Pool['pooling'], options: { name?: string }): GlobalPool {
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

/** An image `[channels, height, width]` as one axis, in this order. */
export function flatten(options: { name?: string } = {}): Flatten {
  checkOptions('flatten', options, ['name']);
  return node({ layer: 'flatten', ...named('flatten', options) }) as Flatten;
}

/**
 * Lateral inhibition, behind a population: of its neurons (of an image, of those at one pixel) only the one with the largest
 * potential may spike; the others are reset as ever, but nothing leaves them (snnTorch's `inhibition`). `state` is that potential,
 * default `'v'`.
 *
 * @example
 * ```ts
 * sequential(dense(784, 100), lif({ beta: 0.9 }), lateralInhibition(), dense(100, 10), lif({ beta: 0.9 }));
 * ```
 * @throws LapicqueError at `compile` `invalid-parameter` behind anything but a population that spikes
 */
export function lateralInhibition(options: { name?: string; state?: string } = {}): LateralInhibition {
  checkOptions('lateralInhibition', options, ['name', 'state']);
  const state = text('lateralInhibition.state', options.state ?? 'v');
  return node({
    layer: 'lateral-inhibition',
    state,
    ...named('lateralInhibition', options),
  }) as LateralInhibition;
}

/**
 * Zeroes a share of the elements and scales the others by 1 / (1 - rate). A sample keeps its mask over the whole
 * sequence. Only in training; which elements follows from the network's seed, the number of the batch and the sample.
 * (N. Srivastava et al., JMLR 15, 2014.)
 *
 * @param rate - from 0 to below 1
 * @throws LapicqueError `invalid-parameter` for another rate
 */
export function dropout(rate: number, options: { name?: string } = {}): Dropout {
  checkOptions('dropout', options, ['name']);
  finite('dropout.rate', rate, { min: 0, below: 1 });
  return node({ layer: 'dropout', rate, ...named('dropout', options) }) as Dropout;
}

/**
 * `(x - mean) / √(variance + ε)` over all elements of one sample at one step, then a trained factor and offset for each
 * element (J. L. Ba, J. R. Kiros, G. E. Hinton 2016), as `torch.nn.LayerNorm` over the whole shape.
 */
export function layerNorm(options: LayerNormOptions = {}): LayerNorm {
  checkOptions('layerNorm', options, ['name', 'epsilon', 'affine', 'trainable']);
  return node({ layer: 'layer-norm', ...norm('layerNorm', options) }) as unknown as LayerNorm;
}

/**
 * `scale (x - mean) / √(variance + ε)` for each channel over time, batch and pixels, then a trained factor and offset for
 * each channel (S. Ioffe, C. Szegedy 2015), as `torch.nn.BatchNorm2d` over time and batch together. With `scale` α times
 * the threshold of the neurons behind it, it is the threshold-dependent form (H. Zheng et al., AAAI 2021). Outside
 * training by running averages, which files keep. In training the whole batch is in memory at once, and the sequence
 * cannot be cut into segments.
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
 * A trained row of `size` values for each number from 0 to `count` - 1: the input is `[time, batch, 1]` with such numbers
 * (`torch.nn.Embedding`). Only directly behind the input.
 *
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer; when it runs, for another number
 */
export function embedding(
  count: number,
  size: number,
  options: { name?: string; initial?: Initialiser; trainable?: boolean } = {},
): Embedding {
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
