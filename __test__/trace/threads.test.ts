// A traced loss that is evaluated in chunks of samples has the same bits with one thread and with two.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, environment, loss, sequential, setThreads } from '../../src-ts/index.ts';

test('losses in chunks: equal bits with 1 and 2 threads', async (t) => {
  // So large that memory per chunk divides the batch: the chunks of a loss of the whole batch would be one.
  const size = 192;
  const network = sequential(
    dense(40, 1500),
    lif({ beta: 0.9, name: 'hidden' }),
    dense(1500, 4),
    li({ beta: 0.9 }),
  );
  const x = Uint8Array.from({ length: 20 * size * 40 }, (_, i) => Number((i * 7919) % 13 < 3));
  const data = { x, shape: [20, size, 40], y: Uint32Array.from({ length: size }, (_, i) => i % 4) };
  const objective = loss.trace(
    ({ v, target, layers, parameter, parameters: { temperature } }) => ({
      each: v.mul(temperature).crossEntropy(target).mean('time'),
      rate: layers.hidden!.spikes.mean('time').sub(0.1).square().mean().mul(3),
      weights: parameter('dense2.weight', ['out', 'in']).square().sum().mul(0.01),
      all: v.square().sum(),
    }),
    { parameters: { temperature: 1.3 } },
  );
  const trained = async (threads: number) => {
    setThreads(threads);
    const model = await network.compile({ seed: 2 });
    const reports = [];
    for (let step = 0; step < 3; step++) {
      const {
        loss: value,
        terms,
        perSample,
      } = await model.trainStep(data, {
        loss: objective,
        optimizer: adam({ lr: 0.01 }),
      });
      reports.push({ value, terms, perSample });
    }
    return { reports, weights: await model.weights() };
  };
  const before = environment().threads;
  try {
    const [one, two] = [await trained(1), await trained(2)];
    t.deepEqual(two, one);
    t.not(one.reports[2]!.value, one.reports[0]!.value);
    t.not(one.weights['loss.temperature']![0], Math.fround(1.3));
  } finally {
    setThreads(before);
  }
});
