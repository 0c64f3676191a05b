/** Populations of neurons as plain frozen nodes. The factories of the models are generated from the registry. */
import {
  attached,
  options as checkOptions,
  definite,
  finite,
  flag,
  integer,
  invalid,
  oneOf,
  text,
} from '../checks/check.ts';
import { unknownOption } from '../checks/peer-names.ts';
import { isKind } from '../checks/typed.ts';
import type { NeuronEquations } from './equations.ts';
import { type Initializer, initializers } from './initializer.ts';
import type { Surrogate } from './surrogate-node.ts';

/** Options of every population, in addition to the parameters of its model. */
export interface NeuronOptions<N extends number = number> {
  /** Name in files, recordings and messages; default the model's name and a number. */
  name?: string;
  /**
   * Number of neurons. Required only if nothing before the population determines it. Otherwise it must be equal: a
   * mismatch is a type error if sizes are literals, and `shape-mismatch` at `compile`.
   */
  neurons?: N;
  /** Surrogate gradient of the spike; default the model's. */
  surrogate?: Surrogate;
  /**
   * Replaces each spike by the logistic function of the distance to the threshold, times this slope, so that the
   * network is differentiable: for comparing gradients with finite differences. The output is then the state `graded`.
   */
  smoothed?: number;
  /** Feeds the population's output of the previous step back to it. */
  recurrent?: Recurrence | 'dense' | 'one-to-one';
}

/** The signal that is fed back to a population, and its target. */
export interface Returning {
  /** The state that is fed back; default: the spikes, or for a spiking LSTM the hidden value. */
  state?: string;
  /** The target port, or several ports, one for each part of the projection's output; default the model's. */
  port?: string | readonly string[];
}

/**
 * `'dense'`: all to all, weights `[ports * neurons, neurons]`; `'one-to-one'`: one weight per neuron and port, or with
 * `shared` one per port (snnTorch's `all_to_all=False`); `'conv'`: a convolution from the population's image to itself
 * for each port, with an odd `kernel` or with `padding`, weights `[ports * channels, channels, …kernel]`.
 */
export type Recurrence = Returning & RecurrentProjection;

/** The projection of a {@link Recurrence}. */
export type RecurrentProjection =
  | {
      kind: 'dense';
      bias?: boolean;
      initial?: Initializer;
      initialBias?: Initializer;
      trainable?: boolean;
      name?: string;
      /**
       * For a `rateUnit` with `identity` that only one dense projection without bias feeds, and without a bias here: a
       * batch computes all steps at once from the impulse response, if that takes fewer operations than the steps one
       * by one, which is the case in sequences (or segments) shorter than 2 neurons / inputs of that projection. The
       * sums have another order than in a session, which computes step by step, so results equal those of a session
       * within rounding, not bit for bit. Default false.
       */
      parallel?: boolean;
      /**
       * Whether neurons are connected to themselves; default true. Without autapses these weights are fixed at 0, as in
       * Norse and in LSNNs (G. Bellec et al., NeurIPS 2018).
       */
      autapses?: boolean;
    }
  | {
      kind: 'one-to-one';
      /**
       * Whether all neurons share one weight: weights `[ports]` instead of `[ports * neurons]`. snnTorch's
       * `all_to_all=False` is this, with its scalar `V`, and not one weight per neuron. Default false.
       */
      shared?: boolean;
      initial?: Initializer;
      trainable?: boolean;
      name?: string;
    }
  | {
      kind: 'conv';
      kernel: number | readonly [number, number];
      /** Default half of the kernel, which keeps the size of the image. */
      padding?: number | readonly [number, number];
      bias?: boolean;
      initial?: Initializer;
      initialBias?: Initializer;
      trainable?: boolean;
      name?: string;
    };

/** The `dynamics` part of a description's node. */
export interface DynamicsSpec {
  readonly model: string;
  /** Of a custom neuron, whose `model` is `'custom'`. */
  readonly equations?: NeuronEquations;
  /** Of cells with dendrites, whose `model` is `'cells'`: compartments, mechanisms, targets and variables. */
  readonly cell?: object;
  readonly params: Readonly<Record<string, number | readonly number[]>>;
  /** For parameters that the pixels of a channel share: the number of neighboring neurons with one value. */
  readonly shared?: Readonly<Record<string, number>>;
  /**
   * In the description of a trained network: parameters that have their default, an expression of a learned parameter.
   * `params` has their present values; they follow when that parameter moves.
   */
  readonly defaults?: readonly string[];
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly learn?: readonly string[];
  readonly like?: string;
  readonly surrogate?: Surrogate;
  readonly smoothed?: number;
}

/** A population of neurons, by default with the size of the layer before it. */
export interface Neuron<N extends number = number> {
  readonly layer: 'population';
  readonly name?: string;
  readonly neurons?: N;
  readonly spiking: boolean;
  readonly dynamics: DynamicsSpec;
  readonly recurrent?: Recurrence;
  /** For a model with more than one state. */
  readonly ports?: PortNames;
}

/** A population whose neurons have several ports. */
export interface PortedNeuron<N extends number = number> extends Neuron<N> {
  readonly ports: PortNames;
}

/** The ports of a model, and those over which inputs and feedback are split unless an edge names a port. */
export interface PortNames {
  readonly all: readonly string[];
  readonly entering: readonly string[];
  readonly returning: readonly string[];
}

/** Which keys of an options object are parameters and which are options. */
export interface ModelNames {
  params: readonly string[];
  options: readonly string[];
  /** Of a model with more than one. */
  ports?: PortNames;
}

const common = ['name', 'neurons', 'surrogate', 'smoothed', 'recurrent', 'like', 'learn'];

/** Used by the generated factories. */
export function neuronNode<N extends number>(
  model: string,
  spiking: boolean,
  // Without options `compile` says which parameters are missing.
  rawOptions: NeuronOptions<N> = {},
  names: ModelNames,
): Neuron<N> {
  if (typeof rawOptions !== 'object' || rawOptions === null)
    invalid(model, rawOptions, 'an object of options');
  const params: Record<string, number | readonly number[]> = {};
  const options: Record<string, string | boolean> = {};
  for (const [key, value] of Object.entries(rawOptions)) {
    if (value === undefined || common.includes(key)) continue;
    if (names.params.includes(key)) params[key] = parameter(`${model}.${key}`, value);
    else if (names.options.includes(key)) options[key] = choice(`${model}.${key}`, value);
    else throw unknownOption(model, key, [...names.params, ...names.options, ...common]);
  }
  const { name, neurons, surrogate, smoothed, recurrent, like, learn } = rawOptions as NeuronOptions<N> & {
    like?: string;
    learn?: readonly string[];
  };
  if (learn !== undefined && !Array.isArray(learn))
    invalid(`${model}.learn`, learn, 'a list of parameter names');
  if (
    surrogate !== undefined &&
    (typeof surrogate !== 'object' || typeof (surrogate?.name ?? surrogate?.derivative) !== 'string')
  ) {
    invalid(`${model}.surrogate`, surrogate, 'a surrogate, such as surrogate.atan()');
  }
  definite(`${model}.surrogate`, surrogate);
  const dynamics: DynamicsSpec = Object.freeze({
    model,
    params: Object.freeze(params),
    options: Object.freeze(options),
    ...(learn === undefined ? {} : { learn: Object.freeze([...learn]) }),
    ...(like === undefined ? {} : { like: text(`${model}.like`, like) }),
    ...(surrogate === undefined ? {} : { surrogate }),
    ...(smoothed === undefined ? {} : { smoothed: finite(`${model}.smoothed`, smoothed, { above: 0 }) }),
  });
  return Object.freeze({
    layer: 'population',
    ...(name === undefined ? {} : { name: text(`${model}.name`, name) }),
    ...(neurons === undefined
      ? {}
      : { neurons: integer(`${model}.neurons`, neurons, { min: 1, max: 2 ** 24 }) as N }),
    spiking,
    dynamics,
    ...(names.ports === undefined ? {} : { ports: names.ports }),
    ...(recurrent === undefined ? {} : { recurrent: recurrence(model, recurrent) }),
  });
}

/** Checks the type of an option; the engine checks its value. */
function choice(name: string, value: unknown): string | boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return invalid(name, value, 'a string or a boolean');
}

function parameter(name: string, value: unknown): number | readonly number[] {
  if (typeof value === 'number') return finite(name, value);
  if (Array.isArray(value) || isKind(value, Float32Array) || isKind(value, Float64Array)) {
    attached(name, value);
    return Object.freeze(Array.from(value, (x, i) => finite(`${name}[${i}]`, x)));
  }
  return invalid(name, value, 'a number, or one number per neuron, such as from distribution.draw');
}

function recurrence(model: string, given: Recurrence | 'dense' | 'one-to-one'): Recurrence {
  const value = typeof given === 'string' ? ({ kind: given } as Recurrence) : given;
  if (typeof value !== 'object' || value === null)
    invalid(`${model}.recurrent`, given, "'dense', 'one-to-one' or a convolution");
  oneOf(`${model}.recurrent`, value.kind, ['dense', 'one-to-one', 'conv']);
  const more = {
    dense: ['bias', 'initialBias', 'parallel', 'autapses'],
    'one-to-one': ['shared'],
    conv: ['bias', 'initialBias', 'kernel', 'padding'],
  }[value.kind];
  const known = ['kind', 'initial', 'trainable', 'name', 'state', 'port', ...more];
  checkOptions(`${model}.recurrent`, value, known as never);
  const options = value as Partial<
    Record<'bias' | 'parallel' | 'autapses' | 'shared' | 'trainable' | 'initial' | 'initialBias', unknown>
  >;
  for (const name of ['bias', 'parallel', 'autapses', 'shared', 'trainable'] as const) {
    if (options[name] !== undefined) flag(`${model}.recurrent.${name}`, options[name]);
  }
  initializers(`${model}.recurrent`, options, ['initial', 'initialBias']);
  if (value.name !== undefined) text(`${model}.recurrent.name`, value.name);
  if (value.state !== undefined) text(`${model}.recurrent.state`, value.state);
  if (value.port !== undefined) portNames(`${model}.recurrent.port`, value.port);
  if (value.kind === 'conv') {
    windowSizes(`${model}.recurrent.kernel`, value.kernel, 1);
    if (value.padding !== undefined) windowSizes(`${model}.recurrent.padding`, value.padding, 0);
  }
  return Object.freeze({ ...value }) as Recurrence;
}

/**
 * One number for all axes of an image, or one for each of two axes. The image's shape is known only when the network is
 * written.
 */
function windowSizes(name: string, value: unknown, min: number): void {
  const range = { min, max: 2 ** 24 };
  if (!Array.isArray(value)) {
    if (typeof value !== 'number') invalid(name, value, 'an integer, or [height, width]');
    integer(name, value, range);
    return;
  }
  if (value.length !== 2) invalid(name, value, 'an integer, or [height, width]');
  value.forEach((size, axis) => {
    integer(`${name}[${axis}]`, size, range);
  });
}

/** The name of a port, or several names. */
export function portNames(name: string, port: unknown): readonly string[] {
  if (typeof port === 'string') return [text(name, port)];
  if (!Array.isArray(port) || port.length === 0) invalid(name, port, 'the name of a port, or a list of them');
  return port.map((one, i) => text(`${name}[${i}]`, one));
}
