// A step that is on its way while the last one is looked at changes nothing: neither results nor what an error leaves.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DataLoader, type TensorBatch } from '../../src-ts/doors/data.ts';
import { log, view } from '../../src-ts/doors/figure.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  type BatchRecord,
  dense,
  type FitOptions,
  loss,
  type Model,
  sequential,
} from '../../src-ts/index.ts';
import { joined, mayPipeline, readsOnly } from '../../src-ts/train/callbacks.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const [samples, channels, classes, steps] = [70, 12, 4, 6];
const x = uniform(samples * channels, 1, 0, 1);
const y = labels(samples, 2, classes);
const network = sequential(dense(channels, 20), lif({ beta: 0.9 }), dense(20, classes), lif({ beta: 0.8 }));
const options: FitOptions = {
  epochs: 2,
  steps,
  loss: loss.crossEntropyMembrane(),
  optimizer: adam({ lr: 1e-2 }),
};

type Batch = TensorBatch<Float32Array, Uint32Array>;
const same = (batch: Batch): Batch => batch;
const loader = (prefetch: number, transform: (batch: Batch, number: number) => Batch = same) =>
  new DataLoader(
    { x, y: Uint32Array.from(y), shape: [samples, channels] },
    {
      batchSize: 16,
      shuffle: true,
      seed: 3,
      prefetch,
      transform: (batch, { epoch, batch: number }) => transform(batch as Batch, epoch * 5 + number),
    },
  );

/** The same training with one step at a time, and with one ahead. */
async function both<T>(
  work: (model: Model, prefetch: number) => Promise<T>,
): Promise<[alone: [T, object, number], ahead: [T, object, number]]> {
  const run = async (prefetch: number): Promise<[T, object, number]> => {
    using model = await network.compile({ seed: 1 });
    const result = await work(model, prefetch);
    return [result, await model.weights(), model.updates];
  };
  return [await run(0), await run(1)];
}

for (const more of [{}, { accumulate: 2 }, { accumulate: 3, clipValue: 0.01 }]) {
  test(`the same history and weights, ${JSON.stringify(more)}`, async (t) => {
    const [alone, pipelined] = await both(async (model, prefetch) => {
      const { history } = await model.fit(loader(prefetch), { ...options, ...more });
      return history.map(({ seconds, ...rest }) => rest);
    });
    t.deepEqual(pipelined, alone);
  });
}

test("a log runs beside the next step, callbacks of one's own do not; results are the same", async (t) => {
  const own = { onBatch() {} };
  const [logs, viewer] = [log.jsonl(join(tmpdir(), 'never-written.jsonl')), await view()];
  const readers = [logs, viewer, viewer.run('a')];
  for (const callbacks of [undefined, ...readers, readers, { onEpoch() {} }])
    t.true(mayPipeline(joined<never>(callbacks as never)));
  for (const callbacks of [own, [logs, own]]) t.false(mayPipeline(joined<never>(callbacks as never)));
  const entries = async (prefetch: number) => {
    using model = await network.compile({ seed: 1 });
    const batches: number[] = [];
    const callbacks = readsOnly({
      onBatch: (info: BatchRecord) => void batches.push(info.batchLoss, info.loss),
    });
    await model.fit(loader(prefetch), { ...options, callbacks: callbacks });
    return [batches, await model.weights()];
  };
  const plain = await both(async (model, prefetch) => {
    const batches: number[] = [];
    const onBatch = (info: BatchRecord) => void batches.push(info.batchLoss, info.loss);
    await model.fit(loader(prefetch), { ...options, callbacks: { onBatch } });
    return batches;
  });
  for (const prefetch of [0, 1]) t.deepEqual(await entries(prefetch), [plain[0][0], plain[0][1]] as never);
  await viewer.close();
});

const broken: Record<string, (batch: Batch) => Batch> = {
  'a number that is none': (batch) => ({ ...batch, x: batch.x.map((v, i) => (i === 5 ? Number.NaN : v)) }),
  'a label out of range': (batch) => ({ ...batch, y: batch.y.map(() => classes) }),
  'a wrong shape': (batch) => ({ ...batch, shape: [1, channels] }),
  'no labels': (batch) => ({ ...batch, y: undefined as never }),
  'a transform that throws': () => {
    throw new RangeError('on purpose');
  },
};
for (const [name, change] of Object.entries(broken)) {
  for (const at of [0, 2, 4, 7]) {
    test(`${name} in batch ${at}: the batches before it count, no other does`, async (t) => {
      const [alone, pipelined] = await both(async (model, prefetch) => {
        const data = loader(prefetch, (batch, number) => (number === at ? change(batch) : batch));
        const error = await t.throwsAsync(model.fit(data, options));
        return `${error?.name}: ${error?.message}`;
      });
      t.deepEqual(pipelined, alone);
      t.is(pipelined[2], at);
    });
  }
}

test('the first of two errors is reported', async (t) => {
  const [alone, pipelined] = await both(async (model, prefetch) => {
    const data = loader(prefetch, (batch, number) => {
      if (number === 2) return broken['a number that is none']!(batch);
      return number === 3 ? broken['a wrong shape']!(batch) : batch;
    });
    return (await failure(() => model.fit(data, options)))?.code;
  });
  t.deepEqual(pipelined, alone);
  t.is(pipelined[0], 'non-finite');
});

test('an abort ends with an AbortError and a model that goes on', async (t) => {
  using model = await network.compile({ seed: 1 });
  const controller = new AbortController();
  const data = loader(1, (batch, number) => {
    if (number === 3) controller.abort();
    return batch;
  });
  const error = await t.throwsAsync(model.fit(data, { ...options, signal: controller.signal }));
  t.is(error?.name, 'AbortError');
  t.true(model.updates <= 3);
  const { stopped } = await model.fit(loader(1), options);
  t.is(stopped, 'done');
});
