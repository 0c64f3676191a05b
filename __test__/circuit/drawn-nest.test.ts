// Dopamine's synapse and networks that learn, of NEST at parameters drawn at random (see fixtures/drawn/plasticity/nest_runs.py): the
// weight at every spike, and every spike.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  circuit,
  connect,
  driveSynapse,
  population,
  rule,
  type SynapseModel,
  simulate,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscAlpha, iafPscExp, lif } from '../../src-ts/doors/neurons.ts';
import { rewardStdp } from '../support/nest-rules.ts';

type Params = Record<string, number>;

interface Dopamine {
  dt: number;
  delay: number;
  rule: Params;
  weight: number;
  pre: number[];
  post: number[];
  modulator: number[];
  weights: number[];
}

interface Network {
  dt: number;
  model: 'exp' | 'alpha' | 'delta';
  neurons: Params[];
  taus: Params;
  connections: {
    kind: string;
    rule: Params;
    sources: number[];
    targets: number[];
    delays: number[];
    weights: number[];
  }[];
  /** Step and neuron. */
  spikes: [number, number][];
}

const path = '__test__/circuit/fixtures/drawn/plasticity/nest.json';
const { dopamine, networks } = JSON.parse(await readFile(path, 'utf8')) as {
  dopamine: Dopamine[];
  networks: Network[];
};

test('stdp_dopamine_synapse', async (t) => {
  for (const [i, { dt, delay, rule: p, weight, pre, post, modulator, weights }] of dopamine.entries()) {
    const ms = (steps: number[], later = 0) => steps.map((step) => (step + later) * dt);
    const drive = { pre: ms(pre), post: ms(post), modulator: ms(modulator, 1), weight, delay: delay * dt };
    const { transmitted } = await driveSynapse(rewardStdp(p), drive);
    t.is(transmitted.length, weights.length);
    for (const [k, w] of weights.entries())
      t.true(Math.abs(transmitted[k]! - w) < 1e-9, `${i}, spike ${k}: ${transmitted[k]}, not ${w}`);
  }
});

const models: Record<string, (p: Params, taus: Params) => SynapseModel | undefined> = {
  static_synapse: () => undefined,
  stdp_synapse: (p, { tau_minus }) =>
    synapse.stdp({
      like: 'nest',
      lambda: p.lambda!,
      alpha: p.alpha!,
      muPlus: p.mu_plus!,
      muMinus: p.mu_minus!,
      tauPlus: p.tau_plus!,
      tauMinus: tau_minus!,
      wMax: p.Wmax!,
    }),
  stdp_triplet_synapse: (p, { tau_minus, tau_minus_triplet }) =>
    synapse.tripletStdp({
      like: 'nest',
      tauPlus: p.tau_plus!,
      tauX: p.tau_plus_triplet!,
      tauMinus: tau_minus!,
      tauY: tau_minus_triplet!,
      aPlus: p.Aplus!,
      aPlusTriplet: p.Aplus_triplet!,
      aMinus: p.Aminus!,
      aMinusTriplet: p.Aminus_triplet!,
      wMax: p.Wmax!,
    }),
  vogels_sprekeler_synapse: (p) =>
    synapse.inhibitoryStdp({ tau: p.tau!, eta: p.eta!, alpha: p.alpha!, wMax: -p.Wmax! }),
  tsodyks_synapse: (p) =>
    synapse.tsodyksMarkram({
      like: 'nest',
      utilization: p.U!,
      tauPsc: p.tau_psc!,
      tauRec: p.tau_rec!,
      tauFac: p.tau_fac!,
    }),
  tsodyks2_synapse: (p) =>
    synapse.tsodyksMarkram({
      like: 'nest-tsodyks2',
      utilization: p.U!,
      uFirst: p.u!,
      tauRec: p.tau_rec!,
      tauFac: p.tau_fac!,
    }),
};

for (const [i, { dt, model, neurons, taus, connections, spikes }] of networks.entries()) {
  const kinds = connections.map(({ kind }) => kind.replace('_synapse', ''));

  test(`network ${i}: iaf_psc_${model} with ${kinds.join(', ')}`, async (t) => {
    const of = (name: string) => neurons.map((p) => p[name]!);
    const shared = {
      name: 'n',
      tauMem: of('tau_m'),
      vReset: of('V_reset'),
      vThreshold: -55,
      tauRef: 2,
      initial: { v: -70 },
    };
    const synaptic = { c: of('C_m'), iBias: of('I_e'), tauE: of('tau_syn_ex'), tauI: of('tau_syn_in') };
    const n = neurons.length;
    const cells = {
      exp: () => population(iafPscExp, n, { ...shared, ...synaptic, vLeak: -70 }),
      alpha: () => population(iafPscAlpha, n, { ...shared, ...synaptic, vLeak: -70 }),
      // A constant current moves the potential towards which v decays.
      delta: () =>
        population(lif, n, {
          ...shared,
          like: 'nest',
          vLeak: neurons.map((p) => -70 + (p.I_e! * p.tau_m!) / p.C_m!),
        }),
    }[model]();
    const wires = connections.map(({ kind, rule: p, sources, targets, delays, weights }) => {
      const learning = models[kind]!(p, taus);
      return connect(cells, cells, rule.list(sources, targets), {
        weight: weights,
        delay: delays.map((steps) => steps * dt),
        ...(learning === undefined ? {} : { model: learning }),
      });
    });
    const { times, ids } = await simulate(circuit(cells, wires), { duration: 200, dt, precision: 'f64' });
    const got = Array.from(times, (time, k): [number, number] => [Math.round(time / dt), ids[k]!]);
    t.true(spikes.length > 10);
    t.deepEqual(
      got.sort(([a, m], [b, k]) => a - b || m - k),
      spikes,
    );
  });
}
