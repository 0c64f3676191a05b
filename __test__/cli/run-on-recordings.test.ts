// `lapicque run MODEL --input recording`: the spikes of the same model on the recording's frames.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { represent, representEvents, writeEvents } from '../../src-ts/doors/events.ts';
import { readTensors } from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, flatten, input, sequential } from '../../src-ts/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'run-events-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['dist/cli.js', 'run', ...args]).catch(
    (error: { stdout: string; stderr: string; code: number }) => error,
  );

test('a recording runs through a model step by step', async (t) => {
  const sensor = { width: 12, height: 8 };
  const n = 600;
  const events = {
    t: Float64Array.from({ length: n }, (_, i) => 2000 + i * 70),
    x: Uint16Array.from({ length: n }, (_, i) => (i * 7) % 12),
    y: Uint16Array.from({ length: n }, (_, i) => (i * 5) % 8),
    polarity: Uint8Array.from({ length: n }, (_, i) => Number(i % 3 === 0)),
  };
  const recording = join(folder, 'recording.raw');
  await writeEvents(recording, events, { format: 'evt3', sensor });
  const weights = { initial: { kind: 'fan-in-uniform', gain: 5 } } as const;
  using model = await sequential(
    input(2, 4, 6),
    flatten(),
    dense(48, 5, weights),
    lif({ beta: 0.9 }),
  ).compile({ seed: 3 });
  const file = join(folder, 'model.safetensors');
  await model.save(file);
  const out = join(folder, 'out.safetensors');
  const { stdout, stderr } = await run(file, '--input', recording, '--output', out, '--json');
  t.is(stderr, '');
  const report = JSON.parse(stdout);
  // The same by hand: half the pixels, 1 ms a frame, 0 and 1.
  const halved = { ...events, x: events.x.map((x) => x >> 1), y: events.y.map((y) => y >> 1) };
  const schedule = { window: 1000, includeIncomplete: true, binary: true };
  const { x, shape } = await representEvents(halved, represent.frames(schedule), {
    sensor: { width: 6, height: 4 },
  }).collect();
  const result = await model.run({ x, shape: [shape[0]!, 1, 2, 4, 6] });
  const { tensors } = await readTensors(out);
  t.deepEqual(tensors.get('spikes')!.data, result.spikes);
  t.deepEqual(tensors.get('v')!.data, result.v);
  t.is(report.steps, shape[0]!);
  t.deepEqual(report.input, { path: recording, format: 'evt3', sensor });
  t.true(report.outputs > 5);
  const human = await run(file, '--input', recording);
  t.regex(human.stdout, /42 steps of 1 ms .*times real time\n[\s\S]*output spikes \d+/);
});

test('what does not fit is said', async (t) => {
  const recording = join(folder, 'other.raw');
  const one = {
    t: Float64Array.of(1),
    x: Uint16Array.of(1),
    y: Uint16Array.of(1),
    polarity: Uint8Array.of(1),
  };
  await writeEvents(recording, one, { format: 'evt3', sensor: { width: 4, height: 4 } });
  using model = await sequential(dense(7, 2), lif({ beta: 0.9 })).compile({ seed: 3 });
  const file = join(folder, 'seven.safetensors');
  await model.save(file);
  const { stderr, code } = (await run(file, '--input', recording)) as { stderr: string; code: number };
  t.is(code, 1);
  t.regex(stderr, /7 channels.*32/);
});
