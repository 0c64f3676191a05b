// Spoken digits from the events of a cochlea: level neurons, delays and two spiking layers, for known and unknown speakers.
// docs/applications/spoken-digits.md explains it. Options: support/program.mjs, and
//   --wav FILE     answers the words of a file (16-bit PCM, mono, 8 kHz), step by step
//   --pcm          the same for raw samples on stdin: arecord -q -f S16_LE -r 8000 -t raw | node spoken-digits.mjs --pcm
//   --model FILE   for both: the trained network; it is trained and saved if the file does not exist
import { existsSync, readFileSync } from 'node:fs';
import { Model } from 'lapicque';
import { operations } from 'lapicque/chip';
import { figure } from 'lapicque/figure';
import { readTensors } from 'lapicque/files';
import { bands, channels, cochleaSteps, rate } from './support/cochlea.mjs';
import { digitLines } from './support/digit-lines.mjs';
import { answers, hidden, inputOf, tail, trainWords, WordStream } from './support/digit-words.mjs';
import { main } from './support/program.mjs';
import { Listener, readWav, samplesOf } from './support/sound-stream.mjs';

const folder = new URL('data/spoken-digits/', import.meta.url);
const fractions = [0.25, 0.5, 0.75];
const sizes = {
  reduced: { epochs: 20, every: 3, folds: [] },
  default: { epochs: 40, every: 1, folds: [0, 4] },
  full: { epochs: 40, every: 1, folds: [0, 1, 2, 3, 4, 5] },
};

/** Recordings of a file in the format of the fixture, each with its events. */
async function readWords(path, every = 1) {
  const { tensors } = await readTensors(path);
  const [audio, offsets, label, speaker] = ['audio', 'offsets', 'label', 'speaker'].map((name) => {
    if (!tensors.has(name)) throw new TypeError(`${path}: has no array ${name}`);
    return tensors.get(name).data;
  });
  const words = [];
  for (let i = 0; i < label.length; i += every) {
    const sound = Float64Array.from(audio.subarray(offsets[i], offsets[i + 1]), (byte) => {
      const y = (2 * byte) / 255 - 1; // µ-law
      return (Math.sign(y) * (256 ** Math.abs(y) - 1)) / 255;
    });
    words.push({ sound, label: label[i], speaker: speaker[i], ...cochleaSteps(sound) });
  }
  return words;
}

/** The events of a recording as a stream counts them: the word found by its power, with the gain of the moment. */
function streamedCounts(sound) {
  const steps = [];
  const listener = new Listener({
    reset: () => {},
    push: (counts) => {
      steps.push(...counts);
    },
  });
  for (const sample of sound) listener.push(sample);
  return Uint8Array.from(steps);
}

/** The network for streams learns from events of streams. */
function trainForStreams(words, options) {
  const heard = words.map(({ sound, label }) => ({ counts: streamedCounts(sound), label }));
  return trainWords(
    heard.filter(({ counts }) => counts.length > 0),
    options,
  );
}

async function accuracies(model, words, at) {
  const given = await answers(model, words, at);
  return at.map((_, k) => given.filter((digits, i) => digits[k] === words[i].label).length / words.length);
}

/** Accuracy when each recording streams through `session`, found by its power and with a gain that needs no future. */
async function streamed(model, words) {
  const stream = await WordStream.open(model);
  let right = 0;
  const times = [];
  for (const { sound, label } of words) {
    const listener = new Listener(stream);
    let last;
    const begin = performance.now();
    for (const sample of sound) last = listener.push(sample) ?? last;
    for (let i = 0; i < 0.3 * rate; i++) last = listener.push(0) ?? last;
    times.push(performance.now() - begin);
    if (last?.digit === label) right += 1;
  }
  stream.close();
  const steps = words.reduce((sum, { counts }) => sum + counts.length / channels + 30, 0);
  return { accuracy: right / words.length, perStep: times.reduce((a, b) => a + b) / steps };
}

async function run({ size, seeds, data, picture, log }) {
  const { epochs, every, folds } = sizes[size];
  const train = await readWords(new URL('train.npz', folder), every);
  const own = await readWords(new URL('test.npz', folder), every);
  const test = data === undefined ? own : await readWords(data);
  const figures = {};
  const add = (name, value) => {
    figures[name] ??= { values: [], unit: '%', better: 'higher' };
    figures[name].values.push(100 * value);
  };
  let costs;
  for (const seed of seeds) {
    const model = await trainWords(train, { seed, epochs });
    const at = [...fractions, 1];
    const known = await accuracies(model, test, at);
    add('known speakers', known.at(-1));
    for (const [i, fraction] of fractions.entries())
      add(`known speakers, ${100 * fraction} % of the word`, known[i]);
    log(`seed ${seed}: known ${known.map((x) => x.toFixed(3)).join(' ')}`);
    costs ??= await costOf(model, test.slice(0, 100));
    if (picture !== undefined && seed === seeds[0]) await draw(picture, model, test);
    model.dispose();
  }
  // These networks have the first seed; as for the baseline, the deviation of the unknown speaker is over the speakers.
  const seed = seeds[0];
  const streaming = await trainForStreams(train, { seed, epochs });
  const stream = await streamed(streaming, test);
  streaming.dispose();
  add('known speakers, streamed', stream.accuracy);
  log(`streamed: ${stream.accuracy.toFixed(3)}`);
  for (const speaker of folds) {
    const others = [...train, ...own].filter((word) => word.speaker !== speaker);
    const apart = (data === undefined ? [...train, ...own] : test).filter((word) => word.speaker === speaker);
    const model = await trainWords(others, { seed, epochs });
    const [right] = await accuracies(model, apart, [1]);
    add('unknown speaker', right);
    log(`without speaker ${speaker}: ${right.toFixed(3)}`);
    model.dispose();
  }
  return {
    figures,
    ...costs,
    latency: {
      value: 1000 * stream.perStep,
      unit: 'µs of computing (cochlea and network)',
      per: 'step of 10 ms',
    },
  };
}

/** Costs of a word, which ends after its own number of steps: one word a run. */
async function costOf(model, words) {
  const sum = { spikes: 0, operations: 0, joules: 0 };
  for (const { counts } of words) {
    const steps = counts.length / channels + tail;
    const cost = await operations(model, inputOf([counts], steps));
    sum.spikes += cost.spikes / words.length;
    sum.operations += (cost.effectiveAcs + cost.effectiveMacs) / words.length;
    sum.joules += cost.energy.joules / words.length;
  }
  return {
    spikes: { value: sum.spikes, unit: 'spikes', per: 'word' },
    operations: { value: sum.operations, unit: 'additions and multiply-adds', per: 'word' },
    energy: { value: 1e6 * sum.joules, unit: 'µJ (model horowitz-45nm-fp32)', per: 'word' },
  };
}

/** Three words: sound, events of the cochlea, level and hidden spikes, and the potentials of the ten digits. */
async function draw(path, model, words) {
  const shown = [3, 6, 9].map((digit) => words.find(({ label, steps }) => label === digit && steps < 60));
  const columns = [];
  for (const [column, word] of shown.entries()) {
    const steps = word.steps + tail;
    const { v, recordings } = await model.run(inputOf([word.counts], steps), { record: ['hidden1.spikes'] });
    const axis = { label: 'time (s)', domain: [0, steps / 100] };
    const ticks = (values, width, keep, count = steps) => {
      const marks = { type: 'ticks', x: [], y: [] };
      for (let t = 0; t < count; t++)
        for (let n = 0; n < width; n++)
          if (values[t * width + n] > 0 && keep(n)) {
            marks.x.push(t / 100);
            marks.y.push(n);
          }
      return marks;
    };
    const sums = new Array(10).fill(0);
    const lines = Array.from({ length: 10 }, () => []);
    for (let t = 0; t < steps; t++)
      for (let digit = 0; digit < 10; digit++) {
        sums[digit] += v[t * 10 + digit];
        lines[digit].push(sums[digit] / (t + 1));
      }
    const first = column === 0;
    const loudest = word.sound.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
    const picked = Array.from({ length: Math.floor(word.sound.length / 8) }, (_, i) => 8 * i);
    columns.push([
      {
        title: `the word "${['three', 'six', 'nine'][column]}"`,
        x: axis,
        y: { label: first ? 'sound' : '', domain: [-1, 1] },
        marks: [
          {
            type: 'line',
            x: picked.map((i) => i / rate),
            y: picked.map((i) => word.sound[i] / loudest),
            color: 0,
            width: 0.6,
          },
        ],
      },
      {
        x: axis,
        y: { label: first ? 'ON event, band' : '', domain: [-1, bands] },
        marks: [ticks(word.counts, channels, (n) => n < bands, word.steps)],
      },
      {
        x: axis,
        y: { label: first ? 'hidden neuron' : '', domain: [-1, hidden] },
        marks: [ticks(recordings['hidden1.spikes'], hidden, () => true)],
      },
      {
        x: axis,
        y: { label: first ? 'mean potential' : '' },
        ...digitLines(
          lines[0].map((_, t) => t / 100),
          (digit) => lines[digit],
          word.label,
        ),
      },
    ]);
  }
  const made = new figure.Figure({
    name: 'spoken-digits',
    title: 'Three spoken digits of test recordings',
    caption: 'Real recordings (FSDD, CC BY-SA 4.0). The largest mean potential is the answer.',
    columns,
  });
  await made.with({ width: '180mm', height: 620 }).save(path);
}

/** The words of a WAV file or a pipe: prints each change of the answer within a word, and the answer at its end. */
async function listen({ wav, pcm, model: path }) {
  if (wav === undefined && !pcm) return false;
  let model;
  if (path !== undefined && existsSync(path)) model = await Model.load(path);
  else {
    process.stderr.write('training, about a minute …\n');
    model = await trainForStreams(await readWords(new URL('train.npz', folder)), {
      seed: 0,
      epochs: sizes.default.epochs,
    });
    if (path !== undefined) await model.save(path);
  }
  const stream = await WordStream.open(model);
  const listener = new Listener(stream);
  let total = 0;
  let before;
  const take = (sample) => {
    total += 1;
    const heard = listener.push(sample);
    if (heard === undefined) return;
    const time = `${(total / rate).toFixed(2)} s`;
    if (heard.ended) console.log(`${time}: the word was ${heard.digit}`);
    else if (heard.digit !== before) console.log(`${time}: perhaps ${heard.digit}`);
    before = heard.ended ? undefined : heard.digit;
  };
  if (wav !== undefined) {
    for (const sample of readWav(readFileSync(wav))) take(sample);
    for (let i = 0; i < 0.3 * rate; i++) take(0);
  } else {
    let rest = Buffer.alloc(0);
    for await (const piece of process.stdin) {
      const bytes = Buffer.concat([rest, piece]);
      const whole = bytes.length & ~1;
      for (const sample of samplesOf(bytes.subarray(0, whole))) take(sample);
      rest = bytes.subarray(whole);
    }
  }
  stream.close();
  model.dispose();
  return true;
}

const recorded = (value, sd, method) => ({
  value,
  sd,
  source: `fixture spoken-digits, same events: ${method}`,
});
await main({
  name: 'spoken-digits',
  title: 'Spoken digits from the events of a cochlea',
  seeds: { reduced: [0], default: [0], full: [0, 1, 2] },
  generated: false,
  options: { wav: { type: 'string' }, pcm: { type: 'boolean' }, model: { type: 'string' } },
  instead: listen,
  baseline: {
    'known speakers': recorded(88.2, 0.2, 'SVM on 10 time bins'),
    'known speakers, streamed': recorded(88.2, 0.2, 'SVM on 10 time bins'),
    'unknown speaker': recorded(65.1, 8, 'logistic regression on 10 time bins'),
  },
  run,
});
