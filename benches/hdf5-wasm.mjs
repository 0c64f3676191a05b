// HDF5 by this library beside `h5wasm`, libhdf5 as WebAssembly: loading, the files of the fixtures, an event recording, damaged files.
// Decision 36 (docs/decisions/036-hdf5-beside-h5wasm.md) has the results.
//
//   npm install --no-save h5wasm
//   node benches/hdf5-wasm.mjs [load] [files] [events] [large] [damaged] [--rounds 5] [--megabytes 200] [--damaged 60] [--seed 7]
//
// Each measurement runs in a process of its own, in turns. Prints a JSON line for each.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import { writeProphesee } from '../dist/events.js';
import { createHdf5 } from '../dist/files.js';
import { fail, median, positive, print, rounded } from './support/turns.mjs';

program
  .argument('[part...]', 'load, files, events, large, damaged; default all')
  .option('--rounds <n>', 'turns of each', '5')
  .option('--megabytes <n>', 'of the event recording, unpacked', '200')
  .option('--damaged <n>', 'damaged copies of each file', '60')
  .option('--seed <n>', 'of the damage', '7')
  .parse();
const options = program.opts();
const rounds = positive('rounds', options.rounds);
const root = fileURLToPath(new URL('..', import.meta.url));
const worker = join(root, 'benches/support/hdf5-worker.mjs');
const libraries = ['lapicque', 'h5wasm'];

const folder = mkdtempSync(join(tmpdir(), 'lapicque-hdf5-wasm-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

const parts = { load, files, events, large, damaged };
const chosen = program.args.length === 0 ? Object.keys(parts) : program.args;
for (const part of chosen) {
  if (!(part in parts)) fail(`there is no part ${part}: ${Object.keys(parts).join(', ')}`);
  await parts[part]();
}

/** One measurement in a process of its own. */
function measure(library, task, ...args) {
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [worker, library, task, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0)
    return { failed: signal ?? status, message: stderr.trim().split('\n').slice(-3).join(' ') };
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** Medians of the numbers of several measurements, taken in turns. */
function inTurns(task, ...args) {
  const runs = Object.fromEntries(libraries.map((library) => [library, []]));
  for (let round = 0; round < rounds; round++)
    for (const library of libraries) runs[library].push(measure(library, task, ...args));
  return Object.fromEntries(
    libraries.map((library) => {
      const [first] = runs[library];
      const keys = Object.keys(first);
      const value = (key) =>
        typeof first[key] === 'number' ? rounded(median(runs[library].map((run) => run[key]))) : first[key];
      return [library, Object.fromEntries(keys.map((key) => [key, value(key)]))];
    }),
  );
}

function fixtures() {
  const all = readdirSync(join(root, '__test__'), { recursive: true });
  return all
    .filter((name) => /\.(h5|hdf5|nir)$/.test(name))
    .map((name) => join(root, '__test__', name))
    .sort();
}

function load() {
  const size = (path) =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  const folderOf = dirname(dirname(dirname(fileURLToPath(import.meta.resolve('h5wasm/node')))));
  print({
    part: 'load',
    installed_mb: { h5wasm: rounded(size(folderOf) / 1e6) },
    ...inTurns('load', fixtures()[0]),
  });
}

/** Every group, attribute and dataset of every file. */
function files() {
  const list = join(folder, 'files.json');
  writeFileSync(list, JSON.stringify(fixtures()));
  print({ part: 'files', count: fixtures().length, ...inTurns('files', list) });
}

/** A recording in DSEC's layout, plain and packed, and in Prophesee's with ECF. */
async function events() {
  const count = Math.floor((positive('megabytes', options.megabytes) * 1e6) / 9);
  const piece = 1 << 20;
  const random = generator(1);
  const recording = (from, length) => ({
    x: Uint16Array.from({ length }, () => random() % 1280),
    y: Uint16Array.from({ length }, () => random() % 720),
    t: Uint32Array.from({ length }, (_, i) => (from + i) >> 1),
    p: Uint8Array.from({ length }, () => random() & 1),
  });
  for (const [layout, packed] of [
    ['plain', {}],
    ['deflate + shuffle', { deflate: 4, shuffle: true }],
  ]) {
    const path = join(folder, 'events.h5');
    const file = await createHdf5(path);
    const streams = {};
    for (const [name, type] of Object.entries({ x: 'uint16', y: 'uint16', t: 'uint32', p: 'uint8' }))
      streams[name] = await file.stream(`events/${name}`, { type, chunks: [65536], ...packed });
    for (let from = 0; from < count; from += piece) {
      const columns = recording(from, Math.min(piece, count - from));
      for (const [name, values] of Object.entries(columns)) await streams[name].append(values);
    }
    await file.close();
    const stored_mb = rounded(statSync(path).size / 1e6);
    print({ part: 'events', layout, events: count, stored_mb, ...inTurns('events', path, String(piece)) });
    print({ part: 'events, whole', layout, ...inTurns('whole', path) });
    rmSync(path);
  }
  const path = join(folder, 'prophesee.h5');
  const writer = await writeProphesee(path, { sensor: { width: 1280, height: 720 } });
  const { x, y, t, p } = recording(0, piece);
  await writer.write({ x, y, t: Float64Array.from(t), polarity: p });
  await writer.close();
  print({
    part: 'events, ECF',
    ...Object.fromEntries(libraries.map((name) => [name, measure(name, 'compound', path)])),
  });
}

/** A dataset of 6 GB that is stored in little: a slice of it, and the whole. */
async function large() {
  const path = join(folder, 'large.h5');
  const file = await createHdf5(path);
  const stream = await file.stream('data', { type: 'uint8', chunks: [1 << 20], deflate: 1 });
  const zeros = new Uint8Array(1 << 26);
  for (let written = 0; written < 6e9; written += zeros.length) await stream.append(zeros);
  await file.close();
  for (const task of ['slice', 'all'])
    print({
      part: `large, ${task}`,
      ...Object.fromEntries(libraries.map((name) => [name, measure(name, task, path)])),
    });
}

/** Damaged copies of the files, each read whole: which are read, refused, crash the process, or take longer than 10 s. */
async function damaged() {
  const copies = positive('damaged', options.damaged);
  const random = generator(positive('seed', options.seed));
  const paths = [];
  const sources = fixtures().filter((path) => statSync(path).size < 1 << 20);
  for (const source of sources)
    for (let i = 0; i < copies; i++) {
      const path = join(folder, `${paths.length}-${basename(source)}`);
      writeFileSync(path, mutated(readFileSync(source), random));
      paths.push(path);
    }
  for (const library of libraries) {
    const counts = {
      files: paths.length,
      read: 0,
      refused: 0,
      broken: 0,
      crashed: 0,
      hung: 0,
      longest_s: 0,
      peak_mb: 0,
    };
    const bad = [];
    let next = 0;
    while (next < paths.length) next = await tryFrom(library, paths, next, counts, bad);
    print({
      part: 'damaged',
      library,
      ...counts,
      longest_s: rounded(counts.longest_s),
      examples: bad.slice(0, 20),
    });
  }
}

/** Lets one process read files until it ends; returns the index of the next file. */
function tryFrom(library, paths, from, counts, bad) {
  const list = join(folder, 'damaged.json');
  writeFileSync(list, JSON.stringify(paths.slice(from)));
  const child = spawn(process.execPath, [worker, library, 'damaged', list], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let next = from;
  let isHung = false;
  let timer;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isHung = true;
      child.kill('SIGKILL');
    }, 10_000);
  };
  watch();
  createInterface(child.stdout).on('line', (line) => {
    const { outcome, seconds, peak, message } = JSON.parse(line);
    counts[outcome]++;
    counts.longest_s = Math.max(counts.longest_s, seconds);
    counts.peak_mb = Math.max(counts.peak_mb, Math.round(peak / 1e6));
    if (outcome === 'broken') bad.push(`${basename(paths[next])}: ${message.split('\n')[0]}`);
    next++;
    watch();
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (next < paths.length && (isHung || code !== 3)) {
        counts[isHung ? 'hung' : 'crashed']++;
        bad.push(`${basename(paths[next])}: ${isHung ? 'longer than 10 s' : (signal ?? code)}`);
        next++;
      }
      resolve(next);
    });
  });
}

/** Words of 32 bits (xorshift). */
function generator(seed) {
  let state = (seed * 2654435769) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** One to four changes, as src-rs/core/hdf5/tests/mutations.rs makes them; the first and last kilobytes are more likely. */
function mutated(bytes, random) {
  let copy = Buffer.from(bytes);
  const below = (most) => random() % Math.max(1, most);
  const place = () => {
    const side = below(4);
    const near = below(Math.min(copy.length, 4096));
    if (side > 1) return below(copy.length);
    return side === 0 ? near : copy.length - 1 - near;
  };
  const changes = 1 + below(4);
  for (let change = 0; change < changes; change++) {
    const at = place();
    const kind = below(8);
    if (kind === 0) copy[at] ^= 1 << below(8);
    else if (kind === 1) copy[at] = random();
    else if (kind === 2) copy[at] = [0, 1, 0x7f, 0x80, 0xff][below(5)];
    else if (kind === 3 || kind === 5) {
      const value = Buffer.alloc(8);
      const numbers = [0n, 1n, 2n ** 64n - 1n, 1n << 31n, 1n << 32n, 1n << 62n, BigInt(copy.length)];
      value.writeBigUInt64LE(kind === 3 ? numbers[below(7)] : BigInt(place() & ~7));
      value.copy(copy, at, 0, Math.min(kind === 3 ? [2, 4, 8][below(3)] : 8, copy.length - at));
    } else if (kind === 4) copy.copyWithin(at, place(), Math.min(copy.length, place() + below(64)));
    else if (kind === 6 && below(4) === 0) copy = copy.subarray(0, Math.max(1, at));
    else copy[at]++;
  }
  return copy;
}
