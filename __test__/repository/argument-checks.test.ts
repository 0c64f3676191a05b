import test from 'ava';
import fc from 'fast-check';
import * as check from '../../src-ts/checks/check.ts';
import { nearestName } from '../../src-ts/checks/nearest-name.ts';
import { outcomeNow } from '../support/errors.ts';

test('integers', (t) => {
  t.is(check.integer('steps', 25, { min: 1 }), 25);
  const wrong = (value: unknown) => outcomeNow(() => check.integer('steps', value, { min: 1 }));
  t.is(wrong(0), 'invalid-parameter: steps: expected an integer at least 1 but got 0');
  t.is(wrong(2.5), 'invalid-parameter: steps: expected an integer at least 1 but got 2.5');
  t.is(wrong('3'), 'invalid-parameter: steps: expected an integer at least 1 but got "3"');
  t.is(wrong(3n), 'invalid-parameter: steps: expected an integer at least 1 but got 3n');
  t.is(wrong(undefined), 'invalid-parameter: steps: expected an integer at least 1 but got undefined');
  t.is(
    outcomeNow(() => check.integer('n', 2 ** 53, {})),
    'invalid-parameter: n: expected an integer at most 9007199254740991 but got 9007199254740992',
  );
});

test('finite numbers and their bounds', (t) => {
  t.is(check.finite('beta', 1, { min: 0, max: 1 }), 1);
  t.is(
    outcomeNow(() => check.finite('beta', 1.1, { min: 0, max: 1 })),
    'invalid-parameter: beta: expected a finite number from 0 to 1 but got 1.1',
  );
  t.is(
    outcomeNow(() => check.finite('tauMem', 0, { above: 0 })),
    'invalid-parameter: tauMem: expected a finite number above 0 but got 0',
  );
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, null, [1], new Float32Array(1)]) {
    t.regex(
      outcomeNow(() => check.finite('x', value)),
      /^invalid-parameter: x: expected a finite number but got /,
    );
  }
});

test('typed arrays', (t) => {
  const array = new Float32Array(10);
  t.is(check.typedArray('x', array, [Float32Array], 10), array);
  t.is(
    outcomeNow(() => check.typedArray('x', new Float64Array(3), [Float32Array])),
    'invalid-parameter: x: expected Float32Array but got Float64Array with 3 elements',
  );
  t.is(
    outcomeNow(() => check.typedArray('y', [1, 2], [Uint8Array, Int32Array])),
    'invalid-parameter: y: expected one of Uint8Array, Int32Array but got [1, 2]',
  );
  t.is(
    outcomeNow(() => check.typedArray('x', array, [Float32Array], 12)),
    'invalid-parameter: x: expected Float32Array with 12 elements but got Float32Array with 10 elements',
  );
});

test('a detached array is not mistaken for data', (t) => {
  const array = new Float32Array(4);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  t.regex(
    outcomeNow(() => check.typedArray('x', array, [Float32Array], 4)),
    /with 0 elements/,
  );
});

test('shapes', (t) => {
  t.deepEqual(check.shape('shape', [25, 128, 784]), [25, 128, 784]);
  t.is(
    outcomeNow(() => check.shape('shape', [25, 0])),
    'invalid-parameter: shape[1]: expected an integer at least 1 but got 0',
  );
  t.is(
    outcomeNow(() => check.shape('shape', 784)),
    'invalid-parameter: shape: expected an array of positive integers but got 784',
  );
  t.regex(
    outcomeNow(() => check.shape('shape', [2 ** 40, 2 ** 40])),
    /with at most 2\^53 - 1 elements/,
  );
  t.is(
    outcomeNow(() => check.fits('x', 10, [2, 3])),
    'shape-mismatch: x: expected shape [2, 3] (6 elements) but got 10 elements',
  );
});

test('names and options: the nearest known one is offered', (t) => {
  const optimizers = ['sgd', 'adam', 'adamw'] as const;
  t.is(check.oneOf('optimizer', 'adam', optimizers), 'adam');
  t.is(
    outcomeNow(() => check.oneOf('optimizer', 'Adan', optimizers)),
    'unknown-name: unknown optimizer "Adan"; did you mean "adam"?',
  );
  t.is(
    outcomeNow(() => check.oneOf('optimizer', 'lion', optimizers)),
    'unknown-name: unknown optimizer "lion"; known are sgd, adam, adamw',
  );
  const misspelled: object = { batchsize: 3 };
  t.is(
    outcomeNow(() => check.options('DataLoader', misspelled as { batchSize: number }, ['batchSize'])),
    'unknown-name: unknown option of DataLoader "batchsize"; did you mean "batchSize"?',
  );
  t.deepEqual(check.options('f', undefined, []), {});
  for (const value of [null, 7, [], new Uint8Array(1)]) {
    t.regex(
      outcomeNow(() => check.options('f', value as object, [])),
      /expected an object of options/,
    );
  }
});

test('nearestName finds a name with one letter dropped, doubled or swapped', (t) => {
  const names = ['surrogate', 'threshold', 'tauMem', 'precision', 'refractory'];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), fc.nat(2), (name, position, kind) => {
      const at = position % (name.length - 1);
      const [head, a, b, tail] = [name.slice(0, at), name[at], name[at + 1], name.slice(at + 2)];
      const typo = [`${head}${b}${tail}`, `${head}${a}${a}${b}${tail}`, `${head}${b}${a}${tail}`][kind]!;
      return nearestName(typo, names) === name;
    }),
  );
  t.is(nearestName('zzz', names), undefined);
  t.is(nearestName('a', []), undefined);
  t.is(nearestName('COS', ['cosine-restarts', 'constant', 'cosine']), 'cosine');
  t.is(nearestName('co', ['cosine-restarts', 'cosine']), undefined);
  t.is(nearestName('validationData', ['vali', 'validation', 'by']), 'validation');
  t.is(nearestName('bypass', ['by']), undefined);
});

test('an option is left out by leaving it out, not by null', (t) => {
  const known = ['dt', 'seed'] as const;
  const options = (value: object) => outcomeNow(() => check.options('options', value, known as never));
  t.is(options({ dt: 1 }), 'succeeded');
  t.is(options({ dt: undefined, seed: 0 }), 'succeeded');
  t.is(
    options({ dt: null }),
    'invalid-parameter: options.dt: expected a value (leave the option out for its default) but got null',
  );
});
