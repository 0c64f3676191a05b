// Rules of plasticity against NEST: the weight of every spike of the source, by itself and in a network.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  circuit,
  connect,
  driveSynapse,
  population,
  record,
  rule,
  type SynapseModel,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { neuron } from '../../src-ts/doors/neurons.ts';
import { rewardStdp } from '../support/nest-rules.ts';

interface Run {
  model: string;
  /** As NEST calls them. */
  params: Record<string, number>;
  delay: number;
  weight: number;
  pre: number[];
  post: number[];
  modulator?: number[];
  weights: number[];
}

const { dt, runs } = JSON.parse(
  await readFile('__test__/circuit/fixtures/plasticity/nest_rules.json', 'utf8'),
) as {
  dt: number;
  runs: Run[];
};

// The unit of weights with which the bounds of power laws are measured.
const scale = 1000;

/** Fires when it is kicked, and shows what has arrived in a step. */
const recorder = neuron({
  state: { v: 0, heard: 0 },
  input: ['kick', 'synapse'],
  update: 'v = kick; heard = synapse',
  spike: 'v > 0.5',
});

const constants = ({ lambda, alpha, Wmax }: Record<string, number>) => ({
  lambda: lambda!,
  alpha: alpha!,
  wMin: 0,
  wMax: Wmax!,
});

const models: Record<string, (p: Record<string, number>) => SynapseModel> = {
  stdp_triplet_synapse: (p) =>
    synapse.tripletStdp({
      like: 'nest',
      tauPlus: p.tau_plus!,
      tauX: p.tau_plus_triplet!,
      tauMinus: p.tau_minus!,
      tauY: p.tau_minus_triplet!,
      aPlus: p.Aplus!,
      aPlusTriplet: p.Aplus_triplet!,
      aMinus: p.Aminus!,
      aMinusTriplet: p.Aminus_triplet!,
      wMax: p.Wmax!,
    }),
  stdp_nn_symm_synapse: (p) =>
    synapse.stdp({
      like: 'nest',
      pairing: 'nearest',
      tauPlus: p.tau_plus!,
      tauMinus: p.tau_minus!,
      lambda: p.lambda!,
      alpha: p.alpha!,
      muPlus: p.mu_plus!,
      muMinus: p.mu_minus!,
      wMax: p.Wmax!,
    }),
  // Each spike of the source pairs with the nearest of the target before it and after it.
  stdp_nn_pre_centered_synapse: (p) =>
    synapse.rule({
      params: constants(p),
      variables: { x: { init: 0, tau: p.tau_plus! } },
      traces: { y: { of: 'post', tau: p.tau_minus!, jump: 'set' } },
      pre: 'w -= alpha * lambda * w * y; x += 1',
      post: 'w += lambda * (wMax - w) * x; x = 0',
    }),
  // Two spikes pair only with none of either side between them.
  stdp_nn_restr_synapse: (p) =>
    synapse.rule({
      params: constants(p),
      variables: { x: { init: 0, tau: p.tau_plus! }, y: { init: 0, tau: p.tau_minus! } },
      pre: 'w -= alpha * lambda * w * y; y = 0; x = 1',
      post: 'w += lambda * (wMax - w) * x; x = 0; y = 1',
    }),
  stdp_pl_synapse_hom: (p) =>
    synapse.stdp({
      like: 'nest',
      dependence: 'power-law',
      tauPlus: p.tau_plus!,
      tauMinus: p.tau_minus!,
      aPlus: p.lambda! * scale ** p.mu!,
      aMinus: p.lambda! * p.alpha! * scale,
      muPlus: p.mu!,
      muMinus: 1,
      wMax: scale,
    }),
  vogels_sprekeler_synapse: (p) =>
    synapse.inhibitoryStdp({ tau: p.tau!, eta: p.eta!, alpha: p.alpha!, wMax: p.Wmax! }),
  stdp_dopamine_synapse: rewardStdp,
};

for (const run of runs) {
  const { model, params, delay, weight, post } = run;
  const rules = models[model]!(params);
  // Where NEST begins as if the source had a spike at 0 ms.
  const before = /_nn_(symm|restr)_/.test(model) ? [0] : [];
  const modulator = run.modulator?.map((t) => t + dt) ?? [];

  test(`weights of NEST: ${model}, ${delay} ms`, async (t) => {
    const pre = [...before, ...run.pre];
    const { transmitted } = await driveSynapse(rules, { pre, post, modulator, weight, delay });
    const sent = transmitted.slice(before.length);
    t.is(sent.length, run.weights.length);
    for (const [i, w] of run.weights.entries())
      t.true(Math.abs(sent[i]! - w) < 1e-9, `${i}: ${sent[i]} ${w}`);
  });

  // A spike at 0 ms would be before a network's first step.
  if (before.length > 0) continue;
  test(`weights of NEST in a network: ${model}, ${delay} ms`, async (t) => {
    const cell = population(recorder, 1, { name: 'cell' });
    const source = spikeSource([run.pre], { name: 'pre' });
    const kicks = spikeSource([post.map((time) => time - dt)]);
    const doses = modulator.length > 0 ? spikeSource([modulator]) : undefined;
    const one = rule.oneToOne();
    const learning = connect(source, cell, one, {
      port: 'synapse',
      weight,
      delay,
      model: rules,
      ...(doses === undefined ? {} : { modulator: doses }),
    });
    const made = circuit(
      cell,
      learning,
      connect(kicks, cell, one, { port: 'kick', weight: 1, delay: dt }),
      record.traces(cell, ['heard']),
    );
    const { traces, times } = await simulate(made, { duration: 1000, dt, precision: 'f64' });
    t.deepEqual(
      Array.from(times, (time) => time.toFixed(1)),
      post.map((time) => time.toFixed(1)),
    );
    const { values } = traces['cell.heard']!;
    for (const [i, w] of run.weights.entries()) {
      const got = values[Math.round((run.pre[i]! + delay) / dt) - 1]!;
      t.true(Math.abs(got - w) < 1e-9, `${i}: ${got} ${w}`);
    }
  });
}
