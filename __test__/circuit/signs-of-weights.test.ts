// Weights below 0 at ports that take none, through the public API: what the message says, and what goes on working.
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  distribution,
  layout,
  noise,
  poisson,
  population,
  rule,
  type Synapse,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafCondExp, iafPscExp, iafPscExpShared, neuron } from '../../src-ts/doors/neurons.ts';
import { outcome } from '../support/errors.ts';
import { table } from '../support/table.ts';

const conductances = (options: Partial<Synapse>) =>
  run(population(iafCondExp, 2, { name: 'n', layout: layout.grid([2]) }), options);

function run(cells: ReturnType<typeof population>, options: Partial<Synapse>) {
  return simulate(
    circuit(cells, connect(cells, cells, rule.allToAll(), { weight: 1, delay: 1, ...options })),
    {
      duration: 1,
    },
  );
}

const conductance = (port: string) =>
  `expected at least 0: port ${port} of n takes weights of at least 0: they open a conductance. Without a port, weights below 0 lead to inhibitory as magnitudes`;

table('weights below 0', {
  'at a conductance': [
    () => conductances({ port: 'excitatory', weight: -2 }),
    `invalid-parameter: connections[0] (n to n).weight: ${conductance('excitatory')} but got -2`,
  ],
  'at inhibition': [
    () => run(population(iafPscExp, 2, { name: 'n' }), { port: 'inhibitory', weight: -30 }),
    /at least 0: port/,
  ],
  drawn: [() => conductances({ port: 'inhibitory', weight: distribution.normal(1, 1) }), /at least 0: port/],
  'by distance': [() => conductances({ port: 'inhibitory', weight: '0.4 - d' }), /at least 0: port/],
  'of a rule': [
    () => conductances({ port: 'excitatory', model: synapse.stdp({ wMin: -1, wMax: 2 }) }),
    /at least 0: port/,
  ],
  'of Poisson trains': [
    () => {
      const cells = population(iafCondExp, 2, { name: 'n' });
      const train = connect(poisson(100), cells, { weight: -1, port: 'inhibitory' });
      return simulate(circuit(cells, train), { duration: 1 });
    },
    /at least 0: port/,
  ],
  'of noise': [
    () => {
      const cells = population(iafCondExp, 2, { name: 'n' });
      const noisy = connect(noise({ mean: 0, sd: 1 }), cells, { port: 'excitatory' });
      return simulate(circuit(cells, noisy), { duration: 1 });
    },
    /at least 0: port/,
  ],
  'of a current': [
    () => {
      const cells = population(iafCondExp, 2, { name: 'n' });
      const current = connect(currentSource(-1), cells, { port: 'excitatory' });
      return simulate(circuit(cells, current), { duration: 1 });
    },
    /at least 0: port/,
  ],
});

test('a distribution with a bound is taken, and the message names it', async (t) => {
  const weight = distribution.normal(1, 1);
  const refused = await outcome(() => conductances({ port: 'inhibitory', weight }));
  t.regex(refused, /at least 0.*min: 0 bounds it/);
  t.is(
    await outcome(() => conductances({ port: 'inhibitory', weight: distribution.normal(1, 1, { min: 0 }) })),
    'succeeded',
  );
});

test('weights that are set are refused likewise and change nothing', async (t) => {
  const cells = population(iafCondExp, 2, { name: 'n' });
  const learning = connect(cells, cells, rule.allToAll(), {
    weight: 1,
    delay: 1,
    port: 'inhibitory',
    model: synapse.rule({}),
  });
  using simulation = await circuit(cells, learning).compile();
  const before = await simulation.weights('n', 'n');
  const set = () =>
    simulation.setWeights(
      'n',
      'n',
      before.map((w, i) => (i === 1 ? -w : w)),
    );
  t.regex(await outcome(set), /^invalid-parameter: weights\[1\]: expected at least 0: port inhibitory/);
  t.deepEqual(await simulation.weights('n', 'n'), before);
});

test('signs still choose the port, and signed ports take both', async (t) => {
  const both = { weight: distribution.normal(0, 5) };
  for (const model of [iafCondExp, iafPscExp])
    t.is(
      await outcome(() => run(population(model as typeof iafPscExp, 2, { name: 'n' }), both)),
      'succeeded',
    );
  t.is(await outcome(() => run(population(iafPscExpShared, 2, { name: 'n' }), { weight: -3 })), 'succeeded');
  t.is(
    await outcome(() => run(population(iafPscExp, 2, { name: 'n' }), { weight: -3, port: 'excitatory' })),
    'succeeded',
  );
});

test('an input of equations called inhibitory says whether it takes both', async (t) => {
  const of = (signed: boolean) =>
    neuron({
      state: { v: 0 },
      input: ['excitatory', { name: 'inhibitory', signed }],
      update: 'v = 0.9*v + excitatory - inhibitory',
      spike: 'v > 1',
      reset: 'v = 0',
    });
  const simulateWith = (signed: boolean) => {
    const cells = population(of(signed), 2, { name: 'n' });
    const source = spikeSource([[1]]);
    const wire = connect(source, cells, rule.allToAll(), { weight: -1, delay: 1, port: 'inhibitory' });
    return outcome(() => simulate(circuit(cells, wire), { duration: 1, dt: 0.1 }));
  };
  t.regex(await simulateWith(false), /subtracted from the current/);
  t.is(await simulateWith(true), 'succeeded');
});
