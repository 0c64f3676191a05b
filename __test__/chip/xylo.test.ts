/** The target 'xylo' gives the spikes and states of XyloSim. */
import test from 'ava';
import { runAll } from '../vectors/run.ts';

test('every spike and state of several spikes a step, saturation, recurrence, two synapses and aliases is XyloSim’s', async (t) => {
  const lines: string[] = [];
  const tally = await runAll(
    new URL('../../../__test__/chip/fixtures/xylo', import.meta.url).pathname,
    (line) => lines.push(line),
  );
  t.deepEqual(tally, { passed: 3, failed: 0, skipped: 0 }, lines.join('\n'));
});
