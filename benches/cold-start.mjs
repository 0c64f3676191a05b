// What a serverless function waits for: each start is a new process that imports the library, loads a model and makes its first prediction, beside
// a Node process that does nothing.
//   node benches/cold-start.mjs [--starts 20]        a Markdown table, ms: median (least)
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dense, environment, sequential } from 'lapicque';
import { lif } from 'lapicque/neurons';

const { values } = parseArgs({ options: { starts: { type: 'string', default: '20' } } });
const folder = mkdtempSync(join(tmpdir(), 'lapicque-cold-'));
const entry = import.meta.resolve('lapicque');

/** Prints the ms from the process's start to its first line, and of each part after it. */
const program = (file) => `
const times = { node: performance.now() };
const timed = async (name, work) => { const start = performance.now(); const result = await work(); times[name] = performance.now() - start; return result; };
const { Model } = await timed('import', () => import(${JSON.stringify(entry)}));
const model = await timed('load', () => Model.load(${JSON.stringify(file)}));
await timed('predict', () => model.predict({ x: new Float32Array(784).fill(0.5), shape: [1, 784] }, { steps: 25 }));
await timed('again', () => model.predict({ x: new Float32Array(784).fill(0.5), shape: [1, 784] }, { steps: 25 }));
times.all = performance.now();
console.log(JSON.stringify(times));`;

const sizes = [
  [784, 128, 10],
  [784, 1000, 10],
  [784, 4000, 4000, 10],
];
const starts = Number(values.starts);
try {
  const files = [];
  for (const size of sizes) {
    const layers = size.slice(1).flatMap((neurons, i) => [dense(size[i], neurons), lif({ beta: 0.9 })]);
    const model = await sequential(...layers).compile({ seed: 0 });
    const file = join(folder, `${size.join('-')}.safetensors`);
    await model.save(file);
    model.dispose();
    files.push({ name: size.join('-'), file, times: [] });
  }
  const empty = [];
  // In turns, so that a slow moment of the machine meets all.
  for (let start = 0; start < starts; start++) {
    empty.push(wall('').ms);
    for (const { file, times } of files) {
      const { ms, stdout } = wall(program(file));
      times.push({ ...JSON.parse(stdout), wall: ms });
    }
  }
  const row = (cells) => `| ${cells.join(' | ')} |`;
  console.log(
    `Node ${process.version}, ${cpus()[0].model.trim()}, ${environment().simd}, ${starts} starts each\n`,
  );
  console.log(
    row([
      'model',
      "Node's own start",
      'import',
      'load',
      'first prediction',
      'second',
      'process, first to last',
    ]),
  );
  console.log(row(['---', ...Array(6).fill('---:')]));
  console.log(row(['none (an empty program)', '', '', '', '', '', shown(empty)]));
  for (const { name, times } of files) {
    const of = (part) => shown(times.map((one) => one[part]));
    console.log(row([name, of('node'), of('import'), of('load'), of('predict'), of('again'), of('wall')]));
  }
} finally {
  rmSync(folder, { recursive: true });
}

function wall(text) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return { ms: performance.now() - start, stdout };
}

function shown(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const digits = sorted[0] < 10 ? 1 : 0;
  return `${sorted[sorted.length >> 1].toFixed(digits)} (${sorted[0].toFixed(digits)})`;
}
