// Matrices of the Legendre memory: off the event loop, within seconds, and no larger than that.
import test from 'ava';
import { rateUnit } from '../../src-ts/doors/neurons.ts';
import { dense, legendreDecoder, legendreMemory, networks, sequential } from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { countTurns } from '../support/turns.ts';

test('a large memory is there soon, and the event loop goes on meanwhile', async (t) => {
  using loop = countTurns();
  const since = performance.now();
  const { a, b } = await legendreMemory(512, 512);
  const took = performance.now() - since;
  const { turns } = loop;
  t.is(a.length, 512 * 512);
  // A quarter of a second on a machine of its own; it was 4.7 s.
  t.true(took < 3000, `${took} ms`);
  t.true(turns > 5, `${turns} turns`);
  // What is in the memory after one step of a constant input of 1: the input's mean over the window, 1/512 of it, is the first
  // coefficient but for the window's rounding.
  t.true(Math.abs(b[0]! - 1 / 512) < 1e-6);
  // A constant that has filled the window is the constant polynomial: m = a m + b.
  t.true(Math.abs(a[0]! + b[0]! - 1) < 1e-14);
  for (let i = 1; i < 512; i++) t.true(Math.abs(a[i * 512]! + b[i]!) < 1e-13);
});

test('orders that would take minutes are refused', async (t) => {
  const says = /^invalid-parameter: (lmu\.)?order: expected an integer from 1 to 1024 but got (1025|4096|0)$/;
  t.regex(await outcome(() => legendreMemory(4096, 4096)), says);
  t.regex(await outcome(() => legendreMemory(0, 1)), says);
  t.regex(await outcome(async () => legendreDecoder(1025, [0])), says);
  t.regex(await outcome(async () => networks.lmu({ inputs: 1, classes: 2, theta: 64, order: 1025 })), says);
  const initial = { kind: 'legendre-input', order: 1025, theta: 10 } as const;
  t.regex(
    await outcome(() => sequential(dense(1, 1025, { initial }), rateUnit()).compile()),
    /^invalid-parameter: dense1\.order: expected a whole number from 1 to 1024 but got 1025$/,
  );
});
