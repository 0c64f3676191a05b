// Compares integer networks with the f32 models that they are made of: `node benches/integer.mjs [--rounds 30] [--samples 64] [--only deep,conv]`.
//
// Networks of the sizes of the tasks stream_dense, stream_shd, stream_deep and conv, with weights that make about as many neurons spike.
// For each, `push` of a session step by step, and runs of a batch; model and integer network take turns. Prints a JSON line for each:
// the smallest times, their ratio (above 1: the integer network is faster), the bytes of weights and parameters, and those of a session's state.
import { program } from 'commander';
import { avgPool2d, conv2d, dense, input, sequential, setThreads } from 'lapicque';
import { quantize } from 'lapicque/chip';
import { cubaLif, li, lif } from 'lapicque/neurons';
import { positive, print, rounded } from './support/turns.mjs';

program
  .description('compares integer networks with the f32 models that they are made of')
  .option('--rounds <n>', 'measured runs of each', '30')
  .option('--samples <n>', 'samples of a batch', '64')
  .option('--threads <n>', 'threads of a batch', '1')
  .option('--only <names>', 'some of the networks dense, shd, deep and conv')
  .parse();
const rounds = positive('rounds', program.opts().rounds);
const samples = positive('samples', program.opts().samples);
const only = program.opts().only?.split(',');
setThreads(positive('threads', program.opts().threads));

const uniform = (gain) => ({ bias: false, initial: { kind: 'fan-in-uniform', gain } });
const recurrent = () => cubaLif({ alpha: 0.9, beta: 0.95, recurrent: { kind: 'dense', ...uniform(0.25) } });
const hidden = () => lif({ beta: 0.9 });
const gains = [3.66, 3.332, 3.108, 3.21, 3.178];
const networks = {
  dense: {
    inputs: 784,
    activity: 0.13,
    steps: 25,
    layers: [
      dense(784, 1000, uniform(1)),
      lif({ beta: 0.95 }),
      dense(1000, 10, uniform(1)),
      lif({ beta: 0.95 }),
    ],
  },
  shd: {
    inputs: 700,
    activity: 0.015,
    steps: 100,
    layers: [
      dense(700, 256, uniform(0.8277)),
      recurrent(),
      dense(256, 256, uniform(0.2606)),
      recurrent(),
      dense(256, 20, uniform(1)),
      li({ beta: 0.95 }),
    ],
  },
  deep: {
    inputs: 1024,
    activity: 0.05,
    steps: 100,
    layers: [
      ...gains.flatMap((gain) => [dense(1024, 1024, uniform(gain)), hidden()]),
      dense(1024, 10, uniform(1)),
      li({ beta: 0.9 }),
    ],
  },
  conv: {
    inputs: 784,
    activity: 0.1,
    steps: 50,
    layers: [
      input(1, 28, 28),
      conv2d(1, 12, 5, uniform(2.955)),
      hidden(),
      avgPool2d(2),
      conv2d(12, 64, 5, uniform(1.837)),
      hidden(),
      avgPool2d(2),
      dense(1024, 10, uniform(3.886)),
      hidden(),
    ],
  },
};

let state = 1n;
const random = () => {
  state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
  return Number(state >> 33n) / 2 ** 31;
};

for (const [name, { inputs, activity, steps, layers }] of Object.entries(networks)) {
  if (only?.includes(name) === false) continue;
  const model = await sequential(...layers).compile({ seed: 1 });
  const x = Uint8Array.from({ length: steps * samples * inputs }, () => (random() < activity ? 1 : 0));
  const batch = { x, shape: [steps, samples, inputs] };
  const { network, report } = await quantize(model, { target: 'int8', calibration: batch });
  const events = Array.from({ length: steps }, (_, step) => {
    const row = x.subarray(step * samples * inputs, step * samples * inputs + inputs);
    return Uint32Array.from([...row.keys()].filter((channel) => row[channel] === 1));
  });
  const sessions = { float: await model.session(), integer: network.session() };
  const runs = { float: () => model.run(batch), integer: () => network.run(batch) };
  const best = { session: {}, run: {} };
  for (let round = -2; round < rounds; round++) {
    for (const way of ['float', 'integer']) {
      const session = sessions[way];
      session.reset();
      let began = performance.now();
      for (let pass = 0; pass < 20; pass++) for (const step of events) session.push(step);
      const pushed = ((performance.now() - began) * 1000) / (20 * steps);
      began = performance.now();
      if (round < 6) await runs[way]();
      const ran = round < 6 ? performance.now() - began : Number.POSITIVE_INFINITY;
      if (round < 0) continue;
      best.session[way] = Math.min(best.session[way] ?? Number.POSITIVE_INFINITY, pushed);
      best.run[way] = Math.min(best.run[way] ?? Number.POSITIVE_INFINITY, ran);
    }
  }
  const weights = model.info.parameterCount * 4;
  print({
    network: name,
    spikesPerStep: report.layers
      .filter(({ spikes }) => spikes.integer > 0)
      .map(({ name, spikes }) => [
        name,
        rounded(spikes.model / (steps * samples)),
        rounded(spikes.integer / (steps * samples)),
      ]),
    sessionMicroseconds: { float: rounded(best.session.float), integer: rounded(best.session.integer) },
    sessionRatio: rounded(best.session.float / best.session.integer),
    runMilliseconds: { float: rounded(best.run.float), integer: rounded(best.run.integer) },
    runRatio: rounded(best.run.float / best.run.integer),
    bytes: {
      float: weights,
      integer: network.bytes.network,
      share: rounded(network.bytes.network / weights),
      state: network.bytes.session,
    },
  });
}
