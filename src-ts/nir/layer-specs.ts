/** Converts NIR nodes without state to layers of a description, with their weights. */
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import type { NodeSpec } from '../description/description.ts';
import type { NirNode, NirTensor } from './graph.ts';
import { numbersOf, paddingOf, perAxis } from './shapes.ts';

/** The values of a weight with their shape. */
export interface LoweredWeights {
  readonly data: Float32Array | Float64Array;
  readonly shape: readonly number[];
}

/** `Omit` of each member of a union. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A node of a description without its name. */
export type Unnamed = DistributiveOmit<NodeSpec, 'name'>;

/** A layer with its weights by name. */
export interface WeightedSpec {
  readonly spec: Unnamed;
  readonly weights: Readonly<Record<string, LoweredWeights>>;
}

/** A delay must be shorter, in steps. */
const longestDelay = 2 ** 16;
/** The largest number of elements in the kernels of a delay, or in a matrix that selects one of several inputs. */
export const maxNumbers = 2 ** 22;

export function tooLarge(what: string, needed: number): never {
  throw new LapicqueError('too-large', { what, needed, allowed: 8 * maxNumbers });
}

/** The layer of an Affine, Linear, Conv1d, Conv2d or Scale node. */
export function projectionOf(path: string, node: NirNode, shape: Shape): WeightedSpec {
  if (node.type === 'Scale') {
    const neurons = elementCount(shape);
    const scale = numbersOf(node, 'scale')!;
    const data = Float64Array.from({ length: neurons }, (_, i) => scale[scale.length === 1 ? 0 : i]!);
    return { spec: { kind: 'one-to-one', neurons }, weights: { weight: { data, shape: [neurons] } } };
  }
  const weight = node.fields.get('weight') as NirTensor;
  const bias = node.fields.get('bias') as NirTensor | undefined;
  const out = weight.shape[0]!;
  const own = { weight: { data: weight.data, shape: weight.shape } };
  const weights = bias === undefined ? own : { ...own, bias: { data: repeated(bias, out), shape: [out] } };
  if (node.type === 'Affine' || node.type === 'Linear')
    return { spec: { kind: 'dense', in: weight.shape[1]!, out, bias: bias !== undefined }, weights };
  const axes = weight.shape.length - 2;
  const groups = numbersOf(node, 'groups')![0]!;
  const spec = {
    kind: 'conv',
    in: weight.shape[1]! * groups,
    out,
    kernel: weight.shape.slice(2),
    stride: perAxis(node, 'stride', axes),
    padding: paddingOf(path, node, axes),
    dilation: perAxis(node, 'dilation', axes),
    groups,
    bias: bias !== undefined,
  } as const;
  return { spec, weights };
}

function repeated({ data }: NirTensor, count: number): Float32Array | Float64Array {
  return data.length === count ? data : Float64Array.from({ length: count }, () => data[0]!);
}

function windowOf(node: NirNode) {
  const [kernel, stride, padding] = ['kernel_size', 'stride', 'padding'].map((key) => perAxis(node, key, 2));
  return { kernel: kernel!, stride: stride!, padding: padding! };
}

/** The layer of a SumPool2d or AvgPool2d node. */
export function poolOf(node: NirNode): Unnamed {
  return { kind: 'pool', pooling: node.type === 'SumPool2d' ? 'sum' : 'average', ...windowOf(node) };
}

/** A pool as a depthwise convolution with constant weights, because cycles support projections only. */
export function poolInCycle(path: string, node: NirNode, shape: Shape): WeightedSpec {
  const window = windowOf(node);
  const channels = shape[0]!;
  const area = window.kernel[0]! * window.kernel[1]!;
  if (channels * area > maxNumbers) tooLarge(path, 4 * channels * area);
  const value = node.type === 'SumPool2d' ? 1 : 1 / area;
  return {
    spec: {
      kind: 'conv',
      in: channels,
      out: channels,
      ...window,
      dilation: [1, 1],
      groups: channels,
      bias: false,
      trainable: false,
    },
    weights: {
      weight: {
        data: new Float32Array(channels * area).fill(value),
        shape: [channels, 1, ...window.kernel],
      },
    },
  };
}

/** The delay of each element in steps, or a single delay for all. @param dt - ms */
export function delaySteps(node: NirNode, dt: number): number[] {
  return numbersOf(node, 'delay')!.map((s) => roundedToEven((s * 1000) / dt));
}

/** A delay as a filter over time lags; each kernel has a single 1. @param dt - ms */
export function delayOf(path: string, node: NirNode, dt: number): WeightedSpec {
  const steps = delaySteps(node, dt);
  const longest = steps.reduce((max, one) => Math.max(max, one), 0);
  if (longest >= longestDelay)
    invalid(`${path}.delay`, `${longest} steps of ${dt} ms`, `a delay below ${longestDelay} steps`);
  const lags = longest + 1;
  const kernels = steps.every((one) => one === steps[0]) ? 1 : steps.length;
  if (kernels * lags > maxNumbers) tooLarge(`${path}.delay`, 8 * kernels * lags);
  const data = new Float64Array(kernels * lags);
  for (let i = 0; i < kernels; i++) data[i * lags + steps[i]!] = 1;
  return {
    spec: {
      kind: 'filter',
      length: lags,
      each: kernels > 1,
      bias: false,
      trainable: false,
      initial: { kind: 'zeros' },
    },
    weights: { weight: { data, shape: [kernels, lags] } },
  };
}

/** Rounds half to even, as Python and NumPy do. */
function roundedToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
