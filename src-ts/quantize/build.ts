/** Integer networks from tables. */
import { options as checkOptions, integer, invalid, text, typedArray } from '../checks/check.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import {
  type IntegerConnection,
  type IntegerDescription,
  type IntegerLayer,
  type IntegerParameters,
  type IntegerProjection,
  type IntegerTensors,
  parameterNames,
} from './description.ts';
import { builtNetwork, type IntegerNetwork } from './integer-network.ts';
import { type IntegerRules, withRules } from './rules.ts';
import { type IntegerTarget, integerTarget } from './targets.ts';

/** A connection of {@link integerNetwork}. */
export interface IntegerConnectionSpec {
  /** `'input'` or the name of a layer; a layer may be its own source. */
  readonly from: string;
  /** Row-major `[out, in]`; for a convolution `[out, in, height, width]`. 0 means no synapse. */
  readonly weights: Int8Array;
  /** Default `LAYER.from.FROM` with the number of the current. */
  readonly name?: string;
  /** Steps, 0 or 1. Default 1 from a layer to itself and if the target requires it, otherwise 0. */
  readonly delay?: number;
  /** Default 0. */
  readonly current?: number;
  /** Left shift of the weights; default 0. */
  readonly shift?: number;
  /** Default: the largest count of the source. */
  readonly maxCount?: number;
  /** Default dense. */
  readonly projection?: IntegerProjection;
}

/** A layer of {@link integerNetwork}. Each value is one number for all neurons, or one per neuron. */
export interface IntegerLayerSpec {
  readonly name: string;
  readonly neurons: number;
  readonly shape?: readonly [number, number, number];
  /** Changes to the rules of the target. */
  readonly rules?: Partial<IntegerRules>;
  readonly threshold?: number | Int32Array;
  /** Default 0. */
  readonly vReset?: number | Int32Array;
  /** Default 0. */
  readonly bias?: number | Int32Array;
  /** Default 0. */
  readonly vStart?: number | Int32Array;
  readonly vDecay?: number | Int32Array;
  /** For each current, `[currents, neurons]`. */
  readonly currentDecay?: number | Int32Array;
  /** Default 0; `[currents, neurons]`. */
  readonly currentBias?: number | Int32Array;
  readonly aliases?: readonly (readonly [number, number])[];
  readonly connections: readonly IntegerConnectionSpec[];
}

/** The argument of {@link integerNetwork}. */
export interface IntegerNetworkSpec {
  readonly target: IntegerTarget;
  /** Number of channels, or an object with details. */
  readonly input:
    | number
    | {
        readonly size: number;
        readonly shape?: readonly [number, number, number];
        readonly maxCount?: number;
        readonly signed?: boolean;
        readonly scale?: number;
      };
  /** In the order in which they are computed in a step; the last is the output. */
  readonly layers: readonly IntegerLayerSpec[];
}

/**
 * An integer network from tables, with the rules of a target.
 *
 * @example
 * ```ts
 * using network = await integerNetwork({
 *   target: 'xylo',
 *   input: 2,
 *   layers: [
 *     { name: 'hidden', neurons: 2, threshold: 100, vDecay: 4, currentDecay: 3,
 *       connections: [{ from: 'input', weights: Int8Array.of(90, -20, 15, 60) }] },
 *     { name: 'out', neurons: 1, threshold: 50, vDecay: 4, currentDecay: 3,
 *       connections: [{ from: 'hidden', weights: Int8Array.of(40, 40) }] },
 *   ],
 * });
 * ```
 * @throws LapicqueError `invalid-parameter` for a number or a rule out of range, `shape-mismatch`, `unknown-name`, `too-large`
 */
export async function integerNetwork(
  spec: IntegerNetworkSpec,
  options: TaskOptions = {},
): Promise<IntegerNetwork> {
  const { target, input, layers } = checkOptions('integerNetwork', spec, ['target', 'input', 'layers']);
  const rules = integerTarget(target);
  const inputOptions = typeof input === 'number' ? { size: input } : input;
  const known = ['size', 'shape', 'maxCount', 'signed', 'scale'] as const;
  const {
    maxCount = rules.inputMaxCount,
    signed = rules.inputSigned,
    ...rest
  } = checkOptions('input', inputOptions, known);
  integer('input.size', rest.size, { min: 1 });
  if (!Array.isArray(layers) || layers.length === 0) invalid('layers', layers, 'a list of layers');
  const weights: Record<string, Int8Array> = Object.create(null);
  const parameters: Record<string, IntegerParameters> = Object.create(null);
  const counts = new Map<string, number>([['input', maxCount]]);
  layers.forEach((layer, i) => {
    const own = { ...rules.layer, ...layer?.rules };
    counts.set(layer?.name, i === layers.length - 1 ? rules.outputMaxSpikes : own.maxSpikes);
  });
  const described = layers.map((layer, i): IntegerLayer => {
    checkOptions(`layers[${i}]`, layer, layerOptions);
    const name = text(`layers[${i}].name`, layer.name);
    const isLast = i === layers.length - 1;
    const outputLimit = isLast ? { maxSpikes: rules.outputMaxSpikes } : {};
    const own = withRules(rules.layer, { ...outputLimit, ...layer.rules });
    const neurons = integer(`${name}.neurons`, layer.neurons, { min: 1, max: 2 ** 26 });
    parameters[name] = numbersOf(name, layer, neurons, own);
    if (!Array.isArray(layer.connections)) invalid(`${name}.connections`, layer.connections, 'a list');
    const connections = (layer.connections as readonly IntegerConnectionSpec[]).map(
      (connection, j): IntegerConnection => {
        checkOptions(`${name}.connections[${j}]`, connection, connectionOptions);
        const { from, current = 0, shift = 0, projection = { kind: 'dense' } as const } = connection;
        const base = connection.name ?? `${name}.from.${from}`;
        const free = base in weights ? `${base}.${current}` : base;
        typedArray(`${name}.connections[${j}].weights`, connection.weights, [Int8Array]);
        weights[free] = connection.weights;
        const own = from === name ? 1 : from !== 'input' && isLast ? rules.outputDelay : 0;
        const { delay = own, maxCount = counts.get(from) ?? 1 } = connection;
        return { name: free, from, delay, current, shift, maxCount, projection };
      },
    );
    const shape = layer.shape === undefined ? {} : { shape: layer.shape };
    return { name, neurons, ...shape, rules: own, aliases: layer.aliases ?? [], connections };
  });
  const description: IntegerDescription = { target, input: { ...rest, maxCount, signed }, layers: described };
  const tensors: IntegerTensors = { weights, parameters, units: {} };
  return builtNetwork(description, tensors, options);
}

const layerOptions = [
  'name',
  'neurons',
  'shape',
  'rules',
  ...parameterNames,
  'aliases',
  'connections',
] as const;

const connectionOptions = [
  'from',
  'weights',
  'name',
  'delay',
  'current',
  'shift',
  'maxCount',
  'projection',
] as const;

function numbersOf(
  name: string,
  layer: IntegerLayerSpec,
  neurons: number,
  rules: IntegerRules,
): IntegerParameters {
  const of = (field: keyof IntegerParameters, length: number, missing: number | undefined) => {
    const value = layer[field] ?? missing;
    if (value === undefined) invalid(`${name}.${field}`, value, 'a whole number, or an Int32Array');
    if (typeof value !== 'number')
      return typedArray(`${name}.${field}`, value, [Int32Array], length) as Int32Array;
    return new Int32Array(length).fill(
      integer(`${name}.${field}`, value, { min: -(2 ** 31), max: 2 ** 31 - 1 }),
    );
  };
  const needed = (kind: string) => (kind === 'none' ? 0 : undefined);
  const currents = rules.currents * neurons;
  return {
    threshold: of('threshold', neurons, rules.spiking ? undefined : 1),
    vReset: of('vReset', neurons, 0),
    bias: of('bias', neurons, 0),
    vStart: of('vStart', neurons, 0),
    vDecay: of('vDecay', neurons, needed(rules.vDecay.kind)),
    currentDecay: of('currentDecay', currents, currents === 0 ? 0 : needed(rules.currentDecay.kind)),
    currentBias: of('currentBias', currents, 0),
  };
}
