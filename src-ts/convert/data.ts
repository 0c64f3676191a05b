/** Calibration data, read in pieces that fit into memory with the activations of all layers. */
import { firstNotFinite, invalid, iterable } from '../checks/check.ts';
import { LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import type { InputTensor } from '../description/input-tensor.ts';

/** Samples with one shape `[samples, …]`, or batches of them: a list, a `DataLoader`, or another async iterable. Labels are not read. */
export type CalibrationData = InputTensor | Iterable<InputTensor> | AsyncIterable<InputTensor>;

/** Some samples, `[samples, …]`. */
export type Piece = InputTensor & { readonly samples: number };

const expected = 'samples { x, shape }, or batches of them';

/**
 * Reads calibration data once, at most `atOnce` samples at a time.
 *
 * @throws LapicqueError `invalid-parameter` for no samples, `shape-mismatch`, `non-finite` with the number of the sample, `aborted`
 */
export async function* piecesOf(
  data: CalibrationData,
  atOnce: number,
  signal?: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  if (!isTensor(data)) iterable('data', data, expected);
  const batches = isTensor(data) ? [data] : data;
  let [number, samples] = [0, 0];
  for await (const batch of batches as AsyncIterable<InputTensor>) {
    const name = isTensor(data) ? 'data' : `data[${number}]`;
    if (!isTensor(batch)) invalid(name, batch, 'a batch { x, shape }');
    const { x, shape } = checked(name, batch);
    const [count, ...axes] = shape as [number, ...number[]];
    const size = elementCount(axes);
    for (let from = 0; from < count; from += atOnce) {
      throwIfAborted(signal);
      const to = Math.min(count, from + atOnce);
      const own = x.subarray(from * size, to * size);
      if (own instanceof Float32Array || own instanceof Float64Array)
        await refuseNotFinite(own, name, size, samples + from);
      yield { x: own, shape: [to - from, ...axes], samples: to - from };
    }
    samples += count;
    number += 1;
  }
  if (samples === 0) invalid('data', 'no samples', 'at least one sample');
}

async function refuseNotFinite(
  x: Float32Array | Float64Array,
  name: string,
  size: number,
  before: number,
): Promise<void> {
  const bad = await firstNotFinite(x);
  if (bad < 0) return;
  const position = `sample ${before + Math.floor(bad / size)}, element ${bad % size}`;
  throw new LapicqueError('non-finite', { layer: 'input', step: 0, name: `${name}: ${position}` });
}

function isTensor(value: unknown): value is InputTensor {
  return typeof value === 'object' && value !== null && 'x' in value && 'shape' in value;
}

function checked(name: string, batch: InputTensor): InputTensor {
  const { x, shape } = batch;
  if (!Array.isArray(shape) || shape.length < 2 || !ArrayBuffer.isView(x))
    throw new LapicqueError('shape-mismatch', {
      layer: name,
      expected: '[samples, …] of a typed array',
      got: Array.isArray(shape) ? `[${shape.join(', ')}]` : `${shape}`,
    });
  const elements = elementCount(shape);
  if (x.length !== elements)
    throw new LapicqueError('shape-mismatch', {
      layer: name,
      expected: `[${shape.join(', ')}] (${elements} elements)`,
      got: `${x.length} elements`,
    });
  return batch;
}
