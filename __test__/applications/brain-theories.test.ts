import test from 'ava';
import { runApplication } from '../support/application-program.js';

// The program itself fails when the values of an effect and of its control touch.
test('recall and replay are lost by their controls', async (t) => {
  const { figures } = await runApplication('brain-theories');
  t.true(figures['recall, gain of overlap']!.mean > 0.4);
  t.true(figures['recall, gain of overlap; control: permuted weights']!.mean < 0.1);
  t.true(figures['recall, gain of overlap with 10 patterns; control: 150 patterns']!.mean < 0);
  t.true(figures['replay, rank correlation']!.mean > 0.8);
  t.true(Math.abs(figures['replay, rank correlation; control: symmetric window']!.mean) < 0.3);
});
