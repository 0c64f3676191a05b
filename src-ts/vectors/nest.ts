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
  make(n: number, params: Params, start: Start): Cells;
  /** NEST's parameters as ours; `null` for what says nothing to us. */
  params: Readonly<Record<string, string | null>>;
  /** NEST's recorded quantities as our states. */
  states: Readonly<Record<string, string>>;
  /** What a weight of NEST's is as an input of ours. */
  weight?(weight: number, dt: number, params: Json): number;
  /** What a current of NEST's is as an input of ours. */
  current?(current: number, dt: number, params: Json): number;
}

/** A parameter of one neuron, or of each. */
type Value = number | readonly number[];

/** Parameters under our names. */
type Params = Readonly<Record<string, Value>>;

/** States at the start, under our names. */
interface Start {
  readonly initial: Readonly<Record<string, number>>;
}

/** `value + by`, neuron by neuron. */
function raised(value: Value, by: Value | undefined, factor = 1): Value {
  if (typeof by === 'object') return by.map((x) => (value as number) + factor * x);
  return (value as number) + factor * (by ?? 0);
}

const psc = {
  C_m: 'c',
  E_L: 'vLeak',
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
  V_reset: 'vReset',
  V_th: 'vThreshold',
  g_L: 'gL',
  t_ref: 'tauRef',
  tau_syn_ex: 'tauE',
  tau_syn_in: 'tauI',
};

/** Steps of our method in one of the network's, where NEST's adapt to the error. */
const subSteps = 20;
const aeif = {
  C_m: 'c',
  Delta_T: 'deltaT',
  E_L: 'vLeak',
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
  g_K: 'gK',
  g_L: 'gL',
  g_Na: 'gNa',
  t_ref: 'tauRef',
  tau_syn_ex: 'tauE',
  tau_syn_in: 'tauI',
};

const twins: Readonly<Record<string, Twin>> = {
  'nest.iaf_psc_exp': {
    make: (n, params, start) => population(iafPscExp, n, { ...params, ...start }),
    params: psc,
    states: { V_m: 'v', I_syn_ex: 'iE', I_syn_in: 'iI' },
  },
  'nest.iaf_psc_alpha': {
    make: (n, params, start) => population(iafPscAlpha, n, { ...params, ...start }),
    params: psc,
    states: { V_m: 'v', I_syn_ex: 'iE', I_syn_in: 'iI' },
  },
  'nest.iaf_cond_exp': {
    make: (n, params, start) => population(iafCondExp, n, { ...params, ...start }),
    params: cond,
    states: { V_m: 'v', g_ex: 'gE', g_in: 'gI' },
  },
  'nest.iaf_cond_alpha': {
    make: (n, params, start) => population(iafCondAlpha, n, { ...params, ...start }),
    params: cond,
    states: { V_m: 'v', g_ex: 'gE', g_in: 'gI', dg_ex: 'dE', dg_in: 'dI' },
  },
  'nest.aeif_cond_exp': {
    make: (n, params, start) => population(aeifCondExp, n, { subSteps, ...params, ...start }),
    params: { ...aeif, E_ex: 'vE', E_in: 'vI' },
    states: { V_m: 'v', w: 'w', g_ex: 'gE', g_in: 'gI' },
  },
  'nest.aeif_psc_exp': {
    make: (n, params, start) => population(aeifPscExp, n, { subSteps, ...params, ...start }),
    params: aeif,
    states: { V_m: 'v', w: 'w', I_syn_ex: 'iE', I_syn_in: 'iI' },
  },
  'nest.hh_psc_alpha': {
    make: (n, params, start) => population(hhPscAlpha, n, { ...params, ...start }),
    params: hh,
    states: { V_m: 'v', Act_m: 'm', Inact_h: 'h', Act_n: 'n', I_syn_ex: 'iE', I_syn_in: 'iI' },
  },
  'nest.iaf_psc_delta': {
    make(n, { c, iBias, vLeak, ...rest }, start) {
      // A constant current moves the potential towards which v decays.
      const resistance = (rest.tauMem as number) / (c as number);
      return population(lif, n, {
        ...rest,
        ...start,
        like: 'nest',
        vLeak: raised(vLeak!, iBias, resistance),
      });
    },
    params: psc,
    states: { V_m: 'v' },
    // In NEST pA, in ours what v moves by in one step.
    current(current, dt, params) {
      const [tau, c] = [number(params.tau_m, 'tau_m'), number(params.C_m, 'C_m')];
      return (-Math.expm1(-dt / tau) * tau * current) / c;
    },
  },
  'nest.izhikevich': {
    make: (n, { iBias, consistent, ...rest }, start) =>
      population(izhikevich, n, {
        ...rest,
        ...start,
        k0: raised(140, iBias),
        method: consistent ? 'simultaneous' : 'half-steps',
      }),
    params: { V_th: 'vPeak', a: 'a', b: 'b', c: 'c', d: 'd', consistent_integration: 'consistent' },
    states: { V_m: 'v', U_m: 'u' },
    // A spike is a jump of V, in ours a current that lasts one step; without consistency it is that in NEST, too.
    weight: (weight, dt, params) => (params.consistent_integration ? weight / dt : weight),
  },
};

/** `n` neurons with NEST's parameters, their constant current replaced where it is given. */
function neurons(n: number, twin: Twin, params: Json, init: unknown, dt: number, iBias?: Value): Cells {
  const { I_e = 0, ...others }: Record<string, unknown> = params;
  // NEST takes the whole steps in which the refractory period ends, we the nearest.
  if (others.t_ref !== undefined) others.t_ref = dt * Math.ceil(number(others.t_ref, 't_ref') / dt - 1e-6);
  // There is no lower bound of the potential where it is null.
  const given = Object.entries(others).filter(([name, value]) => name !== 'V_min' || value !== null);
  const ours = renamed(
    Object.fromEntries(given),
    { V_min: 'vMin', ...twin.params },
    "NEST's parameter",
  ) as Params;
  const start = renamed(object(init ?? {}, 'init'), twin.states, 'the initial') as Start['initial'];
  return twin.make(n, { ...ours, iBias: iBias ?? number(I_e, 'I_e') }, { initial: start });
}

export const nest: Readonly<
  Record<string, (entry: Json, comparison: Comparison, car: SideCar) => Promise<void>>
> = {
  ...Object.fromEntries(Object.entries(twins).map(([name, twin]) => [name, oneNeuron(twin)])),
  ...Object.fromEntries(
    Object.keys(twins).map((name) => [name.replace('nest.', 'nest.randomfree_'), withoutRandomNumbers]),
  ),
};

function oneNeuron(twin: Twin) {
  return async (entry: Json, comparison: Comparison, car: SideCar): Promise<void> => {
    const dt = number(entry.dt_ms, 'dt_ms');
    const kind = text(object(entry.stimulus, 'stimulus').kind, 'stimulus.kind');
    const params = object(entry.params, 'params');
    // A constant stimulus is the neuron's own current.
    const neuron = neurons(1, twin, params, entry.init, dt, kind === 'constant' ? 0 : undefined);
    const expected = Object.entries(object(entry.expected, 'expected'));
    const traced = expected.filter(([quantity]) => quantity in twin.states).map(([quantity]) => quantity);
    // Spikes are recorded to the end of the simulation, states not as long: NEST delivers them later.
    const recorded = entry.n_steps_recorded as number | undefined;
    const steps = Math.round(number(entry.T_ms ?? recorded! * dt, 'T_ms') / dt);
    const traces =
      traced.length === 0
        ? []
        : [
            record.traces(
              neuron,
              traced.map((q) => twin.states[q]!),
            ),
          ];
    const recording: Recording = await simulate(
      network(neuron, stimulus(entry, kind, neuron, twin, dt, car), ...traces),
      { duration: steps * dt, dt, precision: 'f64' },
    );
    const [name] = Object.keys(recording.populations);
    for (const [quantity, tensor] of expected) {
      if (quantity === 'spike_times') {
        comparison.expected(tensor, recording.times, [recording.times.length]);
      } else if (quantity === 'n_spikes') {
        comparison.field(quantity, [recording.times.length]);
      } else {
        const state = twin.states[quantity];
        if (state === undefined) throw new BadCase(`the quantity ${quantity} is unknown`);
        const values = recording.traces[`${name}.${state}`]!.values.subarray(0, recorded);
        comparison.expected(tensor, values, [values.length]);
      }
    }
  };
}

function stimulus(
  entry: Json,
  kind: string,
  neuron: Cells,
  twin: Twin,
  dt: number,
  car: SideCar,
): Connection[] {
  const given = object(entry.stimulus, 'stimulus');
  const params = object(entry.params, 'params');
  if (kind === 'constant' || kind === 'step_current') {
    const delay = number(given.delay_ms ?? 0, 'stimulus.delay_ms');
    const [times, values] =
      kind === 'constant'
        ? [[given.from_ms ?? 0], [given.I_pA]]
        : [
            list(given.amplitude_times_ms, 'amplitude_times_ms'),
            list(given.amplitude_values_pA, 'amplitude_values_pA'),
          ];
    const current = currentSource({
      times: times.map((t) => number(t, 'time') + delay),
      values: values.map((x) => number(x, 'value')).map((x) => twin.current?.(x, dt, params) ?? x),
    });
    return [connect(current, neuron)];
  }
  if (kind !== 'spikes') throw new Skip(`the stimulus ${kind} of a network's neuron is not built yet`);
  const delay = number(given.delay_ms, 'stimulus.delay_ms');
  return (['exc', 'inh'] as const).map((sign) => {
    const times = car.value(given[`${sign}_times`], `${sign}_times`);
    if (typeof times === 'number') throw new BadCase(`${sign}_times is no tensor`);
    const weight = number(given[`weight_${sign}`], `weight_${sign}`);
    return connect(spikeSource([times], { name: sign }), neuron, rule.oneToOne(), {
      weight: twin.weight?.(weight, dt, params) ?? weight,
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
  const pa = sources.map((source) => p(inhibits(source) ? 'w_inh_pA' : 'w_exc_pA'));
  const { model, params: common } = object(params.neuron, 'neuron');
  const twin = twins[text(model, 'neuron.model')];
  if (twin === undefined) throw new Skip(`a network of ${model} is not built yet`);
  const currents = Array.from({ length: n }, (_, i) => p('i0_pA') + p('di_pA') * i);
  const dt = p('dt_ms');
  const cells = neurons(n, twin, object(common, 'neuron.params'), entry.init, dt, currents);
  const weight = pa.map((w) => twin.weight?.(w, dt, object(common, 'neuron.params')) ?? w);
  const { times, ids } = await simulate(
    network(cells, connect(cells, cells, rule.list(sources, targets), { weight, delay: p('delay_ms') })),
    { duration: p('ms'), dt, precision: 'f64' },
  );
  comparison.field(
    'step',
    Array.from(times, (t) => Math.round(t / dt)),
  );
  comparison.field('id', Array.from(ids));
}
