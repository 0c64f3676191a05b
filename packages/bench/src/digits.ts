/** Small real digits, many short steps: `digits`, 64-128-10 over 20 epochs and five seeds. */

import { adam, dense, environment, loss, sequential } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { readTensors } from 'lapicque/files';
import { lif } from 'lapicque/neurons';
import type { BenchOptions, BenchResult, BenchTask } from '../index.d.ts';
import { meanAndDeviation, quantile, round } from './measure.ts';

const [pixels, steps, epochs, seeds] = [64, 20, 20, 5];

export const digitsTask: BenchTask = {
  name: 'digits',
  threads: 1,
  options: [],
  run: measure,
  time: { unit: 's per training', of: (result) => (result.train_s as { min: number }).min },
  describe(result) {
    const of = (key: string) => result[key] as { mean: number; sd: number };
    const percent = (key: string) => `${of(key).mean.toFixed(2)} ± ${of(key).sd.toFixed(2)} %`;
    return [
      `${of('train_s').mean.toFixed(3)} s a training`,
      `accuracy ${percent('acc_count')} by count`,
      `${percent('acc_membrane')} by membrane`,
    ];
  },
};

async function measure({ seed = 0, signal, onProgress }: BenchOptions): Promise<BenchResult> {
  const { train, test } = await digits();
  const network = sequential(dense(pixels, 128), lif({ beta: 0.95 }), dense(128, 10), lif({ beta: 0.95 }));
  const crossEntropy = loss.crossEntropyMembrane({ perStep: 'sum' });
  const optimizer = adam({ lr: 1e-3 });
  const seconds: number[] = [];
  const count: number[] = [];
  const membrane: number[] = [];
  let params = 0;
  // The first run is not counted: it compiles the scripts and fills the caches.
  for (let run = -1; run < seeds; run++) {
    signal?.throwIfAborted();
    const own = seed + Math.max(0, run);
    using model = await network.compile({ seed: own });
    const loader = new DataLoader(train, { batchSize: 64, shuffle: true, seed: own, dropLast: true });
    const began = performance.now();
    await model.fit(loader, { epochs: run < 0 ? 1 : epochs, steps, loss: crossEntropy, optimizer, signal });
    const elapsed = (performance.now() - began) / 1000;
    if (run < 0) continue;
    seconds.push(elapsed);
    const report = await model.evaluateStep(test, { steps, loss: crossEntropy });
    count.push(percentRight(report.byCount, test.y));
    membrane.push(percentRight(report.byMembrane, test.y));
    params = model.parameterCount;
    onProgress?.(run + 1, seeds);
  }
  const { threads, simd } = environment();
  const statistic = (values: number[], digits: number) => {
    const { mean, sd } = meanAndDeviation(values);
    return { mean: round(mean, digits), sd: round(sd, digits) };
  };
  return {
    task: 'digits',
    threads,
    simd,
    batch: 64,
    T: steps,
    params,
    epochs,
    seeds,
    train_s: {
      ...statistic(seconds, 4),
      med: round(quantile(Float64Array.from(seconds).sort(), 0.5), 4),
      min: round(Math.min(...seconds), 4),
    },
    acc_count: statistic(count, 2),
    acc_membrane: statistic(membrane, 2),
  };
}

/** The digits beside this program, pixels 0 to 1, in the split of their file. */
async function digits() {
  const { tensors } = await readTensors(new URL('digits.safetensors', import.meta.url));
  const tensor = (name: string) => tensors.get(name)!.data;
  const images = Float32Array.from(tensor('images') as Uint8Array, (pixel) => pixel / 16);
  const labels = tensor('labels') as Uint8Array;
  const part = (name: string) => {
    const indices = tensor(name) as Int32Array;
    const x = new Float32Array(indices.length * pixels);
    indices.forEach((index, i) => {
      x.set(images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
    });
    const y = Uint8Array.from(indices, (index) => labels[index]!);
    return { x, y, shape: [indices.length, pixels] };
  };
  return { train: part('train'), test: part('test') };
}

function percentRight(predicted: Uint32Array, labels: Uint8Array): number {
  return (
    (100 * predicted.reduce((right, label, i) => right + Number(label === labels[i]), 0)) / labels.length
  );
}
