// Accuracy of quantized networks: correct of 2,000 held-out digits before and after quantization.
//
//   node benches/quantization.mjs [--networks mlp,conv,lif] [--steps 16] [--bits 8,4] [--epochs 2] [--lr 0.0003] [--validate] [--out FILE]
//
// `mlp` and `conv` are the networks of __test__/files/fixtures/ann that torch trained, converted to spikes; `lif` is 784-256-10 of leaky neurons, trained
// here with spikes. `mlp` is where LAPICQUE_ANN says. Rows: the artificial network, the spiking network in floats, weights rounded after training, and
// weights of 4 bits after quantization-aware training (`fitQuantized`). Calibration and training use the 8,000 training digits alone.
// `--validate` holds the last 1,000 training digits out and counts on them, to choose hyperparameters without the 2,000 test digits.
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import { accuracyAgainstSteps, convert, fitQuantized, quantize } from '../dist/chip.js';
import { DataLoader } from '../dist/data.js';
import { readOnnx } from '../dist/files.js';
import { adam, dense, loss, sequential } from '../dist/index.js';
import { li, lif } from '../dist/neurons.js';
import { annDigits } from './support/ann-digits.mjs';
import { positive, print } from './support/turns.mjs';

program
  .description('accuracy of quantized networks')
  .option('--networks <names>', 'comma-separated', 'mlp,conv,lif')
  .option('--steps <n>', 'time steps of a sample', '16')
  .option('--bits <numbers>', 'bits of weights that are rounded after training', '8,4')
  .option('--scales <names>', 'comma-separated: channel, tensor, power-of-two', 'channel')
  .option('--epochs <n>', 'of quantization-aware training', '2')
  .option('--lr <x>', 'learning rate of quantization-aware training', '0.0003')
  .option('--calibration <n>', 'samples', '500')
  .option('--validate', 'count on training digits that are held out')
  .option('--out <file>', 'write a table')
  .parse();
const options = program.opts();
const steps = positive('steps', options.steps);
const epochs = positive('epochs', options.epochs);
const root = fileURLToPath(new URL('..', import.meta.url));
const here = join(root, '__test__/files/fixtures/ann');
const larger = process.env.LAPICQUE_ANN ?? '/work/shared/fixtures/ann';
const pathOf = (file) => (existsSync(join(here, file)) ? join(here, file) : join(larger, file));
const digits = await annDigits();
const validated = options.validate === true;
const train = validated ? part(digits.train, 0, 7000) : digits.train;
const test = validated ? part(digits.train, 7000, 8000) : digits.test;
const samples = test.shape[0];
const calibration = part(train, 0, positive('calibration', options.calibration));
const rows = [];

for (const name of options.networks.split(',')) {
  if (name === 'lif') {
    const began = performance.now();
    const model = await spikingNetwork();
    await model.fit(loader(0), training(8, 2e-3));
    await measured('lif', { model, start: 0, trained: seconds(began) });
    continue;
  }
  const onnx = ['.unfolded.onnx', '.inline.onnx', '.onnx'].map((end) => pathOf(name + end)).find(existsSync);
  if (onnx === undefined) {
    console.error(`${name} is not here; LAPICQUE_ANN names the folder that has it`);
    continue;
  }
  const ann = await (await readOnnx(onnx)).compile();
  const spiking = await convert(ann, { data: { x: train.x, shape: train.shape }, steps });
  const curve = await accuracyAgainstSteps(spiking, test, { steps: [steps], ann });
  row({ network: name, what: 'artificial network, f32', correct: curve.ann.correct });
  await measured(name, { model: spiking.model, start: spiking.readoutStart(steps), ann: curve.ann.correct });
}
if (options.out !== undefined) writeFileSync(options.out, table());

/** The rows of a spiking model: floats, rounded, trained for 4 bits. */
async function measured(network, { model, start, ann, trained }) {
  const floats = await correctOf(model, start);
  const base = ann ?? floats;
  row({ network, what: 'spiking network, f32', correct: floats, base, seconds: trained });
  const round = async (what, quantizing) => {
    const began = performance.now();
    const { network: integers, report } = await quantize(model, { calibration, steps, ...quantizing });
    const correct = await correctOf(integers, start, integers.tensors.units);
    const layers = report.layers.map(({ name, weightError, saturated, vBits, spikes }) => ({
      name,
      weightError: Number(weightError.toFixed(4)),
      saturated: Number(saturated.toFixed(5)),
      vBits,
      spikes: Number((spikes.integer / Math.max(1, spikes.model)).toFixed(3)),
    }));
    row({ network, what, correct, base, seconds: seconds(began), layers });
    integers.dispose();
  };
  for (const bits of options.bits.split(',').map(Number))
    for (const scale of options.scales.split(','))
      await round(`weights of ${bits} bits, ${scale}, rounded after training`, { weightBits: bits, scale });
  for (const scale of options.scales.split(',')) {
    const began = performance.now();
    const full = await model.weights();
    await fitQuantized(model, loader(1), training(epochs, Number(options.lr)), { weightBits: 4, scale });
    const time = seconds(began);
    await round(`weights of 4 bits, ${scale}, trained for them (${epochs} epochs, ${time} s)`, {
      weightBits: 4,
      scale,
    });
    await model.setWeights(full);
  }
}

function row(result) {
  rows.push(result);
  print(result);
}

/** Samples whose largest sum over the steps from `start` on is that of their label. Units are those of the integer network's output. */
async function correctOf(network, start, units) {
  let correct = 0;
  for (let from = 0; from < samples; from += 500) {
    const some = part(test, from, Math.min(samples, from + 500));
    const { v, shape } = await network.run(some, { steps });
    const [, batch, outputs] = shape;
    const unit = units === undefined ? undefined : Object.values(units).at(-1);
    for (let sample = 0; sample < batch; sample++) {
      const sums = new Float64Array(outputs);
      for (let step = start; step < steps; step++)
        for (let k = 0; k < outputs; k++)
          sums[k] += v[(step * batch + sample) * outputs + k] * (unit?.[k] ?? 1);
      if (sums.indexOf(Math.max(...sums)) === some.y[sample]) correct++;
    }
  }
  return correct;
}

function spikingNetwork() {
  return sequential(dense(784, 256), lif({ beta: 0.9 }), dense(256, 10), li({ beta: 0.9 })).compile({
    seed: 0,
  });
}

function loader(seed) {
  return new DataLoader(train, { batchSize: 64, shuffle: true, seed });
}

/** Adam with a learning rate that falls to 0 as a cosine. */
function training(epochs, lr) {
  const batches = Math.ceil(train.shape[0] / 64);
  return {
    steps,
    epochs,
    loss: loss.crossEntropyMeanMembrane(),
    optimizer: adam({ lr }),
    schedule: { kind: 'cosine', period: epochs * batches },
    scheduleBy: 'step',
  };
}

/** Samples from `from` to before `to`. */
function part({ x, y, shape }, from, to) {
  return {
    x: x.subarray(from * shape[1], to * shape[1]),
    y: y.subarray(from, to),
    shape: [to - from, shape[1]],
  };
}

function seconds(began) {
  return Math.round((performance.now() - began) / 100) / 10;
}

function table() {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const head = ['network', '', `correct of ${samples}`, 'difference, points'];
  const points = ({ correct, base }) =>
    base === undefined ? '' : ((100 * (correct - base)) / samples).toFixed(2);
  const body = rows.map((one) => line([one.network, one.what, one.correct, points(one)]));
  const machine = `${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}, ${steps} steps`;
  return `${machine}\n\n${[line(head), line(head.map(() => '---')), ...body].join('\n')}\n`;
}
