// Files that we write, read by other libraries: faery, dv-processing, expelliarmus, h5py, numpy. Where Python or one of them is missing, the test is
// skipped and its name says so. LAPICQUE_EVENT_PEERS is the Python to be asked; default .peers/bin/python, else python3.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  type EventBatch,
  type WriteEventsOptions,
  writeEvents,
  writeProphesee,
} from '../../src-ts/doors/events.ts';

const folder = mkdtemp(join(tmpdir(), 'lapicque-event-peers-'));
test.after.always(async () => rm(await folder, { recursive: true, force: true }));

const python =
  process.env.LAPICQUE_EVENT_PEERS ?? (existsSync('.peers/bin/python') ? '.peers/bin/python' : 'python3');
const sensor = { width: 640, height: 480 };

/** Events in order: 20,000, in rows as cameras have them. */
const batch: EventBatch = (() => {
  const count = 20_000;
  const t = Float64Array.from({ length: count }, (_, i) => 1000 + Math.floor(i / 3) * 7);
  const x = Uint16Array.from({ length: count }, (_, i) => (i * 37) % 640);
  const y = Uint16Array.from({ length: count }, (_, i) => (i * 11) % 480);
  return { t, x, y, polarity: Uint8Array.from({ length: count }, (_, i) => (i >> 2) & 1) };
})();

/** What the readers give: count, and sums that any wrong value changes. */
const digest = `
def digest(t, x, y, p):
    import numpy as np
    k = np.arange(1, len(t) + 1, dtype=np.int64) % 9973
    f = lambda a: int((np.asarray(a).astype(np.int64) * k).sum() % (2 ** 53))
    print(json.dumps([len(t), f(t), f(x), f(y), f(p)]))
`;

function expected(): number[] {
  const sum = (values: ArrayLike<number>) => {
    let total = 0n;
    for (let i = 0; i < values.length; i++) total += BigInt(values[i]!) * BigInt((i + 1) % 9973);
    return Number(total % 2n ** 53n);
  };
  return [batch.t.length, sum(batch.t), sum(batch.x), sum(batch.y), sum(batch.polarity)];
}

const faery = `
import faery
stream = faery.events_stream_from_file(path, dimensions_fallback=(640, 480))
packets = [packet for packet in stream]
a = np.concatenate(packets)
digest(a["t"], a["x"], a["y"], a["on"])`;

const dv = `
import dv_processing as dv
recording = dv.io.MonoCameraRecording(path)
assert recording.getEventResolution() == (640, 480), recording.getEventResolution()
parts = []
while True:
    events = recording.getNextEventBatch()
    if events is None: break
    parts.append(events.numpy())
a = np.concatenate(parts)
digest(a["timestamp"], a["x"], a["y"], a["polarity"])`;

const expelliarmus = (encoding: string) => `
from expelliarmus import Wizard
a = Wizard(encoding="${encoding}").read(path)
digest(a["t"], a["x"], a["y"], a["p"])`;

const programs: [library: string, file: string, options: WriteEventsOptions, program: string][] = [
  ...(['none', 'lz4', 'zstd'] as const).flatMap(
    (compression): [string, string, WriteEventsOptions, string][] => [
      ['dv_processing', `${compression}.aedat4`, { compression }, dv],
      ['faery', `faery-${compression}.aedat4`, { compression }, faery],
    ],
  ),
  ['faery', 'evt2.raw', { format: 'evt2' }, faery],
  ['faery', 'evt3.raw', { format: 'evt3' }, faery],
  ['faery', 'events.dat', {}, faery],
  ['faery', 'events.csv', {}, faery],
  ['expelliarmus', 'expelliarmus-2.raw', { format: 'evt2' }, expelliarmus('evt2')],
  ['expelliarmus', 'expelliarmus.dat', {}, expelliarmus('dat')],
  ['numpy', 'events.npy', {}, 'a = np.load(path)\ndigest(a["t"], a["x"], a["y"], a["p"])'],
  ['numpy', 'events.npz', {}, 'a = np.load(path)\ndigest(a["t"], a["x"], a["y"], a["p"])'],
  [
    'faery',
    'events.es',
    {},
    `${faery.replace('a["y"]', '479 - a["y"].astype(np.int64)')}\n# faery turns y of .es files around`,
  ],
  [
    'h5py',
    'events.hdf5',
    {},
    'import h5py\na = h5py.File(path)["CD/events"][:]\ndigest(a["t"], a["x"], a["y"], a["p"])',
  ],
];

const there = new Map<string, boolean>();
function has(library: string): boolean {
  const known = there.get(library) ?? spawnSync(python, ['-c', `import numpy, ${library}`]).status === 0;
  there.set(library, known);
  return known;
}

for (const [library, file, options, program] of programs) {
  const run = has(library) ? test.serial : test.serial.skip;
  run(`${library} reads ${file}${has(library) ? '' : ` (${python} has no ${library})`}`, async (t) => {
    const path = join(await folder, file);
    if (file.endsWith('.hdf5')) {
      const writer = await writeProphesee(path, { sensor, ecf: false });
      await writer.write(batch);
      await writer.close();
    } else await writeEvents(path, batch, { sensor, ...options });
    const script = `import json, sys\nimport numpy as np\npath = ${JSON.stringify(path)}\n${digest}\n${program}`;
    const stdout = execFileSync(python, ['-W', 'ignore', '-c', script], { encoding: 'utf8' });
    t.deepEqual(JSON.parse(stdout.trim().split('\n').at(-1)!), expected());
  });
}
