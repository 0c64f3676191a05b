// A language model of spikes: SpikeGPT reads Shakespeare and predicts each next character, beside n-grams.
// docs/applications/text.md explains it. Options: support/program.mjs, and
//   --write N        writes N characters after `--prompt`
//   --prompt TEXT    default "ROMEO:"
//   --model FILE     for --write: the trained network; it is trained and saved if the file does not exist
//   --hold-back      learns from the first 95 % of train.npz and reads the rest, as when the options were chosen
import { existsSync, readFileSync } from 'node:fs';
import { adamw, evaluateLoss, generate, loss, Model, networks, progressBar } from 'lapicque';
import { operations } from 'lapicque/chip';
import { DataLoader, tokenWindows, vocabulary } from 'lapicque/data';
import { figure } from 'lapicque/figure';
import { readTensors } from 'lapicque/files';
import { main } from './support/program.mjs';

const folder = new URL('data/text/', import.meta.url);
const sizes = {
  reduced: { channels: 32, blocks: 1, characters: 200_000, epochs: 2, batchSize: 8 },
  default: { channels: 128, blocks: 2, epochs: 4, batchSize: 32 },
  full: { channels: 128, blocks: 2, epochs: 6, batchSize: 32 },
};
const objective = loss.crossEntropyMembrane();
// Witten–Bell n-grams on validation.npz by order, as the fixture recorded them.
const nGrams = { 1: 4.808, 2: 3.568, 3: 2.876, 4: 2.438, 5: 2.265 };

/** The text of a file: bytes in the array `text` of an .npz, or a text file. */
async function readText(path) {
  if (!String(path).endsWith('.npz')) return readFileSync(path, 'utf8');
  const { tensors } = await readTensors(path);
  if (!tensors.has('text')) throw new TypeError(`${path}: has no array text`);
  return Buffer.from(tensors.get('text').data).toString('latin1');
}

/** `--hold-back`. */
let holdsBack = false;

/** The numbers of the characters to learn from, and of the last 5 % of train.npz if these are held back. */
async function readTraining() {
  const text = await readText(new URL('train.npz', folder));
  const tokens = vocabulary(text);
  const numbers = tokens.encode(text);
  const cut = holdsBack ? Math.floor(0.95 * numbers.length) : numbers.length;
  return { tokens, learned: numbers.subarray(0, cut), heldBack: numbers.subarray(cut) };
}

async function train({ tokens, learned }, size, { seed, log, onProgress }) {
  const { channels, blocks, characters = learned.length, epochs, batchSize } = sizes[size];
  const windows = tokenWindows(learned.subarray(-characters), { steps: 128 });
  const loader = new DataLoader(windows, { batchSize, shuffle: true, seed });
  const model = await networks.spikeGPT({ vocabulary: tokens, channels, blocks }).compile({ seed });
  const { history } = await model.fit(loader, {
    epochs,
    loss: objective,
    optimizer: adamw({ lr: 6e-3, betas: [0.9, 0.99], maxNorm: 1 }),
    schedule: { kind: 'one-cycle', totalSteps: epochs * loader.length, pctStart: 0.1 },
    scheduleBy: 'step',
    onProgress,
    callbacks: {
      onEpoch: ({ epoch, loss: nats }) =>
        log(`seed ${seed}, epoch ${epoch}: ${(nats / Math.LN2).toFixed(3)} bits per character in training`),
    },
  });
  return { model, curve: history.map(({ loss: nats }) => nats / Math.LN2) };
}

/** Reads a text as one stream, each character predicted from all before it. */
async function readBy(model, numbers, record = []) {
  const x = Float32Array.from(numbers.subarray(0, -1));
  const { v, shape, recordings } = await model.run({ x, shape: [x.length, 1, 1] }, { record });
  const { loss: nats } = await evaluateLoss(objective, { v, shape }, numbers.slice(1));
  return { bits: nats / Math.LN2, v, recordings };
}

/** The highest order of n-grams that a number of bits reaches, as a phrase. */
function matched(bits) {
  const order = Object.keys(nGrams).findLast((n) => bits <= nGrams[n]);
  return order === undefined ? 'no n-gram is matched' : `at or below the ${order}-gram (${nGrams[order]})`;
}

async function run({ size, seeds, data, picture, log }) {
  const training = await readTraining();
  const text = await readText(data ?? new URL('validation.npz', folder));
  const read = holdsBack ? training.heldBack : training.tokens.encode(text);
  const what = holdsBack ? 'held back of train' : data === undefined ? 'validation' : 'given text';
  const name = `${what}, bits per character`;
  const figures = { [name]: { values: [], better: 'lower' } };
  let costs;
  for (const seed of seeds) {
    const begin = process.cpuUsage();
    const { model, curve } = await train(training, size, { seed, log });
    const { user, system } = process.cpuUsage(begin);
    const { bits } = await readBy(model, read);
    log(
      `seed ${seed}: ${bits.toFixed(3)} bits per character, ${matched(bits)}; ${Math.round((user + system) / 1e6)} s of CPU`,
    );
    figures[name].values.push(bits);
    if (seed === seeds[0]) {
      costs = await costOf(model, read, log);
      if (picture !== undefined) await draw(picture, model, training.tokens, read, curve);
    }
    model.dispose();
  }
  return { figures, ...costs };
}

/** Per character of the first 4,096. */
async function costOf(model, numbers, log) {
  const x = Float32Array.from(numbers.subarray(0, 4096));
  const { parameters, spikes, effectiveAcs, effectiveMacs, energy } = await operations(model, {
    x,
    shape: [x.length, 1, 1],
  });
  log(
    `${parameters} parameters, per character ${effectiveMacs / x.length} MACs, ${effectiveAcs / x.length} additions`,
  );
  const begin = performance.now();
  const options = { prompt: 'ROMEO:', length: 500, temperature: 0.7, seed: 0 };
  let written = '';
  for await (const character of generate(model, options)) written += character;
  const milliseconds = performance.now() - begin;
  log(`${options.prompt}${written}`);
  return {
    spikes: { value: spikes / x.length, unit: 'spikes', per: 'character' },
    operations: {
      value: (effectiveAcs + effectiveMacs) / x.length,
      unit: 'additions and multiply-adds (5-gram: one look-up)',
      per: 'character',
    },
    energy: {
      value: (1e6 * energy.joules) / x.length,
      unit: `µJ (model horowitz-45nm-fp32)`,
      per: 'character',
    },
    latency: {
      value: (1000 * milliseconds) / options.length,
      unit: 'µs of computing',
      per: 'written character',
    },
  };
}

/** A stretch of the validation text with the bits and spikes of each character, and bits over the training. */
async function draw(path, model, tokens, numbers, curve) {
  const [first, count] = [1000, 32];
  const names = model.info.recordable.filter((name) => name.endsWith('.spikes.spikes'));
  const { v, recordings } = await readBy(model, numbers.subarray(0, first + count + 1), names);
  const places = Array.from({ length: count }, (_, k) => k);
  const bits = places.map((k) => {
    const logits = Array.from(v.subarray((first + k - 1) * tokens.size, (first + k) * tokens.size));
    const top = Math.max(...logits);
    const sum = logits.reduce((total, x) => total + Math.exp(x - top), 0);
    return (top + Math.log(sum) - logits[numbers[first + k]]) / Math.LN2;
  });
  const shown = places.map((k) => tokens.tokens[numbers[first + k]].replace('\n', '¶').replace(' ', '·'));
  const letters = { label: 'character', domain: [-0.5, count - 0.5], ticks: places, tickLabels: shown };
  const raster = { type: 'ticks', x: [], y: [] };
  for (const [layer, name] of names.entries()) {
    const width = recordings[name].length / (first + count);
    for (const k of places)
      for (let n = 0; n < width; n++)
        if (recordings[name][(first + k) * width + n] > 0) {
          raster.x.push(k);
          raster.y.push(layer * width + n);
        }
  }
  const epochs = curve.map((_, i) => i + 1);
  const made = new figure.Figure({
    name: 'text',
    title: 'Bits of each character of unseen text, and spikes',
    caption: '¶ is a line break, · a space. Neurons: two parts of each of the two blocks, 128 neurons each.',
    columns: [
      [
        { x: letters, y: { label: 'bits' }, marks: [{ type: 'line', x: places, y: bits, color: 0 }] },
        { x: letters, y: { label: 'neuron' }, marks: [raster] },
        {
          x: { label: 'epoch', ticks: epochs },
          y: { label: 'bits in training' },
          marks: [{ type: 'line', x: epochs, y: curve, color: 0 }],
        },
      ],
    ],
  });
  await made.with({ width: '180mm', height: 560 }).save(path);
}

/** Writes a text. */
async function write({ write: count, prompt, model: path, 'hold-back': heldBack }) {
  holdsBack = heldBack;
  if (count === undefined) return false;
  let model;
  if (path !== undefined && existsSync(path)) model = await Model.load(path);
  else {
    const log = (line) => process.stderr.write(`${line}\n`);
    const options = { seed: 0, log, onProgress: progressBar('training') };
    ({ model } = await train(await readTraining(), 'default', options));
    if (path !== undefined) await model.save(path);
  }
  process.stdout.write(prompt);
  const options = { prompt, length: Number(count), temperature: 0.7, seed: 0 };
  for await (const character of generate(model, options)) process.stdout.write(character);
  process.stdout.write('\n');
  model.dispose();
  return true;
}

await main({
  name: 'text',
  title: 'Shakespeare, character by character',
  seeds: { reduced: [0], default: [0], full: [0, 1, 2] },
  generated: false,
  options: {
    write: { type: 'string' },
    prompt: { type: 'string', default: 'ROMEO:' },
    model: { type: 'string' },
    'hold-back': { type: 'boolean', default: false },
  },
  instead: write,
  baseline: {
    'validation, bits per character': {
      value: 2.265,
      source: 'fixture text: 5-gram with Witten–Bell smoothing',
    },
  },
  run,
});
