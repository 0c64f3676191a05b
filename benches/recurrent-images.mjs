// Recurrence through convolutions beside snnTorch's, in turns: a convolutional spiking LSTM (`slstm`: 8 channels) and LIF neurons whose
// spikes come back through a convolution (`rleaky`: 16 channels), 28 × 28 pixels, 20 steps, 64 samples, kernels of 3 × 3.
//
//   node benches/recurrent-images.mjs [--rounds 3] [--steps 5] [--no-peer]
//
// Prints a JSON line for each network: medians of a training step and of a run, ms, on two threads, and how many times as long snnTorch
// takes. It runs in the Python of PEERS_PYTHON (default .peers/bin/python; see beside-peers.mjs).
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import { adam, conv2d, dense, globalSumPool, input, loss, sequential, setThreads } from '../dist/index.js';
import { li, lif, slstm } from '../dist/neurons.js';
import { generator, median, positive, print, run, trainingRow } from './support/turns.mjs';

program
  .description('recurrence through convolutions beside snnTorch')
  .option('--rounds <n>', 'turns of ours and of the peer', '3')
  .option('--steps <n>', 'timed training steps and runs of a turn', '5')
  .option('--no-peer', 'ours alone')
  .parse();
const values = program.opts();
const [rounds, steps] = [positive('rounds', values.rounds), positive('steps', values.steps)];
const [T, batch, size, classes] = [20, 64, 28, 10];
setThreads(2);

const recurrent = { kind: 'conv', kernel: 3 };
const hidden = {
  slstm: [conv2d(1, 32, 3, { padding: 1 }), slstm({ vThreshold: 0.1, recurrent })],
  rleaky: [conv2d(1, 16, 3, { padding: 1 }), lif({ beta: 0.9, recurrent })],
};
const channels = { slstm: 8, rleaky: 16 };

// A tenth of the pixels fire.
const uniform = generator();
const x = Uint8Array.from({ length: T * batch * size * size }, () => (uniform() < 0.1 ? 1 : 0));
const y = Uint8Array.from({ length: batch }, (_, i) => i % classes);
const samples = { x, y, shape: [T, batch, size * size], timeMajor: true };

async function timed(call) {
  const taken = [];
  for (let i = 0; i < steps + 2; i++) {
    const start = performance.now();
    await call();
    if (i >= 2) taken.push(performance.now() - start);
  }
  return median(taken);
}

for (const [name, layers] of Object.entries(hidden)) {
  const network = sequential(
    input(1, size, size),
    ...layers,
    globalSumPool(),
    dense(channels[name], classes),
    li({ beta: 0.5 }),
  );
  const model = await network.compile({ seed: 1 });
  const learning = { loss: loss.crossEntropyMeanMembrane(), optimizer: adam({ lr: 1e-3 }) };
  const [ours, peers] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push({
      train_ms: await timed(() => model.trainStep(samples, learning)),
      run_ms: await timed(() => model.run(samples)),
    });
    if (!values.peer) continue;
    const script = fileURLToPath(new URL('support/recurrent_images.py', import.meta.url));
    peers.push(await run(process.env.PEERS_PYTHON ?? '.peers/bin/python', [script, name, String(steps)]));
  }
  print({ network: name, ...trainingRow(ours, peers, 'snntorch') });
  model[Symbol.dispose]();
}
