// What a traced function costs beside what is built in, one thread, CPU time, in turns, one pair after the other: a training step of 784-1000-10 over 25 steps
// of 128 digits, and a gated layer of 512 analog values in 25 steps of 128 samples, less the step of the same network without this layer.
//   node benches/traced.mjs [--rounds 15]        a Markdown table: median (least) ms of a step, and the ratio of the least times
import { parseArgs } from 'node:util';
import { adam, dense, environment, input, layer, loss, multiply, sequential, setThreads } from 'lapicque';
import { li, lif, rateUnit } from 'lapicque/neurons';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const rounds = Number(values.rounds);
const [steps, batch, inputs] = [25, 128, 784];
let state = 7;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const x = Uint8Array.from({ length: steps * batch * inputs }, () => (random() < 0.1 ? 1 : 0));
const y = Uint32Array.from({ length: batch }, (_, i) => i % 10);
const data = { x, shape: [steps, batch, inputs], y };
const optimizer = adam({ lr: 5e-4 });

const network = (middle = []) =>
  sequential(
    dense(784, 1000),
    lif({ beta: 0.95, name: 'hidden' }),
    ...middle,
    dense(1000, 10),
    lif({ beta: 0.95 }),
  );

const penalty = { kind: 'rate-band', lambda: 0.1, low: 0.05, high: 0.05 };
const built = loss.crossEntropyMembrane();
const pairs = {
  'cross-entropy of each step': [
    [network(), { loss: built }],
    [network(), { loss: loss.trace(({ v, target }) => v.crossEntropy(target).mean('time')) }],
  ],
  'rate regularizer on the hidden layer': [
    [network(), { loss: built, regularizers: [{ layer: 'hidden', penalty }] }],
    [
      network(),
      {
        loss: loss.trace(({ v, target, layers }) => ({
          task: v.crossEntropy(target).mean('time'),
          rate: layers.hidden.spikes.mean('time').sub(0.05).square().mean().mul(0.1),
        })),
      },
    ],
  ],
};

// The same operations as built-in layers: a product of matrices, a sigmoid, a product of two signals.
const width = 512;
const gated = (middle) => sequential(input(width), ...middle, dense(width, 10), li({ beta: 0.9 }));
const gate = layer.trace('gate', { size: width, parameters: { w: [width, width] } }, (x, { w }) =>
  x.mul(x.matmul(w).sigmoid()),
);
const builtGate = multiply([], [dense(width, width), rateUnit({ activation: 'sigmoid' })]);
const analog = Float32Array.from({ length: steps * batch * width }, () => random() - 0.5);
const ofGate = { x: analog, shape: [steps, batch, width], y };

setThreads(1);
const { cpu, simd } = environment();
console.log(
  `Node ${process.version}, ${cpu ?? ''} ${simd ?? ''}, ${rounds} rounds, CPU time of one thread\n`,
);
console.log('| step | built in, ms | traced, ms | ratio |\n| --- | ---: | ---: | ---: |');

/** CPU times of a step, ms, of each model in turns. */
async function measured(sides, of) {
  const models = await Promise.all(
    sides.map(async ([net, options]) => [await net.compile({ seed: 1 }), options]),
  );
  const times = models.map(() => []);
  for (let round = 0; round < rounds + 2; round++) {
    for (const [i, [model, options]] of models.entries()) {
      const began = process.cpuUsage();
      await model.trainStep(of, { ...options, optimizer });
      const { user, system } = process.cpuUsage(began);
      if (round >= 2) times[i].push((user + system) / 1000);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b));
}

const cell = (list, less = 0) =>
  `${(list[list.length >> 1] - less).toFixed(1)} (${(list[0] - less).toFixed(1)})`;
for (const [name, sides] of Object.entries(pairs)) {
  const [one, other] = await measured(sides, data);
  console.log(`| ${name} | ${cell(one)} | ${cell(other)} | ${(other[0] / one[0]).toFixed(2)} |`);
}
{
  const options = { loss: loss.crossEntropyMembrane() };
  const sides = [[], [builtGate], [gate]].map((middle) => [gated(middle), options]);
  const [without, one, other] = await measured(sides, ofGate);
  const ratio = (other[0] - without[0]) / (one[0] - without[0]);
  console.log(
    `| gated layer | ${cell(one, without[0])} | ${cell(other, without[0])} | ${ratio.toFixed(2)} |`,
  );
}
