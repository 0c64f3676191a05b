// Parts of large networks, their files and their states that are none: each a typed error that names the part.
import test from 'ava';
import * as analysis from '../../src-ts/doors/analysis.ts';
import {
  type CircuitDescription,
  type CircuitElement,
  circuit,
  circuitOf,
  connect,
  currentSource,
  driveSynapse,
  poisson,
  population,
  record,
  rule,
  type SimulationState,
  simulate,
  spikeSource,
  synapse as synapses,
} from '../../src-ts/doors/circuit.ts';
import { gatedLeaky, iafPscExp, lif } from '../../src-ts/doors/neurons.ts';
import { failure } from '../support/errors.ts';
import { any, detached, table } from '../support/table.ts';

const E = population(iafPscExp, 10, { name: 'E' });
const synapse = { weight: 1, delay: 1 };
const small = circuit(E, connect(E, E, rule.allToAll(), synapse), record.traces(E, ['v']));
const run = (...elements: CircuitElement[]) => simulate(circuit(...elements), { duration: 1, dt: 0.1 });
const edited = (change: (description: Record<string, unknown>) => void) => {
  const description = JSON.parse(JSON.stringify(small)) as Record<string, unknown>;
  change(description);
  return simulate(circuitOf(description as unknown as CircuitDescription), { duration: 1, dt: 0.1 });
};

table('circuits', {
  'a neuron outside of a slice from the first on': [
    () => record.traces(E.slice(0, 5), ['v'], 1, [7]),
    'invalid-parameter: neurons[0]: expected an integer from 0 to 4 but got 7',
  ],
  'a neuron outside of a population': [
    () => record.traces(E, ['v'], 1, [10]),
    'invalid-parameter: neurons[0]: expected an integer from 0 to 9 but got 10',
  ],
  'pieces of no step': [
    async () => {
      using simulation = await small.compile({ dt: 0.1 });
      for await (const _ of simulation.chunks(1, 1e-9)) return 'a piece';
    },
    'invalid-parameter: every: expected a whole number of steps of 0.1 ms, at least one but got 1e-9',
  ],
  'pieces of half a step': [
    async () => {
      using simulation = await small.compile({ dt: 0.1 });
      for await (const _ of simulation.chunks(1, 0.25)) return 'a piece';
    },
    'invalid-parameter: every: expected a whole number of steps of 0.1 ms, at least one but got 0.25',
  ],
  'a preset of a neuron that has none': [
    () => run(population(iafPscExp, 2, any({ name: 'E', like: 'nest' }))),
    /like: expected no preset, because iaf-psc-exp has none but got "nest"$/,
  ],
  'a population by a number': [
    () => small.population(any(3)),
    'invalid-parameter: name: expected a string that is not empty but got 3',
  ],
  'a source without a name': [
    () => small.source(any(undefined)),
    'invalid-parameter: name: expected a string that is not empty but got undefined',
  ],
  'what only compiles': [
    () => simulate(any(/x/), { duration: 1 }),
    /^invalid-parameter: circuit: expected a result of circuit\(…\)/,
  ],
  'one to one without autapses': [
    () => run(E, connect(E, E, rule.oneToOne({ autapses: false }), synapse)),
    /^invalid-parameter: connections\[0\] \(E to E\)\.autapses: expected true/,
  ],
  'one to one with what it does not know': [
    () => rule.oneToOne(any({ multapses: false })),
    'unknown-name: unknown option of rule "multapses"; did you mean "autapses"?',
  ],
  'a hole among names of states': [
    () => record.traces(E, new Array(2)),
    'invalid-parameter: states[0]: expected a string that is not empty but got undefined',
  ],
  'no neuron to record': [
    () => record.traces(E, ['v'], 1, []),
    'invalid-parameter: neurons: expected a list of neurons but got []',
  ],
  'no neuron to record in a description': [
    () =>
      edited((d) => {
        d.record = { traces: [{ population: 'E', state: 'v', neurons: [] }] };
      }),
    'invalid-parameter: record.traces[0].neurons: expected at least one neuron but got none',
  ],
  'fewer lists than times': [
    () =>
      currentSource({
        times: [0, 1, 2, 3],
        values: [
          [1, 2],
          [3, 4],
        ],
      }),
    /^invalid-parameter: currentSource\.values: expected one value, or one list, for each of 4 times/,
  ],
  'lists of two lengths': [
    () => currentSource({ times: [0, 1, 2], values: [0, [1], [2, 3]] }),
    'invalid-parameter: currentSource.values[2]: expected 1 value, as before but got [2, 3]',
  ],
  'a distribution that does not exist': [
    () => connect(E, E, rule.allToAll(), { weight: any({ kind: 'unifrom', low: 0, high: 1 }), delay: 1 }),
    'unknown-name: unknown synapse.weight.kind "unifrom"; did you mean "uniform"?',
  ],
  'a distribution without its numbers': [
    () => connect(E, E, rule.allToAll(), { weight: 1, delay: any({ kind: 'normal', mean: 1 }) }),
    'invalid-parameter: synapse.delay.sd: expected a finite number but got undefined',
  ],
  'a bound that is none': [
    () =>
      population(iafPscExp, 2, {
        initial: { v: { kind: 'normal', mean: 1, sd: 1, min: Number.NaN } },
      }),
    'invalid-parameter: initial.v.min: expected a finite number but got NaN',
  ],
  'no input by default': [
    () => {
      const gates = population(gatedLeaky, 3, { name: 'G' });
      return run(connect(E, gates, rule.allToAll(), synapse));
    },
    'invalid-parameter: port of G: expected one of current, gate but got nothing',
  ],
  ...Object.fromEntries(
    (
      [
        [
          { conections: [] },
          'unknown-name: unknown field of circuit "conections"; did you mean "connections"?',
        ],
        [
          { populations: [{ name: 'E', size: '10', neuron: { model: 'lif' } }] },
          'invalid-parameter: circuit.populations[0].size: expected an integer but got "10"',
        ],
        [
          { connections: [{ from: 'E', to: 'E', rule: { kind: 'all-to-all' }, wieght: 1, delay: 1 }] },
          'unknown-name: unknown field of circuit.connections[0] "wieght"; did you mean "weight"?',
        ],
        [
          { connections: [{ from: 'E', to: { of: 'E', from: 2 }, rule: { kind: 'all-to-all' } }] },
          'invalid-parameter: circuit.connections[0].to: expected a name, or { of, from, to } but got something else',
        ],
        [
          { connections: [{ from: 'E', to: 'E', rule: { kind: 'one-to-one' }, weight: 1 }] },
          'invalid-parameter: circuit.connections[0].delay: expected a value but got nothing',
        ],
        [
          { inputs: [{ kind: 'poison', to: 'E' }] },
          'unknown-name: unknown kind of circuit.inputs[0] "poison"; did you mean "poisson"?',
        ],
        [
          { inputs: [{ kind: 'poisson', to: 'E', rate: 1, weight: 1, wieght: 2 }] },
          'unknown-name: unknown field of circuit.inputs[0] "wieght"; did you mean "weight"?',
        ],
        [{ inputs: [2] }, 'invalid-parameter: circuit.inputs[0]: expected an input with its kind but got 2'],
        [
          { populations: [null] },
          'invalid-parameter: circuit.populations[0]: expected an object but got null',
        ],
      ] as const
    ).map(([change, pattern]) => [
      `edited: ${JSON.stringify(change)}`,
      [() => edited((d) => Object.assign(d, change)), pattern],
    ]),
  ),
  'connections that are no list': [
    () =>
      edited((d) => {
        d.connections = 3;
      }),
    'invalid-parameter: circuit.connections: expected a list of connections but got 3',
  ],
  'a connection that is none': [
    () =>
      edited((d) => {
        d.connections = [null];
      }),
    'invalid-parameter: circuit.connections[0]: expected a connection with a rule but got null',
  ],
  'a connection without a rule': [
    () =>
      edited((d) => {
        d.connections = [{ from: 'E', to: 'E', weight: 1, delay: 1 }];
      }),
    'invalid-parameter: circuit.connections[0]: expected a connection with a rule but got an object',
  ],
  'a population named as a method of all objects': [
    async () => (await run(E)).of('toString'),
    /^unknown-name: unknown population "toString"/,
  ],
});

const S = spikeSource([[1], [2]], { name: 'S' });
const A = population(lif, 3, { name: 'A', beta: 0.9 });
const into = (cells: typeof A) => connect(S, cells, rule.allToAll(), synapse);
table('circuits that no model is', {
  'a state at the start': [
    () => circuit(into(population(lif, 3, { name: 'B', beta: 0.9, initial: { v: 0.5 } }))).toModel({ dt: 1 }),
    /^unsupported: .*states of B at the start/,
  ],
  'a parameter that moves': [
    () =>
      circuit(
        into(
          population(lif, 3, {
            name: 'B',
            beta: 0.9,
            intrinsic: { parameter: 'vThreshold', rateTarget: 1, gain: 1 },
          }),
        ),
      ).toModel({ dt: 1 }),
    /^unsupported: .*intrinsic plasticity of B/,
  ],
  'neurons with several inputs': [
    () => circuit(into(E)).toModel({ dt: 1 }),
    /^unsupported: .*several inputs of the neurons of E/,
  ],
  'a current that begins later': [
    () => circuit(into(A), connect(currentSource({ times: [3], values: [1] }), A)).toModel({ dt: 1 }),
    /^unsupported: .*currents/,
  ],
  'a current that ends': [
    () => circuit(into(A), connect(currentSource({ times: [1, 5], values: [1, 0] }), A)).toModel({ dt: 1 }),
    /^unsupported: .*currents/,
  ],
});

test('arrays whose memory has been transferred', async (t) => {
  using simulation = await small.compile({ dt: 0.1 });
  const state = await simulation.save();
  const gone = () => detached(Float64Array.of(1, 2, 3));
  const calls: Record<string, () => unknown> = {
    'synapse.weight': () => connect(E, E, rule.list([0], [1]), { weight: gone(), delay: 1 }),
    sources: () => rule.list(detached(Uint32Array.of(1)), [1]),
    'trains[0]': () => spikeSource([gone()]),
    'rate.times': () => poisson({ times: gone(), values: [] }),
    'rate.values': () => poisson({ times: [0], values: gone() }),
    'currentSource.values[0]': () => currentSource(gone()),
    'iaf-psc-exp.tauMem': () => population(iafPscExp, 3, { tauMem: gone() }),
    'initial.v': () => population(iafPscExp, 3, { initial: { v: gone() } }),
    'values.v': () => simulation.set('E', { v: gone() }),
    pre: () => driveSynapse(synapses.stdp(), { pre: gone() }),
    times: () => analysis.rates({ times: gone(), ids: new Uint32Array(0), neurons: 1, stop: 2 }),
    'state.inFlightSteps': () => simulation.restore({ ...state, inFlightSteps: gone() }),
  };
  for (const [name, call] of Object.entries(calls)) {
    const error = await failure(call);
    t.is(error?.code, 'invalid-parameter', name);
    t.true(error!.message.startsWith(`${name}: expected an array whose memory`), error!.message);
  }
});

test('a value that begins after all time', async (t) => {
  const never = connect(currentSource({ times: [1e300], values: [1000] }), E);
  const { traces } = await run(E, never, record.traces(E, ['v']));
  t.true(traces['E.v']!.values.every((v) => v === -70));
});

test('states that have not the form of one', async (t) => {
  using simulation = await small.compile({ dt: 0.1 });
  await simulation.run(1);
  const state = await simulation.save();
  const restoreError = async (change: (state: Record<string, unknown>) => void) => {
    const changed = structuredClone(state) as unknown as Record<string, unknown>;
    change(changed);
    const error = await failure(() => simulation.restore(changed as unknown as SimulationState));
    t.is(error?.code, 'invalid-parameter', String(error));
    return error!.message;
  };
  for (const key of Object.keys(state)) {
    // States of before they held what was set have none.
    if (key !== 'changes') t.regex(await restoreError((s) => delete s[key]), new RegExp(`^state\\.${key}: `));
    t.regex(
      await restoreError((s) => {
        s[key] = 'x';
      }),
      new RegExp(`^state\\.${key}: `),
    );
  }
  const v = /^state\.populations\[0\]\.states\[0\]\.values: expected Float64Array/;
  t.regex(
    await restoreError((s) => {
      const [first] = s.populations as { states: { values: unknown }[] }[];
      first!.states[0]!.values = new Float32Array(10);
    }),
    v,
  );
  // Holes, over which methods of lists step.
  t.regex(
    await restoreError((s) => {
      s.populations = new Array(1);
    }),
    /^state\.populations\[0\]: /,
  );
  t.regex(
    await restoreError((s) => {
      (s.populations as { states: unknown }[])[0]!.states = new Array(4);
    }),
    /^state\.populations\[0\]\.states\[0\]: /,
  );
  t.is(simulation.time, 1);
});
