// Training steps of networks that were written to find weak places, beside PyTorch, snnTorch and SpikingJelly, in turns.
//
//   node benches/beside-torch.mjs [TASK…] [--rounds 3] [--steps 5] [--threads 1]
//
// TASK is one of those below; default all. Both sides have the same weights, input and classes: the program fails if their losses of the
// first step differ, or of the second, which follows from the gradients. Each turn is a process of its own: an untimed step, then `steps` timed ones. Prints a JSON line for each task: the
// median CPU time of a training step in ms, of ours and of the peer, how many times as long the peer takes (`ratio`), the least and the
// greatest ratio of a round, and the losses of the first and the last step. It runs in the Python of PEERS_PYTHON (default
// .peers/bin/python; see beside-peers.mjs).
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import {
  adam,
  batchNorm,
  conv2d,
  dense,
  environment,
  globalAvgPool,
  input,
  loss,
  maxPool2d,
  networks,
  pointwise,
  sequential,
  setThreads,
} from '../dist/index.js';
import { cubaLif, li, lif, neuron, rateUnit, relu, surrogate } from '../dist/neurons.js';
import { machine } from './support/machine.mjs';
import { fail, load, median, positive, print, rounded, run } from './support/turns.mjs';

const leaky = (options) => lif({ like: 'snntorch', beta: 0.9, ...options });
const jelly = (options) => lif({ like: 'spikingjelly', tauMem: 2, detachReset: true, ...options });
const convolution = (from, to, cells) => [
  conv2d(from, to, 3, { padding: 1, bias: false }),
  batchNorm(),
  cells(),
];
const atan = () => jelly({ surrogate: surrogate.atan() });
const each = (value, count) => new Array(count).fill(value);
const quadratic = neuron({
  state: { v: 0, w: 0 },
  params: { tm: 10, ta: 80 },
  update: "v' = (5*i - v - w + 0.1*v*v)/tm\nw' = -w/ta",
  spike: 'v > 1',
  reset: 'v = 0; w += 0.2',
  method: 'euler',
});
const threeLayers = (inputs, hidden, options) => [
  ...[dense(inputs, hidden), leaky(options), dense(hidden, hidden), leaky(options)],
  ...[dense(hidden, 20), li({ beta: 0.9 })],
];

/** The layers of each task; its weights and input are those of support/beside_torch.py. */
const tasks = {
  relu: () => [
    ...[input(3, 32, 32), ...convolution(3, 64, relu), ...convolution(64, 128, relu), maxPool2d(2)],
    ...[...convolution(128, 256, relu), globalAvgPool(), dense(256, 10), rateUnit()],
  ],
  hot: () => threeLayers(1024, 2048, { vThreshold: 0.02 }),
  conv: () => [
    ...[input(3, 32, 32), ...convolution(3, 64, atan), ...convolution(64, 64, atan), maxPool2d(2)],
    ...[...convolution(64, 128, atan), ...convolution(128, 128, atan), globalAvgPool()],
    ...[dense(128, 10), li({ beta: 0 })],
  ],
  trans: () => [
    ...[input(16, 256), pointwise(16, 128, { bias: false }), jelly()],
    ...[...networks.spikformerBlock(128, { heads: 8 }), ...networks.spikformerBlock(128, { heads: 8 })],
    ...[globalAvgPool(), dense(128, 10), li({ beta: 0 })],
  ],
  dense: () => threeLayers(700, 1024, {}),
  rsnn: () => {
    const learned = { alpha: each(0.8, 128), beta: each(0.9, 128), learn: ['alpha', 'beta'] };
    const cells = cubaLif({ like: 'snntorch', ...learned, recurrent: { kind: 'dense' } });
    return [dense(140, 128), cells, dense(128, 20), li({ beta: 0.9 })];
  },
  custom: () => {
    const learned = { tm: each(10, 512), ta: each(80, 512), learn: ['tm', 'ta'] };
    const cells = quadratic({ ...learned, surrogate: surrogate.fastSigmoid({ slope: 25 }) });
    return [dense(100, 512), cells, dense(512, 10), li({ beta: 0.9 })];
  },
};

program
  .description('training steps beside PyTorch, in turns')
  .argument('[task...]', 'default all')
  .option('--rounds <n>', 'turns of ours and of the peer', '3')
  .option('--steps <n>', 'timed training steps of a turn', '5')
  .option('--threads <n>', 'of both sides', '1')
  .option('--turn <folder>', 'one turn of ours in this process, with the weights of the folder')
  .parse();
const values = program.opts();
const [rounds, steps, threads] = ['rounds', 'steps', 'threads'].map((name) => positive(name, values[name]));
const chosen = program.args.length === 0 ? Object.keys(tasks) : program.args;
for (const name of chosen)
  if (tasks[name] === undefined) fail(`unknown task ${name}: there are ${Object.keys(tasks).join(', ')}`);

if (values.turn === undefined) for (const name of chosen) await compare(name);
else print(await turn(chosen[0], values.turn));

async function compare(name) {
  const folder = await mkdtemp(join(tmpdir(), 'beside-torch-'));
  const python = process.env.PEERS_PYTHON ?? '.peers/bin/python';
  const script = fileURLToPath(new URL('support/beside_torch.py', import.meta.url));
  const [ours, peers] = [[], []];
  try {
    await run(python, [script, name, 'prepare', folder]);
    for (let round = 0; round < rounds; round++) {
      const options = ['--turn', folder, '--steps', String(steps), '--threads', String(threads)];
      ours.push(await run(process.execPath, [fileURLToPath(import.meta.url), name, ...options]));
      peers.push(await run(python, [script, name, String(steps), String(threads)]));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const [mine, other] = [ours[0].losses, peers[0].losses];
  // Sums in another order make a few spikes differ, more so after an update.
  for (const [step, tolerance] of [1e-4, 2e-3].entries())
    if (Math.abs(mine[step] / other[step] - 1) > tolerance)
      fail(
        `${name}: the loss of step ${step + 1} is ${mine[step]}, the peer's is ${other[step]}: not the same work`,
      );
  const of = (all) => median(all.map(({ step_ms: ms }) => ms));
  const ratios = ours.map((one, i) => peers[i].step_ms / one.step_ms);
  const ends = (losses) => [losses[0], losses.at(-1)].map((value) => Number(value.toPrecision(6)));
  print({
    task: name,
    ...{ step_ms: rounded(of(ours)), peer_step_ms: rounded(of(peers)), ratio: rounded(of(peers) / of(ours)) },
    ratios: { min: rounded(Math.min(...ratios)), max: rounded(Math.max(...ratios)) },
    ...{ rounds, steps, threads, losses: ends(mine), peer_losses: ends(other) },
    ...{ versions: peers[0].versions, ...machine(), simd: ours[0].simd, load: load() },
  });
}

/** One untimed step, then some timed ones. */
async function turn(name, folder) {
  setThreads(threads);
  const { x, y, weights, shape } = await problem(folder);
  const model = await sequential(...tasks[name]()).compile({ seed: 1 });
  await model.setWeights(weights);
  const samples = { x, y, shape, timeMajor: true };
  const learning = { loss: loss.crossEntropyMeanMembrane(), optimizer: adam() };
  const [losses, times] = [[], []];
  for (let step = 0; step <= steps; step++) {
    const before = process.cpuUsage();
    losses.push((await model.trainStep(samples, learning)).loss);
    const { user, system } = process.cpuUsage(before);
    if (step > 0) times.push((user + system) / 1000);
  }
  return { step_ms: median(times), losses, simd: environment().simd };
}

/** What the Python program wrote: weights by name, the input `[time, sample, …]` and the classes. */
async function problem(folder) {
  const parts = JSON.parse(await readFile(join(folder, 'parts.json'), 'utf8'));
  const bytes = await readFile(join(folder, 'values.f32'));
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let at = 0;
  const found = {};
  for (const [name, shape] of parts) {
    const size = shape.reduce((product, n) => product * n, 1);
    found[name] = all.slice(at, at + size);
    at += size;
  }
  const { x, y, ...weights } = found;
  return { x, y: Uint8Array.from(y), weights, shape: parts.find(([name]) => name === 'x')[1] };
}
