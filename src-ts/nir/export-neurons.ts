/** Converts neuron models to NIR nodes, or says why NIR has no node for them. */

import { elementCount } from '../checks/tensor.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import { exp, log } from '../numbers/elementary.ts';
import { unsupportedNir } from './errors.ts';
import type { ExportedNeuron } from './exported.ts';
import { type NirField, nirTensor } from './graph.ts';
import { type NirTarget, neuronFor } from './targets.ts';

/** The reason why a neuron model cannot be written. */
export const unwritten: Readonly<Record<string, string>> = {
  alpha: 'NIR has no neuron with a rising and a decaying synaptic current',
  alif: 'NIR has no adaptive threshold',
  'coba-lif': 'NIR has no conductances',
  klif: 'NIR has no scaling or rectification of the membrane potential',
  'delta-lif': 'NIR has no neuron driven by the difference of its input between steps',
  qif: 'NIR has no quadratic upstroke',
  eif: 'NIR has no exponential upstroke',
  adex: 'NIR has neither an exponential upstroke nor adaptation',
  gif: 'NIR has neither adaptation nor a moving threshold',
  izhikevich: 'NIR has neither a quadratic upstroke nor a recovery variable',
  'resonate-and-fire': 'NIR has no complex-valued membrane potential',
  'hodgkin-huxley': 'NIR has no ion channels',
  srm: 'NIR has no spike response kernels',
  'iaf-psc-exp': 'NIR has no refractory period and no separate excitatory and inhibitory currents',
  'iaf-psc-exp-shared': 'NIR has no refractory period; cubaLif is the same neuron without one',
  'iaf-psc-alpha': 'NIR has no alpha-shaped currents',
  'iaf-cond-exp': 'NIR has no conductances',
  'iaf-cond-alpha': 'NIR has no conductances',
  'hh-cond-exp-traub': 'NIR has no ion channels',
  'hh-psc-alpha': 'NIR has no ion channels',
  'aeif-cond-exp': 'NIR has neither conductances nor adaptation',
  'aeif-psc-exp': 'NIR has neither an exponential upstroke nor adaptation',
  'two-compartment': 'NIR has no neuron with two compartments',
  'tc-lif': 'NIR has no neuron with two compartments',
  'gated-leaky': 'NIR has no input-dependent decay',
  slstm: 'NIR has no gates',
  'spiking-lstm': 'NIR has no gates',
  sgru: 'NIR has no gates',
  'spiking-gru': 'NIR has no gates',
  'token-shift': 'NIR has no mixing of adjacent time steps',
  wkv: 'NIR has no attention over time',
  'sigmoid-gate': 'NIR has no sigmoid',
  'rate-unit': 'NIR has no rate unit',
  custom: 'NIR has no user-defined equations',
};

/** @param dt - ms @throws LapicqueError `unsupported` with the reason, for a model without a NIR node */
export function exportNeuron(
  name: string,
  dynamics: DynamicsSpec,
  shape: readonly number[],
  dt: number,
  target?: NirTarget,
): ExportedNeuron {
  const { model } = dynamics;
  const reader = new Parameters(dynamics, elementCount(shape), dt);
  const build = Object.hasOwn(builders, model) ? builders[model] : undefined;
  const customName = dynamics.equations?.name;
  const custom =
    model === 'custom' && customName !== undefined && Object.hasOwn(overshooting, customName)
      ? overshooting[customName]
      : undefined;
  const built = (build ?? custom)?.(reader);
  if (built === undefined) {
    const reason = unwritten[model] ?? 'NIR has no node for it';
    throw unsupportedNir(`the neuron ${model} of ${name}: ${reason}`, 'NIR');
  }
  const fields = new Map<string, NirField>();
  for (const [key, values] of Object.entries(built.fields)) fields.set(key, fieldOf(values, shape));
  const lost = [
    ...(built.lost ?? []),
    ...(dynamics.smoothed === undefined
      ? []
      : [['smoothed', 'NIR outputs spikes without smoothing'] as const]),
  ];
  const isSpiking = built.type.endsWith('F') || built.type === 'Threshold';
  const notes =
    isSpiking && reader.option('compare') === '>='
      ? [`${name} spikes when v >= vThreshold; NIR defines v > v_threshold`]
      : [];
  const exported = { node: { type: built.type, fields, metadata: new Map() }, lost, notes };
  if (target === undefined) return exported;
  const levels = reader.has('levels') ? reader.get('levels')[0] : undefined;
  return neuronFor(target, name, exported, {
    dt,
    compare: reader.option('compare'),
    reset: reader.option('reset'),
    levels,
  });
}

/** A field of float32 if that represents all values exactly, otherwise of float64. */
function fieldOf(values: readonly number[], shape: readonly number[]): NirField {
  const type = values.every((x) => Math.fround(x) === x) ? 'float32' : 'float64';
  return nirTensor(values, shape, type);
}

interface Built {
  readonly type: string;
  readonly fields: Readonly<Record<string, readonly number[]>>;
  readonly lost?: readonly (readonly [string, string])[];
}

/** The parameters of a population, one number per neuron. */
class Parameters {
  readonly #dynamics: DynamicsSpec;
  readonly #neurons: number;
  /** ms */
  readonly dt: number;

  constructor(dynamics: DynamicsSpec, neurons: number, dt: number) {
    this.#dynamics = dynamics;
    this.#neurons = neurons;
    this.dt = dt;
  }

  has(name: string): boolean {
    return this.#dynamics.params[name] !== undefined;
  }

  get(name: string): number[] {
    const value = this.#dynamics.params[name]!;
    return Array.from({ length: this.#neurons }, (_, i) => (typeof value === 'number' ? value : value[i]!));
  }

  each(of: (i: number) => number): number[] {
    return Array.from({ length: this.#neurons }, (_, i) => of(i));
  }

  option(name: string): string | boolean | undefined {
    return this.#dynamics.options[name];
  }

  /** The decay factor of one step. */
  factor(factor: string, tau: string): number[] {
    if (this.has(factor)) return this.get(factor).map((x) => Math.min(1, Math.max(0, x)));
    const euler = this.option('method') === 'euler';
    return this.get(tau).map((one) =>
      euler ? Math.min(1, Math.max(0, 1 - this.dt / one)) : exp(-this.dt / one),
    );
  }

  /** dt / tau of the model's own discretization. */
  ratio(factor: string, tau: string): number[] {
    if (!this.has(factor)) return this.get(tau).map((one) => this.dt / one);
    const euler = this.option('method') === 'euler';
    return this.get(factor).map((x) => (euler ? 1 - x : -log(x)));
  }

  /** The time constant in seconds for which forward Euler has the model's decay factor. */
  seconds(factor: string, tau: string): number[] {
    if (this.has(tau) && !this.has(factor) && this.option('method') === 'euler')
      return this.get(tau).map((ms) => ms / 1000);
    return this.factor(factor, tau).map((x) => this.dt / 1000 / (1 - x));
  }

  /** The resistance for which forward Euler has the model's input gain. */
  resistance(seconds: readonly number[]): number[] {
    const r = this.get('r');
    const exact = this.has('tauMem') && !this.has('beta') && this.option('method') === 'euler';
    if (exact && this.option('inputScale') === 'dt-over-tau') return r;
    const scale = this.#inputScale();
    return this.each((i) => (r[i]! * scale[i]! * seconds[i]!) / (this.dt / 1000));
  }

  #inputScale(): number[] {
    switch (this.option('inputScale')) {
      case 'one-minus-beta':
        return this.factor('beta', 'tauMem').map((x) => 1 - x);
      case 'dt-over-tau':
        return this.ratio('beta', 'tauMem');
      case 'propagator': {
        const [beta, alpha] = [this.factor('beta', 'tauMem'), this.factor('alpha', 'tauSyn')];
        const [mem, syn] = [this.ratio('beta', 'tauMem'), this.ratio('alpha', 'tauSyn')].map((all) =>
          all.map((x) => this.dt / x),
        );
        return this.each((i) => {
          const difference = syn![i]! - mem![i]!;
          const close = Math.abs(difference) < mem![i]! * 1e-6;
          return close ? (beta[i]! * this.dt) / mem![i]! : (syn![i]! * (alpha[i]! - beta[i]!)) / difference;
        });
      }
      default:
        return this.each(() => 1);
    }
  }

  /** The w_in for which forward Euler has the model's gain of the synaptic input. */
  inputWeight(seconds: readonly number[]): number[] {
    const weight = this.get('wIn');
    const exact = this.has('tauSyn') && !this.has('alpha') && this.option('method') === 'euler';
    const scaled = this.option('synInputScale') === 'dt-over-tau';
    if (exact && scaled) return weight;
    const scale = scaled ? this.ratio('alpha', 'tauSyn') : this.each(() => 1);
    return this.each((i) => (weight[i]! * scale[i]! * seconds[i]!) / (this.dt / 1000));
  }

  /** Options and parameters of a spiking neuron that NIR cannot express. `init` is the parameter with NIR's initial v; without it 0. */
  lostOfSpikes(init: string | undefined): [string, string][] {
    const lost: [string, string][] = [];
    const reset = this.option('reset');
    if (reset !== 'value') lost.push(['reset', `'${reset}'; NIR sets v to v_reset`]);
    const timing = this.option('resetTiming');
    if (timing === 'snntorch-no-delay')
      lost.push(['resetTiming', `'${timing}'; NIR resets in the step of the spike`]);
    if (reset === 'subtract' && timing === 'next-step')
      lost.push(['resetTiming', "'next-step'; NIR resets in the step of the spike"]);
    if (reset === 'value' && timing === 'next-step' && this.option('zeroKeepsInput') === false)
      lost.push(['zeroKeepsInput', 'false; NIR uses the input of every step']);
    if (this.option('thresholdBefore') === true)
      lost.push(['thresholdBefore', 'true; NIR compares v with v_threshold after the update']);
    const refractory = ['refractorySteps', 'tauRef'].find(
      (name) => this.has(name) && this.get(name).some((x) => x !== 0),
    );
    if (refractory !== undefined) lost.push([refractory, 'NIR has no refractory period']);
    if (this.has('vMin')) lost.push(['vMin', 'NIR has no lower bound of v']);
    if (this.has('gradedSpikes') && this.get('gradedSpikes').some((x) => x !== 1))
      lost.push(['gradedSpikes', 'NIR spikes have the value 1']);
    return [...lost, ...this.lostInit(init)];
  }

  lostInit(rest: string | undefined): [string, string][] {
    if (!this.has('vInit')) return [];
    const own = rest === undefined ? this.each(() => 0) : this.get(rest);
    const start = this.get('vInit');
    return start.every((v, i) => v === own[i])
      ? []
      : [['vInit', 'NIR starts v at v_leak, or at 0 for neurons without it']];
  }
}

type Builder = (p: Parameters) => Built;

const spiking = (p: Parameters) => ({ v_threshold: p.get('vThreshold'), v_reset: p.get('vReset') });

/** The r of a membrane without leak, an integrator: its gain per second. */
function integrator(p: Parameters): readonly number[] {
  const r = p.get('r');
  return p.each((i) => (r[i]! * 1000) / p.dt);
}

/** Whether the membrane has no leak. */
function hasNoLeak(p: Parameters): boolean {
  const beta = p.factor('beta', 'tauMem');
  if (beta.every((x) => x === 1)) return true;
  if (beta.some((x) => x === 1))
    throw unsupportedNir('a population in which some neurons leak and others do not', 'NIR');
  return false;
}

const leak = (p: Parameters) => {
  const tau = p.seconds('beta', 'tauMem');
  return { tau, r: p.resistance(tau), v_leak: p.get('vLeak') };
};

const synapse = (p: Parameters) => {
  const { tau, r, v_leak } = leak(p);
  const tau_syn = p.seconds('alpha', 'tauSyn');
  return { tau_mem: tau, tau_syn, r, v_leak, w_in: p.inputWeight(tau_syn) };
};

const lateCurrent: readonly [string, string] = [
  'currentOrder',
  "'use-decay-add'; in NIR the input of a step affects v in the same step",
];

const builders: Readonly<Record<string, Builder>> = {
  lif: (p) => {
    const hasNoMemory =
      p.factor('beta', 'tauMem').every((x) => x === 0) && p.get('vLeak').every((v) => v === 0);
    const gain = p.resistance(p.seconds('beta', 'tauMem'));
    if (
      hasNoMemory &&
      p.option('reset') === 'none' &&
      gain.every((x) => x > 0) &&
      p.lostOfSpikes('vLeak').length === 1
    )
      return { type: 'Threshold', fields: { threshold: p.get('vThreshold').map((v, i) => v / gain[i]!) } };
    if (hasNoLeak(p))
      return { type: 'IF', fields: { r: integrator(p), ...spiking(p) }, lost: p.lostOfSpikes(undefined) };
    return { type: 'LIF', fields: { ...leak(p), ...spiking(p) }, lost: p.lostOfSpikes('vLeak') };
  },
  if: (p) => {
    const r = p.option('inputScale') === 'dt' ? p.get('r').map((x) => x * 1000) : integrator(p);
    return { type: 'IF', fields: { r, ...spiking(p) }, lost: p.lostOfSpikes(undefined) };
  },
  'cuba-lif': (p) => ({
    type: 'CubaLIF',
    fields: { ...synapse(p), ...spiking(p) },
    lost: [
      ...(p.option('currentOrder') === 'use-decay-add' ? [lateCurrent] : []),
      ...p.lostOfSpikes('vLeak'),
    ],
  }),
  li: (p) =>
    hasNoLeak(p)
      ? { type: 'I', fields: { r: integrator(p) }, lost: p.lostInit(undefined) }
      : { type: 'LI', fields: leak(p), lost: p.lostInit('vLeak') },
  'cuba-li': (p) => ({
    type: 'CubaLI',
    fields: synapse(p),
    lost: [...(p.option('currentOrder') === 'use-decay-add' ? [lateCurrent] : []), ...p.lostInit('vLeak')],
  }),
  lapicque: (p) => {
    // v + dt/(r c) (r x - v), with dt in the unit of r c.
    const [r, c, step] = [p.get('r'), p.get('c'), p.has('timeStep') ? p.get('timeStep') : p.each(() => p.dt)];
    const tau = p.each((i) => (r[i]! * c[i]! * p.dt) / 1000 / step[i]!);
    return {
      type: 'LIF',
      fields: { tau, r, v_leak: p.each(() => 0), ...spiking(p) },
      lost: p.lostOfSpikes(undefined),
    };
  },
  'parametric-lif': (p) => {
    const rate = p.get('w').map((w) => 1 / (1 + exp(-w)));
    const tau = rate.map((one) => p.dt / 1000 / one);
    const r = p.option('inputScale') === 'weight' ? p.get('r').map((x, i) => x / rate[i]!) : p.get('r');
    return {
      type: 'LIF',
      fields: { tau, r, v_leak: p.get('vLeak'), ...spiking(p) },
      lost: p.lostOfSpikes('vLeak'),
    };
  },
  'multi-level-lif': (p) => {
    const lost: [string, string][] = [
      ['levels', 'NIR has at most one spike per step'],
      ['reset', 'by subtraction; NIR sets v to v_reset'],
      ...p.lostInit('vLeak'),
    ];
    const fire = { v_threshold: p.get('vThreshold'), v_reset: p.each(() => 0) };
    if (hasNoLeak(p)) return { type: 'IF', fields: { r: integrator(p), ...fire }, lost };
    return { type: 'LIF', fields: { ...leak(p), ...fire }, lost };
  },
};

/** The custom neurons that readNir builds for time constants shorter than a step. */
const overshooting: Readonly<Record<string, Builder>> = {
  nirLif: (p) => ({ type: 'LIF', fields: { ...overshot(p), v_leak: p.get('vLeak'), ...spiking(p) } }),
  nirLi: (p) => ({ type: 'LI', fields: { ...overshot(p), v_leak: p.get('vLeak') } }),
  nirSynapse: (p) => ({ type: 'LI', fields: { ...overshot(p), v_leak: p.each(() => 0) } }),
};

function overshot(p: Parameters) {
  const tau = p.get('factor').map((factor) => p.dt / 1000 / (1 - factor));
  return { tau, r: p.get('gain').map((gain, i) => (gain * tau[i]! * 1000) / p.dt) };
}

/** The neuron models that can be written. @internal */
export const writtenModels: readonly string[] = Object.keys(builders);
