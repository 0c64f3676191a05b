/** Artificial networks with the logits that torch gives: the small ones are here, the large ones where LAPICQUE_ANN says. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readTensors } from '../../src-ts/doors/files.ts';
import type { Model } from '../../src-ts/index.ts';

const here = '__test__/files/fixtures/ann';
const larger = process.env.LAPICQUE_ANN ?? '/work/shared/fixtures/ann';

/** The path of a file, here or beside the large networks. */
export function ann(file: string): string {
  return existsSync(join(here, file)) ? join(here, file) : join(larger, file);
}

/** The files of a network with one of these endings. */
export function annFiles(name: string, endings: readonly string[]): string[] {
  const all = [here, larger].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  const own = all.filter(
    (file) => file.slice(0, file.indexOf('.')) === name && endings.some((ending) => file.endsWith(ending)),
  );
  return [...new Set(own)].filter((file) => !file.includes('.expected.')).toSorted();
}

/** The largest deviation of a model's outputs on the 100 digits from torch's logits. */
export async function logitsOf(model: Model, name: string): Promise<number> {
  const { tensors: digits } = await readTensors(ann('digits100.safetensors'));
  const { data, shape } = digits.get('input')!;
  const { v } = await model.run({ x: data as Float32Array, shape: [1, ...shape] });
  const { tensors } = await readTensors(ann(`${name}.expected.safetensors`));
  const logits = tensors.get('logits')!.data as Float32Array;
  if (v.length !== logits.length) throw new Error(`${v.length} outputs, and ${logits.length} logits`);
  return logits.reduce((most, logit, i) => Math.max(most, Math.abs(v[i]! - logit)), 0);
}
