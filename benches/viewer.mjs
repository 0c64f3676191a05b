// How fast the viewer shows a large recording: first paint after navigation, and frames while zooming, scrubbing and playing. And how fast it opens a large
// study: the time from the call of `view` until the table and the plots show all trials.
//
//   node benches/viewer.mjs [--spikes 1000000] [--neurons 10000] [--trials 100000] [--rounds 3] [--json]
//
// Opens files in headless Chromium with software rendering (no GPU). First paint is the time from navigation until a frame with all spikes is on the
// canvas. Frames are intervals of requestAnimationFrame while each frame gets an event. Chromium is that of CHROMIUM (default: `chromium` in PATH);
// playwright-core and the built packages of the repository are needed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from 'commander';
import { chromium } from 'playwright-core';
import { view } from '../dist/figure.js';
import { writeTensors } from '../dist/files.js';
import { search, space, study } from '../dist/study.js';
import { positive } from './support/turns.mjs';

program
  .option('--spikes <n>', 'spikes of the recording', '1000000')
  .option('--neurons <n>', 'its neurons', '10000')
  .option('--trials <n>', 'trials of the study', '100000')
  .option('--rounds <n>', 'pages that are opened', '3')
  .option('--json', 'one JSON object')
  .parse();
const options = program.opts();
const [spikes, neurons, trials, rounds] = ['spikes', 'neurons', 'trials', 'rounds'].map((name) =>
  positive(name, options[name]),
);
/** Simulated time in ms, in steps of 0.1 ms. */
const duration = 1000;
/** Frames of a measurement. */
const frames = 90;

const folder = mkdtempSync(join(tmpdir(), 'lapicque-viewer-'));
const path = join(folder, 'spikes.safetensors');
await writeRecording();
const store = join(folder, 'study');
await writeStudy();
const viewer = await view(path);
const executablePath =
  process.env.CHROMIUM ?? execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const all = [];
  for (let round = 0; round < rounds; round += 1) all.push({ ...(await measured()), study: await opened() });
  const median = (of) => all.map(of).sort((a, b) => a - b)[Math.floor(all.length / 2)];
  const kinds = ['zoom', 'scrub', 'play'];
  const result = {
    ...{ spikes, neurons, trials, rounds, cpu: cpus()[0].model, cores: cpus().length },
    first_paint_ms: Math.round(median(({ paint }) => paint)),
    study_opened_ms: Math.round(median(({ study }) => study)),
    ...Object.fromEntries(
      kinds.flatMap((kind) => [
        [`${kind}_fps`, Number(median((one) => one[kind].fps).toFixed(1))],
        [`${kind}_cpu_ms`, Number(median((one) => one[kind].cpu).toFixed(1))],
        [`${kind}_frame_ms_p95`, Number(median((one) => one[kind].p95).toFixed(1))],
      ]),
    ),
  };
  if (options.json) console.log(JSON.stringify(result));
  else for (const [key, value] of Object.entries(result)) console.log(`${key.padEnd(20)} ${value}`);
} finally {
  await browser.close();
  await viewer.close();
  rmSync(folder, { recursive: true });
}

async function writeRecording() {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const times = Float64Array.from({ length: spikes }, () => Math.ceil(next() * duration * 10) / 10).sort();
  const ids = Uint32Array.from(times, () => Math.floor(next() * neurons));
  const excitatory = Math.floor(0.8 * neurons);
  const populations = {
    E: { first: 0, size: excitatory },
    I: { first: excitatory, size: neurons - excitatory },
  };
  const about = {
    populations,
    recorded: { E: excitatory, I: neurons - excitatory },
    start: 0,
    stop: duration + 1,
  };
  await writeTensors(path, { times, ids }, { metadata: { recording: JSON.stringify(about) } });
}

async function writeStudy() {
  const made = study({
    name: 'study',
    space: {
      lr: space.logUniform(1e-5, 1),
      width: space.int(8, 512),
      kind: space.choice(['lif', 'alif', 'relu']),
    },
    objective: ({ lr, width }) => Math.log10(lr) ** 2 + width / 512,
    search: search.random(),
    store,
  });
  await made.run({ trials });
}

/** From the call of `view` until a frame with all trials is on the page, in ms. */
async function opened() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript((expectedRows) => {
    const look = () => {
      const rows = Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) - 1;
      // The plots are drawn in the frame of the table or in the next one.
      if (rows === expectedRows)
        requestAnimationFrame(() => setTimeout(() => (window.shownAt = performance.now())));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, trials);
  const began = performance.now();
  const studyView = await view(store);
  try {
    await page.goto(studyView.url);
    await page.waitForFunction(() => window.shownAt !== undefined, undefined, { polling: 20 });
    return performance.now() - began;
  } finally {
    await page.close();
    await studyView.close();
  }
}

async function measured() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(() => {
    // The canvas says of how many spikes the last frame was.
    const look = () => {
      const count = Number(document.querySelector('canvas[data-spikes]')?.dataset.spikes);
      if (count === window.wantedSpikes) window.paintedAt = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.addInitScript(`window.wantedSpikes = ${spikes}`);
  await page.goto(viewer.url);
  await page.waitForFunction(() => window.paintedAt !== undefined, undefined, { polling: 20 });
  // From the beginning of the navigation, also that of the redirection which sets the cookie.
  const paint = await page.evaluate(() => window.paintedAt);
  const zoom = await animated(page, 'zoom');
  // Half of the recording is seen: each frame has 500,000 spikes.
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  const scrub = await animated(page, 'scrub');
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.getByRole('button', { name: 'Play' }).click();
  const play = await animated(page, 'play');
  await page.close();
  return { paint, zoom, scrub, play };
}

/** Intervals between frames while each frame gets an event, and the time of the page's main thread on a CPU by frame. */
async function animated(page, kind) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpu = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration').value;
  };
  const before = await cpu();
  const intervals = await page.evaluate(
    async ([kind, count]) => {
      const canvas = document.querySelector('canvas.time-plot');
      const times = [];
      const act = (i) => {
        const common = { bubbles: true, cancelable: true };
        if (kind === 'zoom')
          canvas.dispatchEvent(new WheelEvent('wheel', { ...common, deltaY: i % 30 < 15 ? -60 : 60 }));
        if (kind === 'scrub') {
          const key = i % 10 < 5 ? 'ArrowRight' : 'ArrowLeft';
          canvas.dispatchEvent(new KeyboardEvent('keydown', { ...common, key }));
        }
      };
      await new Promise((resolve) => {
        const frame = (now) => {
          times.push(now);
          if (times.length > count) resolve();
          else {
            act(times.length);
            requestAnimationFrame(frame);
          }
        };
        requestAnimationFrame(frame);
      });
      return times.slice(1).map((time, i) => time - times[i]);
    },
    [kind, frames],
  );
  const perFrame = ((await cpu()) - before) / frames;
  await session.detach();
  const sorted = intervals.sort((a, b) => a - b);
  const mean = intervals.reduce((sum, x) => sum + x, 0) / intervals.length;
  return { fps: 1000 / mean, p95: sorted[Math.floor(0.95 * sorted.length)], cpu: perFrame };
}
