// Reading event files beside faery, expelliarmus and dv-processing: in turns, on the same machine, in the same minutes.
//
//   node benches/event-files.mjs [--rounds 7] [--events 10000000] [--recordings FOLDER] [--python PATH] [--out docs/benchmarks/event-files.md]
//
// The events are those of a real recording (evt3.raw of faery's tests, 1.2 million events of a Gen4 camera, fetched by scripts/check/real-recordings.mjs),
// one after the other with times that go on, until there are as many as asked; without the recording, random ones in rows. The files of all formats are
// written by lapicque. A reading is one pass over all events in columns. Peers (in the Python of --python, else .peers/bin/python) read whole files,
// or in their chunks where they are faster so. `share` is what is read and written, the file's bytes and 13 bytes an event, of what the machine copies in the
// same time.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { program } from 'commander';
import { openEvents, writeEvents } from '../dist/events.js';
import { environment } from '../dist/index.js';
import { median, positive } from './support/turns.mjs';

program
  .description('reading event files beside other libraries, in turns')
  .option('--rounds <n>', 'readings of each', '7')
  .option('--events <n>', 'events of a file', '10000000')
  .option('--recordings <folder>', 'of scripts/check/real-recordings.mjs', 'build/real-recordings')
  .option('--python <path>', 'a Python with the peers', '.peers/bin/python')
  .option('--out <file>', 'write the table there')
  .parse();
const options = program.opts();
const rounds = positive('rounds', options.rounds);
const eventCount = positive('events', options.events);

const folder = mkdtempSync(join(tmpdir(), 'lapicque-event-files-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const files = await written();
  const copied = bandwidth();
  const rows = [];
  for (const { format, path, peers, aim } of files) {
    const readers = [];
    for (const [name, reader, argument] of peers) {
      const peer = await started(reader, argument);
      if (peer === undefined) console.error(`${name}: not in ${options.python}`);
      else readers.push({ name, read: () => peer.read(path), stop: peer.stop, times: [] });
    }
    const ours = [false, true].map((reuse) => ({
      name: reuse ? 'lapicque, reuse' : 'lapicque',
      read: () => own(path, reuse),
      stop: () => {},
      times: [],
    }));
    readers.unshift(...ours);
    // Once, so that all is loaded and the file is in memory.
    let events = 0;
    for (const reader of readers) reader.events = (await reader.read()).events;
    for (let round = 0; round < rounds; round++) {
      for (const reader of readers) {
        const result = await reader.read();
        events = result.events;
        reader.times.push(result.seconds);
      }
    }
    for (const reader of readers) reader.stop();
    const bytes = statSync(path).size;
    for (const reader of readers) {
      const seconds = median(reader.times);
      const moved = (bytes + 13 * events) / seconds;
      rows.push({
        format,
        reader: reader.name,
        events: reader.events,
        ms: 1e3 * seconds,
        least: 1e3 * Math.min(...reader.times),
        rate: reader.events / seconds / 1e6,
        share: moved / copied,
        ratios: ours.map(({ times }) => seconds / median(times)),
        aim,
      });
      console.log(JSON.stringify(rows.at(-1)));
    }
  }
  const text = page(rows, copied);
  console.log(text);
  if (options.out !== undefined) writeFileSync(options.out, text);
}

/** A file of each format. */
async function written() {
  const real = join(options.recordings, 'faery-0.7.1/tests/data/evt3.raw');
  const batches = existsSync(real) ? await recorded(real) : [invented()];
  const sensor = { width: 1280, height: 720 };
  const peersOf = (encoding) => [
    ['faery', 'faery', ''],
    ['expelliarmus', 'expelliarmus', encoding],
    ['expelliarmus, chunks', 'expelliarmus_chunks', encoding],
  ];
  const list = [
    { format: 'evt2', name: 'evt2.raw', peers: peersOf('evt2'), aim: 'expelliarmus' },
    { format: 'evt3', name: 'evt3.raw', peers: peersOf('evt3') },
    { format: 'dat', name: 'events.dat', peers: peersOf('dat') },
    {
      format: 'aedat4',
      name: 'events.aedat4',
      peers: [
        ['faery', 'faery', ''],
        ['dv-processing', 'dv_processing', ''],
        ['dv-processing, stores', 'dv_processing_stores', ''],
      ],
    },
  ];
  for (const file of list) {
    file.path = join(folder, file.name);
    await writeEvents(file.path, repeated(batches), { format: file.format, sensor });
  }
  return list;
}

async function recorded(path) {
  const reader = await openEvents(path, { origin: 'first', batchSize: 1 << 18 });
  const batches = [];
  for await (const { t, x, y, polarity } of reader) batches.push({ t, x, y, polarity });
  reader.close();
  return batches;
}

function invented() {
  const count = 1 << 20;
  const t = Float64Array.from({ length: count }, (_, i) => i >> 2);
  const x = Uint16Array.from({ length: count }, (_, i) => (i * 7919) % 1280);
  const y = Uint16Array.from({ length: count }, (_, i) => ((i >> 2) * 31) % 720);
  return { t, x, y, polarity: Uint8Array.from({ length: count }, (_, i) => (i >> 3) & 1) };
}

function* repeated(batches) {
  const span = batches.at(-1).t.at(-1) + 1;
  for (let [count, shift] = [0, 0]; count < eventCount; shift += span) {
    for (const batch of batches) {
      count += batch.t.length;
      yield { ...batch, t: batch.t.map((time) => time + shift) };
    }
  }
}

async function own(path, reuse) {
  const began = performance.now();
  let events = 0;
  const reader = await openEvents(path, { reuse });
  for await (const { t } of reader) events += t.length;
  reader.close();
  return { events, seconds: (performance.now() - began) / 1e3 };
}

/** A peer's process; `undefined` where its library is missing. */
async function started(reader, argument) {
  const child = spawn(options.python, ['benches/support/event_files.py', reader, argument], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.on('error', () => {});
  const first = await lines.next();
  if (first.done) return undefined;
  return {
    read: async (path) => {
      child.stdin.write(`${path}\n`);
      const { value } = await lines.next();
      return value === undefined ? { events: 0, seconds: Number.NaN } : JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}

/** Bytes a second, read and written, of copying what is in no cache. */
function bandwidth() {
  const [from, to] = [Buffer.alloc(1 << 28, 1), Buffer.alloc(1 << 28)];
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now();
    from.copy(to);
    return (performance.now() - began) / 1e3;
  });
  return (2 * from.length) / Math.min(...times);
}

function page(rows, copied) {
  const { simd, threads } = environment();
  const date = new Date().toISOString().slice(0, 10);
  const versions = spawnSync(
    options.python,
    [
      '-c',
      'import importlib.metadata as m; print(", ".join(f"{n} {m.version(n)}" for n in ["faery", "expelliarmus", "dv-processing"]))',
    ],
    { encoding: 'utf8' },
  ).stdout?.trim();
  const lines = rows.map(({ format, reader, events, ms, least, rate, share, ratios }) => {
    const cells = [
      ms.toFixed(1),
      least.toFixed(1),
      rate.toFixed(0),
      `${(100 * share).toFixed(0)} %`,
      ...ratios.map((ratio) => ratio.toFixed(2)),
    ];
    return `| ${format} | ${reader} | ${events} | ${cells.join(' | ')} |`;
  });
  return `# Reading event files

\`node benches/event-files.mjs --rounds ${rounds} --events ${eventCount}\`, ${date}, ${cpus()[0]?.model.trim()}, ${cpus().length} CPUs, ${threads} threads, ${simd}; ${versions}.
Readers take turns in one run; the table has the median and the best of ${rounds} readings of a file of ${eventCount / 1e6} million events in the page cache.
Share: bytes of the file plus 13 bytes per event, as a share of the ${(copied / 1e9).toFixed(1)} GB/s (read and written) of a copy.
Ratio: median relative to lapicque without and with \`reuse\`.

| format | reader | events | ms | best ms | million events/s | share of bandwidth | ratio | ratio, reuse |
|---|---|---|---|---|---|---|---|---|
${lines.join('\n')}

lapicque returns each batch in new typed arrays, and with \`reuse: true\` in the same ones each time. expelliarmus, faery and dv-processing return numpy arrays. "Stores" is dv-processing without its
\`numpy()\`, which makes columns from its own structure. The AEDAT 4 file is compressed with LZ4, the default of dv-processing.
`;
}
