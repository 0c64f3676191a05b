/** NEST's neurons under spikes and currents, and its network without random numbers: through large networks. */
import {
  aeifCondExp,
  aeifPscExp,
  type Cells,
  type Connection,
  connect,
  currentSource,
  hhPscAlpha,
  iafCondAlpha,
  iafCondExp,
  iafPscAlpha,
  iafPscExp,
  izhikevich,
  lif,
  network,
  population,
  type Recording,
  record,
  rule,
  simulate,
  spikeSource,
} from '../index.ts';
import { BadCase, type Json, list, number, object, renamed, type SideCar, Skip, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** One neuron of NEST as one of ours. */
interface Twin {
  /** From parameters and initial values under NEST's names. */
  make(params: Json, init: Json): Cells;
  /** NEST's recorded quantities as our states. */
  states: Readonly<Record<string, string>>;
  /** What a weight of NEST's is as an input of ours. */
  weight?(weight: number, dt: number): number;
}

const psc = {
  C_m: 'c',
  E_L: 'vLeak',
  I_e: 'iBias',
  V_reset: 'vReset',
  V_th: 'vThreshold',
  t_ref: 'tauRef',
  tau_m: 'tauMem',
  tau_syn_ex: 'tauE',
  tau_syn_in: 'tauI',
};
const cond = {
  C_m: 'c',
  E_L: 'vLeak',
  E_ex: 'vE',
  E_in: 'vI',
  I_e: 'iBias',
  V_reset: 'vReset',
  V_th: 'vThreshold',
  g_L: 'gL',
  t_ref: 'tauRef',
  tau_syn_ex: 'tauE',
  tau_syn_in: 'tauI',
};

const aeif = {
  C_m: 'c',
  Delta_T: 'deltaT',
  E_L: 'vLeak',
  I_e: 'iBias',
  V_peak: 'vPeak',
  V_reset: 'vReset',
  V_th: 'vT',
  a: 'a',
  b: 'b',
  g_L: 'gL',
  gsl_error_tol: null,
  t_ref: 'tauRef',
  tau_syn_ex: 'tauE',
  tau_syn_in: 'tauI',
  tau_w: 'tauW',
};
const hh = {
  C_m: 'c',
  E_K: 'vK',
  E_L: 'vLeak',
  E_Na: 'vNa',
  I_e: 'iBias',
  g_K: 'gK',
  g_L: 'gL',
  g_Na: 'gNa',
  t_ref: 'tauRef',
  tau_syn_ex: 'tauE',
  tau_syn_in: 'tauI',
};

function named(params: Json, names: Readonly<Record<string, string | null>>): Record<string, number> {
  // A lower bound of the potential, null where there is none.
  const { V_min = null, ...others } = params;
  if (V_min !== null) throw new Skip('V_min is not built yet');
  return renamed(others, names, "NEST's parameter") as Record<string, number>;
}
const v = (init: Json) => ({ vInit: number(init.V_m, 'init.V_m') });

const twins: Readonly<Record<string, Twin>> = {
  'nest.iaf_psc_exp': {
    make: (params, init) => population(iafPscExp, 1, { ...named(params, psc), ...v(init) }),
    states: { V_m: 'v', I_syn_ex: 'iE', I_syn_in: 'iI' },
  },
  'nest.iaf_psc_alpha': {
    make: (params, init) => population(iafPscAlpha, 1, { ...named(params, psc), ...v(init) }),
    states: { V_m: 'v', I_syn_ex: 'iE', I_syn_in: 'iI' },
  },
  'nest.iaf_cond_exp': {
    make: (params, init) => population(iafCondExp, 1, { ...named(params, cond), ...v(init) }),
    states: { V_m: 'v', g_ex: 'gE', g_in: 'gI' },
  },
  'nest.iaf_cond_alpha': {
    make: (params, init) => population(iafCondAlpha, 1, { ...named(params, cond), ...v(init) }),
    states: { V_m: 'v', g_ex: 'gE', g_in: 'gI' },
  },
  'nest.aeif_cond_exp': {
    make: (params, init) =>
      population(aeifCondExp, 1, {
        subSteps: 20,
        ...named(params, { ...aeif, E_ex: 'vE', E_in: 'vI' }),
        ...v(init),
        wInit: number(init.w, 'init.w'),
      }),
    states: { V_m: 'v', w: 'w', g_ex: 'gE', g_in: 'gI' },
  },
  'nest.aeif_psc_exp': {
    make: (params, init) =>
      population(aeifPscExp, 1, {
        subSteps: 20,
        ...named(params, aeif),
        ...v(init),
        wInit: number(init.w, 'init.w'),
      }),
    states: { V_m: 'v', w: 'w', I_syn_ex: 'iE', I_syn_in: 'iI' },
  },
  'nest.hh_psc_alpha': {
    make: (params, init) =>
      population(hhPscAlpha, 1, {
        ...named(params, hh),
        ...v(init),
        mInit: number(init.Act_m, 'init.Act_m'),
        hInit: number(init.Inact_h, 'init.Inact_h'),
        nInit: number(init.Act_n, 'init.Act_n'),
      }),
    states: { V_m: 'v', Act_m: 'm', Inact_h: 'h', Act_n: 'n', I_syn_ex: 'iE', I_syn_in: 'iI' },
  },
  'nest.iaf_psc_delta': {
    make(params, init) {
      const { c, iBias, vLeak, ...rest } = named(params, psc);
      // A constant current moves the potential towards which v decays.
      const leak = vLeak! + (iBias! * rest.tauMem!) / c!;
      return population(lif, 1, { ...rest, ...v(init), like: 'nest', vLeak: leak });
    },
    states: { V_m: 'v' },
  },
  'nest.izhikevich': {
    make(params, init) {
      const { consistent_integration, I_e, ...rest } = params;
      const names = { V_th: 'vPeak', a: 'a', b: 'b', c: 'c', d: 'd' };
      return population(izhikevich, 1, {
        ...named(rest, names),
        ...v(init),
        uInit: number(init.U_m, 'init.U_m'),
        k0: 140 + number(I_e, 'I_e'),
        method: consistent_integration === true ? 'simultaneous' : 'half-steps',
      });
    },
    states: { V_m: 'v', U_m: 'u' },
    // In NEST a spike is a jump of V, in ours a current that lasts one step.
    weight: (weight, dt) => weight / dt,
  },
};

export const nest: Readonly<
  Record<string, (entry: Json, comparison: Comparison, car: SideCar) => Promise<void>>
> = {
  ...Object.fromEntries(Object.entries(twins).map(([name, twin]) => [name, oneNeuron(twin)])),
  'nest.randomfree_iaf_psc_alpha': withoutRandomNumbers,
};

function oneNeuron(twin: Twin) {
  return async (entry: Json, comparison: Comparison, car: SideCar): Promise<void> => {
    const dt = number(entry.dt_ms, 'dt_ms');
    const neuron = twin.make(object(entry.params, 'params'), object(entry.init, 'init'));
    const steps = number(entry.n_steps_recorded, 'n_steps_recorded');
    const recording: Recording = await simulate(
      network(
        neuron,
        stimulus(entry, neuron, twin, dt, car),
        record.traces(neuron, Object.values(twin.states)),
      ),
      { duration: steps * dt, dt, precision: 'f64' },
    );
    const [name] = Object.keys(recording.populations);
    for (const [quantity, tensor] of Object.entries(object(entry.expected, 'expected'))) {
      if (quantity === 'spike_times') {
        comparison.expected(tensor, recording.times, [recording.times.length]);
        continue;
      }
      const state = twin.states[quantity];
      if (state === undefined) throw new BadCase(`the quantity ${quantity} is unknown`);
      const { values } = recording.traces[`${name}.${state}`]!;
      comparison.expected(tensor, values, [values.length]);
    }
  };
}

function stimulus(entry: Json, neuron: Cells, twin: Twin, dt: number, car: SideCar): Connection[] {
  const given = object(entry.stimulus, 'stimulus');
  const kind = text(given.kind, 'stimulus.kind');
  if (kind === 'step_current') {
    const delay = number(given.delay_ms, 'stimulus.delay_ms');
    const times = list(given.amplitude_times_ms, 'amplitude_times_ms').map((t) => number(t, 'time') + delay);
    const values = list(given.amplitude_values_pA, 'amplitude_values_pA').map((x) => number(x, 'value'));
    return [connect(currentSource({ times, values }), neuron)];
  }
  if (kind !== 'spikes') throw new Skip(`the stimulus ${kind} of a network's neuron is not built yet`);
  const delay = number(given.delay_ms, 'stimulus.delay_ms');
  return (['exc', 'inh'] as const).map((sign) => {
    const times = car.value(given[`${sign}_times`], `${sign}_times`);
    if (typeof times === 'number') throw new BadCase(`${sign}_times is no tensor`);
    const weight = number(given[`weight_${sign}`], `weight_${sign}`);
    return connect(spikeSource([times], { name: sign }), neuron, rule.oneToOne(), {
      weight: twin.weight?.(weight, dt) ?? weight,
      delay,
    });
  });
}

async function withoutRandomNumbers(entry: Json, comparison: Comparison): Promise<void> {
  const params = object(entry.params, 'params');
  const p = (key: string) => number(params[key], key);
  const [n, k] = [p('n'), p('K')];
  const synapses = Array.from({ length: n * k }, (_, i) => [Math.floor(i / k), i % k] as const);
  const sources = synapses.map(([source]) => source);
  const targets = synapses.map(
    ([source, synapse]) => (source * p('mult') + synapse * p('step') + p('offset')) % n,
  );
  const inhibits = (source: number) => source % p('inh_every') === p('inh_residue');
  const weight = sources.map((source) => p(inhibits(source) ? 'w_inh_pA' : 'w_exc_pA'));
  const { model, params: cell } = object(params.neuron, 'neuron');
  if (model !== 'nest.iaf_psc_alpha') throw new Skip(`a network of ${model} is not built yet`);
  const neurons = population(iafPscAlpha, n, {
    ...named(object(cell, 'neuron.params'), psc),
    iBias: Array.from({ length: n }, (_, i) => p('i0_pA') + p('di_pA') * i),
  });
  const dt = p('dt_ms');
  const { times, ids } = await simulate(
    network(
      neurons,
      connect(neurons, neurons, rule.list(sources, targets), { weight, delay: p('delay_ms') }),
    ),
    { duration: p('ms'), dt, precision: 'f64' },
  );
  comparison.field(
    'step',
    Array.from(times, (t) => Math.round(t / dt)),
  );
  comparison.field('id', Array.from(ids));
}
