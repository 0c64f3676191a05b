/** Lowers a NIR neuron node to populations. */

import { invalid } from '../checks/check.ts';
import { cubaLi, cubaLif, integrateAndFire, li, lif, multiLevelLif } from '../neurons/models.generated.ts';
import { neuron } from '../neurons/neuron.ts';
import type { DynamicsSpec, Neuron } from '../neurons/neuron-node.ts';
import { exp } from '../numbers/elementary.ts';
import type { NirConventions } from './conventions.ts';
import { unsupportedNir } from './errors.ts';
import type { NirNode } from './graph.ts';
import { numbersOf } from './shapes.ts';

type Numbers = number | readonly number[];

/** Populations in series within one step. */
export interface Lowered {
  /** From the input to the output. The last has the name of the node, the others have a suffix. */
  readonly stages: readonly DynamicsSpec[];
  readonly spiking: boolean;
  /** Whether a time constant is shorter than a step of forward Euler. */
  readonly unstable: boolean;
  readonly warnings: readonly string[];
}

/** Neurons for forward Euler with a time constant shorter than a step: the factor `1 - dt/tau` is negative, which is not a decay. */
const unstable = {
  spiking: neuron({
    name: 'nirLif',
    state: { v: { init: 'vLeak' } },
    params: { factor: 0, drift: 0, gain: 1, vLeak: 0, vThreshold: 1, vReset: 0 },
    update: 'v[t] = factor*v[t-1] + gain*i + drift',
    spike: 'v > vThreshold',
    reset: 'v = vReset',
  }),
  silent: neuron({
    name: 'nirLi',
    state: { v: { init: 'vLeak' } },
    params: { factor: 0, drift: 0, gain: 1, vLeak: 0 },
    update: 'v[t] = factor*v[t-1] + gain*i + drift',
  }),
  current: neuron({
    name: 'nirSynapse',
    state: { iSyn: 0 },
    params: { factor: 0, gain: 1 },
    update: 'iSyn[t] = factor*iSyn[t-1] + gain*i',
  }),
};

/** The values of a field, or a single number if all are equal. */
function compact(values: readonly number[]): Numbers {
  return values.every((x) => x === values[0]) ? values[0]! : values;
}

/** Applies a function to each neuron's values; a single number or a list of length 1 applies to all neurons. */
function each(of: (...xs: number[]) => number, ...operands: Numbers[]): Numbers {
  const length = Math.max(1, ...operands.map((one) => (typeof one === 'number' ? 1 : one.length)));
  const at = (one: Numbers, i: number) => (typeof one === 'number' ? one : one[one.length === 1 ? 0 : i]!);
  return compact(Array.from({ length }, (_, i) => of(...operands.map((one) => at(one, i)))));
}

const some = (values: Numbers, test: (x: number) => boolean) =>
  typeof values === 'number' ? test(values) : values.some(test);

/** The decay factor of one step. */
function factorOf(tau: Numbers, dt: number, membrane: NirConventions['membrane']): Numbers {
  return each((one) => (membrane === 'euler' ? 1 - dt / one : exp(-dt / one)), tau);
}

/** @param dt - ms; @param recurrent - whether the node is on a cycle; @throws LapicqueError `unsupported`, `invalid-parameter` */
export function lowerNeuron(
  path: string,
  node: NirNode,
  conventions: NirConventions,
  dt: number,
  recurrent: boolean,
): Lowered {
  const get = (key: string): Numbers | undefined => {
    const values = numbersOf(node, key);
    return values === undefined ? undefined : compact(values);
  };
  const ms = (key: string): Numbers | undefined => {
    const tau = get(key);
    return tau === undefined ? undefined : each((s) => s * conventions.tauScale * 1000, tau);
  };
  const r = get('r') ?? 1;
  const spiking = ['IF', 'LIF', 'CubaLIF', 'Threshold'].includes(node.type);
  const done = (...stages: Neuron[]): Lowered => ({
    stages: stages.map(({ dynamics }) => dynamics),
    spiking,
    unstable: false,
    warnings: [],
  });
  if (node.type === 'Threshold')
    return done(lif({ beta: 0, reset: 'none', compare: '>', vThreshold: get('threshold')! }));
  if (node.type === 'I') return done(li({ beta: 1, r: each((x) => (x * dt) / 1000, r) }));

  const { membrane, synapse, compare, reset, resetTiming } = conventions;
  const vThreshold = each((x) => x * conventions.thresholdScale, get('v_threshold') ?? 1);
  const vReset = get('v_reset') ?? 0;
  const vLeak = get('v_leak') ?? 0;
  const several = conventions.spikes === 'several' && spiking;
  if (several && (reset !== 'subtract' || resetTiming !== 'same-step'))
    invalid(
      'conventions.spikes',
      'several',
      "'one' unless reset is 'subtract' and resetTiming is 'same-step'",
    );
  if (several && some(vThreshold, (x) => x <= 0)) {
    const feature = `several spikes per step of ${path}, because its v_threshold is not above 0`;
    throw unsupportedNir(feature);
  }
  // In snnTorch, recurrent neurons and neurons with a synaptic current ignore the input of the step that sets v to v_reset.
  const drops = reset === 'value' && resetTiming === 'next-step' && (recurrent || node.type === 'CubaLIF');
  const start = conventions.start === 'reset' ? { vInit: vReset } : {};
  const fire = {
    vThreshold,
    vReset,
    reset,
    resetTiming,
    compare,
    ...start,
    ...(drops ? { zeroKeepsInput: false } : {}),
  } as const;
  const levels = { vThreshold, compare, levels: conventions.maxSpikes } as const;

  if (node.type === 'IF') {
    const one = conventions.ifGain === 'one';
    if (several)
      return done(multiLevelLif({ beta: 1, r: one ? 1 : each((x) => (x * dt) / 1000, r), ...levels }));
    if (one) return done(integrateAndFire({ ...fire }));
    return done(integrateAndFire({ r: each((x) => x / 1000, r), inputScale: 'dt', ...fire }));
  }

  const tauMem = ms('tau') ?? ms('tau_mem')!;
  const tauSyn = ms('tau_syn');
  const method = membrane === 'euler' ? 'euler' : 'exact';
  const gain =
    conventions.inputGain === 'one'
      ? ({ r: 1, inputScale: 'weight' } as const)
      : ({ r, inputScale: 'dt-over-tau' } as const);
  const short = (tau: Numbers | undefined) => tau !== undefined && some(tau, (one) => one < dt);
  const eulerSynapse = synapse !== 'jump-decay-use';
  if ((membrane === 'euler' && short(tauMem)) || (eulerSynapse && short(tauSyn)))
    return unstableNeuron(
      path,
      { tauMem, tauSyn, r, wIn: get('w_in') ?? 1, vLeak, vThreshold, vReset },
      conventions,
      dt,
      spiking,
    );
  const leaky = { tauMem, method, vLeak, ...gain } as const;
  if (tauSyn === undefined) {
    if (!spiking) return done(li(leaky));
    return done(several ? multiLevelLif({ ...leaky, ...levels }) : lif({ ...leaky, ...fire }));
  }
  // A synaptic current becomes a separate population if it decays by exp and the membrane by 1 - dt/tau, or the reverse.
  const alpha = factorOf(tauSyn, dt, eulerSynapse ? 'euler' : 'exponential');
  const jump =
    synapse === 'jump-decay-use'
      ? alpha
      : synapse === 'euler'
        ? each((w, one) => (w * dt) / one, get('w_in') ?? 1, tauSyn)
        : 1;
  if (several || eulerSynapse !== (membrane === 'euler')) {
    if (synapse === 'jump-then-decay') {
      const feature = `the synapse "jump-then-decay" of ${path} with ${several ? 'several spikes per step' : 'an exponential membrane'}`;
      throw unsupportedNir(feature);
    }
    const current = li({ beta: alpha, r: jump });
    if (!spiking) return done(current, li(leaky));
    return done(current, several ? multiLevelLif({ ...leaky, ...levels }) : lif({ ...leaky, ...fire }));
  }
  const current = {
    euler: { wIn: get('w_in') ?? 1, synInputScale: 'dt-over-tau' },
    'jump-then-decay': { currentOrder: 'add-use-decay' },
    'jump-decay-use': { wIn: alpha },
  } as const;
  const both = { ...leaky, tauSyn, ...current[synapse] } as const;
  if (!spiking) return done(cubaLi(both));
  return done(cubaLif({ ...both, ...fire }));
}

interface Parameters {
  readonly tauMem: Numbers;
  readonly tauSyn: Numbers | undefined;
  readonly r: Numbers;
  readonly wIn: Numbers;
  readonly vLeak: Numbers;
  readonly vThreshold: Numbers;
  readonly vReset: Numbers;
}

function unstableNeuron(
  path: string,
  p: Parameters,
  conventions: NirConventions,
  dt: number,
  spiking: boolean,
): Lowered {
  const { reset, resetTiming, compare, spikes } = conventions;
  const isSupported =
    reset === 'value' &&
    resetTiming === 'same-step' &&
    compare === '>' &&
    spikes === 'one' &&
    conventions.synapse === 'euler';
  if (!isSupported && (spiking || p.tauSyn !== undefined)) {
    const feature = `${path} with a time constant below dt (${dt} ms), forward Euler and these conventions`;
    throw unsupportedNir(feature);
  }
  const factor = factorOf(p.tauMem, dt, 'euler');
  const gain = conventions.inputGain === 'one' ? 1 : each((r, tau) => (r * dt) / tau, p.r, p.tauMem);
  const drift = each((a, leak) => (1 - a) * leak, factor, p.vLeak);
  const shared = { factor, gain, drift, vLeak: p.vLeak };
  const membrane = spiking
    ? unstable.spiking({ ...shared, vThreshold: p.vThreshold, vReset: p.vReset })
    : unstable.silent(shared);
  const stages: DynamicsSpec[] = [membrane.dynamics];
  if (p.tauSyn !== undefined) {
    const jump = each((w, tau) => (w * dt) / tau, p.wIn, p.tauSyn);
    stages.unshift(unstable.current({ factor: factorOf(p.tauSyn, dt, 'euler'), gain: jump }).dynamics);
  }
  const warnings = [
    `${path}: a time constant is shorter than a step of ${dt} ms, so forward Euler overshoots; choose a shorter dt`,
  ];
  return { stages, spiking, unstable: true, warnings };
}

/** A population that outputs its input in the same step. */
export function identity(): DynamicsSpec {
  return li({ beta: 0 }).dynamics;
}
