/** Layers as projections of integer networks: their weights as real numbers, before they are rounded. */
import { elementCount } from '../checks/tensor.ts';
import type { Weights } from '../compiled/compiled-model.ts';
import type { NodeOf } from '../description/description.ts';
import type { IntegerProjection } from './description.ts';
import { refuse } from './refusal.ts';
import type { Route } from './routes.ts';

/** `[channels, height, width]` */
export type ImageShape = readonly [number, number, number];

/** A projection with its numbers. */
export interface Projected {
  readonly projection: IntegerProjection;
  /** Neurons, or of a convolution channels. */
  readonly rows: number;
  /** Row-major, a row for each neuron, or of a convolution for each channel. */
  readonly values: Float64Array;
  /** One number for each row. */
  readonly bias?: Float64Array;
}

/** Where a projection starts. */
export interface Start {
  readonly route: Route;
  readonly neurons: number;
  readonly image: ImageShape | undefined;
}

/** More weights than a matrix of an identity may have. */
const maxDiagonal = 4096 ** 2;

/** A shape as an image: of one axis of pixels an image of height 1. */
export function imageOf(shape: readonly number[] | undefined): ImageShape | undefined {
  if (shape === undefined || shape.length < 2) return undefined;
  if (shape.length === 3) return shape as unknown as ImageShape;
  return [shape[0]!, 1, elementCount(shape.slice(1))];
}

export function denseProjection(
  { name, out, delay }: NodeOf<'dense'>,
  { route }: Start,
  weights: Readonly<Record<string, Weights>>,
): Projected {
  if (delay !== undefined) refuse(`${name}: delays of synapses`);
  return {
    projection: { kind: 'dense', ...poolOf(route) },
    rows: out,
    values: Float64Array.from(weights[`${name}.weight`]!),
    ...biasOf(weights[`${name}.bias`]),
  };
}

/** Groups and dilation become weights of 0. */
export function convProjection(
  { name, in: inputs, out, kernel, stride, padding, dilation, groups, outputPadding }: NodeOf<'conv'>,
  { route }: Start,
  weights: Readonly<Record<string, Weights>>,
): Projected {
  if (outputPadding !== undefined) refuse(`${name}: transposed convolutions`);
  if (kernel.length > 2) refuse(`${name}: a convolution over ${kernel.length} axes`);
  const pair = (sizes: readonly number[], missing: number): [number, number] =>
    sizes.length === 1 ? [missing, sizes[0]!] : [sizes[0]!, sizes[1]!];
  const [rows, columns] = pair(kernel, 1);
  const [rowStep, columnStep] = pair(dilation, 1);
  const window: [number, number] = [(rows - 1) * rowStep + 1, (columns - 1) * columnStep + 1];
  const own = weights[`${name}.weight`]!;
  const [perGroup, outPerGroup] = [inputs / groups, out / groups];
  const values = new Float64Array(out * inputs * window[0] * window[1]);
  let at = 0;
  for (let o = 0; o < out; o++)
    for (let i = 0; i < perGroup; i++) {
      const input = Math.floor(o / outPerGroup) * perGroup + i;
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          values[((o * inputs + input) * window[0] + row * rowStep) * window[1] + column * columnStep] =
            own[at++]!;
    }
  return {
    projection: {
      kind: 'conv',
      kernel: window,
      stride: pair(stride, 1),
      padding: pair(padding, 0),
      ...poolOf(route),
    },
    rows: out,
    values,
    ...biasOf(weights[`${name}.bias`]),
  };
}

/** Every neuron to that of the same number, with one factor for all or one for each neuron. */
export function identityProjection(
  name: string,
  { route, neurons, image }: Start,
  factors: ArrayLike<number>,
): Projected {
  const of = (neuron: number) => factors[factors.length === 1 ? 0 : neuron]!;
  if (image !== undefined) {
    const [channels, height, width] = image;
    const pixels = height * width;
    for (let i = 0; i < factors.length; i++)
      if (factors.length > 1 && factors[i] !== factors[i - (i % pixels)])
        refuse(`${name}: factors that differ within a channel`);
    const values = new Float64Array(channels * channels);
    for (let c = 0; c < channels; c++) values[c * channels + c] = of(c * pixels);
    const projection = {
      kind: 'conv',
      kernel: [1, 1],
      stride: [1, 1],
      padding: [0, 0],
      ...poolOf(route),
    } as const;
    return { projection, rows: channels, values };
  }
  if (neurons ** 2 > maxDiagonal)
    refuse(
      `${name}: a shortcut of ${neurons} neurons that are not an image needs ${neurons} x ${neurons} weights; at most ${maxDiagonal} are made`,
    );
  const values = new Float64Array(neurons ** 2);
  for (let j = 0; j < neurons; j++) values[j * neurons + j] = of(j);
  return { projection: { kind: 'dense' }, rows: neurons, values };
}

function poolOf({ pool, pooling }: Route) {
  return { ...(pool === undefined ? {} : { pool }), ...(pooling === undefined ? {} : { pooling }) };
}

function biasOf(bias: Weights | undefined): { bias?: Float64Array } {
  return bias === undefined ? {} : { bias: Float64Array.from(bias) };
}
