/** A peer's neuron model as a population of ours. */
import {
  adex,
  alif,
  alpha,
  cobaLif,
  cubaLi,
  cubaLif,
  deltaLif,
  eif,
  integrateAndFire,
  izhikevich,
  klif,
  lapicque,
  li,
  lif,
  type Neuron,
  parametricLif,
  qif,
  type Recurrence,
  slstm,
} from '../../src-ts/doors/neurons.ts';
import { BadCase, type Json, list, number, renamed, Skip } from './side-car.ts';
import { surrogateOf } from './surrogates.ts';

/** A number, or one per neuron. */
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
  readonly population: Neuron;
  /** Recurrent tensors by the end of our name: `recurrent.weight`. */
  readonly weights: ReadonlyMap<string, Float64Array>;
  /** From a peer's name of a trainable tensor to the end of ours. */
  readonly trainable: ReadonlyMap<string, string>;
  /** The peer's names of quantities that this model calls otherwise than most. */
  readonly quantities: Readonly<Record<string, Quantity>>;
}

/** A peer's quantity as a state of ours: `offset + scale state`. */
export interface Quantity {
  readonly state: string;
  readonly offset?: Values;
  readonly scale?: Values;
}

/** Of values that may be one per neuron, that of the element `i` of a batch. */
export function at(values: Values, i: number): number {
  return typeof values === 'number' ? values : values[i % values.length]!;
}

type Factory = (options: never) => Neuron;

interface Mapping {
  readonly factory: Factory;
  /** Options of the factory. */
  readonly options: Record<string, unknown>;
  readonly quantities?: Readonly<Record<string, Quantity>>;
}

/** Makes the population; `name` and `n` are those of the layer, `n` absent where only the network knows it. */
export function neurons(layer: NeuronLayer, name: string, n: number | undefined): Neurons {
  const [peer, model] = layer.model.split('.') as [string, string | undefined];
  const map = { snntorch, spikingjelly, norse }[peer];
  if (map === undefined || model === undefined) throw notBuilt(layer.model);
  const { weights, recurrent } = recurrence(layer, n ?? 0);
  const { factory, options, quantities = {} } = map(model, layer);
  const spiking = factory !== li && factory !== cubaLi;
  const population = (factory as (options: object) => Neuron)({
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
    ['k', 'k'],
    ['V', 'recurrent.weight'],
    ['recurrent.weight', 'recurrent.weight'],
    ['recurrent.bias', 'recurrent.bias'],
  ]);
  return { population, weights, trainable, quantities };
}

function notBuilt(model: string): Skip {
  return new Skip(`the neuron model ${model} is not built yet`);
}

/** A size for each axis, or one for both. */
export function pair(value: unknown, name: string): number | [number, number] {
  if (typeof value === 'number') return value;
  const [height, width] = list(value, name);
  return [number(height, name), number(width, name)];
}

/** A recurrence is one-to-one by `V`, all-to-all by a matrix, or a convolution. */
function recurrence(
  layer: NeuronLayer,
  n: number,
): { weights: Map<string, Float64Array>; recurrent?: Recurrence } {
  const gates = layer.model === 'snntorch.SLSTM' ? layer.weights.get('weight_hh') : undefined;
  const matrix = layer.weights.get('recurrent.weight') ?? layer.weights.get('recurrent') ?? gates;
  const { V, all_to_all: all } = layer.params as { V?: Values; all_to_all?: boolean };
  const frozen = layer.params.learn_recurrent === false ? { trainable: false } : {};
  if (matrix !== undefined) {
    const bias = layer.weights.get('recurrent.bias');
    const weights = new Map([['recurrent.weight', matrix]]);
    if (bias !== undefined) weights.set('recurrent.bias', bias);
    const { conv2d_channels: channels, kernel_size: kernel, padding, stride = 1 } = layer.params;
    const common = { bias: bias !== undefined, ...frozen };
    if (channels === undefined) return { weights, recurrent: { kind: 'dense', ...common } };
    if (![stride].flat().every((step) => step === 1)) {
      throw new Skip('a recurrence through a conv2d with a stride is not built yet');
    }
    const size = pair(kernel, 'params.kernel_size');
    // snnTorch pads by half of the kernel, as we do; torch calls that 'same'.
    const border =
      padding === undefined || padding === 'same' ? {} : { padding: pair(padding, 'params.padding') };
    return { weights, recurrent: { kind: 'conv', kernel: size, ...border, ...common } };
  }
  if (V === undefined) {
    if (all !== undefined) throw new BadCase('the weights of the recurrence are missing');
    return { weights: new Map() };
  }
  const each = typeof V === 'number' || V.length === 1 ? new Float64Array(n).fill(Number(V)) : V;
  return { weights: new Map([['recurrent.weight', each]]), recurrent: { kind: 'one-to-one', ...frozen } };
}

const learnable = { learn_alpha: 'alpha', learn_beta: 'beta', learn_threshold: 'vThreshold' } as const;

function snntorch(model: string, { params }: NeuronLayer): Mapping {
  const factory = {
    Leaky: lif,
    RLeaky: lif,
    Synaptic: cubaLif,
    RSynaptic: cubaLif,
    Alpha: alpha,
    Lapicque: lapicque,
    StateLeaky: lif,
    DeltaLeaky: deltaLif,
    SLSTM: slstm,
  }[model] as Factory | undefined;
  if (factory === undefined) throw notBuilt(`snntorch.${model}`);
  const learn = Object.entries(learnable).filter(([flag]) => params[flag] === true);
  const options = renamed(
    params,
    {
      alpha: 'alpha',
      beta: model === 'StateLeaky' ? null : 'beta',
      // Of StateLeaky, which decays by exp(-1 / tau).
      tau: 'tauMem',
      threshold: 'vThreshold',
      delta_threshold: 'vThreshold',
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
      learn_recurrent: null,
      linear_features: null,
      V: null,
      ...(model === 'SLSTM' ? { input_size: null, hidden_size: null, bias: null } : {}),
      conv2d_channels: null,
      kernel_size: null,
      padding: null,
      stride: null,
    },
    `snntorch.${model}: the option`,
  );
  for (const factor of ['alpha', 'beta'] as const) {
    // snnTorch clamps at every use, but for DeltaLeaky; of ours only one that is learned may lie outside.
    if (factor in options && params[`learn_${factor}`] !== true && model !== 'DeltaLeaky')
      options[factor] = clamped(options[factor] as Values);
  }
  if (params.inhibition === true) {
    // In snnTorch what is held back neither takes part in a reset in the same step nor returns, and is not graded.
    if (params.reset_delay === false || model.startsWith('R')) {
      throw new Skip(`inhibition within the step of snntorch.${model} is not built yet`);
    }
    // It compares how far membranes are above their thresholds, we membranes.
    if (typeof options.vThreshold === 'object') {
      throw new Skip('inhibition between neurons with thresholds of their own is not built yet');
    }
    delete options.gradedSpikes;
  }
  if (model === 'DeltaLeaky') delete options.gradedSpikes;
  if (model === 'Lapicque' && params.learn_beta === true) {
    throw new Skip('learning beta of snntorch.Lapicque, which computes with R and C, is not built yet');
  }
  if (params.reset_delay === false) options.resetTiming = 'snntorch-no-delay';
  // The name of a reset to 0 in a model whose reset can be to no other value.
  if (model === 'SLSTM' && options.reset === 'zero') options.reset = 'value';
  if (model === 'RLeaky') options.zeroKeepsInput = false;
  if (model === 'StateLeaky') {
    options.reset = 'none';
    // snnTorch grades its spikes twice.
    if (options.gradedSpikes !== undefined)
      options.gradedSpikes = number(options.gradedSpikes, 'params.graded_spikes_factor') ** 2;
  }
  const made = { ...options, learn: learn.map(([, name]) => name) };
  return { factory, options: made, ...(model === 'SLSTM' ? { quantities: { syn: { state: 'c' } } } : {}) };
}

function clamped(values: Values): Values {
  const clamp = (x: number) => Math.min(1, Math.max(0, x));
  return typeof values === 'number' ? clamp(values) : values.map(clamp);
}

function spikingjelly(model: string, { params }: NeuronLayer): Mapping {
  const factory = {
    IFNode: integrateAndFire,
    LIFNode: lif,
    ParametricLIFNode: parametricLif,
    CUBALIFNode: cubaLif,
    KLIFNode: klif,
    QIFNode: qif,
    IzhikevichNode: qif,
    EIFNode: eif,
  }[model] as Factory | undefined;
  if (factory === undefined) throw notBuilt(`spikingjelly.${model}`);
  const ownUpstroke = factory === qif || factory === eif;
  const options = renamed(
    params,
    {
      tau: 'tauMem',
      init_tau: params.w === undefined ? 'tauInit' : null,
      w: 'w',
      k: 'k',
      c_decay: 'alpha',
      v_decay: 'beta',
      v_threshold: ownUpstroke ? 'vPeak' : 'vThreshold',
      v_reset: 'vReset',
      v_rest: 'vLeak',
      v_c: 'vCritical',
      a0: 'a0',
      delta_T: 'deltaT',
      theta_rh: 'vT',
      tau_w: 'tauW',
      w_rest: 'wInit',
      a: 'a',
      b: 'b',
      decay_input: null,
      scale_reset: 'scaleReset',
      detach_reset: 'detachReset',
      // How the peer computes and what it keeps, not what.
      step_mode: null,
      backend: null,
      store_v_seq: null,
    },
    `spikingjelly.${model}: the option`,
  );
  if (params.v_reset === null) {
    options.reset = 'subtract';
    // Where v starts, and what an LIFNode decays to.
    options.vReset = 0;
  }
  if (params.decay_input === false) options.inputScale = 'weight';
  return { factory, options };
}

function norse(model: string, { params }: NeuronLayer): Mapping {
  const factory = {
    LIFCell: cubaLif,
    LIFRefracCell: cubaLif,
    LIFRecurrentCell: cubaLif,
    LIFRefracRecurrentCell: cubaLif,
    LIFBoxCell: lif,
    IAFCell: integrateAndFire,
    LICell: cubaLi,
    LSNNCell: alif,
    LSNNRecurrentCell: alif,
    LIFAdExCell: adex,
    LIFAdExRecurrentCell: adex,
    // Without adaptation.
    LIFExCell: adex,
    LIFExRecurrentCell: adex,
    LIBoxCell: li,
    IzhikevichCell: izhikevich,
    CobaLIFCell: cobaLif,
  }[model] as Factory | undefined;
  if (factory === undefined) throw notBuilt(`norse.${model}`);
  const options = renamed(
    params,
    {
      v_th: factory === izhikevich || factory === adex ? 'vPeak' : 'vThreshold',
      v_thresh: 'vThreshold',
      v_reset: 'vReset',
      v_leak: 'vLeak',
      v_rest: 'vLeak',
      rho_reset: 'refractorySteps',
      tau_mem_inv: factory === adex ? 'c' : 'tauMem',
      tau_syn_inv: 'tauSyn',
      tau_adapt_inv: 'tauAdapt',
      tau_ada_inv: 'tauW',
      tau_syn_exc_inv: 'tauE',
      tau_syn_inh_inv: 'tauI',
      c_m_inv: 'c',
      ...(factory === izhikevich ? { c: 'c' } : {}),
      reset_method: null,
      beta: 'betaAdapt',
      adaptation_current: 'a',
      adaptation_spike: 'b',
      delta_T: 'deltaT',
      g_l: 'gL',
      e_rev_E: 'vE',
      e_rev_I: 'vI',
      a: 'a',
      b: 'b',
      d: 'd',
      sq: 'k2',
      mn: 'k1',
      bias: 'k0',
      tau_inv: null,
    },
    `norse.${model}: the option`,
  );
  for (const time of [
    'tauMem',
    'tauSyn',
    'tauAdapt',
    'tauW',
    'tauE',
    'tauI',
    ...(factory === izhikevich ? [] : ['c']),
  ]) {
    // from 1/s to ms
    if (time in options) options[time] = inverted(options[time] as Values);
  }
  if (factory === izhikevich) options.timeScale = number(params.tau_inv, 'params.tau_inv') / 1e3;
  if (factory === adex) options.vT = options.vPeak;
  if (model.startsWith('LIFEx')) Object.assign(options, { a: 0, b: 0, tauW: 1 });
  if (params.reset_method === 'reset_subtract') options.reset = 'subtract';
  else if (params.reset_method !== undefined && params.reset_method !== 'reset_value') {
    throw new Skip(`the reset ${params.reset_method} is not built yet`);
  }
  if (model.endsWith('RecurrentCell')) options.detachReset = true;
  return { factory, options, quantities: quantities(model, params) };
}

/** What Norse calls otherwise. */
function quantities(model: string, { v_th, beta }: Json): Readonly<Record<string, Quantity>> {
  if (model.startsWith('LIFAdEx')) return { a: { state: 'w' } };
  if (!model.startsWith('LSNN')) return {};
  return { b: { state: 'a', offset: v_th as Values, scale: beta as Values } };
}

function inverted(values: Values): Values {
  return typeof values === 'number' ? 1e3 / values : values.map((x) => 1e3 / x);
}
