// Conversion of trained networks to spikes: correct of 2,000 held-out digits against the number of steps, beside SpikingJelly's.
//
//   node benches/conversion.mjs [--networks mlp,conv,mlp_qcfs] [--methods least-error,ltb,…] [--steps 4,8,…] [--train [conv,…]] [--out FILE]
//
// The networks are those of __test__/files/fixtures/ann; the large ones (mlp, mlp_qcfs) where LAPICQUE_ANN says (their side-cars have SpikingJelly's
// figures). Calibration: the 8,000 training digits. `--train` also trains the three architectures here, with the split, optimizer and epochs of
// the side-cars, and converts what comes out. Prints a JSON line for each row; `--out` writes the table of docs/benchmarks/conversion.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import { accuracyAgainstSteps, convert } from '../dist/chip.js';
import { DataLoader } from '../dist/data.js';
import { readOnnx } from '../dist/files.js';
import {
  adam,
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  input,
  loss,
  sequential,
} from '../dist/index.js';
import { qcfs, rateUnit, relu } from '../dist/neurons.js';
import { annDigits } from './support/ann-digits.mjs';
import { print } from './support/turns.mjs';

program
  .description('conversion of trained networks to spikes')
  .option('--networks <names>', 'comma-separated, or none', 'mlp,conv,mlp_qcfs')
  .option('--methods <names>', 'comma-separated', 'least-error,ltb,channel-wise,percentile,max')
  .option('--steps <numbers>', 'comma-separated, ascending', '4,8,16,32,64,128')
  .option('--calibrated-for <n>', 'steps of the conversion')
  .option('--offsets', 'also with offsets')
  .option('--delay <n>', 'steps that are not read')
  .option('--train [names]', 'train these architectures here as well: mlp, mlp_qcfs, conv; default all')
  .option('--validate', 'train on 7,000 digits and count on the other 1,000 of the training part')
  .option('--seeds <numbers>', 'of the training', '0')
  .option('--epochs <n>', 'of the training, instead of those of the architecture')
  .option('--lr <x>', 'learning rate, instead of that of the architecture')
  .option('--out <file>', 'write a table')
  .parse();
const options = program.opts();
const numbers = (text) => text.split(',').map(Number);
const steps = numbers(options.steps);
const root = fileURLToPath(new URL('..', import.meta.url));
const here = join(root, '__test__/files/fixtures/ann');
const larger = process.env.LAPICQUE_ANN ?? '/work/shared/fixtures/ann';
const pathOf = (file) => (existsSync(join(here, file)) ? join(here, file) : join(larger, file));
const digits = await annDigits();
const part = ({ x, y, shape: [, size] }, from, to) => ({
  x: x.subarray(from * size, to * size),
  y: y.subarray(from, to),
  shape: [to - from, size],
});
const isValidated = options.validate === true;
const train = isValidated ? part(digits.train, 0, 7000) : digits.train;
const test = isValidated ? part(digits.train, 7000, 8000) : digits.test;
const rows = [];

for (const name of options.networks.split(',').filter((name) => name !== 'none')) {
  const onnx = ['.unfolded.onnx', '.inline.onnx', '.onnx'].map((end) => pathOf(name + end)).find(existsSync);
  if (onnx === undefined) {
    console.error(`${name} is not here; LAPICQUE_ANN names the folder that has it`);
    continue;
  }
  const ann = await (await readOnnx(onnx)).compile();
  const isLearned = name.endsWith('qcfs');
  const methods = isLearned ? ['learned'] : options.methods.split(',');
  for (const method of methods) {
    const how = isLearned ? { steps: 8 } : { method, ...delayOptions() };
    await row(name, ann, { method, how });
    if (options.offsets)
      await row(name, ann, { method: `${method}, offsets`, how: { ...how, offsets: true } });
  }
  for (const T of isLearned ? [8] : [8, 16])
    await row(name, ann, { method: `accumulate`, how: { schedule: 'accumulate', steps: T } });
  for (const [recipe, { correct }] of Object.entries(peers(name)))
    rows.push({
      network: name,
      method: `SpikingJelly ${recipe}`,
      steps,
      correct: steps.map((T) => correct[T]),
    });
}

if (options.train)
  for (const seed of numbers(options.seeds))
    for (const [name, { layers, ...defaults }] of Object.entries(architectures())) {
      const epochs = Number(options.epochs ?? defaults.epochs);
      const lr = Number(options.lr ?? defaults.lr);
      if (options.train !== true && !options.train.split(',').includes(name)) continue;
      const began = performance.now();
      const ann = await sequential(...layers).compile({ seed });
      const loader = new DataLoader(train, { batchSize: 64, shuffle: true, seed });
      await ann.fit(loader, {
        steps: 1,
        epochs,
        loss: loss.crossEntropyMembrane(),
        optimizer: adam({ lr }),
        schedule: { kind: 'cosine', period: epochs * loader.length },
        scheduleBy: 'step',
      });
      const seconds = Math.round((performance.now() - began) / 100) / 10;
      await row(`${name} trained here, seed ${seed}`, ann, {
        method: 'streaming',
        how: delayOptions(),
        more: { seconds },
      });
      if (name === 'mlp_qcfs')
        await row(`${name} trained here, seed ${seed}`, ann, {
          method: 'accumulate',
          how: { steps: 8, schedule: 'accumulate' },
        });
    }

if (options.out !== undefined) writeFileSync(options.out, table());

function delayOptions() {
  const more = options.calibratedFor === undefined ? {} : { steps: Number(options.calibratedFor) };
  return { ...more, ...(options.delay === undefined ? {} : { readoutDelay: Number(options.delay) }) };
}

async function row(network, ann, { method, how, more = {} }) {
  const began = performance.now();
  const spiking = await convert(ann, { data: train, ...how });
  const converted = performance.now();
  const only = how.schedule === 'accumulate' ? [how.steps] : steps;
  const measured = await accuracyAgainstSteps(spiking, test, { steps: only, ann });
  const at = new Map(measured.steps.map((T, i) => [T, measured.correct[i]]));
  const result = {
    network,
    method,
    steps,
    correct: steps.map((T) => at.get(T)),
    ann: measured.ann.correct,
    sum: only.length > 1 ? measured.correct.reduce((a, b) => a + b) : undefined,
    seconds: Math.round((converted - began) / 100) / 10,
    running: Math.round((performance.now() - converted) / 100) / 10,
    ...(how.schedule === 'accumulate' ? { miscounted: await miscounted(ann, spiking) } : {}),
    ...more,
  };
  rows.push(result);
  print(result);
}

/** Units of quantized activations whose spike count on a held-out digit is not the level of the artificial network, of how many. */
async function miscounted(ann, spiking) {
  const { populations, method } = spiking.report;
  if (method !== 'learned') return undefined;
  let [wrong, all] = [0, 0];
  for (let from = 0; from < 2000; from += 200) {
    const samples = { x: test.x.subarray(from * 784, (from + 200) * 784), shape: [200, 784] };
    const { input: sequence, options: how } = spiking.input(samples);
    const names = populations.map(({ layer }) => layer);
    const spikes = await spiking.model.run(sequence, {
      ...how,
      record: names.map((name) => `${name}.spikes`),
    });
    const values = await ann.run(samples, { steps: 1, record: names.map((name) => `${name}.v`) });
    for (const { layer, threshold } of populations) {
      const expected = values.recordings[`${layer}.v`];
      const recorded = spikes.recordings[`${layer}.spikes`];
      const counts = new Float64Array(expected.length);
      recorded.forEach((spike, i) => {
        counts[i % counts.length] += spike;
      });
      all += counts.length;
      // Of one threshold for the layer, as the networks here have; the artificial network's levels are for its own number of steps.
      const unit = threshold.max / spiking.steps;
      wrong += counts.filter((count, i) => count !== Math.round(expected[i] / unit)).length;
    }
  }
  return `${wrong} of ${all}`;
}

function peers(name) {
  const path = pathOf(`${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).peer_spikingjelly?.recipes ?? {}) : {};
}

function architectures() {
  const image = () => [
    input(1, 28, 28),
    ...[conv2d(1, 12, 5), batchNorm(), relu(), avgPool2d(2)],
    ...[conv2d(12, 64, 5), batchNorm(), relu(), avgPool2d(2)],
    ...[flatten(), dense(1024, 10), rateUnit()],
  ];
  return {
    mlp: { layers: [dense(784, 512), relu(), dense(512, 10), rateUnit()], epochs: 12, lr: 1e-3 },
    mlp_qcfs: {
      layers: [dense(784, 512), qcfs({ levels: 8 }), dense(512, 10), rateUnit()],
      epochs: 12,
      lr: 1e-3,
    },
    conv: { layers: image(), epochs: 10, lr: 2e-3 },
  };
}

function table() {
  const head = ['network', 'method', ...steps.map((T) => `T = ${T}`), 'sum', 'ANN'];
  const line = (cells) => `| ${cells.map((cell) => cell ?? '').join(' | ')} |`;
  const body = rows.map(({ network, method, correct, sum, ann }) =>
    line([
      network,
      method,
      ...correct,
      sum ?? (correct.every(Number.isFinite) ? correct.reduce((a, b) => a + b) : ''),
      ann,
    ]),
  );
  const machine = `${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}`;
  return `${machine}\n\n${[line(head), line(head.map(() => '---')), ...body].join('\n')}\n`;
}
