/**
 * Reads HDF5 files in a thread of its own: the reader is JavaScript that computes for seconds on large files. Each
 * `{ path, groups }` is answered by `{ tables }` or `{ error }`.
 */
import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import type { Table } from './hdf5.ts';

/** Groups within groups that a file may have; more are a loop of links. */
const deepest = 32;

parentPort!.on('message', async ({ path, groups }: { path: string; groups: readonly string[] }) => {
  try {
    const tables = await read(path, groups);
    const moved = tables.flatMap(([, { values }]) =>
      values instanceof Float64Array ? [values.buffer as ArrayBuffer] : [],
    );
    parentPort!.postMessage({ tables }, moved);
  } catch (error) {
    const { message, code, missing } = error as Error & { code?: string; missing?: string };
    parentPort!.postMessage({ error: { message, code, missing } });
  }
});

async function read(path: string, groups: readonly string[]): Promise<[string, Table][]> {
  const { File, Dataset } = await import('jsfive').catch((error: Error) => {
    throw Object.assign(error, { missing: 'jsfive' });
  });
  const { buffer, byteOffset, byteLength } = await readFile(path);
  const tables: [string, Table][] = [];
  const walk = (group: InstanceType<typeof File>, name: string, depth: number) => {
    if (depth > deepest) throw new Error(`${name} has groups in groups without an end`);
    for (const key of group.keys) {
      // Only an order of the same synapses, and as large.
      if (key === 'indices') continue;
      const at = name === '' ? key : `${name}/${key}`;
      if (depth === 0 && !groups.includes(key)) continue;
      const found = group.get(key);
      if (found instanceof Dataset) tables.push([at, tableOf(found, at)]);
      else walk(found as InstanceType<typeof File>, at, depth + 1);
    }
  };
  walk(new File(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer, path), '', 0);
  return tables;
}

function tableOf(dataset: import('jsfive').Dataset, name: string): Table {
  const { value, shape, attrs } = dataset;
  const text = Object.entries(attrs).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const isText = typeof value[0] === 'string';
  const values = isText ? value.map(String) : Float64Array.from(value as readonly number[], Number);
  const count = shape.reduce((product, n) => product * n, 1);
  if (values.length !== count)
    throw new Error(`${name} has ${values.length} values where it should have ${count}`);
  return { values, axes: shape.length, attributes: Object.fromEntries(text) };
}
