// Trains of spike sources: at 0, and set between runs.
import test from 'ava';
import {
  circuit,
  connect,
  population,
  type Recording,
  record,
  rule,
  type SpikeSource,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { lif } from '../../src-ts/doors/neurons.ts';

const dt = 0.5;
const options = { dt, seed: 1, precision: 'f64' as const };

/** Neurons that count what arrives, with a delay of 1 ms. */
function counting(source: SpikeSource) {
  const P = population(lif, source.trains.length, { name: 'P', beta: 1, vThreshold: 1e9 });
  return circuit(
    P,
    source,
    connect(source, P, rule.oneToOne(), { weight: 1, delay: 1 }),
    record.traces(P, ['v']),
  );
}

const values = (recording: Recording) => Array.from(recording.traces['P.v']!.values);
const sourceOf = (trains: number[][]) => spikeSource(trains, { name: 'S' });

test('a spike at 0 arrives after its delay', async (t) => {
  for (const threads of [1, 2]) {
    using simulation = await counting(sourceOf([[0, 1], [0.5]])).compile({ ...options, threads });
    const all = values(await simulation.run(3));
    // At the ends of the steps 0.5, 1, 1.5, 2, 2.5, 3 ms.
    t.deepEqual(
      all.filter((_, i) => i % 2 === 0),
      [0, 1, 1, 2, 2, 2],
    );
    t.deepEqual(
      all.filter((_, i) => i % 2 === 1),
      [0, 0, 1, 1, 1, 1],
    );
  }
});

test('a train that begins at 0 acts as one that begins later', async (t) => {
  const weights = async (shift: number) => {
    const source = sourceOf([[0, 10, 20, 30].map((ms) => ms + shift)]);
    const drive = spikeSource([[5, 17, 24].map((ms) => ms + shift)]);
    const P = population(lif, 1, { name: 'P', beta: 0.5, vThreshold: 0.5 });
    const learning = connect(source, P, rule.oneToOne(), {
      weight: 0.1,
      delay: 1,
      model: synapse.stdp({ wMax: 1, lambda: 0.1 }),
    });
    const network = circuit(P, learning, connect(drive, P, rule.oneToOne(), { weight: 5, delay: 1 }));
    using simulation = await network.compile(options);
    await simulation.run(40 + shift);
    return [...(await simulation.get(learning, 'weight'))];
  };
  const [first] = await weights(0);
  t.true(Math.abs(first! - 0.1) > 1e-4, `${first}`);
  for (const shift of [0.5, 3]) t.true(Math.abs((await weights(shift))[0]! - first!) < 1e-12);
});

test('set before the first run, trains are those of a network that was described with them', async (t) => {
  const trains = [[0, 0.5, 7], [2]];
  using described = await counting(sourceOf(trains)).compile(options);
  const source = sourceOf([[0, 3], [0]]);
  using simulation = await counting(source).compile(options);
  await simulation.set(source, { trains });
  t.deepEqual(
    (await simulation.get(source, 'trains')).map((train) => [...train]),
    trains,
  );
  t.deepEqual(values(await simulation.run(10)), values(await described.run(10)));
});

test('set later, trains go on from the current time, and spikes on their way arrive', async (t) => {
  using described = await counting(sourceOf([[1, 5, 5.5, 9], [5]])).compile(options);
  const want = values(await described.run(12));
  const source = sourceOf([
    [1, 5, 8],
    [5, 6],
  ]);
  using simulation = await counting(source).compile(options);
  const got = values(await simulation.run(5));
  await simulation.set('S', { trains: [[5.5, 9], []] });
  got.push(...values(await simulation.run(7)));
  t.deepEqual(got, want);
});

test('a spike at the current time is sent when the run goes on', async (t) => {
  const source = sourceOf([[], [2]]);
  using simulation = await counting(source).compile(options);
  await simulation.run(4);
  await simulation.set(source.slice(0, 1), { trains: [[4, 6]] });
  const saved = await simulation.save();
  const run = async () => values(await simulation.run(4)).filter((_, i) => i % 2 === 0);
  const want = [0, 1, 1, 1, 1, 2, 2, 2];
  t.deepEqual(await run(), want);
  await simulation.restore(saved);
  t.deepEqual(await run(), want);
});

test('a saved state contains the trains that were set', async (t) => {
  const source = sourceOf([[1], [3]]);
  using first = await counting(source).compile(options);
  const start = await first.save();
  await first.set(source, { trains: [[2], [0, 4]] });
  const before = await first.save();
  await first.run(2);
  const file = await first.stateBytes();
  const end = values(await first.run(8));
  using second = await counting(source).compile(options);
  await second.restore(file);
  t.deepEqual(values(await second.run(8)), end);
  await second.restore(before);
  t.deepEqual(values(await second.run(10)).slice(8), end);
  await second.restore(start);
  using described = await counting(source).compile(options);
  t.deepEqual(values(await second.run(10)), values(await described.run(10)));
  t.deepEqual(
    (await second.get('S', 'trains')).map((train) => [...train]),
    [[1], [3]],
  );
});

test('trains that cannot be set are refused, and nothing changes', async (t) => {
  const source = sourceOf([[1, 4], [9]]);
  using simulation = await counting(source).compile(options);
  await simulation.run(4);
  const refused = async (trains: unknown, code: string, message: RegExp) =>
    void (await t.throwsAsync(simulation.set(source, { trains } as never), { code, message }));
  await refused([[5]], 'shape-mismatch', /S\.trains: expected shape \[2\] but got \[1\]/);
  await refused(
    [[3], []],
    'invalid-parameter',
    /S\.trains\[0\]\[0\].*multiples of 0\.5 ms from 4 \(now\).*got 3/,
  );
  await refused([[], [5, 5]], 'invalid-parameter', /S\.trains\[1\]\[1\].*one spike per step/);
  await refused([[], [5.2]], 'invalid-parameter', /S\.trains\[1\]\[0\].*5\.2/);
  await refused([[4], []], 'invalid-parameter', /S\.trains\[0\]\[0\].*has spiked at this time.*got 4/);
  await refused([[Number.NaN], []], 'invalid-parameter', /values\.trains\[0\]\[0\]/);
  await refused([1, 2], 'invalid-parameter', /values\.trains\[0\]/);
  await t.throwsAsync(simulation.set(source, { rate: 4 } as never), { code: 'unknown-name' });
  await t.throwsAsync(simulation.get(source, 'rate' as never), { code: 'unknown-name' });
  t.deepEqual(
    (await simulation.get(source, 'trains')).map((train) => [...train]),
    [[1, 4], [9]],
  );
});
