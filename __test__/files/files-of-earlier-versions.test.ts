// Files that an earlier version wrote (fixtures/written-files: commit 43247d4a) load, and compute what they computed there.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { loadCircuit } from '../../src-ts/doors/circuit.ts';
import { loadCheckpoint, Model } from '../../src-ts/index.ts';

const folder = new URL('../../../__test__/files/fixtures/written-files/', import.meta.url);
const file = (name: string) => new URL(name, folder);
const expected = JSON.parse(await readFile(file('expected.json'), 'utf8'));
const hash = (array: ArrayBufferView) =>
  createHash('sha256')
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest('hex');

for (const name of ['dense', 'conv']) {
  test(`a trained model: ${name}`, async (t) => {
    using model = await Model.load(file(`${name}.safetensors`));
    const { x, shape, spikes } = expected[name];
    const run = await model.run({ x: Uint8Array.from(x), shape });
    t.is(hash(run.spikes!), spikes);
  });
}

test('a checkpoint: its weights, and training that goes on', async (t) => {
  const { model, training } = await loadCheckpoint(file('checkpoint.safetensors'));
  const weights = Object.entries(await model.weights()).map(([name, values]) => [name, hash(values)]);
  t.deepEqual(Object.fromEntries(weights), expected.checkpoint.weights);
  t.is(training!.history.length, 2);
  model.dispose();
});

test('a network with the state of a simulation, which goes on', async (t) => {
  const network = await loadCircuit(file('network.json'));
  using simulation = await network.compile({ seed: 5 });
  await simulation.restore(file('simulation.safetensors'));
  const { ids, times } = await simulation.run(50);
  const { simulation: after } = expected;
  t.deepEqual({ count: ids.length, ids: hash(ids), times: hash(times) }, after);
  t.true(ids.length > 10);
});
