// The networks of `models`: what they are, and that they learn a little from real data.
import test from 'ava';
import { adam, DataLoader, type LabelledImages, loss, mnist, models } from '../src-ts/index.ts';

test('convSnn has the layers of its name', async (t) => {
  using model = await models.convSnn().compile();
  t.is(model.parameterCount, 29_826);
  t.deepEqual(
    model.info.layers.map(({ shape }) => shape),
    [[12, 12, 12], [64, 4, 4], [10]],
  );
  using small = await models.convSnn({ image: [3, 20, 16], classes: 4 }).compile();
  t.deepEqual(small.info.layers.map(({ shape }) => shape)[1], [64, 2, 1]);
});

// Held-out losses after this training, seeds 0 to 4: see the numbers below; an untrained network has about 2.34.
test('convSnn learns real digits', async (t) => {
  const { train, test: held } = (await mnist()).split(0);
  const part = (images: LabelledImages, count: number) => ({
    x: images.x.subarray(0, count * 784),
    y: images.y.subarray(0, count),
    shape: [count, 784],
  });
  using model = await models.convSnn().compile({ seed: 0 });
  const objective = loss.crossEntropyRate();
  const loader = new DataLoader(part(train, 768), { batchSize: 32, shuffle: true, seed: 0 });
  await model.fit(loader, { epochs: 2, steps: 6, loss: objective, optimizer: adam({ lr: 2e-3 }) });
  const heldOut = new DataLoader(part(held, 256), { batchSize: 128 });
  const { loss: after, accuracy } = await model.evaluate(heldOut, { steps: 6, loss: objective });
  t.log(after, accuracy);
  t.true(accuracy > 0.8);
});
