// Wrong data, encoders and files: each error has its code and fields, and says what is wrong, where, and what would be right.

import { loadCircuit } from '../../src-ts/doors/circuit.ts';
import {
  DataLoader,
  decode,
  encode,
  encodeTargets,
  readIdx,
  tokenWindows,
  vocabulary,
} from '../../src-ts/doors/data.ts';
import { readTensors, writeTensors } from '../../src-ts/doors/files.ts';
import { loadCheckpoint, Model } from '../../src-ts/index.ts';
import { invalid, mismatch, type Row, rows, unknown } from '../support/messages.ts';
import { any } from '../support/table.ts';

const x = new Float32Array(60);

const data: Record<string, Row> = {
  '64-bit labels below 0': [
    () => new DataLoader({ x, shape: [3, 20], y: any(BigInt64Array.of(0n, -1n, 2n)) }, { batchSize: 1 }),
    invalid('source.y[1]', 'an integer from 0 to 4294967295', '-1'),
  ],
  'no batch size': [
    () => new DataLoader({ x, shape: [3, 20] }, any({})),
    invalid('batchSize', 'an integer', 'undefined'),
  ],
  'an option of torch’s loader': [
    () => new DataLoader({ x, shape: [3, 20] }, any({ batch_size: 1 })),
    unknown('option of DataLoader', 'batch_size', 'did you mean "batchSize"?'),
  ],
  'a source of another form': [
    () => new DataLoader(any('mnist'), { batchSize: 1 }),
    invalid('source', 'an array of samples', '"mnist"'),
  ],
  'a source without its shape': [
    () => new DataLoader(any({ x }), { batchSize: 1 }),
    invalid('source.shape', 'an array of positive integers', 'undefined'),
  ],
  'a shape of other elements': [
    () => new DataLoader({ x, shape: [3, 21] }, { batchSize: 1 }),
    mismatch('source.x', '[3, 21]', '60 elements'),
  ],
  'targets of fewer samples': [
    () => new DataLoader({ x, y: new Uint8Array(2), shape: [3, 20] }, { batchSize: 1 }),
    mismatch('source.y', '[3]', '2 elements'),
  ],
  'samples of different lengths': [
    async () => {
      const samples = [
        { x: new Float32Array(2), y: 0 },
        { x: new Float32Array(3), y: 0 },
      ];
      for await (const _ of new DataLoader(samples, { batchSize: 2 })) return 'a batch';
    },
    { code: 'shape-mismatch', says: ['samples[1].x', 'sequences: true'] },
  ],
  'a label that is a fraction': [
    async () => {
      for await (const _ of new DataLoader([{ x: new Float32Array(2), y: 0.5 }], { batchSize: 1 }))
        return 'a batch';
    },
    invalid('samples[0].y', 'a label', 'Float32Array.of', '0.5'),
  ],
  'a rate that is none': [
    () => encode.rate({ x: Float32Array.of(Number.NaN), shape: [1] }, { steps: 3 }),
    invalid('data[0]', 'a finite number', 'NaN'),
  ],
  'an encoder without steps': [
    () => encode.poisson({ x: Float32Array.of(1), shape: [1] }, any({})),
    invalid('steps', 'an integer', 'undefined'),
  ],
  'an encoder of plain numbers': [
    () => encode.rate(any([0.5]), { steps: 3 }),
    invalid('data', 'an object { x, shape }'),
  ],
  'an encoder of doubles': [
    () => encode.latency(any({ x: new Float64Array(2), shape: [2] }), { steps: 3 }),
    invalid('x', 'Float32Array', 'Float64Array with 2 elements'),
  ],
  'a code of targets that does not exist': [
    () => encodeTargets(Uint8Array.of(0), 2, any({ code: 'count' })),
    { code: 'unknown-name', says: ['code', '"count"', 'rate'] },
  ],
  'targets of no class': [
    () => encodeTargets(Uint8Array.of(5), 2, { code: 'rate', steps: 3 }),
    { code: 'invalid-parameter', says: ['5'] },
  ],
  'a decoder that does not exist': [
    () => decode(any({ kind: 'count' }), new Float32Array(2), [1, 1, 2]),
    { code: 'unknown-name', says: ['decoder', '"count"'] },
  ],
  'a character that is no token': [
    () => vocabulary('abc').encode('abd'),
    { code: 'invalid-parameter', says: ['text', 'd'] },
  ],
  'windows longer than the text': [
    () => tokenWindows(new Uint32Array(3), { steps: 10 }),
    { code: 'invalid-parameter', says: ['tokens: expected ', ' but got '] },
  ],
  'a file that is not there': [
    () => Model.load('/nowhere/model.safetensors'),
    { code: 'io', says: ['/nowhere/model.safetensors: '] },
  ],
  'a path that is a number': [() => Model.load(any(3)), invalid('source', 'a path, a file: URL, bytes', '3')],
  'tensors of a file that is not there': [
    () => readTensors('/nowhere.npy'),
    { code: 'io', says: ['/nowhere.npy: '] },
  ],
  'a checkpoint that is not there': [
    () => loadCheckpoint('/nowhere.safetensors'),
    { code: 'io', says: ['/nowhere.safetensors'] },
  ],
  'a network that is not there': [
    () => loadCircuit('/nowhere.json'),
    { code: 'io', says: ['/nowhere.json'] },
  ],
  'tensors that are lists': [
    () => writeTensors('/tmp/never.npz', any({ a: [1, 2] })),
    { code: 'invalid-parameter', says: ['tensors.a: expected a typed array, or { data, shape }', '[1, 2]'] },
  ],
  'IDX that is none': [
    () => readIdx(new Uint8Array(20)),
    { code: 'malformed-file', says: ['malformed IDX file at byte '] },
  ],
};

rows('data', data);
