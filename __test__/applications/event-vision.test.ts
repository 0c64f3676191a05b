import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

interface Presentation {
  readonly t: number[];
  readonly x: number[];
  readonly y: number[];
  readonly p: number[];
}

test('150 digits teach the readout to read others, from an event file', async (t) => {
  const { figures } = await runApplication('event-vision');
  t.true(figures['accuracy']!.mean > 85);
  t.true(figures['accuracy without 25 % of the events']!.mean > 75);
});

// Of generate.py of the fixture: 3,100 ± 267 events per presentation of its training file, which has the same images; half of its events are ON.
test('the camera sends as many events as the one of the fixture', async (t) => {
  const { readDigits, presentation } = await supportModule('event-vision-data');
  const { images, train } = (await readDigits!()) as { images: Uint8Array; train: Int32Array };
  const all = Array.from(
    train.subarray(0, 200),
    (i) => presentation!(images.subarray(64 * i, 64 * (i + 1)), i) as Presentation,
  );
  const counts = all.map(({ t: times }) => times.length);
  const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  t.true(Math.abs(average - 3100) < 60, `${average}`);
  const deviation = Math.sqrt(counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / counts.length);
  t.true(Math.abs(deviation - 267) < 45, `${deviation}`);
  const on = all.reduce((sum, { p }) => sum + p.reduce((some, polarity) => some + polarity, 0), 0);
  t.true(Math.abs(on / (average * all.length) - 0.5) < 0.03);
});

test('a pool fires after 3 events and then after each 5, and the stream adds the weights of its spikes', async (t) => {
  const network = await supportModule('saccade-network');
  const { SaccadeStream } = network as unknown as {
    SaccadeStream: {
      open(
        pools: unknown,
        readout: unknown,
      ): Promise<{ push(counts: Float32Array): Float32Array; close(): void }>;
    };
  };
  const pools = await network['poolNetwork']!();
  // One event in each of the first 14 steps, in the window at the corner: spikes at the 3rd, 8th and 13th event.
  const times = Array.from({ length: 14 }, (_, i) => 2 * i);
  const one = { t: times, x: times.map(() => 1), y: times.map(() => 2), p: times.map(() => 0) };
  const [spikes] = (await network['poolSpikes']!(pools, [one])) as [[number, number][]];
  t.deepEqual(spikes, [
    [2, 0],
    [7, 0],
    [12, 0],
  ]);
  const readout = (await network['readoutNetwork']!(0)) as {
    setWeights(weights: object): Promise<void>;
    weights(): Promise<Record<string, Float32Array>>;
  };
  const weights = (await readout.weights())['dense1.weight']!.fill(0);
  weights[0] = 0.5;
  await readout.setWeights({ 'dense1.weight': weights });
  const stream = await SaccadeStream.open(pools, readout);
  const potentials = Array.from({ length: 150 }, (_, step) => {
    const counts = new Float32Array(2 * 28 * 28);
    if (step < 14) counts[2 * 28 + 1] = 1;
    return stream.push(counts)[0];
  });
  t.deepEqual(
    [1, 2, 7, 12, 149].map((step) => potentials[step]),
    [0, 0.5, 1, 1.5, 1.5],
  );
  stream.close();
});
