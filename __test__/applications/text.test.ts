import test from 'ava';
import { readTensors } from 'lapicque/files';
import { runApplication } from '../support/application-program.js';

test('a small network learns more than pairs of characters', async (t) => {
  const { figures, baseline } = await runApplication('text');
  const { mean: bits } = figures['validation, bits per character']!;
  t.true(bits > 2.9 && bits < 3.45, `${bits}`); // the 2-gram has 3.568, the 3-gram 2.876
  t.is(baseline['validation, bits per character']!.value, 2.265);
});

// The figures that baseline.py of the fixture gave for its train.txt and validation.txt, so these are the same texts.
test('Witten–Bell n-grams have the recorded bits on the text', async (t) => {
  const textOf = async (name: string) => {
    const { tensors } = await readTensors(`examples/applications/data/text/${name}.npz`);
    return tensors.get('text')!.data as Uint8Array;
  };
  const [train, validation] = [await textOf('train'), await textOf('validation')];
  const ones = new Float64Array(128);
  const pairs = new Float64Array(128 * 128);
  train.forEach((byte, i) => {
    ones[byte]! += 1;
    if (i > 0) pairs[128 * train[i - 1]! + byte]! += 1;
  });
  const characters = ones.filter((count) => count > 0).length;
  t.is(characters, 65);
  const smoothed = (counts: Float64Array, byte: number, lower: number) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const different = counts.filter((count) => count > 0).length;
    return (counts[byte]! + different * lower) / (total + different);
  };
  const rows = Array.from({ length: 128 }, (_, byte) => pairs.subarray(128 * byte, 128 * (byte + 1)));
  const of1 = Float64Array.from({ length: 128 }, (_, byte) => smoothed(ones, byte, 1 / characters));
  const of2 = new Float64Array(128 * 128).map((_, k) =>
    smoothed(rows[Math.floor(k / 128)]!, k % 128, of1[k % 128]!),
  );
  const from = 8; // baseline.py begins there
  let [bits1, bits2] = [0, 0];
  for (let i = from; i < validation.length; i++) {
    bits1 -= Math.log2(of1[validation[i]!]!);
    bits2 -= Math.log2(of2[128 * validation[i - 1]! + validation[i]!]!);
  }
  const length = validation.length - from;
  t.true(Math.abs(bits1 / length - 4.807718547973627) < 1e-9, `${bits1 / length}`);
  t.true(Math.abs(bits2 / length - 3.5679050688016822) < 1e-9, `${bits2 / length}`);
});
