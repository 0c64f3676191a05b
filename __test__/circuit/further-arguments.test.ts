// Every builder of lapicque/circuit refuses an argument after its last one, which JavaScript would ignore. The exports are searched, so a new
// builder must be added here or excused with a reason.
import test from 'ava';
import * as door from '../../src-ts/doors/circuit.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';

const { connect, distribution, population, rule, synapse } = door;
const E = population(iafPscExp, 4, { name: 'E' });
const plastic = connect(E, E, rule.allToAll(), { weight: 1, delay: 1, model: synapse.stdp() });
const bounds = { min: 0 };

/** By name: the builder with all of its arguments. */
const complete: Readonly<Record<string, readonly unknown[]>> = {
  connect: [E, E, rule.allToAll(), { weight: 1, delay: 1 }],
  currentSource: [1],
  'distribution.draw': [distribution.uniform(0, 1), 3, 1],
  'distribution.logNormal': [0, 1, bounds],
  'distribution.normal': [0, 1, bounds],
  'distribution.uniform': [0, 1],
  gapJunctions: [E, E, rule.oneToOne(), { conductance: 1 }],
  gradedSynapses: [E, E, rule.oneToOne(), { state: 'v', weight: 1 }],
  'layout.grid': [[2, 2], {}],
  'layout.positions': [[[0, 1]], {}],
  'layout.random': [4, {}],
  noise: [{ sd: 1 }],
  poisson: [10],
  population: [iafPscExp, 4, {}],
  'record.lfp': [E, {}],
  'record.mean': [E, ['v'], 1],
  'record.traces': [E, ['v'], 1, [0]],
  'record.weights': [plastic, { every: 1 }],
  'rule.allToAll': [{}],
  'rule.fixedInDegree': [2, {}],
  'rule.fixedOutDegree': [2, {}],
  'rule.fixedTotalNumber': [2, {}],
  'rule.list': [[0], [1]],
  'rule.oneToOne': [{}],
  'rule.pairwiseBernoulli': [0.5, {}],
  'rule.pairwisePoisson': [0.5, {}],
  spikeSource: [[[1]], {}],
};

/** What is not searched, by name or by the name of its object, with the reason. */
const excused: Readonly<Record<string, string>> = {
  circuit: 'takes any number of elements',
  'record.spikes': 'takes any number of populations',
  circuits: 'published networks: one object of options, whose names are checked',
  synapse: 'synapse models: one object of parameters, whose names are checked',
  Circuit: 'a class; circuit() and loadCircuit() make it',
  Recording: 'a class; a run makes it',
  SimulatedRows: 'a class; simulateMany() makes it',
  Simulation: 'a class; compile() makes it',
  circuitOf: 'converts a model; describes nothing',
  driveSynapse: 'runs a synapse; describes nothing',
  loadCircuit: 'reads a file',
  loadSonata: 'reads files',
  readSonataReport: 'reads a file',
  readSonataSpikes: 'reads a file',
  simulate: 'runs a circuit',
  simulateMany: 'runs circuits',
  sonataRecording: 'reads files',
  spikeTimes: 'draws spikes, with one object of options',
  writeSonataReport: 'writes a file',
  writeSonataSpikes: 'writes a file',
  'distribution.distributionOf': 'internal',
  'distribution.expression': 'internal',
  'distribution.isDistribution': 'internal',
  'distribution.isList': 'internal',
  'distribution.synapseValuesOf': 'internal',
  'distribution.valuesOf': 'internal',
};

const builders = new Map<string, (...given: readonly unknown[]) => unknown>();
for (const [name, value] of Object.entries(door)) {
  if (name in excused) continue;
  const functions = typeof value === 'function' ? [[name, value]] : Object.entries(value);
  for (const [key, builder] of functions as [string, never][]) {
    const path = typeof value === 'function' ? name : `${name}.${key}`;
    if (!(path in excused)) builders.set(path, builder);
  }
}

test('each exported builder is called here or excused with a reason', (t) => {
  t.deepEqual([...builders.keys()].sort(), Object.keys(complete).sort());
  const exported = new Set(
    Object.entries(door).flatMap(([name, value]) =>
      typeof value === 'function' ? [name] : [name, ...Object.keys(value).map((key) => `${name}.${key}`)],
    ),
  );
  t.deepEqual(
    Object.keys(excused).filter((name) => !exported.has(name)),
    [],
  );
});

for (const [name, builder] of builders) {
  test(`${name} refuses one argument too many`, (t) => {
    const given = complete[name]!;
    t.notThrows(() => builder(...given));
    t.throws(() => builder(...given, { further: 1 }), {
      code: 'invalid-parameter',
      message: new RegExp(`^further argument of ${name.replace('.', '\\.')}: `),
    });
    // `undefined` is an argument that was left out.
    t.notThrows(() => builder(...given, undefined));
  });
}
