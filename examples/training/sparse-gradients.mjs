// How narrow may a surrogate be? One network learns digits with triangles of several widths. A narrow triangle is zero for most neurons, and what is zero
// is not computed in the backward pass; a narrower one learns a little less. `node examples/training/sparse-gradients.mjs full` takes 8,000
// digits and more epochs.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { DataLoader, mnist } from 'lapicque/data';
import { li, lif, surrogate } from 'lapicque/neurons';

const full = process.argv[2] === 'full';
const [trainCount, testCount, epochs] = full ? [8000, 2000, 4] : [1000, 300, 3];
const [steps, hidden, batchSize] = [20, 512, 50];
const [widths, chosen] = [[1, 0.3, 0.1, 0.03], 0.1];

const { train, test } = (await mnist()).split(0);
const first = ({ x, y, shape: [, ...rest] }, n) => ({
  x: x.slice(0, n * 784),
  y: y.slice(0, n),
  shape: [n, ...rest],
});
const flat = ({ x, y, shape: [n] }) => ({ x, y, shape: [n, 784] });
const [learn, unseen] = [flat(first(train, trainCount)), flat(first(test, testCount))];

async function learned(name, derivative) {
  const neuron = () => lif({ beta: 0.9, surrogate: derivative });
  const model = await sequential(
    dense(784, hidden),
    neuron(),
    dense(hidden, hidden),
    neuron(),
    dense(hidden, 10),
    li({ beta: 0.9 }),
  ).compile({ seed: 1 });
  const work = { steps, loss: loss.crossEntropyMeanMembrane() };
  const optimizer = adam({ lr: 1e-3 });
  const times = [];
  let report;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for await (const batch of new DataLoader(learn, { batchSize, shuffle: true, seed: epoch })) {
      const began = performance.now();
      report = await model.trainStep(batch, { ...work, optimizer });
      times.push(performance.now() - began);
    }
  }
  const { accuracy } = await model.evaluate(new DataLoader(unseen, { batchSize: 100 }), work);
  const ms = times.sort((a, b) => a - b)[times.length >> 1];
  const percent = (fraction) => (fraction == null ? 'all' : `${(100 * fraction).toFixed(1)} %`);
  console.log(
    name.padEnd(16),
    `${(100 * accuracy).toFixed(1)} % right, ${ms.toFixed(1)} ms a step; not zero`,
    report.active.slice(0, 2).map(percent).join(' and '),
  );
  model.dispose();
  return { accuracy, ms, active: report.active[0], computed: report.computed[0] };
}

const smooth = await learned('fast sigmoid', surrogate.fastSigmoid({ slope: 25 }));
const of = new Map();
for (const width of widths) of.set(width, await learned(`width ${width}`, surrogate.triangular({ width })));

const narrow = of.get(chosen);
assert(narrow.accuracy > 0.75, 'this width learns');
assert(narrow.computed < 0.5, 'and most of the gradient of its spikes is not computed');
console.log(
  `width ${chosen}: ${(100 * narrow.accuracy).toFixed(1)} % right beside ${(100 * smooth.accuracy).toFixed(1)} %, ${(100 * narrow.computed).toFixed(1)} % of the gradient of spikes computed`,
);
