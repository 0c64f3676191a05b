// Under `like` every default is that library's: each value in the peers' signatures (fixtures/peer-defaults) is compared, or it is said
// why there is nothing to compare. A model, preset, surrogate or parameter that is in neither list fails.
import test from 'ava';
import * as lapicque from '../support/library.ts';
import {
  absent,
  all,
  type Check,
  type Classes,
  camel,
  type Defaults,
  type Dynamics,
  learned,
  option,
  param,
  peers,
  registry,
  resolved,
  same,
  theirs,
  type Value,
} from '../support/peer-defaults.ts';

const { customSurrogate, dense, sequential, surrogateDerivative } = lapicque;
const surrogates = lapicque.surrogate as unknown as Record<string, (options?: object) => lapicque.Surrogate>;

/** A peer's surrogate as ours, with the names of its parameters. */
const named: Record<string, Record<string, [ours: string, names: Record<string, string>] | string>> = {
  snntorch: {
    LSO: ['lso', { slope: 'slope' }],
    SFS: ['sfs', { slope: 'slope', B: 'B' }],
    SSO: ['sso', { mean: 'mean', variance: 'variance' }],
    atan: ['atan', { alpha: 'alpha' }],
    custom_surrogate: 'customSurrogate, which has no defaults',
    fast_sigmoid: ['fast-sigmoid', { slope: 'slope' }],
    heaviside: ['heaviside', {}],
    sigmoid: ['sigmoid', { slope: 'slope' }],
    spike_rate_escape: ['spike-rate-escape', { beta: 'beta', slope: 'slope' }],
    straight_through_estimator: ['straight-through', {}],
    triangular: ['snntorch-triangular', { threshold: 'threshold' }],
  },
  spikingjelly: {
    ATan: ['atan', { alpha: 'alpha' }],
    DeterministicPass: ['deterministic-pass', {}],
    Erf: ['erf', { alpha: 'alpha' }],
    FakeNumericalGradient: ['fake-numerical-gradient', { alpha: 'alpha' }],
    LeakyKReLU: ['leaky-k-relu', { leak: 'leak', k: 'k' }],
    LogTailedReLU: ['log-tailed-relu', { alpha: 'alpha' }],
    MultiLevelSpikeCount: 'the window of multiLevelLif',
    NonzeroSignLogAbs: ['nonzero-sign-log-abs', { alpha: 'alpha' }],
    PiecewiseExp: ['piecewise-exp', { alpha: 'alpha' }],
    PiecewiseLeakyReLU: ['piecewise-leaky-relu', { w: 'w', c: 'c' }],
    PiecewiseQuadratic: ['piecewise-quadratic', { alpha: 'alpha' }],
    PoissonPass: 'it draws spikes; there is none',
    QPseudoSpike: ['q-pseudo-spike', { alpha: 'alpha' }],
    Rect: ['rect', { alpha: 'alpha' }],
    S2NN: ['s2nn', { alpha: 'alpha', beta: 'beta' }],
    Sigmoid: ['sigmoid', { alpha: 'slope' }],
    SoftSign: ['soft-sign', { alpha: 'alpha' }],
    SquarewaveFourierSeries: ['squarewave-fourier', { n: 'n', T_period: 'T' }],
    SuperSpike: ['super-spike', { alpha: 'alpha' }],
    SurrogateFunctionBase: 'a base class',
  },
};
// Norse's cells hand the alpha of their parameters to the method, whatever it is; `super` ignores it.
const { alpha } = peers.norse!.parameters!.LIFParameters!;
named.norse = {
  super: ['fast-sigmoid', { ignored: 'slope' }],
  triangle: ['triangular', { alpha: 'height', one: 'width' }],
  tanh: ['tanh', { alpha: 'alpha' }],
  circ: ['circ', { alpha: 'alpha' }],
  heavi_erfc: ['heavi-erfc', { alpha: 'alpha' }],
};
const signatures: Record<string, Classes> = {
  snntorch: peers.snntorch!.surrogates!,
  spikingjelly: peers.spikingjelly!.surrogates!,
  norse: Object.fromEntries(
    Object.keys(named.norse).map((name) => [name, { alpha: alpha!, ignored: 1, one: 1 }]),
  ),
};

const surrogateOf =
  (peer: string, name: (theirs: Value) => string, overrides?: Defaults): Check =>
  (own, theirs) => {
    const key = name(theirs);
    const [ours, names] = named[peer]![key] as [string, Record<string, string>];
    same('surrogate', own.surrogate?.name, ours);
    const values =
      overrides ?? (typeof theirs === 'object' && theirs !== null ? theirs : signatures[peer]![key]!);
    for (const [their, our] of Object.entries(names))
      same(`surrogate.${our}`, own.surrogate?.[our], values[their]);
  };

const shape = 'it says what a call returns';
const noNumber = 'no number depends on it';
const snn: Record<string, Check> = {
  threshold: param('vThreshold'),
  spike_grad: all(
    theirs(null),
    surrogateOf('snntorch', () => 'atan'),
  ),
  surrogate_disable: theirs(false),
  init_hidden: shape,
  output: shape,
  inhibition: all(theirs(false), absent('inhibition', false)),
  state_quant: theirs(false),
  learn_alpha: learned('alpha'),
  learn_beta: learned('beta'),
  learn_threshold: learned('vThreshold'),
  reset_mechanism: option('reset', (name) => (name === 'zero' ? 'value' : name)),
  reset_delay: (own, theirs) => {
    same('theirs', theirs, true);
    same('resetTiming', own.options.resetTiming, 'next-step');
  },
  graded_spikes_factor: param('gradedSpikes'),
  learn_graded_spikes_factor: learned('gradedSpikes'),
};
const jelly: Record<string, Check> = {
  tau: param('tauMem'),
  decay_input: option('inputScale', (enabled) => (enabled === true ? 'dt-over-tau' : 'weight')),
  v_threshold: param('vThreshold'),
  v_reset: all(
    param('vReset'),
    option('reset', (value) => (value === null ? 'subtract' : 'value')),
  ),
  v_rest: param('vLeak'),
  surrogate_function: surrogateOf(
    'spikingjelly',
    (surrogateSpec) => (surrogateSpec as { class: string }).class,
  ),
  detach_reset: (own, theirs) => same('detachReset', own.options.detachReset, theirs),
  step_mode: shape,
  store_v_seq: shape,
};
/** From a rate per second to ms. */
const perSecond = (rate: number) => 1000 / rate;
const norse: Record<string, Check> = {
  tau_mem_inv: param('tauMem', perSecond),
  tau_syn_inv: param('tauSyn', perSecond),
  v_leak: param('vLeak'),
  v_th: param('vThreshold'),
  v_reset: all(
    param('vReset'),
    option('reset', () => 'value'),
  ),
  method: surrogateOf('norse', (method) => method as string, { alpha: alpha!, ignored: 1 }),
  alpha: 'with the method; super ignores it',
  reset_method: option('reset', (name) => (name as string).replace('reset_', '')),
};
const nir: Record<string, Check> = {
  v_reset: all(theirs(null), (own) => same('vReset', own.params.vReset, 0)),
  w_in: param('wIn'),
  metadata: noNumber,
};
const withoutSpikes = (checks: Record<string, Check>): Record<string, Check> => {
  const { v_reset: _, ...rest } = checks;
  return rest;
};
const nest: Record<string, Check> = {
  tau_m: param('tauMem'),
  tau_syn_ex: param('tauSyn'),
  tau_syn_in: param('tauSyn'),
  t_ref: param('tauRef'),
  E_L: param('vLeak'),
  V_reset: param('vReset'),
  V_th: param('vThreshold'),
  V_m: param('vInit'),
  V_min: (own, theirs) => {
    same('theirs is no bound', Number(theirs) < -1e300, true);
    same('vMin', own.params.vMin, undefined);
  },
  I_e: theirs(0),
  refractory_input: theirs(false),
};

/** Which class each preset is, what is compared, and what has to be given. */
type Entry = { of: string; list?: string; checks: Record<string, Check>; args?: object };
const entries: Record<string, Record<string, Entry>> = {
  lif: {
    snntorch: { of: 'Leaky', checks: snn, args: { beta: 0.9 } },
    spikingjelly: { of: 'LIFNode', checks: jelly },
    norse: { of: 'LIFBoxParameters', checks: norse },
    nir: { of: 'LIF', checks: nir, args: { tauMem: 5 } },
    nest: { of: 'iaf_psc_delta', checks: { ...nest, C_m: 'inputs are jumps of v' } },
  },
  'cuba-lif': {
    snntorch: { of: 'Synaptic', checks: snn, args: { alpha: 0.8, beta: 0.9 } },
    spikingjelly: {
      of: 'CUBALIFNode',
      checks: { ...jelly, c_decay: param('alpha'), v_decay: param('beta') },
    },
    norse: { of: 'LIFParameters', checks: norse },
    nir: { of: 'CubaLIF', checks: nir, args: { tauMem: 5, tauSyn: 3 } },
    nest: {
      of: 'iaf_psc_exp',
      checks: {
        ...nest,
        C_m: (own, c) => same('r', own.params.r, (own.params.tauMem as number) / (c as number)),
        delta: theirs(0),
        rho: 'with delta 0 the threshold is sharp',
      },
    },
  },
  'cuba-li': {
    snntorch: { of: 'Synaptic', checks: { ...snn }, args: { alpha: 0.8, beta: 0.9 } },
    spikingjelly: {
      of: 'CUBALIFNode',
      checks: { c_decay: param('alpha'), v_decay: param('beta') },
    },
    norse: { of: 'LIParameters', checks: norse },
    nir: { of: 'CubaLI', checks: nir, args: { tauMem: 5, tauSyn: 3 } },
    nest: {
      of: 'iaf_psc_exp',
      checks: {
        ...nest,
        C_m: (own, c) => same('r', own.params.r, (own.params.tauMem as number) / (c as number)),
        delta: theirs(0),
        rho: 'with delta 0 the threshold is sharp',
      },
    },
  },
  li: {
    snntorch: { of: 'Leaky', checks: snn, args: { beta: 0.9 } },
    spikingjelly: { of: 'NonSpikingLIFNode', checks: { ...jelly, decode: shape } },
    norse: { of: 'LIBoxParameters', checks: norse },
    nir: { of: 'LI', checks: withoutSpikes(nir), args: { tauMem: 5 } },
    nest: { of: 'iaf_psc_delta', checks: { ...nest, C_m: 'inputs are jumps of v' } },
  },
  if: {
    snntorch: { of: 'Leaky', checks: { ...snn, learn_beta: theirs(false) } },
    spikingjelly: { of: 'IFNode', checks: jelly },
    norse: { of: 'IAFParameters', checks: norse },
    nir: { of: 'IF', checks: nir },
  },
  lapicque: {
    snntorch: {
      of: 'Lapicque',
      args: { r: 5, c: 2 },
      checks: {
        ...snn,
        beta: theirs(false),
        R: theirs(false),
        C: theirs(false),
        time_step: param('timeStep'),
      },
    },
  },
  alpha: { snntorch: { of: 'Alpha', checks: snn, args: { alpha: 0.9, beta: 0.8 } } },
  slstm: {
    snntorch: {
      of: 'SLSTM',
      checks: { ...snn, bias: 'of the dense layer before it, whose default is true' },
    },
  },
  'delta-lif': {
    snntorch: { of: 'DeltaLeaky', checks: { delta_threshold: param('vThreshold') }, args: { beta: 0.9 } },
  },
  'parametric-lif': {
    spikingjelly: {
      of: 'ParametricLIFNode',
      checks: {
        ...jelly,
        init_tau: (own, tau) => {
          same('w', own.params.w, -Math.log((tau as number) - 1));
          same('learn', own.learn.includes('w'), true);
        },
      },
    },
  },
  klif: {
    spikingjelly: { of: 'KLIFNode', checks: { ...jelly, scale_reset: theirs(false) } },
  },
  eif: {
    spikingjelly: {
      of: 'EIFNode',
      checks: { ...jelly, v_threshold: param('vPeak'), delta_T: param('deltaT'), theta_rh: param('vT') },
    },
  },
  qif: {
    spikingjelly: {
      of: 'QIFNode',
      checks: { ...jelly, v_threshold: param('vPeak'), v_c: param('vCritical'), a0: param('a0') },
    },
  },
  alif: {
    norse: {
      of: 'LSNNParameters',
      checks: { ...norse, tau_adapt_inv: param('tauAdapt', perSecond), beta: param('betaAdapt') },
    },
  },
  adex: {
    norse: {
      of: 'LIFAdExParameters',
      checks: {
        ...norse,
        tau_mem_inv: param('c', perSecond),
        tau_ada_inv: param('tauW', perSecond),
        v_th: all(param('vT'), param('vPeak')),
        v_reset: param('vReset'),
        delta_T: param('deltaT'),
        adaptation_current: param('a'),
        adaptation_spike: param('b'),
      },
    },
    nest: {
      of: 'aeif_cond_exp',
      checks: {
        C_m: param('c'),
        g_L: param('gL'),
        E_L: param('vLeak'),
        V_th: param('vT'),
        V_peak: param('vPeak'),
        V_reset: param('vReset'),
        V_m: param('vInit'),
        Delta_T: param('deltaT'),
        tau_w: param('tauW'),
        a: param('a'),
        b: param('b'),
        w: (own, theirs) => same('wInit', own.params.wInit ?? 0, theirs),
        t_ref: (own, theirs) => same('tauRef', own.params.tauRef ?? own.params.refractorySteps ?? 0, theirs),
        I_e: theirs(0),
      },
    },
  },
  izhikevich: {
    norse: {
      of: 'IzhikevichParameters',
      checks: {
        sq: param('k2'),
        mn: param('k1'),
        bias: param('k0'),
        v_th: param('vPeak'),
        tau_inv: param('timeScale', (rate) => rate / 1000),
        method: norse.method!,
        alpha: norse.alpha!,
      },
    },
    nest: {
      of: 'izhikevich',
      checks: {
        a: param('a'),
        b: param('b'),
        c: param('c'),
        d: param('d'),
        V_th: param('vPeak'),
        V_m: param('vInit'),
        U_m: param('uInit'),
        V_min: nest.V_min!,
        I_e: theirs(0),
        consistent_integration: theirs(true),
      },
    },
  },
  'coba-lif': {
    norse: {
      of: 'CobaLIFParameters',
      checks: {
        tau_syn_exc_inv: param('tauE', perSecond),
        tau_syn_inh_inv: param('tauI', perSecond),
        c_m_inv: param('c', perSecond),
        g_l: param('gL'),
        e_rev_I: param('vI'),
        e_rev_E: param('vE'),
        v_rest: param('vLeak'),
        v_reset: param('vReset'),
        v_thresh: param('vThreshold'),
        method: norse.method!,
        alpha: norse.alpha!,
      },
    },
  },
};

/** What of a class is no parameter of a neuron's equations in NEST's dictionaries. */
const ofNest =
  /^(element_type|frozen|global_id|local|model|model_id|node_uses_wfr|recordables|supports_precise_spikes|synaptic_elements|thread|thread_local_id|vp|archiver_length|beta_Ca|Ca|tau_Ca|tau_minus|tau_minus_triplet|ignore_and_spike\w*|gsl_error_tol|g_ex|g_in|E_ex|E_in|tau_syn_ex|tau_syn_in|t_spike|post_trace|available|capacity|instantiations|type_id|elementsize|receptor_types?)$/;

test('every preset of every model is here', (t) => {
  for (const { key, presets } of registry.models)
    for (const { name } of presets.filter(({ name }) => name !== 'brian2'))
      t.truthy(entries[key]?.[name], `${key}, like ${name}`);
});

for (const [key, libraries] of Object.entries(entries))
  for (const [like, { of, checks, args = {} }] of Object.entries(libraries))
    test(`${key} like ${like}: ${of}`, async (t) => {
      const defaults = peers[like]!.neurons![of] ?? peers[like]!.parameters![of]!;
      const own = await resolved(key, { like, ...args });
      t.pass();
      const spiking = own.surrogate !== undefined || own.options.reset !== undefined;
      for (const [name, expected] of Object.entries(defaults)) {
        const check = checks[name];
        if (check === undefined && like === 'nest' && ofNest.test(name)) continue;
        // A model without spikes has nothing of them.
        if (!spiking && ofSpikes.has(name)) continue;
        if (check === undefined)
          t.fail(`${of}.${name} = ${JSON.stringify(expected)} is compared with nothing`);
        else if (typeof check !== 'string') t.notThrows(() => check(own, expected), `${of}.${name}`);
      }
    });

/** Names of what only a neuron that spikes has. */
const ofSpikes = new Set([
  ...[
    'threshold',
    'spike_grad',
    'surrogate_disable',
    'inhibition',
    'learn_threshold',
    'reset_mechanism',
    'reset_delay',
  ],
  ...[
    'graded_spikes_factor',
    'learn_graded_spikes_factor',
    'v_threshold',
    'v_reset',
    'surrogate_function',
    'detach_reset',
  ],
  ...['V_th', 'V_reset', 't_ref', 'delta', 'rho', 'refractory_input'],
]);

for (const [like, names] of Object.entries(named)) {
  const models = registry.models.filter(({ key }) => entries[key]?.[like] !== undefined);

  test(`every surrogate of ${like} has its defaults in every model`, async (t) => {
    for (const [their, defaults] of Object.entries(signatures[like]!)) {
      const entry = names[their];
      if (entry === undefined) t.fail(`${like} ${their} is compared with nothing`);
      if (entry === undefined || typeof entry === 'string') continue;
      const [ours, params] = entry;
      const expected = Object.fromEntries(Object.entries(params).map(([name, own]) => [own, defaults[name]]));
      const surrogate = surrogates[camel(ours)]!();
      for (const { key } of models) {
        const own = await resolved(key, { like, surrogate, ...entries[key]![like]!.args });
        if (own.surrogate === undefined) continue;
        t.deepEqual(own.surrogate as unknown, { name: ours, ...expected }, `${key} like ${like}: ${their}`);
      }
      // What is given stays.
      for (const name of Object.keys(expected)) {
        const chosen = surrogates[camel(ours)]!({ [name]: 3 });
        const own = await resolved('lif', { like, surrogate: chosen, ...entries.lif![like]!.args });
        t.is(own.surrogate![name], 3);
      }
      const explicit = Object.fromEntries(Object.entries(expected)) as Record<string, number>;
      const at = [-0.7, -0.1, 0.05, 0.6];
      t.deepEqual(
        surrogateDerivative(surrogate, at, { like: like as 'norse' }).derivative,
        surrogateDerivative(surrogates[camel(ours)]!(explicit), at).derivative,
      );
    }
  });
}

test('a surrogate that is exchanged has the defaults of its layer’s library', async (t) => {
  const cell = lapicque.lif({ like: 'spikingjelly' });
  using model = await sequential(dense(2, 2), cell, dense(2, 1), lapicque.li({ beta: 0.5 })).compile();
  using other = await model.withSurrogates({ lif1: lapicque.surrogate.sigmoid() });
  const node = other.description.nodes.find(({ name }) => name === 'lif1') as never as { dynamics: Dynamics };
  t.deepEqual(node.dynamics.surrogate, { name: 'sigmoid', slope: 4 });
  t.is(customSurrogate('1').name, undefined);
});

test('without `like` the defaults are those of the page, whatever a library has', async (t) => {
  const own = await resolved('lif', { beta: 0.9, surrogate: lapicque.surrogate.sigmoid() });
  t.deepEqual(own.surrogate, { name: 'sigmoid', slope: 25 });
});
