/** Lowers LI, LIF, CubaLI and CubaLIF to populations. */
import { cubaLi, cubaLif, li, lif, multiLevelLif } from '../neurons/models.generated.ts';
import { neuron } from '../neurons/neuron.ts';
import { exp } from '../numbers/elementary.ts';
import type { NirConventions } from './conventions.ts';
import { unsupportedNir } from './errors.ts';
import { each, type LoweredNeuron, lowered, type NeuronNode, type Numbers, some } from './neuron-node.ts';

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

/** The decay factor of one step. */
function factorOf(tau: Numbers, dt: number, membrane: NirConventions['membrane']): Numbers {
  return each((one) => (membrane === 'euler' ? 1 - dt / one : exp(-dt / one)), tau);
}

export function lowerLeaky(node: NeuronNode): LoweredNeuron {
  const { path, spiking, conventions, dt } = node;
  const { membrane, synapse } = conventions;
  const tauMem = node.ms('tau') ?? node.ms('tau_mem')!;
  const tauSyn = node.ms('tau_syn');
  const { fire, levels } = node.spikes(tauSyn !== undefined);
  const [r, wIn, vLeak] = [node.get('r') ?? 1, node.get('w_in') ?? 1, node.get('v_leak') ?? 0];
  const method = membrane === 'euler' ? 'euler' : 'exact';
  const gain =
    conventions.inputGain === 'one'
      ? ({ r: 1, inputScale: 'weight' } as const)
      : ({ r, inputScale: 'dt-over-tau' } as const);
  const short = (tau: Numbers | undefined) => tau !== undefined && some(tau, (one) => one < dt);
  const eulerSynapse = synapse !== 'jump-decay-use';
  if ((membrane === 'euler' && short(tauMem)) || (eulerSynapse && short(tauSyn)))
    return unstableNeuron(node, { tauMem, tauSyn, r, wIn, vLeak, ...fire });
  const leaky = { tauMem, method, vLeak, ...gain } as const;
  const last = () => {
    if (!spiking) return li(leaky);
    return levels === undefined ? lif({ ...leaky, ...fire }) : multiLevelLif({ ...leaky, ...levels });
  };
  if (tauSyn === undefined) return lowered(last());
  // A synaptic current becomes a separate population if it decays by exp and the membrane by 1 - dt/tau, or the reverse.
  const alpha = factorOf(tauSyn, dt, eulerSynapse ? 'euler' : 'exponential');
  if (levels !== undefined || eulerSynapse !== (membrane === 'euler')) {
    if (synapse === 'jump-then-decay') {
      const feature = `the synapse "jump-then-decay" of ${path} with ${levels === undefined ? 'an exponential membrane' : 'several spikes per step'}`;
      throw unsupportedNir(feature);
    }
    const jump = synapse === 'jump-decay-use' ? alpha : each((w, one) => (w * dt) / one, wIn, tauSyn);
    return lowered(li({ beta: alpha, r: jump }), last());
  }
  const current = {
    euler: { wIn, synInputScale: 'dt-over-tau' },
    'jump-then-decay': { currentOrder: 'add-use-decay' },
    'jump-decay-use': { wIn: alpha },
  } as const;
  const both = { ...leaky, tauSyn, ...current[synapse] } as const;
  return lowered(spiking ? cubaLif({ ...both, ...fire }) : cubaLi(both));
}

interface UnstableParameters {
  readonly tauMem: Numbers;
  readonly tauSyn: Numbers | undefined;
  readonly r: Numbers;
  readonly wIn: Numbers;
  readonly vLeak: Numbers;
  readonly vThreshold: Numbers;
  readonly vReset: Numbers;
}

function unstableNeuron(
  { path, spiking, conventions, dt }: NeuronNode,
  p: UnstableParameters,
): LoweredNeuron {
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
  const stages = [membrane];
  if (p.tauSyn !== undefined) {
    const jump = each((w, tau) => (w * dt) / tau, p.wIn, p.tauSyn);
    stages.unshift(unstable.current({ factor: factorOf(p.tauSyn, dt, 'euler'), gain: jump }));
  }
  const warnings = [
    `${path}: a time constant is shorter than a step of ${dt} ms, so forward Euler overshoots; choose a shorter dt`,
  ];
  return { ...lowered(...stages), unstable: true, warnings };
}
