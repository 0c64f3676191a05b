// Names of options in other libraries lead to those here.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { synapse } from '../../src-ts/doors/circuit.ts';
import {
  adex,
  alif,
  cubaLif,
  hhPscAlpha,
  iafCondExp,
  lif,
  neuron,
  parametricLif,
  qif,
} from '../../src-ts/doors/neurons.ts';
import { dense, sequential } from '../../src-ts/index.ts';
import { type NestSynapse, nestSynapses } from '../../src-ts/neurons/nest-synapses.ts';
import { failure } from '../support/errors.ts';

const make = { adex, alif, cubaLif, hhPscAlpha, iafCondExp, lif, parametricLif, qif } as const;
for (const [model, theirs, ours] of [
  ['lif', 'threshold', 'vThreshold'],
  ['qif', 'threshold', 'vPeak'],
  ['lif', 'learn_beta', 'learn'],
  ['lif', 'learnThreshold', 'learn'],
  ['lif', 'reset_mechanism', 'reset'],
  ['lif', 'spikeGrad', 'surrogate'],
  ['lif', 'surrogate_function', 'surrogate'],
  ['lif', 'graded_spikes_factor', 'gradedSpikes'],
  ['lif', 'decayInput', 'inputScale'],
  ['lif', 'tau', 'tauMem'],
  ['parametricLif', 'init_tau', 'tauInit'],
  ['cubaLif', 'c_decay', 'alpha'],
  ['cubaLif', 'tau_syn_inv', 'tauSyn'],
  ['cubaLif', 'rho_reset', 'refractorySteps'],
  ['alif', 'tau_adapt_inv', 'tauAdapt'],
  ['adex', 'v_th', 'vPeak'],
  ['iafCondExp', 'C_m', 'c'],
  ['iafCondExp', 'E_L', 'vLeak'],
  ['iafCondExp', 'E_ex', 'vE'],
  ['iafCondExp', 'E_in', 'vI'],
  ['iafCondExp', 'I_e', 'iBias'],
  ['iafCondExp', 'tau_syn_ex', 'tauE'],
  ['iafCondExp', 'tau_syn_in', 'tauI'],
  ['iafCondExp', 'V_m', 'vInit'],
  ['iafCondExp', 't_ref', 'tauRef'],
  ['iafCondExp', 'V_th', 'vThreshold'],
  ['hhPscAlpha', 'E_Na', 'vNa'],
  ['hhPscAlpha', 'E_K', 'vK'],
] as const) {
  test(`${model}: ${theirs} is ${ours}`, async (t) => {
    const error = await failure(() => (make[model] as (options: object) => unknown)({ [theirs]: 1 }));
    t.is(error?.code, 'unknown-name');
    t.regex(error!.message, new RegExp(`; did you mean "${ours}"\\?$`));
  });
}

for (const [theirs, ours] of [
  ['threshold', 'spike'],
  ['eqs', 'update'],
  ['model', 'update'],
  ['namespace', 'params'],
] as const) {
  test(`neuron: ${theirs} is ${ours}`, async (t) => {
    const definition = { state: { v: 0 }, update: "v' = (i - v)/10", [theirs]: 'v > 1' };
    const error = await failure(() => neuron(definition as never));
    t.is(error?.message, `unknown option of neuron "${theirs}"; did you mean "${ours}"?`);
  });
}

test('a word that is none is told which there are', async (t) => {
  const compile = (reset: string) =>
    sequential(dense(1, 1), lif({ beta: 0.9, reset: reset as never })).compile();
  const error = await failure(() => compile('hard'));
  t.is(error?.message, 'unknown value of lif1.reset "hard"; did you mean "zero"?');
  t.is(
    (await failure(() => compile('substract')))?.message,
    'unknown value of lif1.reset "substract"; did you mean "subtract"?',
  );
});

test('recordings of a layer are told where one is none', async (t) => {
  using model = await sequential(
    dense(1, 1),
    lif({ beta: 0.9 }),
    dense(1, 1),
    cubaLif({ alpha: 0.8, beta: 0.9 }),
  ).compile();
  const messageOf = async (name: string) =>
    (await failure(() => model.run({ x: new Float32Array(3), shape: [3, 1, 1] }, { record: [name] })))
      ?.message;
  const lif1 = 'known are lif1.spikes, lif1.v, lif1.current';
  const cubaLif1 =
    /^unknown recording "cubaLif1\.(syn|spike)"; did you mean "cubaLif1\.(iSyn|spikes)"\?; known are cubaLif1\.spikes, /;
  t.is(await messageOf('lif1.mem'), `unknown recording "lif1.mem"; did you mean "lif1.v"?; ${lif1}`);
  t.is(await messageOf('lif1.spk'), `unknown recording "lif1.spk"; did you mean "lif1.spikes"?; ${lif1}`);
  t.regex((await messageOf('cubaLif1.syn'))!, cubaLif1);
  t.regex((await messageOf('cubaLif1.spike'))!, cubaLif1);
  t.is(await messageOf('lif1.threshold'), `unknown recording "lif1.threshold"; ${lif1}`);
  t.is(await messageOf('dense1.values'), undefined);
});

test('NEST’s names of parameters of synapses lead to ours, in errors and in the document', (t) => {
  const factories = {
    stdp: synapse.stdp,
    'triplet-stdp': synapse.tripletStdp,
    'inhibitory-stdp': synapse.inhibitoryStdp,
    'tsodyks-markram': synapse.tsodyksMarkram,
  } as const;
  const document = readFileSync('docs/guides/from-nest-and-brian2.md', 'utf8');
  for (const [theirs, { model, params, ...others }] of Object.entries<NestSynapse>(nestSynapses)) {
    const make = factories[model as keyof typeof factories] as (options: object) => unknown;
    const row = document.split('\n').find((line) => line.startsWith(`| \`${theirs}\` |`))!;
    for (const [name, [ours]] of Object.entries({ ...params, ...others.target })) {
      // Ours has one time constant.
      if (theirs === 'vogels_sprekeler_synapse' && name === 'tau_minus') continue;
      t.regex(row, new RegExp(`\`${name}\`( is)? \`${ours}\``), `${theirs}.${name}`);
      const like = others.like === undefined ? {} : { like: others.like };
      if (name !== ours)
        t.throws(() => make({ ...like, [name]: 0.5 }), {
          code: 'unknown-name',
          message: new RegExp(`; did you mean "${ours}"\\?$`),
        });
      t.notThrows(() => make({ ...like, [ours]: 0.5 }));
    }
  }
});
