// What it costs to watch a training: the time of `npm start` alone and with its log open in the viewer and a browser, in turns, on the same cores.
//
//   node benches/viewer-watched.mjs [--rounds 5] [--json]
//
// The browser is headless Chromium without a graphics card: that of CHROMIUM (default: `chromium` in PATH); playwright-core and the built packages of
// the repository are needed. Nothing else should run meanwhile: a round varies by some percent, so few rounds show no difference below that.
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { program } from 'commander';
import { chromium } from 'playwright-core';
import { view } from '../dist/figure.js';
import { median, positive, rounded } from './support/turns.mjs';

program.option('--rounds <n>', 'trainings of each kind', '5').option('--json', 'one JSON object').parse();
const options = program.opts();
const rounds = positive('rounds', options.rounds);
const root = new URL('..', import.meta.url).pathname;

/** Seconds of one training. */
async function training() {
  const began = performance.now();
  await promisify(execFile)(process.execPath, ['examples/training/digits.mjs'], { cwd: root });
  return (performance.now() - began) / 1000;
}

const executablePath =
  process.env.CHROMIUM ?? execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

/** The same while a page shows the log. */
async function watched() {
  const viewer = await view(`${root}report/training.jsonl`, { open: false });
  const page = await browser.newPage();
  await page.goto(viewer.url);
  const seconds = await training();
  await page.close();
  await viewer.close();
  return seconds;
}

// The first one makes the log and is not counted.
await training();
const [alone, seen] = [[], []];
for (let round = 0; round < rounds; round++) {
  const turns = [async () => alone.push(await training()), async () => seen.push(await watched())];
  for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
}
await browser.close();
const ratios = seen.map((seconds, round) => seconds / alone[round]);
const result = {
  rounds,
  alone_s: rounded(median(alone)),
  watched_s: rounded(median(seen)),
  ratio: rounded(median(ratios)),
  ratios: ratios.map(rounded),
};
if (options.json) console.log(JSON.stringify(result));
else
  console.log(
    `alone ${result.alone_s} s, watched ${result.watched_s} s: ${result.ratio} times as long (${rounds} rounds: ${result.ratios.join(', ')})`,
  );
