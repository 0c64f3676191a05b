// Data that hold themselves: what walks through them would not come back. Each a typed error that names the place.
import test from 'ava';
import {
  circuit,
  circuitOf,
  connect,
  distribution,
  driveSynapse,
  population,
  rule,
  simulate,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { iafPscExp, lif, surrogate, surrogateDerivative } from '../../src-ts/doors/neurons.ts';
import { adam, dense, loss, residual, sequential } from '../../src-ts/index.ts';
import { any, table } from '../support/table.ts';

/** An object that holds itself under a name. */
const cyclic = (base: object, key = 'self') => {
  const made: Record<string, unknown> = { ...base };
  made[key] = made;
  return any(made);
};
/** What awaits may take an object with a `then` for a promise; nothing awaits this one. */
const warmUp = (after: unknown) =>
  any(
    Object.fromEntries([
      ['kind', 'warm-up'],
      ['steps', 2],
      ['then', after],
    ]),
  );
const E = population(iafPscExp, 5, { name: 'E' });
const run = (rules: never, more: object = {}) =>
  simulate(circuit(E, connect(E, E, rules, { weight: 1, delay: 1, ...more })), { duration: 1 });
const train = async (schedule: never) => {
  using model = await sequential(dense(3, 2), lif({ beta: 0.9 })).compile();
  const batch = { x: new Float32Array(6).fill(1), shape: [2, 1, 3], y: Uint8Array.of(1) };
  await model.fit([batch], {
    epochs: 1,
    loss: loss.crossEntropyCount(),
    optimizer: adam({ lr: 0.1 }),
    schedule,
  });
};
const described = () => {
  const description = JSON.parse(JSON.stringify(circuit(E))) as {
    populations: { neuron: { params: Record<string, unknown> } }[];
  };
  description.populations[0]!.neuron.params.tauMem = description;
  return circuitOf(any(description));
};
const itself = (path: string) =>
  `invalid-parameter: ${path}: expected plain data but got an object that contains itself`;
const branches = () => {
  const made = { ...residual([dense(3, 3)]), branches: [] as unknown[] };
  made.branches.push([made], []);
  return any(made);
};

table('data that hold themselves', {
  'a schedule': [() => train(cyclic({ kind: 'warm-up', steps: 2 }, 'then')), itself('schedule.then')],
  'a schedule in a schedule': [
    () => train(warmUp(cyclic({ kind: 'warm-up', steps: 3 }, 'then'))),
    itself('schedule.then.then'),
  ],
  'milestones of a schedule': [
    () => {
      const milestones: unknown[] = [];
      milestones.push(milestones);
      return train(any({ kind: 'multi-step', milestones }));
    },
    'invalid-parameter: schedule.milestones[0]: expected plain data but got an array of length 1 that contains itself',
  ],
  'schedules without end': [
    () => {
      let schedule: object = { kind: 'constant' };
      for (let i = 0; i < 20_000; i++) schedule = warmUp(schedule);
      return train(any(schedule));
    },
    /^invalid-parameter: schedule(\.then)+\.…: expected plain data but got an object within more than 100 others$/,
  ],
  // connect makes a copy.
  'a rule of connections': [
    () => run(cyclic(rule.allToAll())),
    itself('circuit.connections[0].rule.self.self'),
  ],
  'a synapse model': [
    () => run(any(rule.allToAll()), { model: cyclic(synapse.stdp()) }),
    itself('circuit.connections[0].synapse.self'),
  ],
  'a synapse model under trains': [
    () => driveSynapse(cyclic(synapse.stdp()), { pre: [1] }),
    itself('model.self'),
  ],
  'the description of a network': [
    () => simulate(described(), { duration: 1 }),
    itself('circuit.populations[0].neuron.params.tauMem'),
  ],
  'the description of a network as JSON': [
    () => JSON.stringify(described()),
    itself('circuit.populations[0].neuron.params.tauMem'),
  ],
  'the description of a network in a file': [
    () => described().save('nowhere.safetensors'),
    itself('circuit.populations[0].neuron.params.tauMem'),
  ],
  'a distribution': [
    () => distribution.draw(cyclic(distribution.uniform(0, 1)), 3, 1),
    itself('distribution.self'),
  ],
  'a surrogate': [() => surrogateDerivative(cyclic(surrogate.atan()), [1]), itself('surrogate.self')],
  'a surrogate of a layer': [
    () => sequential(dense(3, 2), lif({ beta: 0.9, surrogate: cyclic(surrogate.atan()) })).compile(),
    itself('lif.surrogate.self'),
  ],
  branches: [
    () => sequential(dense(3, 3), branches()).compile(),
    'invalid-parameter: layers: expected layers but got "branches that contain themselves"',
  ],
  'samples of a loader': [
    async () => {
      const sample = cyclic({ x: Float32Array.of(1), y: 1 });
      for await (const _ of new DataLoader([sample], { batchSize: 1 }));
    },
    'invalid-parameter: samples[0].self: expected fields that do not contain the sample itself but got an object',
  ],
});

test('an object in two places is no such thing', async (t) => {
  const delay = distribution.uniform(1, 2);
  const shared = { weight: 1, delay };
  const network = circuit(E, connect(E, E, rule.allToAll(), shared), connect(E, E, rule.allToAll(), shared));
  await simulate(network, { duration: 1 });
  const constant = { kind: 'constant' } as const;
  await train(warmUp(warmUp(constant)));
  t.pass();
});
