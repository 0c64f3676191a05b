// Transforms of events beside tonic's: `node benches/event-transforms.mjs [--events 1000000] [--rounds 5] [--peer PYTHON]`.
//
// PYTHON (default PEERS_PYTHON, else .peers/bin/python) has tonic 1.7.0. Both get the same number of random events of a 346 x 260 sensor in
// memory, tonic as the structured array that it reads files into, and give all that comes out, in memory. In turns; medians of the time of
// the processor that the process takes, all threads, so that what else runs on the machine matters little. tonic's loops in Python get a
// hundredth of the events, and are counted per event.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import { eventTransform, represent, representEvents, transformEvents } from 'lapicque/events';
import { median } from './support/turns.mjs';

program
  .option('--events <n>', 'events', '1000000')
  .option('--rounds <n>', 'turns', '5')
  .option('--peer <python>', 'a Python with tonic 1.7.0', process.env.PEERS_PYTHON ?? '.peers/bin/python')
  .parse();
const { events: eventCount, rounds: roundCount, peer } = program.opts();
const [n, rounds] = [Number(eventCount), Number(roundCount)];
const [width, height] = [346, 260];
const sensor = { width, height };

let state = 1;
const draw = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
let now = 0;
const events = {
  t: Float64Array.from({ length: n }, () => (now += draw(3))),
  x: Uint16Array.from({ length: n }, () => draw(width)),
  y: Uint16Array.from({ length: n }, () => draw(height)),
  polarity: Uint8Array.from({ length: n }, () => draw(2)),
};

const transformed =
  (...transforms) =>
  async () =>
    transformEvents(events, transforms, { sensor, seed: 1 }).collect();
const represented = (representation) => async () =>
  representEvents(events, representation, { sensor }).collect();
/** By the name of the case in tonic_transforms.py. */
const cases = {
  CenterCrop: transformed(eventTransform.crop({ width: 128, height: 128 })),
  CropTime: transformed(eventTransform.cropTime({ from: 100_000, to: 600_000 })),
  Decimation: transformed(eventTransform.decimate({ n: 3 })),
  Denoise: transformed(eventTransform.denoise({ time: 10_000 })),
  Downsample: transformed(eventTransform.downsample({ factor: 0.5, timeFactor: 0.001 })),
  DropEvent: transformed(eventTransform.drop({ probability: 0.3 })),
  DropPixel: transformed(
    eventTransform.dropPixels({ pixels: Array.from({ length: 20 }, (_, i) => [10 * i, 7 * i]) }),
  ),
  HotPixels: transformed(eventTransform.hotPixels({ frequency: 30 })),
  MergePolarities: transformed(eventTransform.mergePolarities()),
  RandomFlipLR: transformed(eventTransform.flip({ x: 1 })),
  RandomTimeReversal: transformed(eventTransform.reverse()),
  RefractoryPeriod: transformed(eventTransform.refractory({ time: 10_000 })),
  SpatialJitter: transformed(eventTransform.jitter({ x: 1, y: 1 })),
  TimeJitter: transformed(eventTransform.timeJitter({ std: 100, clipNegative: true, sort: false })),
  TimeJitterSorted: transformed(eventTransform.timeJitter({ std: 100, clipNegative: true })),
  ToFrame: represented(represent.frames({ window: 20_000 })),
  ToFrameCount: represented(represent.frames({ count: 20_000 })),
  ToSparseTensor: represented(represent.sparse({ window: 20_000 })),
  ToVoxelGrid: represented(represent.voxelGrid({ bins: 10 })),
  ToTimesurface: represented(represent.timeSurface({ window: 20_000, tau: 10_000 })),
  ToAveragedTimesurface: represented(
    represent.averagedTimeSurface({ surface: 5, cell: 10, time: 1000, tau: 500, decay: 'exp' }),
  ),
  Chain: async () =>
    representEvents(events, represent.frames({ window: 20_000 }), {
      sensor,
      transforms: [
        eventTransform.denoise({ time: 10_000 }),
        eventTransform.refractory({ time: 1000 }),
        eventTransform.downsample({ factor: 0.5 }),
      ],
    }).collect(),
};

const ours = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
const theirs = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
const script = fileURLToPath(new URL('support/tonic_transforms.py', import.meta.url));
for (let round = 0; round < rounds; round++) {
  for (const [name, run] of Object.entries(cases)) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    ours[name].push(((user + system) * 1e3) / n);
  }
  if (!existsSync(peer)) continue;
  const { stdout, stderr, status } = spawnSync(peer, [script, String(n)], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(stderr);
  for (const [name, ns] of Object.entries(JSON.parse(stdout))) theirs[name].push(ns);
}
if (!existsSync(peer)) console.log(`no tonic: there is no ${peer}`);
console.log('| | lapicque, ns of CPU an event | tonic 1.7.0 | times |\n| --- | --- | --- | --- |');
for (const name of Object.keys(cases)) {
  const [a, b] = [median(ours[name]), theirs[name].length === 0 ? Number.NaN : median(theirs[name])];
  console.log(`| ${name} | ${a.toFixed(1)} | ${b.toFixed(0)} | ${(b / a).toFixed(1)} |`);
}
