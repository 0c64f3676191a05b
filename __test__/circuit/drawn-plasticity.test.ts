// Plastic connections drawn at random, with edges on purpose (see fixtures/drawn/plasticity/draw.py), in networks that are cut,
// saved and gone on with: weights, variables and what arrives against the papers' sums over spikes.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  population,
  type RuleDefinition,
  record,
  rule,
  type Simulation,
  type SynapseModel,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { neuron } from '../../src-ts/doors/neurons.ts';

type Model =
  | { model: 'custom'; definition: RuleDefinition }
  | { model: 'combined'; rules: Model[] }
  | { model: string; params: object; options?: object };

interface Wire {
  from: 'S' | 'P';
  sources: number[];
  targets: number[];
  delays: number[];
  weights: number[];
  dendritic?: number;
  modulator?: 'M' | 'P';
  model: Model;
  /** By step, of each synapse. */
  read: Record<string, Record<string, number>[]>;
}

interface Case {
  dt: number;
  steps: number;
  recorded: number;
  cuts: number[];
  threads: number;
  trains: Record<'P' | 'S' | 'M', number[][]>;
  levels: number[][];
  connections: Wire[];
  /** Step, neuron, weight. */
  arrived: [number, number, number][];
}

const read = async (file: string) =>
  JSON.parse(await readFile(`__test__/circuit/fixtures/drawn/plasticity/${file}.json`, 'utf8')) as Case[];
const cases = [...(await read('drawn')), ...(await read('long'))];

/** Shows the membrane that is played, fires when it is kicked, and keeps what has arrived in a step. */
const puppet = neuron({
  state: { v: -65, kicked: 0, heard: 0 },
  input: ['membrane', 'kick', 'synapse'],
  update: 'v = membrane; kicked = kick; heard = synapse',
  spike: 'kicked > 0.5',
});

function modelOf(model: Model): SynapseModel {
  if ('rules' in model) return synapse.combine(...model.rules.map(modelOf));
  if ('definition' in model) return synapse.rule(model.definition);
  const make = model.model.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()) as 'stdp';
  return synapse[make]({ ...model.params, ...model.options });
}

const near = (got: number, expected: number) =>
  Math.abs(got - expected) < 1e-9 * Math.max(1, Math.abs(expected));

for (const [i, testCase] of cases.entries()) {
  const { dt, steps, recorded, trains, threads } = testCase;
  const models = testCase.connections.map(({ model }) => model.model);

  test(`drawn ${i}: ${models.join(' and ')}`, async (t) => {
    const ms = (list: number[]) => list.map((step) => step * dt);
    const cell = population(puppet, trains.P.length, { name: 'P' });
    const sources = {
      P: cell,
      S: spikeSource(trains.S.map(ms), { name: 'S' }),
      M: spikeSource(trains.M.map(ms), { name: 'M' }),
    };
    const one = rule.oneToOne();
    const wires = testCase.connections.map((wire) =>
      connect(sources[wire.from], cell, rule.list(wire.sources, wire.targets), {
        port: 'synapse',
        weight: wire.weights,
        delay: ms(wire.delays),
        model: modelOf(wire.model),
        ...(wire.dendritic === undefined ? {} : { dendriticDelay: wire.dendritic * dt }),
        ...(wire.modulator === undefined ? {} : { modulator: sources[wire.modulator] }),
      }),
    );
    const kicks = spikeSource(trains.P.map((train) => ms(train.map((step) => step - 1))));
    const membrane = { times: ms(testCase.levels.map((_, k) => 10 * k)), values: testCase.levels };
    const whole = circuit(
      cell,
      wires,
      connect(kicks, cell, one, { port: 'kick', weight: 1, delay: dt }),
      connect(currentSource(membrane), cell, { port: 'membrane' }),
      record.traces(cell, ['heard']),
      wires.map((wire) => record.weights(wire, { every: recorded * dt })),
    );
    const make = (threads: number) => whole.compile({ dt, precision: 'f64', threads });
    let simulation: Simulation = await make(threads);
    const arrivals = new Float64Array((steps + 1) * trains.P.length);
    let [now, compared] = [0, 0];
    for (const cut of [...testCase.cuts, steps]) {
      const { traces, weights } = await simulation.run((cut - now) * dt);
      arrivals.set(traces['P.heard']!.values, (now + 1) * trains.P.length);
      now = cut;
      for (const [k, wire] of testCase.connections.entries()) {
        const before = testCase.connections.slice(0, k).filter(({ from }) => from === wire.from);
        const first = before.reduce((sum, { sources }) => sum + sources.length, 0);
        const own = await simulation.plasticSynapses(sources[wire.from] as typeof cell, cell);
        const of = (synapse: number) => [
          own.sources[synapse],
          own.targets[synapse],
          Math.round(own.delays[synapse]! / dt),
        ];
        const order = wire.sources.map((_, s) => of(first + s).join());
        const indices = wire.sources.map((source, s) =>
          order.indexOf([source, wire.targets[s], wire.delays[s]].join()),
        );
        for (const [s, index] of indices.entries()) {
          for (const [name, reference] of Object.entries(wire.read[cut]![s]!)) {
            const values = name === 'w' ? own.weights : own.variables[name];
            // Variables that not all connections between the two have are not there.
            if (values === undefined) continue;
            const got = values[first + index]!;
            t.true(
              near(got, reference),
              `${models[k]}, synapse ${s}, ${name} at step ${cut}: ${got}, not ${reference}`,
            );
            compared += 1;
          }
          for (const [row, time] of weights[k]!.times.entries()) {
            const step = Math.round(time / dt);
            const got = weights[k]!.values[row * indices.length + index]!;
            const reference = wire.read[step]![s]!.w!;
            t.true(
              near(got, reference),
              `${models[k]}, synapse ${s}, recorded at step ${step}: ${got}, not ${reference}`,
            );
            compared += 1;
          }
        }
      }
      const state = await simulation.save();
      simulation[Symbol.dispose]();
      simulation = await make((threads % 4) + 1);
      await simulation.restore(state);
    }
    simulation[Symbol.dispose]();
    t.true(compared > 0);
    const expected = new Float64Array(arrivals.length);
    for (const [step, n, w] of testCase.arrived) expected[step * trains.P.length + n] = w;
    arrivals.forEach((got, at) => {
      t.true(near(got, expected[at]!), `arrived ${at}: ${got}, not ${expected[at]}`);
    });
  });
}
