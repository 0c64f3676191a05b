// A study that tests kill: prints each trial as it is acknowledged. Arguments: store, trials, kind of objective.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { adam, dense, loss, sequential } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { lif } from 'lapicque/neurons';
import { search, space, study } from 'lapicque/study';

const [, , store, trials, kind] = process.argv;

const trivial = async ({ x, n }, trial) => {
  for (let step = 0; step < n; step++) {
    await sleep(1);
    trial.report(step, x / (step + 1));
  }
  if (n === 4 && x > 0) throw new Error('four');
  return x * n;
};

const samples = 120;
const x = Float32Array.from(
  { length: samples * 12 },
  (_, i) => ((i * 7919 + (i % 12) * (i % 4) * 31) % 17) / 17,
);
const y = Uint32Array.from({ length: samples }, (_, i) => (i * 12) % 4);

const training = async ({ lr }, trial) => {
  const loader = new DataLoader(
    { x, y, shape: [samples, 12] },
    { batchSize: 10, shuffle: true, seed: trial.seed },
  );
  const network = sequential(dense(12, 24), lif({ beta: 0.9 }), dense(24, 4), lif({ beta: 0.8 }));
  const model = await network.compile({ seed: trial.seed });
  const { history, validation } = await model.fit(loader, {
    epochs: 8,
    steps: 10,
    loss: loss.crossEntropyMembrane(),
    optimizer: adam({ lr }),
    validation: loader,
    callbacks: { onEpoch: (record) => trial.report(record.epoch, record.loss) },
  });
  trial.set('weights', await model.weightsSha256());
  trial.set('validation', validation.loss);
  model.dispose();
  return history.at(-1).loss;
};

const kinds = {
  trivial: { space: { x: space.uniform(-5, 10), n: space.int(1, 5) }, objective: trivial },
  training: { space: { lr: space.logUniform(1e-3, 1e-1) }, objective: training, checkpointEvery: 0 },
};

const s = study({ name: kind, ...kinds[kind], search: search.tpe({ startup: 4 }), parallel: 3, store });
await s.run({
  trials: Number(trials),
  jobs: 2,
  onTrial: ({ number, state, values }) => writeSync(1, `${JSON.stringify([number, state, values])}\n`),
});
writeSync(1, '"end"\n');
