/** A peer's neuron model as a population of ours. */
import {
  alpha,
  cubaLi,
  cubaLif,
  integrateAndFire,
  lapicque,
  li,
  lif,
  type Population,
  parametricLif,
  type Recurrence,
} from '../index.ts';
import { BadCase, type Json, renamed, Skip } from './side-car.ts';
import { surrogateOf } from './surrogates.ts';

/** A number, or one a neuron. */
export type Values = number | Float64Array;

/** What a side-car says of a layer of neurons, tensors read. */
export interface NeuronLayer {
  /** `library.Model` */
  readonly model: string;
  /** The peer's options; parameters that are tensors as numbers. */
  readonly params: Json;
  /** Weights of the recurrence by the peer's names, where it has some. */
  readonly weights: ReadonlyMap<string, Float64Array>;
  readonly surrogate?: unknown;
  /** `>` or `>=`. */
  readonly fires?: unknown;
  readonly detachReset?: boolean | undefined;
}

/** A population and what is to be set before it runs. */
export interface Neurons {
  readonly population: Population;
  /** Recurrent tensors by the end of our name: `recurrent.weight`. */
  readonly weights: ReadonlyMap<string, Float64Array>;
  /** From a peer's name of a trainable tensor to the end of ours. */
  readonly trainable: ReadonlyMap<string, string>;
  /** Value of a spike. */
  readonly grade: Values;
}

type Factory = (options: never) => Population;

interface Mapping {
  readonly factory: Factory;
  /** Options of the factory. */
  readonly options: Record<string, unknown>;
}

/** Makes the population; `name` and `n` are those of the layer, `n` absent where only the network knows it. */
export function neurons(layer: NeuronLayer, name: string, n: number | undefined): Neurons {
  const [peer, model] = layer.model.split('.') as [string, string | undefined];
  const map = { snntorch, spikingjelly, norse }[peer];
  if (map === undefined || model === undefined) throw notBuilt(layer.model);
  const { weights, recurrent } = recurrence(layer, n ?? 0);
  const { factory, options } = map(model, layer.params);
  const spiking = factory !== li && factory !== cubaLi;
  const population = (factory as (options: object) => Population)({
    like: peer,
    ...options,
    ...(spiking && layer.fires !== undefined ? { compare: layer.fires } : {}),
    ...(spiking && layer.detachReset !== undefined ? { detachReset: layer.detachReset } : {}),
    ...(spiking && layer.surrogate !== undefined ? { surrogate: surrogateOf(peer, layer.surrogate) } : {}),
    name,
    ...(n === undefined ? {} : { neurons: n }),
    recurrent,
  });
  const trainable = new Map([
    ['beta', 'beta'],
    ['alpha', 'alpha'],
    ['threshold', 'vThreshold'],
    ['w', 'w'],
    ['V', 'recurrent.weight'],
    ['recurrent.weight', 'recurrent.weight'],
    ['recurrent.bias', 'recurrent.bias'],
  ]);
  return { population, weights, trainable, grade: (options.gradedSpikes as Values | undefined) ?? 1 };
}

function notBuilt(model: string): Skip {
  return new Skip(`the neuron model ${model} is not built yet`);
}

/** A recurrence is one-to-one by `V`, all-to-all by a matrix, or a convolution. */
function recurrence(
  layer: NeuronLayer,
  n: number,
): { weights: Map<string, Float64Array>; recurrent?: Recurrence } {
  const matrix = layer.weights.get('recurrent.weight') ?? layer.weights.get('recurrent');
  const { V, all_to_all: all } = layer.params as { V?: Values; all_to_all?: boolean };
  if (matrix !== undefined) {
    const bias = layer.weights.get('recurrent.bias');
    const weights = new Map([['recurrent.weight', matrix]]);
    if (bias !== undefined) weights.set('recurrent.bias', bias);
    const { conv2d_channels: channels, kernel_size: kernel, padding, stride = 1 } = layer.params;
    if (channels === undefined) return { weights, recurrent: { kind: 'dense', bias: bias !== undefined } };
    if (typeof kernel !== 'number' || typeof padding !== 'number' || stride !== 1) {
      throw new Skip('a recurrence through such a conv2d is not built yet');
    }
    return { weights, recurrent: { kind: 'conv', kernel, padding, bias: bias !== undefined } };
  }
  if (V === undefined) {
    if (all !== undefined) throw new BadCase('the weights of the recurrence are missing');
    return { weights: new Map() };
  }
  const each = typeof V === 'number' || V.length === 1 ? new Float64Array(n).fill(Number(V)) : V;
  return { weights: new Map([['recurrent.weight', each]]), recurrent: { kind: 'one-to-one' } };
}

const learnable = { learn_alpha: 'alpha', learn_beta: 'beta', learn_threshold: 'vThreshold' } as const;

function snntorch(model: string, params: Json): Mapping {
  const factory = {
    Leaky: lif,
    RLeaky: lif,
    Synaptic: cubaLif,
    RSynaptic: cubaLif,
    Alpha: alpha,
    Lapicque: lapicque,
  }[model] as Factory | undefined;
  if (factory === undefined) throw notBuilt(`snntorch.${model}`);
  if (params.inhibition === true) throw new Skip('inhibition between neurons is not built yet');
  const learn = Object.entries(learnable).filter(([flag]) => params[flag] === true);
  const options = renamed(
    params,
    {
      alpha: 'alpha',
      beta: 'beta',
      threshold: 'vThreshold',
      graded_spikes_factor: 'gradedSpikes',
      R: 'r',
      C: 'c',
      time_step: 'timeStep',
      reset_mechanism: 'reset',
      reset_delay: null,
      inhibition: null,
      learn_alpha: null,
      learn_beta: null,
      learn_threshold: null,
      all_to_all: null,
      V: null,
      conv2d_channels: null,
      kernel_size: null,
      padding: null,
      stride: null,
    },
    `snntorch.${model}: the option`,
  );
  for (const factor of ['alpha', 'beta'] as const) {
    // snnTorch clamps at every use; of ours only one that is learned may lie outside.
    if (factor in options && params[`learn_${factor}`] !== true)
      options[factor] = clamped(options[factor] as Values);
  }
  if (params.reset_delay === false) options.resetTiming = 'snntorch-no-delay';
  if (model === 'RLeaky') options.zeroKeepsInput = false;
  return { factory, options: { ...options, learn: learn.map(([, name]) => name) } };
}

function clamped(values: Values): Values {
  const clamp = (x: number) => Math.min(1, Math.max(0, x));
  return typeof values === 'number' ? clamp(values) : values.map(clamp);
}

function spikingjelly(model: string, params: Json): Mapping {
  const factory = {
    IFNode: integrateAndFire,
    LIFNode: lif,
    ParametricLIFNode: parametricLif,
    CUBALIFNode: cubaLif,
  }[model] as Factory | undefined;
  if (factory === undefined) throw notBuilt(`spikingjelly.${model}`);
  const options = renamed(
    params,
    {
      tau: 'tauMem',
      init_tau: params.w === undefined ? 'tauInit' : null,
      w: 'w',
      c_decay: 'alpha',
      v_decay: 'beta',
      v_threshold: 'vThreshold',
      v_reset: 'vReset',
      decay_input: null,
      detach_reset: 'detachReset',
    },
    `spikingjelly.${model}: the option`,
  );
  if (params.v_reset === null) {
    delete options.vReset;
    options.reset = 'subtract';
  }
  if (params.decay_input === false) options.inputScale = 'weight';
  return { factory, options };
}

function norse(model: string, params: Json): Mapping {
  const factory = {
    LIFCell: cubaLif,
    LIFRefracCell: cubaLif,
    LIFRecurrentCell: cubaLif,
    LIFBoxCell: lif,
    IAFCell: integrateAndFire,
    LICell: cubaLi,
  }[model] as Factory | undefined;
  if (factory === undefined) throw notBuilt(`norse.${model}`);
  const options = renamed(
    params,
    {
      v_th: 'vThreshold',
      v_reset: 'vReset',
      v_leak: 'vLeak',
      rho_reset: 'refractorySteps',
      tau_mem_inv: 'tauMem',
      tau_syn_inv: 'tauSyn',
      reset_method: null,
    },
    `norse.${model}: the option`,
  );
  for (const tau of ['tauMem', 'tauSyn']) {
    // from 1/s to ms
    if (tau in options) options[tau] = inverted(options[tau] as Values);
  }
  if (params.reset_method === 'reset_subtract') options.reset = 'subtract';
  else if (params.reset_method !== undefined && params.reset_method !== 'reset_value') {
    throw new Skip(`the reset ${params.reset_method} is not built yet`);
  }
  if (model === 'LIFRecurrentCell') options.detachReset = true;
  return { factory, options };
}

function inverted(values: Values): Values {
  return typeof values === 'number' ? 1e3 / values : values.map((x) => 1e3 / x);
}
