// What a traced function costs beside what is built in: a training step of 784-1000-10 over 25 steps of 128 digits, in turns, one pair after the other.
//   node benches/traced.mjs [--rounds 15]        a Markdown table: median (least) ms of a step, and the ratio of the least times
import { parseArgs } from 'node:util';
import { adam, dense, environment, loss, sequential } from 'lapicque';
import { lif } from 'lapicque/neurons';

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
const { cpu, simd } = environment;
console.log(`Node ${process.version}, ${cpu ?? ''} ${simd ?? ''}, ${rounds} rounds\n`);
console.log('| step | built in, ms | traced, ms | ratio |\n| --- | ---: | ---: | ---: |');
for (const [name, sides] of Object.entries(pairs)) {
  const models = await Promise.all(
    sides.map(async ([net, options]) => [await net.compile({ seed: 1 }), options]),
  );
  const times = models.map(() => []);
  for (let round = 0; round < rounds + 2; round++) {
    for (const [i, [model, options]] of models.entries()) {
      const began = performance.now();
      await model.trainStep(data, { ...options, optimizer });
      if (round >= 2) times[i].push(performance.now() - began);
    }
  }
  const least = times.map((list) => Math.min(...list));
  const median = times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
  const cell = (i) => `${median[i].toFixed(1)} (${least[i].toFixed(1)})`;
  console.log(`| ${name} | ${cell(0)} | ${cell(1)} | ${(least[1] / least[0]).toFixed(2)} |`);
}
