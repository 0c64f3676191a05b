import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('a small training finds beats and premature beats in noise, in integers and in C as well', async (t) => {
  const { figures } = await runApplication('ecg');
  const mean = (name: string): number => figures[name]!.mean;
  t.true(mean('6 dB, premature F1') > 0.96);
  t.true(mean('0 dB, QRS F1') > 0.96);
  t.true(mean('0 dB, premature F1') > 0.7);
  t.true(mean('ECGSYN 12 dB, premature F1') > 0.75);
  t.true(Math.abs(mean('0 dB, QRS F1, int8') - mean('0 dB, QRS F1')) < 0.01);
  t.is(mean('steps of the C program equal to the integer network, share') || 1, 1);
});

// Of baseline.py of the fixture: ecgsyn(100 … 102, snr_db=200) has 130 beats, 8 of them ectopic (rate 0.08 of the beats that may be), and a standard
// deviation of 0.285 mV; noisy(record 100, seeds 0 … 2, 0 dB) has one of 0.249 mV.
test('the generators have the statistics of the fixture', async (t) => {
  const { ecgsyn, noisy, readRecord } = await supportModule('ecg-data');
  const { deviation } = await supportModule('filters');
  const seeds = Array.from({ length: 10 }, (_, i) => 100 + i);
  const records = seeds.map(
    (seed) =>
      ecgsyn!(seed, { decibels: 200 }) as { signal: Float64Array; beats: number[]; premature: boolean[] },
  );
  const average = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  t.true(Math.abs(average(records.map(({ beats }) => beats.length)) - 130) < 2);
  const ectopic = average(records.map(({ premature }) => premature.filter(Boolean).length));
  t.true(ectopic > 6 && ectopic < 13);
  t.true(Math.abs(average(records.map(({ signal }) => deviation!(signal) as number)) - 0.285) < 0.02);
  const record = await readRecord!('examples/applications/data/ecg/mitdb100_train.npz');
  const noise = average(
    [0, 1, 2].map(
      (seed) => deviation!((noisy!(record, seed, 0) as { signal: Float64Array }).signal) as number,
    ),
  );
  t.true(Math.abs(noise - 0.249) < 0.01);
});
