// Compares `streamEvents` with `push` in a loop: `node benches/event-sessions.mjs [--steps 20000] [--rounds 7]`.
//
// The same random events of a 28 x 28 sensor go into the same models in three ways, which take turns: `push` in a loop over prepared steps,
// as in the benchmark tasks stream_*; `streamEvents` from columns in memory; and `streamEvents` from an EVT3 file. Prints a JSON line for
// each model: medians in µs per step, and the ratios to the time of `push` (`memoryRatio`, `fileRatio`). The spike counts must be equal.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from 'commander';
import { dense, sequential, setThreads } from 'lapicque';
import { eventTransform, openEvents, streamEvents, writeEvents } from 'lapicque/events';
import { lif } from 'lapicque/neurons';
import { median, positive, print, rounded } from './support/turns.mjs';

program
  .description('compares streamEvents with push in a loop')
  .option('--steps <n>', 'number of steps of one millisecond', '20000')
  .option('--rounds <n>', 'measured runs of each way', '7')
  .parse();
const steps = positive('steps', program.opts().steps);
const rounds = positive('rounds', program.opts().rounds);
setThreads(1);

const sensor = { width: 28, height: 28 };
const neuron = { beta: 0.9 };
const models = {
  dense: [100, sequential(dense(784, 1000), lif(neuron), dense(1000, 10), lif(neuron))],
  sparse: [10, sequential(dense(784, 256), lif(neuron), dense(256, 20), lif(neuron))],
};

for (const [name, [perStep, description]] of Object.entries(models)) {
  const model = await description.compile({ seed: 1 });
  const { inputs, events } = sampled(perStep);
  const folder = mkdtempSync(join(tmpdir(), 'lapicque-event-sessions-'));
  const path = join(folder, 'events.raw');
  await writeEvents(path, events, { sensor, format: 'evt3' });
  const ways = {
    push: (session) => {
      let spikes = 0;
      for (const input of inputs) spikes += session.push(input).length;
      return spikes;
    },
    memory: (session) => streamed(session, events),
    file: async (session) => streamed(session, await openEvents(path)),
  };
  const times = { push: [], memory: [], file: [] };
  for (let round = 0; round <= rounds; round++) {
    const spikes = [];
    for (const [way, run] of Object.entries(ways)) {
      const session = await model.session();
      const began = performance.now();
      spikes.push(await run(session));
      // The first round warms up the caches and the JIT compiler.
      if (round > 0) times[way].push(((performance.now() - began) * 1000) / steps);
      session.dispose();
    }
    assert.ok(
      spikes.every((count) => count === spikes[0]),
      `spikes differ: ${spikes}`,
    );
  }
  const [push, memory, file] = Object.values(times).map(median);
  const row = { push, memory, file, memoryRatio: memory / push, fileRatio: file / push };
  print({
    model: name,
    eventsAStep: perStep,
    steps,
    ...Object.fromEntries(Object.entries(row).map(([key, value]) => [key, rounded(value)])),
  });
  model.dispose();
  rmSync(folder, { recursive: true });
}

async function streamed(session, source) {
  const stream = streamEvents(session, source, {
    step: 1000,
    sensor,
    transforms: [eventTransform.mergePolarities()],
  });
  for await (const _ of stream);
  return stream.statistics.outputs;
}

/** Sorted events at distinct pixels in each step, and the active channels of each step. */
function sampled(perStep) {
  let state = 7;
  const below = (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const inputs = [];
  const count = steps * perStep;
  const events = {
    t: new Float64Array(count),
    x: new Uint16Array(count),
    y: new Uint16Array(count),
    polarity: new Uint8Array(count),
  };
  let at = 0;
  for (let step = 0; step < steps; step++) {
    const channels = new Set();
    while (channels.size < perStep) channels.add(below(784));
    for (const channel of channels) {
      events.t[at] = step * 1000 + Math.floor(((at % perStep) * 1000) / perStep);
      events.x[at] = channel % 28;
      events.y[at] = Math.floor(channel / 28);
      at += 1;
    }
    inputs.push(Uint32Array.from(channels).sort());
  }
  return { inputs, events };
}
