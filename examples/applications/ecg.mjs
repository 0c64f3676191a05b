// Heartbeats in a noisy electrocardiogram: a spiking network finds each beat and its kind, intervals between its spikes find the early ones.
// docs/applications/ecg.md explains it. Options: support/program.mjs.
import { adam, dense, loss, sequential } from 'lapicque';
import { operations, quantize } from 'lapicque/chip';
import { figure } from 'lapicque/figure';
import { li, lif, surrogate } from 'lapicque/neurons';
import { ecgsyn, noisy, readRecord } from './support/ecg-data.mjs';
import { butterworth, streamFilter } from './support/filters.mjs';
import { compareWithC } from './support/in-c.mjs';
import { detectionScore, matchEvents } from './support/matching.mjs';
import { main } from './support/program.mjs';
import { Random } from './support/random.mjs';

const taps = 50; // axonal delays of 0 to 49 steps, 0.54 s at 90 Hz
const lookahead = 11; // steps from the R peak to the answer, 122 ms at 90 Hz
const quantum = 0.05; // mV of one level crossing
const tolerance = 0.15; // s

/** The signed level crossings of a step, and the sample that ends it. Causal: filters of one direction, every third or fourth sample. */
function crossings({ signal, rate }) {
  const every = Math.round(rate / 90);
  const high = streamFilter(butterworth(2, { low: 1 }, rate));
  const low = streamFilter(butterworth(2, { high: 25 }, rate));
  const events = new Int16Array(Math.floor(signal.length / every));
  let level = 0;
  signal.forEach((sample, i) => {
    const filtered = low(high(sample));
    if (i % every !== every - 1) return;
    const next = Math.round(filtered / quantum);
    events[Math.floor(i / every)] = next - level;
    level = next;
  });
  return { events, stepRate: rate / every };
}

/** Per step the class that the network has to give: 1 or 2 for the two steps around a beat, `lookahead` steps later. */
function labelled(record) {
  const { events, stepRate } = crossings(record);
  const labels = new Uint8Array(events.length);
  record.beats.forEach((beat, i) => {
    const at = Math.round((beat * stepRate) / record.rate) + lookahead;
    for (const step of [at - 1, at, at + 1])
      if (step < labels.length) labels[step] = record.wide && record.premature[i] ? 2 : 1;
  });
  return { events, stepRate, labels };
}

/** The delay line: input channel k of a step are the crossings k steps ago. */
function delayed(events, from, steps, out = new Int16Array(steps * taps), stride = taps, offset = 0) {
  for (let t = 0; t < steps; t++)
    for (let k = 0; k < taps; k++) out[t * stride + offset + k] = events[from + t - k] ?? 0;
  return out;
}

async function train(recordings, classes, { seed, batches, hidden = 32 }) {
  const model = await sequential(
    dense(taps, hidden, { initial: { kind: 'fan-in-uniform', gain: 0.5 } }),
    lif({ beta: 0.7, surrogate: surrogate.fastSigmoid({ slope: 5 }) }),
    dense(hidden, classes),
    li({ beta: 0.5 }),
  ).compile({ seed });
  const random = new Random(seed + 1000);
  const [steps, size] = [200, 32];
  for (let batch = 0; batch < batches; batch++) {
    const x = new Int16Array(steps * size * taps);
    const y = new Uint8Array(steps * size);
    for (let sample = 0; sample < size; sample++) {
      const { events, labels } = recordings[random.integer(0, recordings.length)];
      const from = random.integer(0, events.length - steps);
      delayed(events, from, steps, x, size * taps, sample * taps);
      for (let t = 0; t < steps; t++) y[t * size + sample] = labels[from + t];
    }
    const lr = 5e-3 * (1 - batch / batches);
    await model.trainStep(
      { x, shape: [steps, size, taps], y },
      { loss: loss.crossEntropyMembrane({ from: 30 }), optimizer: adam({ lr }) },
    );
  }
  return model;
}

/** Membranes of the output, `[steps, classes]`, of any network that runs batches. */
async function membranes(network, events) {
  const input = { x: delayed(events, 0, events.length), shape: [events.length, 1, taps] };
  return (await network.run(input)).v;
}

/** Beats: maxima of the evidence above a threshold, at least 0.25 s apart. */
function beatsOf(v, classes, stepRate, threshold, unit = [1, 1, 1]) {
  const steps = v.length / classes;
  const dead = Math.round(0.25 * stepRate);
  const found = [];
  for (let t = 0; t < steps; t++) {
    const value = (c) => v[t * classes + c] * unit[c];
    const kind = classes === 3 && value(2) > value(1) ? 2 : 1;
    const evidence = value(kind) - value(0);
    if (evidence < threshold) continue;
    const last = found.at(-1);
    if (last !== undefined && t - last.step < dead) {
      if (evidence > last.evidence) Object.assign(last, { step: t, evidence, kind });
    } else found.push({ step: t, evidence, kind });
  }
  return found;
}

/** A beat is early when its interval is below `ratio` of the median of the last ten, or when it has the wide shape. */
function flags(found, ratio) {
  const intervals = found.map(({ step }, i) => (i === 0 ? Number.NaN : step - found[i - 1].step));
  return found.map(({ kind }, i) => {
    const recent = intervals.slice(Math.max(1, i - 10), i + 1).sort((a, b) => a - b);
    return kind === 2 || intervals[i] < ratio * recent[recent.length >> 1];
  });
}

function score(record, stepRate, found, ratio) {
  const times = found.map(({ step }) => (step - lookahead) / stepRate);
  const beats = record.beats.map((beat) => beat / record.rate);
  const { hit, used } = matchEvents(times, beats, tolerance);
  const wrong = used.filter((i) => i < 0).length;
  const missed = hit.filter((i) => i < 0).length;
  const early = flags(found, ratio);
  const truth = record.premature.filter(Boolean).length;
  const right = Array.from(hit).filter((i, beat) => i >= 0 && record.premature[beat] && early[i]).length;
  return {
    qrs: detectionScore(beats.length - missed, missed, wrong),
    premature: detectionScore(right, truth - right, early.filter(Boolean).length - right),
    counts: [right, truth - right, early.filter(Boolean).length - right],
  };
}

/** The two thresholds with the best F1 of premature beats plus F1 of all beats on training recordings; of a plateau its middle. */
async function choose(model, classes, records) {
  const runs = await Promise.all(
    records.map(async (record) => {
      const { events, stepRate } = crossings(record);
      return { record, stepRate, v: await membranes(model, events) };
    }),
  );
  const grid = [];
  for (let threshold = -1; threshold <= 4; threshold += 0.25) {
    const found = runs.map(({ v, stepRate }) => beatsOf(v, classes, stepRate, threshold));
    for (let ratio = 0.7; ratio < 0.93; ratio += 0.02) {
      let f1 = 0;
      const sums = [0, 0, 0];
      runs.forEach(({ record, stepRate }, i) => {
        const { qrs, counts } = score(record, stepRate, found[i], ratio);
        f1 += qrs.f1 / runs.length;
        for (const [k, count] of counts.entries()) sums[k] += count;
      });
      grid.push({ threshold, ratio, value: f1 + detectionScore(...sums).f1 });
    }
  }
  const best = Math.max(...grid.map(({ value }) => value));
  const top = grid.filter(({ value }) => value >= best - 1e-3);
  return top[top.length >> 1];
}

const recordAt = (part) => new URL(`data/ecg/mitdb100_${part}.npz`, import.meta.url);

/** Trains on one set of recordings, evaluates on others, in floats and in integers. */
async function study({ training, tuning, test, classes, seed, batches }) {
  const model = await train(training.map(labelled), classes, { seed, batches });
  const { threshold, ratio } = await choose(model, classes, tuning);
  const calibration = delayed(labelled(training[0]).events, 0, 2000);
  const { network } = await quantize(model, {
    target: 'int8',
    calibration: { x: calibration, shape: [2000, 1, taps] },
  });
  const unit = network.tensors.units.li1;
  const scores = { float: [], integer: [] };
  for (const record of test) {
    const { events, stepRate } = crossings(record);
    for (const [form, runs, scale] of [
      ['float', model, undefined],
      ['integer', network, unit],
    ]) {
      const found = beatsOf(await membranes(runs, events), classes, stepRate, threshold, scale);
      scores[form].push(score(record, stepRate, found, ratio));
    }
  }
  return { model, network, threshold, ratio, scores };
}

const noiseLevels = [6, 0];

async function run({ size, seeds, data, dataSeed, picture, log }) {
  const { batches, draws, recordings } = {
    reduced: { batches: 250, draws: 1, recordings: 2 },
    default: { batches: 700, draws: 3, recordings: 5 },
    full: { batches: 1000, draws: 6, recordings: 10 },
  }[size];
  const first = dataSeed ?? 100;
  const trained = await readRecord(recordAt('train'));
  const tested = await readRecord(data ?? recordAt('test'));
  const values = {};
  const add = (name, value) => {
    values[name] ??= [];
    values[name].push(value);
  };
  const mean = (scores, kind, field) =>
    scores.reduce((sum, one) => sum + one[kind][field] / scores.length, 0);
  let last;
  for (const seed of seeds) {
    const draw = (record, from, count, levels) =>
      levels.flatMap((level) => Array.from({ length: count }, (_, k) => noisy(record, from + k, level)));
    const real = await study({
      training: draw(trained, 50, 4, [0, 3, 6]),
      tuning: draw(trained, 0, 3, noiseLevels),
      test: [tested, ...draw(tested, first, draws, noiseLevels)],
      classes: 2,
      seed,
      batches,
    });
    for (const [form, suffix] of [
      ['float', ''],
      ['integer', ', int8'],
    ]) {
      const clean = real.scores[form].slice(0, 1);
      add(`clean, premature F1${suffix}`, mean(clean, 'premature', 'f1'));
      noiseLevels.forEach((level, i) => {
        const part = real.scores[form].slice(1 + i * draws, 1 + (i + 1) * draws);
        add(`${level} dB, QRS F1${suffix}`, mean(part, 'qrs', 'f1'));
        add(`${level} dB, premature F1${suffix}`, mean(part, 'premature', 'f1'));
      });
    }
    const heart = (from, count) =>
      [12, 0].flatMap((decibels) =>
        Array.from({ length: count }, (_, k) => ({ ...ecgsyn(from + k, { decibels }), wide: true })),
      );
    const synthetic = await study({
      training: heart(0, 5),
      tuning: heart(0, 5),
      test: heart(first, recordings),
      classes: 3,
      seed,
      batches,
    });
    [12, 0].forEach((level, i) => {
      const part = synthetic.scores.float.slice(i * recordings, (i + 1) * recordings);
      add(`ECGSYN ${level} dB, QRS F1`, mean(part, 'qrs', 'f1'));
      add(`ECGSYN ${level} dB, premature F1`, mean(part, 'premature', 'f1'));
    });
    log(`seed ${seed}: threshold ${real.threshold}, ratio ${real.ratio.toFixed(2)}`);
    last = real;
  }
  const hard = noisy(tested, first, 0);
  const { events, stepRate } = crossings(hard);
  const steps = Math.round(60 * stepRate);
  const input = delayed(events, 0, steps);
  const inC = compareWithC(last.network, input);
  if (inC !== undefined)
    values['steps of the C program equal to the integer network, share'] = [inC.equal / inC.steps];
  const cost = await operations(
    last.model,
    { x: input, shape: [steps, 1, taps] },
    { energy: 'horowitz-45nm-memory-int8' },
  );
  const beats = tested.beats.length / (tested.signal.length / tested.rate / 60);
  const crossed = events.subarray(0, steps).reduce((sum, count) => sum + Math.abs(count), 0);
  log(
    `level crossings per beat: ${(crossed / beats).toFixed(0)}; weights: ${last.network.bytes.network} bytes`,
  );
  if (picture !== undefined) await draw(picture, hard, last);
  return {
    figures: Object.fromEntries(
      Object.entries(values).map(([name, list]) => [name, { values: list, better: 'higher' }]),
    ),
    spikes: { value: cost.spikes / beats, unit: 'spikes', per: 'beat' },
    operations: {
      value: (cost.effectiveAcs + cost.effectiveMacs) / beats,
      unit: 'additions and multiply-adds',
      per: 'beat',
    },
    energy: {
      value: cost.energy.joules * 60 * 24 * 1000,
      unit: 'mJ (model horowitz-45nm-memory-int8)',
      per: 'day',
    },
    latency: { value: (1000 * lookahead) / stepRate, unit: 'ms after the R peak', per: 'beat' },
  };
}

/** Ten seconds around an early beat: the noisy signal, the spikes of the hidden neurons, the evidence and the decisions. */
async function draw(path, record, { model, threshold, ratio }) {
  const { events, stepRate } = crossings(record);
  const found = beatsOf(await membranes(model, events), 2, stepRate, threshold);
  const early = flags(found, ratio);
  const center = record.beats[record.premature.indexOf(true)] / record.rate;
  const [from, to] = [Math.round((center - 5) * stepRate), Math.round((center + 5) * stepRate)];
  const warm = from - 100;
  const input = { x: delayed(events, warm, to - warm), shape: [to - warm, 1, taps] };
  const run = await model.run({ ...input }, { record: ['lif1.spikes'] });
  const hidden = run.recordings['lif1.spikes'];
  const steps = Array.from({ length: to - from }, (_, i) => from + i);
  const time = (step) => step / stepRate;
  const ticks = steps.flatMap((step) =>
    Array.from({ length: 32 }, (_, neuron) => neuron)
      .filter((neuron) => hidden[(step - warm) * 32 + neuron] > 0)
      .map((neuron) => [time(step), neuron]),
  );
  const inside = found
    .map((beat, i) => ({ at: time(beat.step - lookahead), early: early[i] }))
    .filter(({ at }) => at >= time(from) && at < time(to));
  const samples = Array.from({ length: Math.round(10 * record.rate) }, (_, i) =>
    Math.round(time(from) * record.rate + i),
  ).filter((_, i) => i % 3 === 0);
  const axis = { label: 'time (s)', domain: [time(from), time(to)] };
  const evidence = steps.map((step) => run.v[2 * (step - warm) + 1] - run.v[2 * (step - warm)]);
  const made = new figure.Figure({
    name: 'ecg',
    title: 'Heartbeats under noise of the same power',
    caption:
      'Record 100 of MIT-BIH with added noise. Points: detected beats; a beat that comes early is marked.',
    columns: [
      [
        {
          x: axis,
          y: { label: 'noisy ECG (mV)' },
          marks: [
            {
              type: 'line',
              x: samples.map((i) => i / record.rate),
              y: samples.map((i) => record.signal[i]),
              color: 0,
            },
            ...[false, true].map((kind) => {
              const x = inside.filter((beat) => beat.early === kind).map(({ at }) => at);
              return {
                type: 'points',
                x,
                y: x.map((at) => record.signal[Math.round(at * record.rate)]),
                color: kind ? 1 : 2,
              };
            }),
          ],
          legend: [
            { name: 'beat', color: 2 },
            { name: 'early beat', color: 1 },
          ],
        },
        {
          x: axis,
          y: { label: 'hidden neuron', domain: [-1, 32] },
          marks: [{ type: 'ticks', x: ticks.map(([x]) => x), y: ticks.map(([, y]) => y) }],
        },
        {
          x: axis,
          y: { label: 'evidence for a beat' },
          marks: [
            { type: 'line', x: steps.map(time), y: evidence, color: 0 },
            { type: 'rule', y: threshold, dashed: true },
          ],
        },
      ],
    ],
  });
  await made.with({ width: '180mm', height: 480 }).save(path);
}

const source = 'fixture ecg: Pan–Tompkins, RR ratio and template correlation';
await main({
  name: 'ecg',
  title: 'Beats and premature beats in a noisy electrocardiogram',
  seeds: { reduced: [0], default: [0, 1], full: [0, 1, 2] },
  generated: true,
  baseline: {
    'clean, premature F1': { value: 1, source },
    '6 dB, QRS F1': { value: 0.9997, source },
    '6 dB, premature F1': { value: 0.962, sd: 0.038, source },
    '0 dB, QRS F1': { value: 0.928, sd: 0.006, source },
    '0 dB, premature F1': { value: 0.088, sd: 0.012, source },
    'ECGSYN 12 dB, QRS F1': { value: 1, source },
    'ECGSYN 12 dB, premature F1': { value: 0.962, sd: 0.04, source },
    'ECGSYN 0 dB, QRS F1': { value: 1, source },
    'ECGSYN 0 dB, premature F1': { value: 0.962, sd: 0.04, source },
  },
  run,
});
