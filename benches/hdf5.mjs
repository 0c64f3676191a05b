// Reading a large HDF5 dataset beside h5py: in turns, on the same machine, in the same minutes.
//
//   node benches/hdf5.mjs [--rounds 5] [--megabytes 256] [--threads 2]
//
// A file of float32, uint16 and records of events is written by us and read whole by both: at one address, in chunks, and in chunks that are packed with
// shuffle and deflate. Prints a JSON line for each: medians of seconds, megabytes a second, and how many times as long h5py takes (`ratio`). h5py runs
// in the Python of PEERS_PYTHON (default .peers/bin/python; see beside-peers.mjs).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from 'commander';
import { createHdf5, openHdf5 } from '../dist/files.js';
import { setThreads } from '../dist/index.js';
import { fail, median, positive, print } from './support/turns.mjs';

program
  .description('reading a large HDF5 dataset beside h5py')
  .option('--rounds <n>', 'turns of ours and of h5py', '5')
  .option('--megabytes <n>', 'of each dataset', '256')
  .option('--threads <n>', 'of ours; h5py has one', '2')
  .parse();
const options = program.opts();
const rounds = positive('rounds', options.rounds);
const bytes = positive('megabytes', options.megabytes) * 1e6;
setThreads(positive('threads', options.threads));
const python = process.env.PEERS_PYTHON ?? '.peers/bin/python';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-hdf5-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

/** Elements of a sensor: neighbors are alike, as in recordings. */
const piece = 1 << 20;
const kinds = {
  float32: () => Float32Array.from({ length: piece }, (_, i) => Math.round(1000 * Math.sin(i / 500)) / 8),
  uint16: () => Uint16Array.from({ length: piece }, (_, i) => (i * 37) % 1280),
};
const layouts = {
  chunked: { chunks: [65536] },
  'deflate + shuffle': { chunks: [65536], deflate: 4 },
};

const script = `
import sys, time, h5py
for line in sys.stdin:
    start = time.perf_counter()
    with h5py.File(line.strip()) as f:
        d = f["data"][:]
    print(time.perf_counter() - start, flush=True)
`;

for (const [kind, make] of Object.entries(kinds)) {
  const values = make();
  for (const [layout, chosen] of Object.entries(layouts)) {
    const path = join(folder, `${kind}-${layout}.h5`);
    const file = await createHdf5(path);
    const data = await file.stream('data', { type: kind, ...chosen });
    for (let written = 0; written < bytes; written += values.byteLength) await data.append(values);
    await file.close();
    const [ours, theirs] = [[], []];
    let length = 0;
    for (let round = 0; round <= rounds; round++) {
      const start = performance.now();
      const opened = await openHdf5(path, { limits: { bytes: 8 * bytes } });
      length = (await opened.read('data')).values.byteLength;
      opened.close();
      // The first turn of each warms the cache of the system.
      if (round > 0) ours.push((performance.now() - start) / 1000);
      const { stdout, status, stderr, error } = spawnSync(python, ['-c', script], {
        input: `${path}\n`,
        encoding: 'utf8',
      });
      if (status !== 0) fail(error?.message ?? stderr);
      if (round > 0) theirs.push(Number(stdout));
    }
    print({
      kind,
      layout,
      megabytes: Math.round(length / 1e6),
      stored: Math.round(statSync(path).size / 1e6),
      seconds: median(ours),
      h5py: median(theirs),
      megabytesPerSecond: Math.round(length / 1e6 / median(ours)),
      ratio: median(theirs) / median(ours),
    });
    rmSync(path);
  }
}
