/** Networks in files: the description as JSON in the metadata of a `.safetensors` file, its long lists as tensors. */
import { invalid, tree } from '../checks/check.ts';
import { isKind } from '../checks/typed.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { FileSource, FileTarget, LoadOptions } from '../files/file-source.ts';
import { Allowance, limitOf } from '../files/limits.ts';
import { type OpenFile, withFile } from '../files/open-file.ts';
import { fileBytes, type NamedTensor, namedTensor, writeFile } from '../files/tensor-file.ts';
import type { CircuitDescription } from './description.ts';

/** What the file says it is; the description has the version of its content. */
const format = 'lapicque network 1';

/** Lists that are longer become tensors. */
const maxInlineLength = 16;

type Numbers = Float64Array | Float32Array | Uint32Array;

function isNumbers(value: unknown): value is Numbers {
  return isKind(value, Float64Array) || isKind(value, Float32Array) || isKind(value, Uint32Array);
}

/** Every value of a tree that is not a tree itself; `at` is its path, such as `connections.3.weight`. */
function mapped(value: unknown, at: string, change: (value: unknown, at: string) => unknown): unknown {
  const changed = change(value, at);
  if (changed !== value || typeof value !== 'object' || value === null || ArrayBuffer.isView(value))
    return changed;
  const inner = (key: string) => (at === '' ? key : `${at}.${key}`);
  if (Array.isArray(value)) return value.map((one, i) => mapped(one, inner(String(i)), change));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, mapped(one, inner(key), change)]),
  );
}

/**
 * A description as JSON, with lists in place of typed arrays.
 *
 * @param description - that has been found to be a {@link tree}
 * @throws LapicqueError `invalid-parameter` for a BigInt, for which JSON has no word
 * @internal
 */
export function jsonOf(description: object): string {
  return JSON.stringify(listed(description, ''));
}

/**
 * A tree with lists in place of typed arrays. A replacer of `JSON.stringify` would be called for each number of them.
 *
 * @throws LapicqueError `invalid-parameter` for a BigInt, and for what holds itself
 * @internal
 */
export function withoutTypedArrays(description: object): unknown {
  tree('circuit', description);
  return listed(description, '');
}

function listed(value: unknown, key: string): unknown {
  if (typeof value === 'bigint') invalid(`network: ${key}`, value, 'a number');
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) {
    const isPlain = value.every((one) => typeof one === 'number' || typeof one === 'string');
    return isPlain ? value : value.map((one, i) => listed(one, String(i)));
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, listed(one, key)]));
}

/** @internal */
export async function writeCircuit(
  target: FileTarget,
  description: CircuitDescription,
  options: TaskOptions,
): Promise<void> {
  const { tensors, metadata } = contentOf(description);
  await writeFile('target', target, tensors, metadata, options);
}

/** @internal */
export function circuitBytes(
  description: CircuitDescription,
  options: TaskOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { tensors, metadata } = contentOf(description);
  return fileBytes(tensors, metadata, options);
}

function contentOf(description: CircuitDescription): {
  tensors: NamedTensor[];
  metadata: [string, string][];
} {
  tree('circuit', description);
  const tensors: NamedTensor[] = [];
  const document = mapped(description, '', (value, at) => {
    const list =
      Array.isArray(value) && value.length > maxInlineLength && value.every((x) => typeof x === 'number')
        ? Float64Array.from(value)
        : value;
    if (!isNumbers(list)) return value;
    if (list.length <= maxInlineLength) return Array.from(list);
    tensors.push(namedTensor(at, [list.length], list));
    return { tensor: at };
  });
  const metadata: [string, string][] = [
    ['format', format],
    ['network', jsonOf(document as object)],
  ];
  return { tensors, metadata };
}

/** @internal */
export function readCircuit(source: FileSource, options: LoadOptions): Promise<CircuitDescription> {
  return withFile('source', source, options, (file) => networkIn(file, options));
}

async function networkIn(file: OpenFile, options: LoadOptions): Promise<CircuitDescription> {
  const malformed = (reason: string) => file.malformed('circuit', reason);
  const metadata = new Map(file.metadata);
  if (metadata.get('format') !== format) throw malformed('it is not a network that this version can read');
  const allowance = new Allowance(limitOf(options.limits), file.size);
  // Each tensor once, however many values refer to it.
  const arrays = new Map<string, unknown>();
  for (const { name } of file.entries) arrays.set(name, await file.tensor(name));
  const document = await file.json('network', metadata.get('network') ?? '', allowance, {
    object(value) {
      const { tensor } = value;
      if (typeof tensor !== 'string') return value;
      const found = arrays.get(tensor);
      if (!isNumbers(found)) throw malformed(`the tensor ${tensor} is missing`);
      return found;
    },
  });
  return document as CircuitDescription;
}
