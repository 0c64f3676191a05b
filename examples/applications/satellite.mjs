// Satellites in front of drifting stars, seen by an event camera: a bank of neurons that travel, each at its own velocity.
// docs/applications/satellite.md explains it. Options: support/program.mjs.
import { figure } from 'lapicque/figure';
import { readTensors } from 'lapicque/files';
import { main } from './support/program.mjs';
import { frame, frames, seconds, size, starField } from './support/satellite-data.mjs';
import { framesOf, tracker } from './support/star-tracker.mjs';

const tolerance = 4; // px

/** Matches of the reports of a frame with its labels, the nearest first: `[report, label, distance]`. */
function match(reports, labels) {
  const pairs = reports
    .flatMap(({ at }, i) => labels.map(([x, y], j) => [i, j, Math.hypot(at[0] - x, at[1] - y)]))
    .filter(([, , distance]) => distance < tolerance)
    .sort((a, b) => a[2] - b[2]);
  const [usedReports, usedLabels] = [new Set(), new Set()];
  return pairs.filter(([i, j]) => {
    if (usedReports.has(i) || usedLabels.has(j)) return false;
    usedReports.add(i);
    usedLabels.add(j);
    return true;
  });
}

/** Follows the satellites of a recording, and adds its counts. */
function follow(bank, recording) {
  bank.reset();
  const begin = performance.now();
  const outputs = framesOf(recording).map((events) => bank.push(events));
  const milliseconds = performance.now() - begin;
  const counts = { hits: 0, wrong: 0, missed: 0, errors: [], spikes: 0, operations: 0, milliseconds };
  const tracks = new Map(); // whether a track ever was at a satellite
  outputs.forEach(({ tracks: reports, spikes, operations }, f) => {
    const pairs = match(reports, recording.labels[f]);
    counts.hits += pairs.length;
    counts.wrong += reports.length - pairs.length;
    counts.missed += recording.labels[f].length - pairs.length;
    counts.spikes += spikes;
    counts.operations += operations;
    counts.errors.push(...pairs.map(([, , distance]) => distance));
    const right = new Set(pairs.map(([i]) => reports[i].id));
    for (const { id } of reports) tracks.set(id, tracks.get(id) || right.has(id));
  });
  counts.falseTracks = [...tracks.values()].filter((right) => !right).length;
  return { outputs, counts };
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Figures over recordings. F1 is the mean over the recordings that have a label or a wrong report beside one. */
function assess(all) {
  const total = (name) => sum(all.map((one) => one[name]));
  const scores = all
    .filter(({ hits, missed }) => hits + missed > 0)
    .map(({ hits, wrong, missed }) => (2 * hits) / (2 * hits + wrong + missed));
  const errors = all.flatMap((one) => one.errors);
  return {
    F1: sum(scores) / scores.length,
    precision: total('hits') / Math.max(1, total('hits') + total('wrong')),
    recall: total('hits') / (total('hits') + total('missed')),
    'centroid error': sum(errors) / errors.length,
    'false tracks': (3600 * total('falseTracks')) / (seconds * all.length),
  };
}

async function readRecordings(path) {
  const { tensors } = await readTensors(path);
  const names = [...tensors.keys()].filter((name) => name.endsWith('_t_us'));
  if (names.length === 0) throw new TypeError(`${path}: has no array seedN_t_us`);
  return names.map((name) => {
    const [t, x, y, on, rows] = ['t_us', 'x', 'y', 'p', 'label_frame_x_y'].map((kind) => {
      const array = tensors.get(name.replace('t_us', kind));
      if (array === undefined) throw new TypeError(`${path}: has no array ${name.replace('t_us', kind)}`);
      return array.data;
    });
    const labels = Array.from({ length: frames }, () => []);
    for (let i = 0; i < rows.length; i += 3) labels[rows[i]].push([rows[i + 1], rows[i + 2]]);
    return { t: Float64Array.from(t, (microseconds) => Number(microseconds) / 1e6), x, y, on, labels };
  });
}

const units = { 'centroid error': 'px', 'false tracks': '/h' };

async function run({ size: extent, seeds, data, dataSeed, picture, log }) {
  const fields = { reduced: 3, default: 10, full: 10 }[extent];
  const kinds = extent === 'reduced' ? { standard: 1 } : { standard: 1, faint: 0.5 };
  const bank = await tracker();
  const figures = {};
  const counted = [];
  let shown;
  for (const seed of seeds) {
    const first = (dataSeed ?? 100) + 100 * seed;
    const draw = (faint) => Array.from({ length: fields }, (_, i) => starField(first + i, { faint }));
    const tests =
      data === undefined
        ? Object.entries(kinds).map(([name, faint]) => [name, draw(faint)])
        : [['from file', await readRecordings(data)]];
    for (const [name, recordings] of tests) {
      const results = recordings.map((recording) => follow(bank, recording));
      const values = assess(results.map(({ counts }) => counts));
      for (const [kind, value] of Object.entries(values)) {
        const better = kind in units ? 'lower' : 'higher';
        figures[`${name}, ${kind}`] ??= { values: [], ...(units[kind] && { unit: units[kind] }), better };
        figures[`${name}, ${kind}`].values.push(value);
      }
      counted.push(...results.map(({ counts }) => counts));
      log(`seed ${seed}, ${name}: F1 ${values.F1.toFixed(3)}`);
      const most = (one) => Math.max(...one.labels.map(({ length }) => length));
      const i = recordings.findIndex((one) => most(one) === Math.max(...recordings.map(most)));
      shown ??= { recording: recordings[i], outputs: results[i].outputs };
    }
  }
  bank.dispose();
  if (picture !== undefined) await draw(picture, shown);
  const perSecond = (name) => sum(counted.map((one) => one[name])) / (counted.length * seconds);
  return {
    figures,
    spikes: { value: perSecond('spikes'), unit: 'spikes', per: 'second' },
    operations: { value: perSecond('operations'), unit: 'additions', per: 'second' },
    energy: {
      value: perSecond('operations') * 0.9e-6,
      unit: 'µJ (0.9 pJ per addition, 45 nm)',
      per: 'second',
    },
    latency: { value: perSecond('milliseconds'), unit: 'ms of computing', per: 'second of recording' },
  };
}

/** All events of one recording in gray, the labels as lines, the reports as dots. */
async function draw(path, { recording, outputs }) {
  const few = Array.from(recording.t, (_, i) => i).filter((i) => i % 8 === 0);
  const reports = outputs.flatMap(({ tracks }) => tracks.map(({ at }) => at));
  const labels = recording.labels.flat();
  const axes = {
    x: { label: 'x (pixel)', domain: [0, size] },
    y: { label: 'y (pixel)', domain: [0, size] },
  };
  const points = (list, color, width) => ({
    type: 'points',
    x: list.map(([x]) => x),
    y: list.map(([, y]) => y),
    color,
    size: width,
  });
  const events = few.map((i) => [recording.x[i] + 0.5, recording.y[i] + 0.5]);
  const made = new figure.Figure({
    name: 'satellite',
    title: 'Satellites among noise and drifting stars',
    caption: `Synthetic. Left: every eighth event of ${seconds} s. Right: centers of the satellites (blue) and the reports of the network (orange) for each ${1000 * frame} ms.`,
    columns: [
      [{ ...axes, marks: [points(events, 0, 1)] }],
      [{ ...axes, marks: [points(labels, 0, 5), points(reports, 1, 2)] }],
    ],
  });
  await made.with({ width: '180mm', height: 400 }).save(path);
}

const source = 'fixture satellite: blobs and Kalman filters, stars removed, tuned';
const row = (F1, precision, recall, error) => ({ F1, precision, recall, 'centroid error': error });
// A file does not say how bright its satellites are.
const sourceOf = (name) => (name === 'from file' ? `${source}, full brightness` : source);
const recorded = {
  standard: row(0.817, 0.523, 0.848, 0.57),
  faint: row(0.634, 0.365, 0.583, 0.69),
  'from file': row(0.817, 0.523, 0.848, 0.57),
};
await main({
  name: 'satellite',
  title: 'Satellites in a synthetic star field before an event camera (a seed is ten fields)',
  seeds: { reduced: [0], default: [0], full: [0, 1, 2] },
  generated: true,
  baseline: Object.fromEntries(
    Object.entries(recorded).flatMap(([name, values]) =>
      Object.entries(values).map(([kind, value]) => [`${name}, ${kind}`, { value, source: sourceOf(name) }]),
    ),
  ),
  run,
});
