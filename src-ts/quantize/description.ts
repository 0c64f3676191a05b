/** The description of an integer network: plain frozen data, kept in its file beside the tensors. */
import type { IntegerRules } from './rules.ts';

/**
 * How a pool combines the counts in a square in a step: their sum; their maximum; or the increase of the largest total since the start, as in the max
 * pool of a converted network (only for counts of at least 0).
 */
export type IntegerPooling = 'sum' | 'max' | 'max-total';

/** How a connection's weights are applied. */
export type IntegerProjection =
  /**
   * Weights `[out, in]`. `pool`: the source is an image; each square of `pool` x `pool` pixels is first combined to one count by `pooling` (default
   * `'sum'`).
   */
  | { readonly kind: 'dense'; readonly pool?: number; readonly pooling?: IntegerPooling }
  /** Weights `[out, in, height, width]`, after a pool if one is given. */
  | {
      readonly kind: 'conv';
      readonly kernel: readonly [number, number];
      readonly stride: readonly [number, number];
      readonly padding: readonly [number, number];
      readonly pool?: number;
      readonly pooling?: IntegerPooling;
    };

/** A connection of a layer. */
export interface IntegerConnection {
  /** Name of its weights in files and in C. */
  readonly name: string;
  /** `'input'` or the name of a layer. */
  readonly from: string;
  /** Steps from a spike of the source to its effect, 0 or 1; 0 only from the input and earlier layers. */
  readonly delay: number;
  /** Index of the synaptic current that receives the input. */
  readonly current: number;
  /** A weight counts as `weight << shift`. */
  readonly shift: number;
  /** The largest count of a source neuron in a step; more is clipped. */
  readonly maxCount: number;
  readonly projection: IntegerProjection;
}

/** A layer of an integer network. */
export interface IntegerLayer {
  readonly name: string;
  readonly neurons: number;
  /** `[channels, height, width]` of neurons of an image. */
  readonly shape?: readonly [number, number, number];
  readonly rules: IntegerRules;
  /** `[a, b]`: directly after neuron a is computed, its spikes of this step also count for b, up to `maxSpikes`. */
  readonly aliases: readonly (readonly [number, number])[];
  readonly connections: readonly IntegerConnection[];
}

/** The structure of the network, without weights and parameters. */
export interface IntegerDescription {
  /** The name of the target, for display. */
  readonly target: string;
  readonly input: {
    readonly size: number;
    /** `[channels, height, width]` of an image. */
    readonly shape?: readonly [number, number, number];
    readonly maxCount: number;
    readonly signed: boolean;
    /** The value of one count, for inputs that are not whole numbers; default 1. */
    readonly scale?: number;
  };
  readonly layers: readonly IntegerLayer[];
}

/** The parameters of a layer, one value per neuron. */
export interface IntegerParameters {
  readonly threshold: Int32Array;
  readonly vReset: Int32Array;
  /** Added to v in each step. */
  readonly bias: Int32Array;
  readonly vStart: Int32Array;
  /** A shift, or a factor. */
  readonly vDecay: Int32Array;
  /** `[currents, neurons]` */
  readonly currentDecay: Int32Array;
  /** Added to each current in each step after its input, `[currents, neurons]`. */
  readonly currentBias: Int32Array;
}

/** The names of {@link IntegerParameters}, in the order in which the engine takes them. */
export const parameterNames = [
  'threshold',
  'vReset',
  'bias',
  'vStart',
  'vDecay',
  'currentDecay',
  'currentBias',
] as const satisfies readonly (keyof IntegerParameters)[];

/** The weights and parameters of a network. */
export interface IntegerTensors {
  /** Weights by the name of their connection. */
  readonly weights: Readonly<Record<string, Int8Array>>;
  /** By the name of the layer. */
  readonly parameters: Readonly<Record<string, IntegerParameters>>;
  /** The value of one unit of v in the quantized model, by layer; needed only to interpret v. */
  readonly units: Readonly<Record<string, Float64Array>>;
}

/** All numbers of the tensors as the engine takes them. */
export function concatenated(
  { layers }: IntegerDescription,
  { weights, parameters }: IntegerTensors,
): { weights: Int8Array; parameters: Int32Array } {
  const allWeights = layers.flatMap(({ connections }) => connections.map(({ name }) => weights[name]!));
  const all = layers.flatMap(({ name }) => parameterNames.map((field) => parameters[name]![field]));
  const join = <A extends Int8Array | Int32Array>(out: A, parts: readonly A[]): A => {
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  const length = (parts: readonly { length: number }[]) => parts.reduce((sum, part) => sum + part.length, 0);
  return {
    weights: join(new Int8Array(length(allWeights)), allWeights),
    parameters: join(new Int32Array(length(all)), all),
  };
}

/** The shape of a connection's weights. */
export function weightShape(
  { input, layers }: IntegerDescription,
  layer: IntegerLayer,
  { from, projection }: IntegerConnection,
): number[] {
  const source = from === 'input' ? input : layers.find(({ name }) => name === from);
  const { pool = 1 } = projection;
  const image = source?.shape;
  const channels = image?.[0] ?? 0;
  if (projection.kind === 'conv') return [layer.shape?.[0] ?? 0, channels, ...projection.kernel];
  const pooled =
    pool === 1 || image === undefined
      ? undefined
      : channels * Math.floor(image[1] / pool) * Math.floor(image[2] / pool);
  const size = from === 'input' ? input.size : (source as IntegerLayer | undefined)?.neurons;
  return [layer.neurons, pooled ?? size ?? 0];
}
