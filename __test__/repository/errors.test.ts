import { createRequire } from 'node:module';
import test from 'ava';
import { abortError, fromNative, LapicqueError } from '../../src-ts/checks/errors.ts';

test('an error has a code, its fields and a sentence', (t) => {
  const error = new LapicqueError('shape-mismatch', { layer: 'hidden', expected: '[784]', got: '[783]' });
  t.true(error instanceof LapicqueError);
  t.true(error instanceof Error);
  t.is(error.name, 'LapicqueError');
  t.is(error.code, 'shape-mismatch');
  t.is(error.layer, 'hidden');
  t.is(error.message, 'hidden: expected shape [784] but got [783]');
  t.regex(error.stack ?? '', /^LapicqueError: hidden/);
});

test('the code tells the fields apart', (t) => {
  const read = (error: unknown): number => {
    if (error instanceof LapicqueError && error.code === 'malformed-file') return error.offset;
    return -1;
  };
  t.is(read(new LapicqueError('malformed-file', { format: 'IDX', offset: 16, reason: 'short' })), 16);
  t.is(read(new Error('no')), -1);
});

test('a field called name does not hide what kind of error it is', (t) => {
  const error = new LapicqueError('invalid-parameter', { name: 'beta', value: '1.1', expected: 'at most 1' });
  t.is(error.name, 'LapicqueError');
  t.is(error.details.name, 'beta');
  t.is(error.value, '1.1');
  t.is(error.toJSON().name, 'beta');
});

test('a canceled operation is an AbortError that keeps the reason', (t) => {
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  const error = abortError(controller.signal);
  t.is(error.name, 'AbortError');
  t.is(error.code, 'aborted');
  t.is(error.cause, controller.signal.reason);
});

test('toJSON gives the fields and the message of the cause, and survives JSON', (t) => {
  const cause = new Error('ENOENT');
  const error = new LapicqueError('io', { path: '/x', reason: 'no such file' }, { cause });
  t.deepEqual(JSON.parse(JSON.stringify(error)), {
    code: 'io',
    message: '/x: no such file',
    path: '/x',
    reason: 'no such file',
    cause: 'ENOENT',
  });
});

test('a native error object becomes a LapicqueError with its message and fields', (t) => {
  const error = fromNative({
    code: 'unknown-name',
    message: 'unknown surrogate "atann"; did you mean "atan"?',
    kind: 'surrogate',
    name: 'atann',
    didYouMean: 'atan',
  });
  t.true(error instanceof LapicqueError);
  t.is(error.message, 'unknown surrogate "atann"; did you mean "atan"?');
  t.is(error.name, 'LapicqueError');
  t.deepEqual(error.details, { kind: 'surrogate', name: 'atann', didYouMean: 'atan' });
  t.like(error.toJSON(), { code: 'unknown-name', kind: 'surrogate', name: 'atann', didYouMean: 'atan' });
});

test('a native null is an absent field', (t) => {
  const error = fromNative({
    code: 'unknown-name',
    message: 'unknown loss "x"',
    kind: 'loss',
    didYouMean: null,
  });
  t.false('didYouMean' in error);
});

test('the system’s name of a reason is a field', (t) => {
  const native = (reason: string) => fromNative({ code: 'io', message: 'm', path: 'p', reason });
  const error = native('No space left on device (os error 28)');
  t.true(error instanceof LapicqueError && error.code === 'io');
  t.is((error as LapicqueError & { code: 'io' }).errno, process.platform === 'win32' ? undefined : 'ENOSPC');
  t.false('errno' in native('not a regular file'));
});

test('an error of another copy of the package is an instance, one of a subclass’s own is not', (t) => {
  const { LapicqueError: Other } = createRequire(import.meta.url)('lapicque') as {
    LapicqueError: typeof LapicqueError;
  };
  t.not(Other, LapicqueError);
  const error = new LapicqueError('disposed', { what: 'the model' });
  t.true(error instanceof Other);
  t.true(new Other('disposed', { what: 'the model' }) instanceof LapicqueError);
  class Own extends (LapicqueError as new (...args: never[]) => Error) {}
  t.false(error instanceof Own);
  for (const other of [new Error('x'), {}, null, undefined, 'x'])
    t.false((other as unknown) instanceof LapicqueError);
});

test('a native abort takes its cause from the signal', (t) => {
  const signal = AbortSignal.abort('stop');
  const error = fromNative({ code: 'aborted', message: 'the operation was aborted' }, signal);
  t.is(error.name, 'AbortError');
  t.is(error.cause, 'stop');
});

test('anything else thrown by the native layer is internal, with the thing as cause', (t) => {
  for (const thrown of [new Error('boom'), 'boom', { code: 'GenericFailure' }, null, undefined, 7]) {
    const error = fromNative(thrown);
    t.is(error.code, 'internal');
    t.is(error.cause, thrown);
  }
});
