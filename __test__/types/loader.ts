// Compile-only: `npm run typecheck` fails when a type below is not the one expected.

import { DataLoader, type TensorBatch } from '../../src-ts/doors/data.ts';
import { loss, type Model, type TrainingBatch } from '../../src-ts/index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type BatchOf<L> = L extends DataLoader<infer B> ? B : never;
const is = <_ extends true>(): void => {};

const x: Float32Array = new Float32Array(8);
const y: Uint8Array = new Uint8Array(4);

const plain = new DataLoader({ x, shape: [4, 2] }, { batchSize: 2 });
is<Equal<BatchOf<typeof plain>, TensorBatch<Float32Array, undefined>>>();

const labeled = new DataLoader({ x, y, shape: [4, 2] }, { batchSize: 2 });
is<Equal<BatchOf<typeof labeled>, TensorBatch<Float32Array, Uint8Array>>>();

const transformed = new DataLoader(
  { x, y, shape: [4, 2] },
  { batchSize: 2, transform: async (batch) => ({ first: batch.x[0], label: batch.y.at(0) }) },
);
is<Equal<BatchOf<typeof transformed>, { first: number | undefined; label: number | undefined }>>();

const list = new DataLoader([{ text: 'a' }], { batchSize: 1 });
is<BatchOf<typeof list> extends { text: string[] } ? true : false>();

const objects = new DataLoader([{ x, y: 1, shape: [4, 2], more: { weight: 0.5, at: new Date() } }], {
  batchSize: 1,
});
type Objects = BatchOf<typeof objects>;
is<Objects extends TrainingBatch ? true : false>();
is<Equal<Objects['x'], Float32Array>>();
is<Equal<Objects['y'], Uint32Array>>();
is<Equal<Objects['shape'], number[]>>();
is<Equal<Objects['more']['weight'], Float64Array>>();
is<Equal<Objects['more']['at'], Date[]>>();

const regression = new DataLoader([{ x, y: Float32Array.of(1) }], { batchSize: 1, sequences: true });
is<Equal<BatchOf<typeof regression>['y'], Float32Array<ArrayBuffer>>>();

const own = new DataLoader([{ x, y: 1 }], {
  batchSize: 1,
  collate: async (samples) => samples.map((sample) => sample.y),
  transform: (labels) => labels.length,
});
is<Equal<BatchOf<typeof own>, number>>();

const dataset = new DataLoader({ length: 3, get: async (index: number) => index }, { batchSize: 1 });
is<Equal<BatchOf<typeof dataset>, number[]>>();

const counted = new DataLoader(['a', 'b'], { batchSize: 1, transform: (samples) => samples.length });
is<Equal<BatchOf<typeof counted>, number>>();

// @ts-expect-error an array of numbers is a list of samples, not a tensor
new DataLoader({ x: [1, 2], shape: [2] }, { batchSize: 1 });
// @ts-expect-error the shape is needed
new DataLoader({ x }, { batchSize: 1 });
// @ts-expect-error the batch size is needed
new DataLoader(['a'], {});
// @ts-expect-error a misspelled option
new DataLoader(['a'], { batchSize: 1, shufle: true });
// @ts-expect-error all samples of a tensor are collated already
new DataLoader({ x, shape: [4, 2] }, { batchSize: 1, collate: () => 1 });

// Training needs targets.
declare const model: Model;
const how = { epochs: 1, loss: loss.crossEntropyCount() };
await model.fit(new DataLoader({ x, y, shape: [4, 2] }, { batchSize: 2 }), how);
await model.fit(labeled, how);
await model.fit([{ x, y, shape: [1, 4, 2] }], how);
await model.fit(objects, how);
await model.evaluate(labeled, how);
// @ts-expect-error a loader without targets
await model.fit(new DataLoader({ x, shape: [4, 2] }, { batchSize: 2 }), how);
// @ts-expect-error also where it has a name
await model.fit(plain, how);
// @ts-expect-error or none of its samples have one
await model.fit(new DataLoader([{ x, shape: [4, 2] }], { batchSize: 1 }), how);
const taken = { batchSize: 2, transform: (batch: { x: Float32Array; shape: readonly number[] }) => batch };
// @ts-expect-error or a transform takes it away
await model.fit(new DataLoader({ x, y, shape: [4, 2] }, taken), how);
// @ts-expect-error in validation as well
await model.fit(labeled, { ...how, validation: plain });
// @ts-expect-error and in an evaluation
await model.evaluate(plain, how);
// @ts-expect-error batches of a list
await model.fit([{ x, shape: [1, 4, 2] }], how);
