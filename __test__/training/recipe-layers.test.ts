// Layers of JSON recipes are those of the functions of the same name.
import test from 'ava';
import { layerOf } from '../../src-ts/cli/recipe-layers.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import {
  attention,
  concat,
  conv2d,
  dense,
  dropout,
  globalSumPool,
  input,
  maxPool2d,
  multiply,
  pointwise,
  residual,
  threshold,
  timeFilter,
  timeMax,
} from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';

test('a layer by name', (t) => {
  const of = (json: object) => layerOf(json as never, 'layers[0]');
  t.deepEqual(of({ kind: 'dense', inputs: 3, outputs: 4, bias: false }), dense(3, 4, { bias: false }));
  t.deepEqual(of({ kind: 'lif', beta: 0.5 }), lif({ beta: 0.5 }));
  t.deepEqual(of({ kind: 'input', shape: [1, 28, 28] }), input(1, 28, 28));
  t.deepEqual(
    of({ kind: 'conv2d', inputs: 1, outputs: 12, kernel: 5, stride: [1, 2] }),
    conv2d(1, 12, 5, { stride: [1, 2] }),
  );
  t.deepEqual(of({ kind: 'maxPool2d', kernel: 2 }), maxPool2d(2));
  t.deepEqual(of({ kind: 'dropout', rate: 0.25 }), dropout(0.25));
  const body = [{ kind: 'lif', beta: 0.5 }];
  t.deepEqual(of({ kind: 'residual', body }), residual([lif({ beta: 0.5 })]));
  t.deepEqual(of({ kind: 'concat', branches: [[], body] }), concat([], [lif({ beta: 0.5 })]));
  t.deepEqual(of({ kind: 'timeFilter', kernel: [1, 0.5] }), timeFilter([1, 0.5]));
  t.deepEqual(of({ kind: 'timeMax' }), timeMax());
  t.deepEqual(of({ kind: 'threshold', vThreshold: 2 }), threshold({ vThreshold: 2 }));
  t.deepEqual(of({ kind: 'pointwise', inputs: 2, outputs: 3 }), pointwise(2, 3));
  const sum = [{ kind: 'globalSumPool' }];
  t.deepEqual(of({ kind: 'multiply', branches: [[], sum] }), multiply([], [globalSumPool()]));
  t.deepEqual(
    of({ kind: 'attention', queries: body, heads: 2 }),
    attention([lif({ beta: 0.5 })], [], [], { heads: 2 }),
  );
});

test('a wrong layer names its place', async (t) => {
  const wrong = (json: unknown) => outcome(() => layerOf(json as never, 'layers[2]'));
  t.regex(await wrong({ kind: 'conv4d' }), /^unknown-name: .*layers\[2\]\.kind.*conv4d/);
  t.regex(await wrong({ kind: 'conv2d', inputs: 1, outputs: 2 }), /^invalid-parameter: conv2d\.kernel/);
  t.regex(await wrong({ kind: 'residual', body: [{ kind: 'lfi' }] }), /layers\[2\]\.body\[0\]\.kind.*lfi/);
  t.regex(await wrong({ kind: 'concat' }), /^invalid-parameter: layers\[2\]\.branches/);
});
