// Lateral inhibition: of a population only the neuron with the largest potential may spike. Two networks read 8 × 8 digits in ten
// steps; in one of them all 64 hidden neurons together send at most one spike a step, and that is enough.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { adam, dense, lateralInhibition, loss, sequential } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { readTensors } from 'lapicque/files';
import { li, lif } from 'lapicque/neurons';

const path = fileURLToPath(new URL('../../assets/digits/digits.safetensors', import.meta.url));
const { tensors } = await readTensors(path);
const [images, labels] = ['images', 'labels'].map((name) => tensors.get(name).data);
function part(name) {
  const chosen = Array.from(tensors.get(name).data);
  const x = Float32Array.from({ length: 64 * chosen.length }, (_, i) => {
    return images[chosen[Math.floor(i / 64)] * 64 + (i % 64)] / 16;
  });
  return { x, y: Uint8Array.from(chosen, (digit) => labels[digit]), shape: [chosen.length, 64] };
}

const [steps, neurons] = [10, 64];
const objective = loss.crossEntropyMembrane({ from: steps - 1 });
const training = new DataLoader(part('train'), { batchSize: 64, shuffle: true, seed: 3 });
const test = part('test');
const results = [];
for (const inhibition of [[], [lateralInhibition({ name: 'winner' })]]) {
  const model = await sequential(
    dense(64, neurons),
    lif({ beta: 0.9, name: 'hidden' }),
    ...inhibition,
    dense(neurons, 10),
    li({ beta: 0.9 }),
  ).compile({ seed: 3 });
  await model.fit(training, { epochs: 20, steps, loss: objective, optimizer: adam({ lr: 5e-3 }) });
  const { accuracy } = await model.evaluate(new DataLoader(test, { batchSize: 256 }), {
    steps,
    loss: objective,
    by: 'membrane',
  });
  // What leaves the population, [time, batch, neurons]: of all that spikes only the one whose potential is the largest.
  const leaves = inhibition.length > 0 ? 'winner.values' : 'hidden.spikes';
  const { recordings } = await model.run(test, {
    steps,
    record: [...new Set([leaves, 'hidden.spikes', 'hidden.v'])],
  });
  let [count, max] = [0, 0];
  const rows = steps * test.y.length;
  for (let row = 0; row < rows; row++) {
    const of = (name) => recordings[name].subarray(row * neurons, (row + 1) * neurons);
    const [out, spikes, v] = [of(leaves), of('hidden.spikes'), of('hidden.v')];
    const sent = out.reduce((sum, spike) => sum + spike, 0);
    [count, max] = [count + sent, Math.max(max, sent)];
    if (inhibition.length === 0) continue;
    const winner = v.indexOf(Math.max(...v));
    assert.deepEqual(
      [...out],
      Array.from(spikes, (spike, neuron) => (neuron === winner ? spike : 0)),
    );
  }
  results.push({ accuracy, most: max, rate: count / rows });
  console.log(
    `${inhibition.length > 0 ? 'with' : 'without'} inhibition: ${(100 * accuracy).toFixed(1)} %, ` +
      `${(count / rows).toFixed(2)} spikes a step, at most ${max}`,
  );
}

const [free, inhibited] = results;
assert.equal(inhibited.most, 1);
assert.ok(free.accuracy >= 0.94 && inhibited.accuracy >= 0.85, `${free.accuracy}, ${inhibited.accuracy}`);
console.log(
  `${(100 * inhibited.accuracy).toFixed(1)} % with ${(free.rate / inhibited.rate).toFixed(0)} times fewer spikes`,
);
