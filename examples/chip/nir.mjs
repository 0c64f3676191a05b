// Verifies, runs, trains and writes NIR graphs from snnTorch, Norse, SpikingJelly, sinabs and Rockpool. The task is to classify spike trains of five classes.
// Other files with 9 inputs and 5 outputs: node examples/chip/nir.mjs FILE.nir …
import assert from 'node:assert/strict';
import { adam, loss } from 'lapicque';
import { nirBytes, readNir, verifyNir } from 'lapicque/files';
import { generator } from '../support/random.mjs';

const folder = new URL('../../__test__/fixtures/vectors/06_nir_frameworks/', import.meta.url);
const names = ['snntorch_rleaky', 'norse_lif', 'spikingjelly_cuba', 'sinabs_lif', 'rockpool_lif'];
const args = process.argv.slice(2);
const sources = args.length > 0 ? args : names.map((name) => new URL(`${name}.nir`, folder));
const [steps, channels, classes] = [40, 9, 5];

const random = generator(5);
/** In class k, the channels k and k + 4 have a high rate. */
function samples(count) {
  const y = Uint8Array.from({ length: count }, () => Math.floor(classes * random()));
  const x = Float32Array.from({ length: steps * count * channels }, (_, i) => {
    const [channel, sample] = [i % channels, Math.floor(i / channels) % count];
    const hasHighRate = channel === y[sample] || channel === y[sample] + 4;
    return random() < (hasHighRate ? 0.6 : 0.15) ? 1 : 0;
  });
  return { x, y, shape: [steps, count, channels] };
}

const objective = loss.crossEntropyRate();
const accuracy = async (model, batch) => {
  const { byCount } = await model.evaluateStep(batch, { loss: objective });
  return byCount.filter((label, i) => label === batch.y[i]).length / batch.y.length;
};

const heldOut = samples(200);
let worst = 1;
for (const source of sources) {
  const { supported, report, roundTrip, problem } = await verifyNir(source);
  if (!supported) throw problem;
  assert.ok(roundTrip.exact);

  const { model } = await readNir(source);
  const before = await accuracy(model, heldOut);
  const optimizer = adam({ lr: 2e-2 });
  for (let step = 0; step < 150; step++) await model.trainStep(samples(32), { loss: objective, optimizer });
  const after = await accuracy(model, heldOut);

  // NIR has no reset by subtraction and at most one spike per step; `lossy` writes these options as metadata, which readNir restores.
  const bytes = await nirBytes(model, { lossy: ['reset', 'resetTiming', 'levels'] });
  const again = await readNir(bytes);
  const run = (one) => one.run({ x: heldOut.x, shape: heldOut.shape });
  assert.deepEqual((await run(again.model)).spikes, (await run(model)).spikes);

  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  console.log(`${report.framework.padEnd(13)} ${report.evidence}`);
  console.log(
    `${' '.repeat(13)} dt ${report.dt} ms, ${report.quirks.length} differences from NIR that the file does not record; ` +
      `accuracy ${percent(before)} before and ${percent(after)} after training; ${bytes.length} bytes written`,
  );
  worst = Math.min(worst, after);
}
console.log(`${sources.length} graphs trained, lowest accuracy ${(100 * worst).toFixed(1)} %`);
