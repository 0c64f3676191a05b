// Handwritten digits before a simulated event camera, read from an event file by pools of spiking neurons and a readout for each half of a saccade.
// docs/applications/event-vision.md explains it. Options: support/program.mjs, and
//   --events FILE   reads presentations of 300 ms, one after the other, from an event file of any format that the library knows
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvents, writeEvents } from 'lapicque/events';
import { figure } from 'lapicque/figure';
import { readTensors } from 'lapicque/files';
import { digitLines } from './support/digit-lines.mjs';
import { duration, presentation, readDigits, side } from './support/event-vision-data.mjs';
import { main, moments } from './support/program.mjs';
import { Random } from './support/random.mjs';
import {
  phaseSteps,
  phases,
  pixels,
  poolNetwork,
  poolSpikes,
  SaccadeStream,
  stepMs,
  trainReadout,
} from './support/saccade-network.mjs';

const sizes = {
  reduced: { train: 150, test: 60, epochs: 30 },
  default: { train: 900, test: 400, epochs: 100 },
  full: { train: 900, test: 400, epochs: 100 },
};
const sensor = { width: side, height: side };

/** Presentations of a file in the format of the fixture. */
async function readPresentations(path) {
  const { tensors } = await readTensors(path);
  const [t, x, y, p, offsets, label] = ['t_ms', 'x', 'y', 'p', 'offsets', 'label'].map((name) => {
    if (!tensors.has(name)) throw new TypeError(`${path}: has no array ${name}`);
    return tensors.get(name).data;
  });
  return Array.from(label, (digit, i) => {
    const [from, to] = [offsets[i], offsets[i + 1]];
    const part = {
      t: t.subarray(from, to),
      x: x.subarray(from, to),
      y: y.subarray(from, to),
      p: p.subarray(from, to),
    };
    return { ...part, label: digit };
  });
}

/** Writes presentations one after the other as an event file. */
async function writeRecording(path, presentations) {
  const count = presentations.reduce((sum, { t }) => sum + t.length, 0);
  const batch = {
    t: new Float64Array(count),
    x: new Uint16Array(count),
    y: new Uint16Array(count),
    polarity: new Uint8Array(count),
  };
  let at = 0;
  presentations.forEach(({ t, x, y, p }, i) => {
    batch.t.set(
      Float64Array.from(t, (time) => 1000 * (duration * i + time)),
      at,
    );
    batch.x.set(x, at);
    batch.y.set(y, at);
    batch.polarity.set(p, at);
    at += t.length;
  });
  await writeEvents(path, batch, { sensor });
}

/** The presentations of an event file. */
async function readRecording(path) {
  const { t, x, y, polarity } = await readEvents(path);
  const list = [];
  t.forEach((time, n) => {
    const i = Math.floor(time / 1000 / duration);
    while (list.length <= i) list.push({ t: [], x: [], y: [], p: [] });
    const one = list[i];
    one.t.push(time / 1000 - duration * i);
    one.x.push(x[n]);
    one.y.push(y[n]);
    one.p.push(polarity[n]);
  });
  return list;
}

const largest = (values) => values.indexOf(Math.max(...values));

/** The readout's weights applied to the spikes of each presentation, digit by step: the digits after each of the phases. */
async function answers(readout, spikes) {
  const weights = await readout.weights();
  const weight = weights['dense1.weight'];
  const inputs = weight.length / 10;
  return spikes.map((list) => {
    const sums = new Array(10).fill(0);
    const given = [];
    let next = 0;
    for (let phase = 1; phase <= phases; phase++) {
      for (; next < list.length && list[next][0] < phase * phaseSteps; next++)
        for (let digit = 0; digit < 10; digit++) sums[digit] += weight[digit * inputs + list[next][1]];
      given.push(largest(sums));
    }
    return given;
  });
}

/** One presentation through the stream: potentials after each step. */
async function stream(saccades, { t, x, y, p }) {
  const frames = Array.from({ length: phases * phaseSteps }, () => new Float32Array(pixels));
  t.forEach((time, n) => {
    frames[Math.floor(time / stepMs)][(p[n] * side + y[n]) * side + x[n]] += 1;
  });
  return frames.map((frame) => Array.from(saccades.push(frame)));
}

/** Leaves out a share of the events. */
function thinned({ t, x, y, p }, share, random) {
  const kept = Array.from(t, (_, n) => n).filter(() => random.uniform() >= share);
  return Object.fromEntries(
    Object.entries({ t, x, y, p }).map(([name, all]) => [name, kept.map((n) => all[n])]),
  );
}

async function prepare(size) {
  const digits = await readDigits();
  const shown = (numbers, count, seed = 0) =>
    Array.from(numbers.subarray(0, count), (i) => ({
      ...presentation(digits.images.subarray(64 * i, 64 * (i + 1)), seed + i),
      label: digits.label[i],
    }));
  return { digits, shown, ...sizes[size] };
}

async function run({ size, seeds, data, dataSeed, picture, log }) {
  const { digits, shown, train: count, test: tests, epochs } = await prepare(size);
  const train = shown(digits.train, count);
  const drawn = data === undefined ? shown(digits.test, tests, dataSeed ?? 0) : await readPresentations(data);
  const folder = await mkdtemp(join(tmpdir(), 'event-vision-'));
  const path = join(folder, 'digits.aedat4');
  await writeRecording(path, drawn);
  const test = (await readRecording(path)).map((one, i) => ({ ...one, label: drawn[i].label }));
  await rm(folder, { recursive: true });
  const pools = await poolNetwork();
  const spikes = await poolSpikes(pools, train);
  const testSpikes = await poolSpikes(pools, test);
  const random = new Random(1);
  const thinnedSpikes = await poolSpikes(
    pools,
    test.map((one) => thinned(one, 0.25, random)),
  );
  const figures = {};
  const settled = [];
  const times = [];
  for (const seed of seeds) {
    const some = new Random(seed).shuffle(train.map((_, i) => i)).slice(0, Math.round(0.9 * train.length));
    const readout = await trainReadout(
      some.map((i) => spikes[i]),
      some.map((i) => train[i].label),
      { seed, epochs },
    );
    const given = await answers(readout, testSpikes);
    const add = (name, value) => {
      figures[name] ??= { values: [], unit: '%', better: 'higher' };
      figures[name].values.push(100 * value);
    };
    const right = (list, phase) => list.filter((one, i) => one[phase] === test[i].label).length / list.length;
    add('accuracy', right(given, phases - 1));
    for (const phase of [1, 3]) add(`accuracy after ${(phase + 1) * 50} ms`, right(given, phase));
    add('accuracy without 25 % of the events', right(await answers(readout, thinnedSpikes), phases - 1));
    log(`seed ${seed}: ${figures.accuracy.values.at(-1).toFixed(2)} %`);
    const saccades = await SaccadeStream.open(pools, readout);
    for (const one of test.slice(0, 20)) {
      const begin = performance.now();
      const potentials = await stream(saccades, one);
      times.push((1000 * (performance.now() - begin)) / potentials.length);
      const wrong = potentials.findLastIndex((values) => largest(values) !== one.label);
      if (wrong < potentials.length - 1) settled.push((wrong + 1) * stepMs);
    }
    if (picture !== undefined && seed === seeds[0]) await draw(picture, pools, saccades, test);
    saccades.close();
    readout.dispose();
  }
  const per = (list, of) => list.reduce((sum, one) => sum + of(one), 0) / list.length;
  const events = per(test, ({ t }) => t.length);
  const fired = per(testSpikes, (list) => list.length);
  log(
    `${events.toFixed(0)} events per digit; the right answer is final after ${moments(settled).mean.toFixed(0)} ms on average`,
  );
  const additions = events + 10 * fired;
  return {
    figures,
    spikes: { value: fired, unit: 'spikes', per: 'digit' },
    operations: { value: additions, unit: 'additions (one per event, ten per spike)', per: 'digit' },
    energy: { value: additions * 0.9e-6, unit: 'µJ (0.9 pJ per addition, 45 nm)', per: 'digit' },
    latency: { value: moments(times).mean, unit: 'µs of computing', per: 'step of 2 ms' },
  };
}

/** A digit: its events, the spikes of the pools, the potentials of the ten digits. */
async function draw(path, pools, saccades, test) {
  const columns = [];
  for (const digit of [2, 5]) {
    const one = test.find(({ label }) => label === digit);
    const [spikes] = await poolSpikes(pools, [one]);
    const potentials = await stream(saccades, one);
    const first = columns.length === 0;
    const axis = { label: 'time (ms)', domain: [0, duration] };
    const early = Array.from(one.t, (_, n) => n).filter((n) => one.t[n] < 50);
    columns.push([
      {
        title: `a "${digit}"`,
        x: { label: 'x (pixel)', domain: [0, side] },
        y: { label: first ? 'y, first 50 ms' : '', domain: [0, side] },
        marks: [0, 1].map((polarity) => {
          const some = early.filter((n) => one.p[n] === polarity);
          return {
            type: 'points',
            x: some.map((n) => one.x[n] + 0.5),
            y: some.map((n) => side - one.y[n] - 0.5),
            color: polarity,
          };
        }),
        legend: [
          { name: 'darker', color: 0 },
          { name: 'brighter', color: 1 },
        ],
      },
      {
        x: axis,
        y: { label: first ? 'pool' : '', domain: [-1, 98] },
        marks: [
          { type: 'ticks', x: spikes.map(([step]) => step * stepMs), y: spikes.map(([, at]) => at % 98) },
        ],
      },
      {
        x: axis,
        y: { label: first ? 'potential' : '' },
        ...digitLines(
          potentials.map((_, step) => step * stepMs),
          (k) => potentials.map((values) => values[k]),
          digit,
        ),
      },
    ]);
  }
  const made = new figure.Figure({
    name: 'event-vision',
    title: 'Two digits before a simulated event camera',
    caption: 'Real digits (UCI, CC BY 4.0), simulated events. The largest potential is the answer.',
    columns,
  });
  await made.with({ width: '180mm', height: 560 }).save(path);
}

/** The digits of an event file. */
async function readFile({ events }) {
  if (events === undefined) return false;
  const { digits, shown } = await prepare('default');
  const train = shown(digits.train, 900);
  const pools = await poolNetwork();
  const readout = await trainReadout(
    await poolSpikes(pools, train),
    train.map(({ label }) => label),
    { seed: 0, epochs: sizes.default.epochs },
  );
  const saccades = await SaccadeStream.open(pools, readout);
  for (const [i, one] of (await readRecording(events)).entries()) {
    const potentials = await stream(saccades, one);
    console.log(`${((i * duration) / 1000).toFixed(1)} s: ${largest(potentials.at(-1))}`);
  }
  saccades.close();
  return true;
}

const recorded = (value, sd, method) => ({ value, sd, source: `fixture event-vision: ${method}` });
await main({
  name: 'event-vision',
  title: 'Handwritten digits before a simulated event camera',
  seeds: { reduced: [0], default: [0, 1, 2], full: [0, 1, 2, 3, 4] },
  generated: true,
  options: { events: { type: 'string' } },
  instead: readFile,
  baseline: { accuracy: recorded(97.2, 0.1, 'counts in 6 time bins, logistic regression') },
  run,
});
