// Layers that the built-in tasks leave out, beside SpikingJelly's (and plain torch where it has none), in turns: norms, dropout, parallel
// neurons, learned delays, grouped convolutions, SpikeGPT, adaptive recurrent neurons, long sequences, convolutions over a line, residual
// branches, Spikformer, pools of largest values.
//
//   node benches/features.mjs [NAME…] [--rounds 3] [--seconds 1] [--no-peer]
//
// Prints a JSON line for each network (all without names): medians of a training step and of a run, ms, on two threads, the cores that each
// keeps busy, and how many times as long the peer takes. It runs in the Python of PEERS_PYTHON (default .peers/bin/python; see beside-peers.mjs).
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import { vocabulary } from '../dist/data.js';
import {
  adam,
  batchNorm,
  conv1d,
  conv2d,
  dense,
  dropout,
  flatten,
  globalAvgPool,
  input,
  layerNorm,
  loss,
  maxPool2d,
  networks,
  pointwise,
  psn,
  residual,
  sequential,
  setThreads,
  slidingPsn,
} from '../dist/index.js';
import { alif, li, lif, surrogate } from '../dist/neurons.js';
import { fail, generator, median, positive, print, rounded, run, trainingRow } from './support/turns.mjs';

program
  .description('layers that the built-in tasks leave out, beside a peer')
  .argument('[names...]', 'networks; default all')
  .option('--rounds <n>', 'turns of ours and of the peer', '3')
  .option('--seconds <n>', 'of timed steps, and half as many of runs, in a turn', '1')
  .option('--no-peer', 'ours alone')
  .parse();
const values = program.opts();
const [rounds, seconds] = [positive('rounds', values.rounds), positive('seconds', values.seconds)];
setThreads(2);

const uniform = generator();
/** Spikes of a share of the channels, `[steps, batch, channels]`. */
function spikes(steps, batch, channels, share) {
  const x = Uint8Array.from({ length: steps * batch * channels }, () => (uniform() < share ? 1 : 0));
  return { x, shape: [steps, batch, channels], timeMajor: true };
}

const atan = surrogate.atan({ alpha: 2 });
const fire = () => lif({ beta: 0.9, surrogate: atan, resetTiming: 'same-step' });
/** 784-512-512-10 with something in front of the neurons, or in their place. */
const wide = (...between) => [
  dense(784, 512),
  ...between,
  dense(512, 512),
  ...between,
  dense(512, 10),
  li({ beta: 0 }),
];
const normed = (from, to, stride = 1) => [
  conv2d(from, to, 3, { padding: 1, stride, bias: false }),
  batchNorm(),
  fire(),
];
const delay = { max: 25 };
const characters = Array.from({ length: 96 }, (_, i) => String.fromCharCode(32 + i));
const tokens = (add) => Float32Array.from({ length: 128 * 32 }, (_, i) => (i * 7919 + add) % 96);

const tasks = {
  'layer-norm': [sequential(...wide(layerNorm(), fire())), spikes(16, 128, 784, 0.1)],
  'batch-norm': [sequential(...wide(batchNorm(), fire(), dropout(0.3))), spikes(16, 128, 784, 0.1)],
  psn: [sequential(...wide(...psn(16))), spikes(16, 128, 784, 0.1)],
  'sliding-psn': [sequential(...wide(...slidingPsn(8))), spikes(16, 128, 784, 0.1)],
  delays: [
    sequential(
      dense(140, 256, { delay }),
      fire(),
      dense(256, 256, { delay }),
      fire(),
      dense(256, 20),
      li({ beta: 0 }),
    ),
    spikes(100, 64, 140, 0.05),
  ],
  depthwise: [
    sequential(
      input(2, 32, 32),
      conv2d(2, 32, 3, { padding: 1, stride: 2 }),
      fire(),
      conv2d(32, 32, 3, { padding: 1, groups: 32 }),
      fire(),
      pointwise(32, 64),
      fire(),
      conv2d(64, 64, 3, { padding: 1, stride: 2, groups: 64 }),
      fire(),
      pointwise(64, 128),
      fire(),
      globalAvgPool(),
      dense(128, 10),
      li({ beta: 0 }),
    ),
    spikes(8, 32, 2048, 0.1),
  ],
  spikegpt: [
    networks.spikeGPT({ vocabulary: vocabulary(characters) }),
    { x: tokens(0), y: Uint32Array.from(tokens(5)), shape: [128, 32, 1], timeMajor: true },
  ],
  alif: [
    sequential(
      dense(140, 256),
      alif({ beta: 0.9, tauAdapt: 200, betaAdapt: 0.2, surrogate: atan, recurrent: 'dense', neurons: 256 }),
      dense(256, 20),
      li({ beta: 0.9 }),
    ),
    spikes(100, 64, 140, 0.05),
  ],
  'conv-1d': [
    sequential(
      input(16, 128),
      conv1d(16, 32, 5, { padding: 2 }),
      fire(),
      conv1d(32, 64, 5, { padding: 2, stride: 2 }),
      fire(),
      globalAvgPool(),
      dense(64, 10),
      li({ beta: 0 }),
    ),
    spikes(16, 64, 2048, 0.1),
  ],
  residual: [
    sequential(
      input(2, 32, 32),
      ...normed(2, 32, 2),
      residual([...normed(32, 32), ...normed(32, 32)]),
      residual([...normed(32, 32), ...normed(32, 32)]),
      globalAvgPool(),
      dense(32, 10),
      li({ beta: 0 }),
    ),
    spikes(8, 32, 2048, 0.1),
  ],
  spikformer: [networks.spikformer(), spikes(4, 16, 784, 0.1)],
  'max-pool': [
    sequential(
      input(2, 32, 32),
      conv2d(2, 16, 3, { padding: 1 }),
      fire(),
      maxPool2d(2),
      conv2d(16, 32, 3, { padding: 1 }),
      fire(),
      maxPool2d(2),
      flatten(),
      dense(2048, 10),
      li({ beta: 0 }),
    ),
    spikes(8, 32, 2048, 0.1),
  ],
  'conv-norm-dropout': [
    sequential(
      input(2, 32, 32),
      ...normed(2, 32, 2),
      dropout(0.2),
      ...normed(32, 64, 2),
      dropout(0.2),
      flatten(),
      dense(4096, 10),
      li({ beta: 0 }),
    ),
    spikes(8, 32, 2048, 0.1),
  ],
  long: [
    sequential(dense(40, 64), fire(), dense(64, 64), fire(), dense(64, 2), li({ beta: 0 })),
    spikes(1000, 32, 40, 0.05),
  ],
};

/** Median of a call, ms, and the cores that it keeps busy. */
async function timed(call, budget) {
  await call();
  await call();
  const [taken, begin, used] = [[], performance.now(), process.cpuUsage()];
  while (taken.length < 3 || performance.now() - begin < 1000 * budget) {
    const start = performance.now();
    await call();
    taken.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(used);
  return [median(taken), (user + system) / 1000 / (performance.now() - begin)];
}

for (const name of program.args.length > 0 ? program.args : Object.keys(tasks)) {
  const [network, samples] = tasks[name] ?? fail(`no network ${name}; there are ${Object.keys(tasks)}`);
  const model = await network.compile({ seed: 1 });
  const outputs = model.info.layers.at(-1).neurons;
  const batch = { y: Uint32Array.from({ length: samples.shape[1] }, (_, i) => i % outputs), ...samples };
  const learning = {
    loss: samples.y ? loss.crossEntropyMembrane() : loss.crossEntropyMeanMembrane(),
    optimizer: adam({ lr: 1e-4 }),
  };
  const [ours, peers] = [[], []];
  for (let turn = 0; turn < rounds; turn++) {
    const [train_ms, cores] = await timed(() => model.trainStep(batch, learning), seconds);
    const [run_ms, run_cores] = await timed(() => model.run(batch), seconds / 2);
    ours.push({ train_ms, cores, run_ms, run_cores });
    if (!values.peer) continue;
    const script = fileURLToPath(new URL('support/features.py', import.meta.url));
    peers.push(await run(process.env.PEERS_PYTHON ?? '.peers/bin/python', [script, name, String(seconds)]));
  }
  const [cores, run_cores] = ['cores', 'run_cores'].map((key) =>
    rounded(median(ours.map((figures) => figures[key]))),
  );
  print({ network: name, cores, run_cores, ...trainingRow(ours, peers, 'peer') });
  model[Symbol.dispose]();
}
