/** Networks in files: the description as JSON in the metadata of a `.safetensors` file, its long lists as tensors. */
import { filePath, invalid, tree } from '../check.ts';
import { LapicqueError } from '../errors.ts';
import { type NamedTensor, namedTensor, readTensors, writeFile } from '../tensor-file.ts';
import { isKind } from '../typed.ts';
import type { CircuitDescription } from './network.ts';

/** What the file says it is; the description has the version of its content. */
const format = 'lapicque network 1';

/** Lists that are longer become tensors. */
const longest = 16;

type Numbers = Float64Array | Float32Array | Uint32Array;

function isNumbers(value: unknown): value is Numbers {
  return isKind(value, Float64Array) || isKind(value, Float32Array) || isKind(value, Uint32Array);
}

/** Every value of a tree that is not a tree itself; `at` is its place, such as `connections.3.weight`. */
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
  tree('network', description);
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
export async function writeNetwork(file: string | URL, description: CircuitDescription): Promise<void> {
  const path = filePath('path', file);
  tree('network', description);
  const tensors: NamedTensor[] = [];
  const said = mapped(description, '', (value, at) => {
    const list =
      Array.isArray(value) && value.length > longest && value.every((x) => typeof x === 'number')
        ? Float64Array.from(value)
        : value;
    if (!isNumbers(list)) return value;
    if (list.length <= longest) return Array.from(list);
    tensors.push(namedTensor(at, [list.length], list));
    return { tensor: at };
  });
  const metadata: [string, string][] = [
    ['format', format],
    ['network', jsonOf(said as object)],
  ];
  await writeFile(path, tensors, metadata);
}

/** @internal */
export async function readNetwork(file: string | URL): Promise<CircuitDescription> {
  const path = filePath('path', file);
  const { tensors, metadata } = await readTensors(path);
  const malformed = (reason: string) =>
    new LapicqueError('malformed-file', { format: 'network', offset: 0, reason: `${path}: ${reason}` });
  if (metadata.get('format') !== format) throw malformed('it is no network that this release reads');
  let said: unknown;
  try {
    said = JSON.parse(metadata.get('network') ?? '');
  } catch (error) {
    throw malformed((error as Error).message);
  }
  return mapped(said, '', (value, at) => {
    const name = (value as { tensor?: unknown } | null)?.tensor;
    if (typeof name !== 'string') return value;
    const found = tensors.get(name)?.data;
    if (!isNumbers(found)) throw malformed(`the tensor ${name} of ${at} is missing`);
    return found;
  }) as CircuitDescription;
}
