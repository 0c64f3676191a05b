/** Calibration data, read batch by batch. */
import { firstNotFinite, invalid, iterable } from '../checks/check.ts';
import { LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import type { InputTensor } from '../description/input-tensor.ts';

/** Samples with one shape `[samples, …]`, or batches of them: a list, a `DataLoader`, or what `for await` goes over. Labels are not read. */
export type CalibrationData = InputTensor | Iterable<InputTensor> | AsyncIterable<InputTensor>;

/** Samples of a batch that is cut from one array. */
const cut = 256;

/** Reads the batches of calibration data; several passes read the same, unless the data is a generator. */
export async function* batchesOf(
  name: string,
  data: CalibrationData,
  signal?: AbortSignal | undefined,
): AsyncGenerator<InputTensor & { readonly samples: number }> {
  if (data === undefined || data === null) invalid(name, data, 'samples { x, shape }, or batches of them');
  let samples = 0;
  const source = isTensor(data) ? pieces(name, data) : data;
  if (!isTensor(data)) iterable(name, data, 'samples { x, shape }, or batches of them');
  let number = 0;
  for await (const batch of source as AsyncIterable<InputTensor>) {
    throwIfAborted(signal);
    const label = isTensor(data) ? name : `${name}[${number}]`;
    if (!isTensor(batch)) invalid(label, batch, 'a batch { x, shape }');
    const count = batch.shape[0]!;
    const { x } = batch;
    if (x instanceof Float32Array || x instanceof Float64Array) {
      const bad = await firstNotFinite(x);
      if (bad >= 0)
        throw new LapicqueError('non-finite', {
          layer: 'input',
          step: 0,
          name: `${label}: sample ${samples + Math.floor(bad / (x.length / count))}, element ${bad % (x.length / count)}`,
        });
    }
    yield { ...batch, samples: count };
    samples += count;
    number += 1;
  }
  if (samples === 0) invalid(name, 'no samples', 'at least one sample');
}

function isTensor(value: unknown): value is InputTensor {
  return typeof value === 'object' && value !== null && 'x' in value && 'shape' in value;
}

/** Cuts one array into batches. */
function* pieces(name: string, { x, shape }: InputTensor): Generator<InputTensor> {
  if (!Array.isArray(shape) || shape.length < 2 || !ArrayBuffer.isView(x))
    throw new LapicqueError('shape-mismatch', {
      layer: name,
      expected: '[samples, …] with a typed array',
      got: `[${Array.isArray(shape) ? shape.join(', ') : shape}]`,
    });
  const [samples, ...axes] = shape as [number, ...number[]];
  const size = elementCount(axes);
  if (x.length !== samples * size)
    throw new LapicqueError('shape-mismatch', {
      layer: name,
      expected: `[${shape.join(', ')}] (${samples * size} elements)`,
      got: `${x.length} elements`,
    });
  for (let from = 0; from < samples; from += cut) {
    const to = Math.min(samples, from + cut);
    yield { x: x.subarray(from * size, to * size), shape: [to - from, ...axes] };
  }
}
