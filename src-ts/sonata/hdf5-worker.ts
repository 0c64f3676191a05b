/**
 * Reads one HDF5 file in a thread of its own: the reader is JavaScript that computes for seconds on large files. `workerData` is what to read;
 * the answer is `{ tables }` or `{ error }`.
 */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Dataset, Group } from 'jsfive';
import type { Hdf5Question, Table } from './hdf5.ts';
import { Guard, type TooMuch } from './hdf5-guard.ts';

/** Groups within groups that a file may have. */
const deepest = 32;

const { path, groups, allowed } = workerData as Hdf5Question;
try {
  const tables = await read();
  const moved = tables.flatMap(([, { values }]) =>
    values instanceof Float64Array ? [values.buffer as ArrayBuffer] : [],
  );
  parentPort!.postMessage({ tables }, moved);
} catch (error) {
  // The reader throws strings.
  const {
    message = String(error),
    code,
    missing,
    what,
    needed,
  } = Object(error) as Error & {
    code?: string;
    missing?: string;
  } & Partial<TooMuch>;
  parentPort!.postMessage({ error: { message, code, missing, what, needed } });
}

async function read(): Promise<[string, Table][]> {
  const { File, Dataset, Filters } = await import('jsfive').catch((error: Error) => {
    throw Object.assign(error, { missing: 'jsfive' });
  });
  const content = await readFile(path);
  const whole = content.byteLength === content.buffer.byteLength;
  const file = (
    whole ? content.buffer : content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength)
  ) as ArrayBuffer;
  const guard = new Guard(path, file.byteLength, allowed);
  guard.slices();
  Filters.set(1, (packed) => guard.inflated(packed));
  const root = new File(file, path);
  guard.attributes(root._dataobjects);
  const tables: [string, Table][] = [];
  // A file may have links to what is above, and many to one.
  let seen = 0;
  const most = 1000 + file.byteLength / 16;
  const walk = (group: Group, name: string, depth: number) => {
    if (depth > deepest) throw new Error(`${name} has groups in groups without an end`);
    for (const key of group.keys) {
      seen += 1;
      if (seen > most) throw new Error(`${name} has more links than the file can hold`);
      // Only an order of the same synapses, and as large.
      if (key === 'indices') continue;
      const at = name === '' ? key : `${name}/${key}`;
      if (depth === 0 && !groups.includes(key)) continue;
      const found = group.get(key);
      if (found === null) throw new Error(`the link ${at} leads nowhere`);
      if (found instanceof Dataset) tables.push([at, tableOf(found, at, guard.check(found, at))]);
      else walk(found, at, depth + 1);
    }
  };
  walk(root, '', 0);
  return tables;
}

function tableOf(dataset: Dataset, name: string, count: number): Table {
  const { value, shape, attrs } = dataset;
  const text = Object.entries(attrs).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const isText = typeof value[0] === 'string';
  const values = isText ? value.map(String) : Float64Array.from(value as readonly number[], Number);
  if (values.length !== count)
    throw new Error(`${name} has ${values.length} values where it should have ${count}`);
  return { values, axes: shape.length, attributes: Object.fromEntries(text) };
}
