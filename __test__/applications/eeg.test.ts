import type { Server } from 'node:http';
import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('a small training finds most of the clear events', async (t) => {
  const { figures } = await runApplication('eeg');
  t.true(figures['snr 2, sensitivity']!.mean > 0.6);
  t.true(figures['snr 2, false alarms']!.mean < 15);
  t.true(figures['snr 2, latency']!.mean < 4);
});

// Of generate.py of the fixture, seeds 100 … 109: a standard deviation of 27.6 µV, of the differences of neighboring samples 13.6 µV (scatter over
// subjects about 15 %), 6 events of 13.6 s on average (uniform from 5 to 20 s), 10 decoys.
test('the generator has the statistics of the fixture', async (t) => {
  const { recording } = await supportModule('eeg-data');
  const { deviation } = await supportModule('filters');
  const seeds = [100, 101, 102];
  const all = seeds.map(
    (seed) =>
      recording!(seed, { snr: 2 }) as { signal: Float64Array; events: [number, number][]; decoys: unknown[] },
  );
  const average = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const size = (signal: Float64Array): number => deviation!(signal) as number;
  t.true(Math.abs(average(all.map(({ signal }) => size(signal))) - 27.6) < 5);
  const steps = average(all.map(({ signal }) => size(signal.slice(1).map((x, i) => x - signal[i]!))));
  t.true(Math.abs(steps - 13.6) < 3);
  t.true(all.every(({ events, decoys }) => events.length === 6 && decoys.length === 10));
  const length = average(all.flatMap(({ events }) => events.map(([a, b]) => (b - a) / 256)));
  t.true(length > 10 && length < 15);
});

interface Answer {
  readonly seconds: number;
  readonly alarm: boolean;
  readonly evidence: number;
}

test('the server gives each stream the evidence that the program computes', async (t) => {
  const { recording } = await supportModule('eeg-data');
  const { evidenceOf, levelsOf } = await supportModule('eeg-detector');
  const { eegServer, trainOnSynthetic } = (await import(
    new URL('../../../examples/applications/eeg-server.mjs', import.meta.url).href
  )) as {
    eegServer: (model: unknown) => Server;
    trainOnSynthetic: (options: object) => Promise<{ dispose(): void }>;
  };
  const model = await trainOnSynthetic({ subjects: 1, minutes: 4, batches: 5 });
  const server = eegServer(model);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const send = (name: string, body: Uint8Array): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/streams/${name}`, { method: 'POST', body });
  const signal = Float32Array.from(
    (recording!(7, { minutes: 4 }) as { signal: Float64Array }).signal.slice(0, 20 * 256),
  );
  const expected = (await evidenceOf!(model, levelsOf!(signal))) as Float32Array;
  for (let from = 0; from < signal.length; from += 300) {
    const part = new Uint8Array(signal.slice(from, from + 300).buffer);
    const answer = (await (await send('a', part)).json()) as Answer;
    await send('b', new Uint8Array(400));
    t.is(answer.seconds, Math.floor(Math.min(signal.length, from + 300) / 4) / 64);
    t.is(Math.fround(answer.evidence), expected[Math.round(answer.seconds * 64) - 1]!);
  }
  t.is((await send('a', new Uint8Array(3))).status, 400);
  t.is((await send('a', new Uint8Array(Float32Array.of(Number.NaN).buffer))).status, 400);
  t.is((await send('../x', new Uint8Array(4))).status, 404);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  model.dispose();
});
