// What a search that learns and prunes is worth: five hyper-parameters of a network that reads digits. TPE with ASHA, 60 trials, against
// random search, 200 trials, for five seeds. Most of the 60 trials end early: they cost less than a third of the epochs besides.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { DataLoader, mnist } from 'lapicque/data';
import { lif, surrogate } from 'lapicque/neurons';
import { prune, search, space, study } from 'lapicque/study';

const seeds = Number(process.argv[2] ?? 5);
const [tpeTrials, randomTrials] = [Number(process.argv[3] ?? 60), Number(process.argv[4] ?? 200)];
const [steps, epochs] = [10, 9];

// 1,000 digits of 14 x 14 to learn from, 1,000 that decide.
const { train, test } = (await mnist()).split(0);
function smaller({ x, y }, count) {
  const small = new Float32Array(count * 196);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < 784; k++) {
      const [row, column] = [Math.floor(k / 56), Math.floor((k % 28) / 2)];
      small[n * 196 + row * 14 + column] += x[n * 784 + k] / 4;
    }
  }
  return { x: small, y: y.slice(0, count), shape: [count, 196] };
}
const [learned, heldOut] = [smaller(train, 1000), smaller(test, 1000)];
const validation = new DataLoader(heldOut, { batchSize: 250 });

/** The error in % on digits never seen, of a pixel as a constant current. */
async function objective({ lr, beta, slope, hidden, batch }, trial) {
  const neuron = { beta, surrogate: surrogate.fastSigmoid({ slope }) };
  const model = await sequential(dense(196, hidden), lif(neuron), dense(hidden, 10), lif(neuron)).compile({
    seed: trial.seed,
  });
  let error = 100;
  try {
    await model.fit(new DataLoader(learned, { batchSize: batch, shuffle: true, seed: trial.seed }), {
      epochs,
      steps,
      loss: loss.crossEntropyCount(),
      optimizer: adam({ lr }),
      validation,
      callbacks: {
        onEpoch({ epoch, validationAccuracy }) {
          error = 100 * (1 - validationAccuracy);
          trial.report(epoch + 1, error);
        },
      },
    });
  } finally {
    model.dispose();
  }
  return error;
}

const parameters = {
  lr: space.logUniform(1e-5, 1e-1),
  beta: space.uniform(0.1, 0.99),
  slope: space.logUniform(0.5, 100),
  hidden: space.int(8, 128, { log: true }),
  batch: space.choice([16, 32, 64, 128]),
};

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const found = [];
for (let seed = 0; seed < seeds; seed++) {
  const common = { name: 'digits', space: parameters, objective, seed };
  const learning = study({
    ...common,
    search: search.tpe(),
    prune: prune.asha({ minSteps: 1, reduction: 3 }),
    parallel: 1,
  });
  const { best, pruned } = await learning.run({ trials: tpeTrials });
  const blind = study({ ...common, search: search.random() });
  await blind.run({ trials: randomTrials });
  const results = await blind.results();
  const spent = (await learning.trials()).reduce((sum, { reports }) => sum + reports.length, 0);
  const one = {
    tpe: best.values[0],
    random: results.history().best.at(-1),
    epochs: spent / (tpeTrials * epochs),
    pruned,
  };
  found.push(one);
  console.log(
    `seed ${seed}: ${one.tpe.toFixed(1)} % after ${tpeTrials} trials of TPE (${one.pruned} pruned, ${(100 * one.epochs).toFixed(0)} % of the epochs), ${one.random.toFixed(1)} % after ${randomTrials} random ones`,
  );
  if (seed > 0) continue;
  const files = await (await learning.results()).report('build/digits-search', {
    title: 'Hyper-parameters of a network that reads digits',
    description: `TPE with ASHA, ${tpeTrials} trials: the error on 1,000 digits never seen after ${epochs} epochs on 1,000 others.`,
    labels: {
      value: 'error (%)',
      lr: 'learning rate',
      slope: 'slope of the surrogate',
      hidden: 'hidden neurons',
      batch: 'batch size',
    },
  });
  console.log(`report: ${files[0]}`);
}
const [tpe, random] = ['tpe', 'random'].map((kind) => median(found.map((one) => one[kind])));
// Of 1,000 digits one is 0.1 %.
assert.ok(tpe <= random + 0.05, `TPE's median is ${tpe} %, that of random search ${random} %`);
console.log(
  `median of ${seeds} seeds: ${tpe.toFixed(1)} % after ${tpeTrials} trials, ${random.toFixed(1)} % after ${randomTrials} random ones`,
);
