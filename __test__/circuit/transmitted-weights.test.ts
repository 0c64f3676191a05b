// What rules of one's own send that is not their weight, or a weight that has outgrown the start.
import test from 'ava';
import {
  circuit,
  connect,
  population,
  record,
  rule,
  type SynapseModel,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';
import { failure } from '../support/errors.ts';

const E = population(iafPscExp, 2, { name: 'E', tauE: 2 });

/** The current of a neuron with `n` synapses after each of three spikes 40 time constants apart: what one spike brought. */
async function currents(precision: 'f32' | 'f64', n: number, weight: number, model: SynapseModel) {
  const S = spikeSource(new Array(n).fill([1, 81, 161]), { name: 'S' });
  const made = circuit(
    connect(S, E, rule.allToAll(), { weight, delay: 1, model }),
    record.traces(E, ['iE'], 0.1, [1]),
  );
  using simulation = await made.compile({ precision });
  const { values } = (await simulation.run(170)).traces['E.iE']!;
  return [19, 819, 1619].map((step) => values[step]!);
}

for (const [precision, gains, tolerance] of [
  ['f32', [0.5, 1, 20, 100], 1 / 32_767],
  ['f64', [0.5, 1, 20, 100, 1000], 1e-12],
] as const) {
  test(`what is sent may be many times the largest weight: ${precision}`, async (t) => {
    for (const gain of gains) {
      const params = { wMin: 0, wMax: 1, gain };
      const scaled = synapse.rule({ params, pre: 'w += 0.125', transmit: 'gain*w' });
      const free = synapse.rule({ params: { gain }, pre: 'w += 0', transmit: 'gain*w' });
      for (const n of [1, 100]) {
        for (const [model, step, most] of [
          [scaled, 0.125, 1],
          [free, 0, 0.5],
        ] as const) {
          const got = await currents(precision, n, 0.5, model);
          got.forEach((current, k) => {
            const sent = gain * (0.5 + step * (k + 1));
            t.true(Math.abs(current / n - sent) <= tolerance * (most + sent), `${gain} ${n} ${current}`);
          });
        }
      }
    }
  });

  test(`a weight that begins at 0 is counted in parts of what there is: ${precision}`, async (t) => {
    const S = spikeSource([[1]], { name: 'S' });
    const onto = (model: SynapseModel, weight = 0) =>
      connect(S, E, rule.allToAll(), { weight, delay: 1, model });
    const grows = synapse.rule({ pre: 'w += 0.3' });
    for (const model of [
      grows,
      synapse.rule({ traces: { x: { of: 'pre', tau: 20 } }, post: 'w += x' }),
      synapse.rule({ variables: { k: 1 }, transmit: 'w + k' }),
      synapse.combine(synapse.tsodyksMarkram(), grows),
    ]) {
      const refused = await failure(() => circuit(onto(model)).compile({ precision }));
      t.regex(
        refused!.message,
        /connections\[0\] \(S to E\)\.weight: expected a weight other than 0, or wMin/,
      );
    }
    // What never sends another weight needs none.
    await t.notThrowsAsync(async () => {
      for (const model of [synapse.tsodyksMarkram(), synapse.rule({ variables: { n: 0 }, pre: 'n += 1' })]) {
        (await circuit(onto(model)).compile({ precision })).dispose();
      }
    });
    const bounds = synapse.rule({ params: { wMin: 0, wMax: 1 }, pre: 'w += 0.3' });
    const other = connect(S, E.slice(0, 1), rule.allToAll(), { weight: 1, delay: 50 });
    for (const made of [circuit(onto(bounds)), circuit(onto(grows), other)]) {
      using simulation = await circuit(made, record.traces(E, ['iE'], 0.1, [1])).compile({ precision });
      const { values } = (await simulation.run(3)).traces['E.iE']!;
      t.true(Math.abs(values[19]! - 0.3) <= tolerance, `${values[19]}`);
    }
  });

  test(`weights that have outgrown the start are set as they were read: ${precision}`, async (t) => {
    const S = spikeSource([[1, 5, 9]], { name: 'S' });
    const grows = synapse.rule({ pre: 'w *= 2' });
    const made = circuit(connect(S, E, rule.allToAll(), { weight: 0.5, delay: 1, model: grows }));
    using simulation = await made.compile({ precision });
    await simulation.run(10);
    const weights = await simulation.weights(S, E);
    t.deepEqual(Array.from(weights), [4, 4]);
    await simulation.setWeights(
      S,
      E,
      weights.map((w) => w * 10),
    );
    t.deepEqual(Array.from(await simulation.weights(S, E)), [40, 40]);
    const room = precision === 'f32' ? 128 : 1024;
    const refused = await failure(() => simulation.setWeights(S, E, 0.5 * room * 1.01));
    t.regex(
      refused!.message,
      new RegExp(`at most ${0.5 * room}, ${room} times the largest weight there was`),
    );
  });
}
