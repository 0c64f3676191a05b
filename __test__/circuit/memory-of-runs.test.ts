// What a run of a large network takes: what is recorded is asked for before the first step, and spikes on long ways take
// little.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import {
  circuit,
  connect,
  population,
  record,
  rule,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp, integrateAndFire } from '../../src-ts/doors/neurons.ts';
import { failure } from '../support/errors.ts';

test.serial('a recording that memory does not hold is refused before the run', async (t) => {
  const A = population(iafPscExp, 100_000, { name: 'A' });
  const learning = { weight: 1, delay: 1, model: synapse.stdp() };
  const B = population(iafPscExp, 1000, { name: 'B' });
  const onto = connect(B, B, rule.allToAll(), learning);
  for (const recorder of [record.traces(A, ['v', 'iE', 'iI']), record.weights(onto, { every: 0.1 })]) {
    using simulation = await circuit(A, B, onto, recorder).compile();
    const start = performance.now();
    const error = await failure(() => simulation.run(1_000_000));
    t.true(performance.now() - start < 2000);
    t.is(error?.code, 'too-large', error?.message);
    if (error?.code !== 'too-large') return;
    // In the partitions in f32, in the recording and in its copy in f64.
    const numbers = 1e7 * (recorder.element === 'record-traces' ? 300_000 : 1e6);
    t.is(error.needed, numbers * 20);
    t.true(error.allowed > 1e6 && error.allowed < error.needed);
    t.is(simulation.time, 0);
    t.is((await simulation.run(0.5)).duration, 0.5);
  }
});

const script = `
import { readFileSync } from 'node:fs';
import { connect, distribution, circuit, population, record, rule, synapse } from './dist/circuit.js';
import { iafPscExp } from './dist/neurons.js';
const learns = process.argv[1] === 'plastic';
const E = population(iafPscExp, 5000, { name: 'E', iBias: 600, initial: { v: distribution.uniform(-70, -55) } });
const far = { weight: 0.01, delay: distribution.uniform(1, 5000), ...(learns ? { model: synapse.stdp({ lambda: 0 }) } : {}) };
const built = circuit(E, record.spikes(E.slice(0, 1)), connect(E, E, rule.fixedInDegree(100), far));
const simulation = await built.compile({ threads: 2 });
const status = (key) => 1024 * Number(readFileSync('/proc/self/status', 'utf8').match(key + ':\\\\s+(\\\\d+)')[1]);
const before = status('VmRSS');
const { times } = await simulation.run(500);
console.log(JSON.stringify({ bytes: simulation.bytes, taken: status('VmHWM') - before, spikes: 5000 * times.length }));
`;

for (const kind of ['static', 'plastic']) {
  const onLinux = process.platform === 'linux' ? test.serial : test.serial.skip;
  onLinux(`spikes that take seconds to arrive: ${kind}`, async (t) => {
    const args = ['--input-type=module', '-e', script, kind];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { taken, spikes } = JSON.parse(stdout);
    t.log(`${(taken / 1e6).toFixed(1)} MB for ${spikes} spikes`);
    t.true(spikes > 100_000);
    // Each of 100 synapses on the way by itself would be 400 bytes a spike, and more.
    t.true(taken / spikes < 250, `${taken / spikes} bytes a spike`);
  });
}

test('spikes arrive after any delay, once, also after a state was restored', async (t) => {
  // Neurons add up what arrives; the source's trains overlap for longer than pages of the calendar.
  const delays = [0.1, 0.2, 12.7, 12.8, 12.9, 25.5, 25.6, 25.7, 100, 999.9, 1000, 3000.1, 6553.5];
  const trains = Array.from({ length: 30 }, (_, i) =>
    Array.from({ length: 40 }, (_, k) => 1 + 3.7 * i + 61.3 * k),
  );
  const S = spikeSource(
    trains.map((train) => train.map((time) => Math.round(10 * time) / 10)),
    { name: 'S' },
  );
  const P = population(integrateAndFire, delays.length, { name: 'P', vThreshold: 1e9 });
  const sources = S.trains.flatMap((_, i) => delays.map(() => i));
  const targets = S.trains.flatMap(() => delays.map((_, k) => k));
  const lists = { weight: 1, delay: S.trains.flatMap(() => delays) };
  for (const model of [undefined, synapse.tsodyksMarkram({ utilization: 1, tauRec: 1e-3 })]) {
    const made = circuit(
      S,
      P,
      connect(S, P, rule.list(sources, targets), model === undefined ? lists : { ...lists, model }),
    );
    const arrived = (time: number) =>
      Float64Array.from(
        delays,
        (delay) =>
          S.trains.flatMap((train) => Array.from(train)).filter((spike) => spike + delay < time + 0.05)
            .length,
      );
    using simulation = await made.compile({ precision: 'f64' });
    for (const time of [1.1, 40, 40.1, 777.7, 2300, 2500, 3200.3, 9100]) {
      await simulation.run(Math.round(10 * (time - simulation.time)) / 10);
      const v = await simulation.get(P, 'v');
      t.deepEqual(Array.from(v, Math.round), Array.from(arrived(time)), `at ${time} ms`);
      using other = await made.compile({ precision: 'f64' });
      await other.restore(await simulation.save());
      await other.run(300.3);
      t.deepEqual(
        Array.from(await other.get(P, 'v'), Math.round),
        Array.from(arrived(time + 300.3)),
        `from ${time} ms`,
      );
    }
  }
});
