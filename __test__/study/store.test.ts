// The store of a study: what was acknowledged is there, whoever looks, and what is wrong with it is said.
import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { search, space, study, type Trial, type TrialRecord } from '../../src-ts/doors/study.ts';
import { refusal, results, sleep } from '../support/studies.ts';

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapicque-studies-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));
let stores = 0;
const newPath = () => join(folder, `store-${stores++}`);

const parameters = { x: space.uniform(-5, 10), n: space.int(1, 8) };
const objective = ({ x, n }: { x: number; n: number }, trial: Trial) => {
  trial.report(1, x / 3);
  trial.set('n', [n, Number.NaN]);
  if (n === 8) throw new Error('eight');
  return x * n;
};
const at = (store: string, change: object = {}) =>
  study({ name: 'store', space: parameters, objective, search: search.random(), store, ...change });

/** The trials of an uninterrupted study in memory. */
async function expected(trials: number): Promise<readonly TrialRecord[]> {
  const s = study({ name: 'store', space: parameters, objective, search: search.random() });
  await s.run({ trials });
  return s.trials();
}

test('a study is in its store what it is in memory, and goes on where it stands', async (t) => {
  const store = newPath();
  t.deepEqual(await at(store).trials(), []);
  await at(store).run({ trials: 5 });
  await at(store).run({ trials: 12, jobs: 3 });
  t.like(await at(store).run({ trials: 12 }), { trials: 12 });
  const whole = results(await expected(12));
  t.deepEqual(results(await at(store).trials()), whole);
  const view = await study.open(store);
  t.deepEqual(results(await view.trials()), whole);
  t.deepEqual(await view.best(), (await at(store).run({ trials: 1 })).best);
  t.like(view, { name: 'store', directions: ['minimize'] });
  t.deepEqual(view.definition.space, parameters);
  t.is(view.fingerprint, at(store).fingerprint);
  const status = await view.status();
  t.deepEqual(status, {
    ...{ complete: status.complete, pruned: 0, failed: 12 - status.complete },
    ...{ running: [], interrupted: [], conflicts: [] },
  });
});

test('a stored study can be looked at while it runs, and has one writer', async (t) => {
  const store = newPath();
  let release!: () => void;
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const s = at(store, {
    objective: async ({ x }: { x: number }, { number }: Trial) => (number < 3 ? x : blocked.then(() => x)),
  });
  const acknowledged: number[] = [];
  const run = s.run({ trials: 5, jobs: 2, onTrial: ({ number }) => acknowledged.push(number) });
  while (acknowledged.length < 3) await sleep(5);
  const view = await study.open(store);
  t.like(await view.status(), { complete: 3, running: [3, 4], interrupted: [] });
  t.deepEqual(
    (await view.trials()).map(({ state }) => state),
    ['complete', 'complete', 'complete', 'running', 'running'],
  );
  t.is((await s.trials()).length, 5);
  const error = await refusal(() => at(store).run({ trials: 6 }), 'io');
  t.regex(error.message, new RegExp(`journal-main\\.log: in use by process ${process.pid} on `));
  release();
  await run;
  t.like(await view.status(), { complete: 5, running: [] });
  // Its lock has gone with the run.
  t.is((await at(store, { objective: () => 0 }).run({ trials: 6 })).trials, 6);
});

test('another study is refused in the folder, with what differs', async (t) => {
  const store = newPath();
  await at(store).run({ trials: 2 });
  for (const [key, change] of Object.entries({
    seed: { seed: 3 },
    name: { name: 'another' },
    search: { search: search.sobol() },
    parallel: { parallel: 3 },
    space: { space: { ...parameters, x: space.uniform(0, 1) } },
  })) {
    const { message } = await refusal(() => at(store, change).run({ trials: 3 }), 'invalid-parameter');
    t.true(message.startsWith(`${key}: expected `) && message.includes(store), message);
  }
  t.is((await at(store).trials()).length, 2);
});

test('a folder without a study, and one that cannot be written, are refused', async (t) => {
  await refusal(() => study.open(join(folder, 'missing')), 'io');
  const empty = newPath();
  await mkdir(empty);
  t.regex((await refusal(() => study.open(empty), 'io')).message, /no study is stored here/);
  const file = newPath();
  await writeFile(file, '');
  await refusal(() => at(file).run({ trials: 1 }), 'io');
  await refusal(() => study.open(file), 'io');
});

test('a read-only folder can be looked at, and is not run in', async (t) => {
  const store = newPath();
  await at(store).run({ trials: 2 });
  // Root writes everywhere, but not into what is mounted read-only.
  if (process.getuid?.() === 0) {
    try {
      execFileSync('mount', ['--bind', store, store], { stdio: 'ignore' });
      execFileSync('mount', ['-o', 'remount,ro,bind', store], { stdio: 'ignore' });
    } catch {
      t.log('skip: root, and nothing can be mounted here');
      return t.pass();
    }
    t.teardown(() => execFileSync('umount', [store]));
  } else await chmod(store, 0o500);
  const error = await refusal(() => at(store).run({ trials: 4 }), 'io');
  t.true(error.message.includes(store), error.message);
  t.is((await (await study.open(store)).trials()).length, 2);
});

test('a full disk ends the run with a typed error, keeps what was acknowledged, and with room it goes on', async (t) => {
  const store = newPath();
  await mkdir(store);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', store], { stdio: 'ignore' });
  } catch {
    t.log('skip: no small file system can be mounted here');
    return t.pass();
  }
  t.teardown(() => execFileSync('umount', [store]));
  const acknowledged: TrialRecord[] = [];
  const error = await refusal(
    () => at(store).run({ trials: 5000, onTrial: (trial) => acknowledged.push(trial) }),
    'io',
  );
  t.is((error as { errno?: string }).errno, 'ENOSPC');
  t.true(acknowledged.length > 20);
  const view = await study.open(store);
  const kept = await view.trials();
  const known = new Map(kept.map((trial) => [trial.number, trial]));
  for (const trial of acknowledged) t.deepEqual(known.get(trial.number), trial);
  await refusal(() => at(store).run({ trials: 5000 }), 'io');
  execFileSync('mount', ['-o', 'remount,size=4m', store]);
  await at(store).run({ trials: 400 });
  t.deepEqual(results((await view.trials()).slice(0, 400)), results(await expected(400)).slice(0, 400));
});

test('a torn and a zero-filled tail are cut off, and the study ends as it would have', async (t) => {
  const source = newPath();
  await at(source).run({ trials: 6 });
  const { size } = await stat(join(source, 'journal-main.log'));
  const whole = results(await expected(9));
  for (let cut = 1; cut < size; cut += Math.ceil(size / 12)) {
    for (const zeros of [0, 5000]) {
      const store = newPath();
      await cp(source, store, { recursive: true });
      const journal = join(store, 'journal-main.log');
      await truncate(journal, size - cut);
      await appendFile(journal, new Uint8Array(zeros));
      await at(store).run({ trials: 9 });
      t.deepEqual(results(await at(store).trials()), whole, `cut ${cut}, ${zeros} zeros`);
    }
  }
});

test('a damaged journal and one of a newer version are refused by name, and stay as they are', async (t) => {
  const store = newPath();
  await at(store).run({ trials: 3 });
  await at(store).run({ trials: 6 });
  const journal = join(store, 'journal-main.log');
  const good = await readFile(journal);
  const damaged = Uint8Array.from(good);
  damaged[60]! ^= 1;
  await writeFile(journal, damaged);
  for (const call of [() => at(store).run({ trials: 7 }), () => study.open(store)]) {
    const error = await refusal(call, 'malformed-file');
    t.true(error.message.includes('journal-main.log') && error.message.includes('damaged'), error.message);
  }
  t.deepEqual(Uint8Array.from(await readFile(journal)), damaged);
  await writeFile(journal, newer(good));
  for (const call of [() => at(store).run({ trials: 7 }), () => study.open(store)]) {
    t.regex((await refusal(call, 'unsupported')).message, /schema version 2, as .*journal-main\.log is/);
  }
});

/** The same with the header of version 2: magic, version, CRC-32 of both. */
function newer(journal: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(journal);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, 2, true);
  let crc = -1;
  for (const byte of bytes.subarray(0, 12)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  view.setUint32(12, ~crc >>> 0, true);
  return bytes;
}

test('shards over one folder make the study together, each trial once', async (t) => {
  const store = newPath();
  const begun: number[] = [];
  const counting = (p: { x: number; n: number }, trial: Trial) => {
    begun.push(trial.number);
    return objective(p, trial);
  };
  const shards = [0, 1, 2].map((index) =>
    at(store, { objective: counting }).run({ trials: 20, shard: { index, count: 3 }, jobs: 2 }),
  );
  await Promise.all(shards);
  t.deepEqual(
    begun.sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i),
  );
  t.deepEqual(
    (await readdir(store)).filter((name) => name.endsWith('.log')).sort(),
    [0, 1, 2].map((i) => `journal-shard-${i}-of-3.log`),
  );
  const whole = results(await expected(20));
  t.deepEqual(results(await (await study.open(store)).trials()), whole);
  // Another process without shards finds nothing to do.
  t.is((await at(store, { objective: counting }).run({ trials: 20 })).trials, 20);
  t.is(begun.length, 20);
});

test('a trial that was run twice with different results is told, and the first counts', async (t) => {
  const store = newPath();
  await at(store, { objective: () => 1 }).run({ trials: 2 });
  // As a shard would that had not seen the others' folder.
  const elsewhere = newPath();
  await at(elsewhere, { objective: ({ x }: { x: number }) => (x > 100 ? 0 : 2) }).run({
    trials: 2,
    shard: { index: 0, count: 2 },
  });
  await cp(join(elsewhere, 'journal-shard-0-of-2.log'), join(store, 'journal-shard-0-of-2.log'));
  const view = await study.open(store);
  t.deepEqual(
    (await view.trials()).map(({ values }) => values),
    [[1], [1]],
  );
  const { conflicts } = await view.status();
  t.deepEqual(
    conflicts.map(({ number, kept, other }) => [number, kept.values, other.values]),
    [[0, [1], [2]]],
  );
});

test('artifacts lie beside the journal, and checkpoints go when their trial has ended', async (t) => {
  const store = newPath();
  const s = at(store, {
    objective: async ({ x }: { x: number }, { artifacts, checkpoint }: Trial) => {
      await checkpoint.save(Uint8Array.of(1));
      t.true(checkpoint.path!.startsWith(store));
      await artifacts.write('spikes.bin', Uint8Array.of(2, 3));
      await writeFile(artifacts.path('own.txt')!, 'own');
      for (const name of ['../up', 'checkpoint-1', '', 'a/b', '.hidden', 'x'.repeat(101)])
        await refusal(() => artifacts.write(name, Uint8Array.of(1)), 'invalid-parameter');
      return x;
    },
  });
  await s.run({ trials: 2 });
  const view = await study.open(store);
  t.deepEqual(await view.artifacts(1), ['own.txt', 'spikes.bin']);
  t.deepEqual(await view.artifact(1, 'spikes.bin'), Uint8Array.of(2, 3));
  t.is(await view.artifact(1, 'none'), undefined);
  t.deepEqual(await readdir(join(store, 'artifacts', 'trial-000000')), ['own.txt', 'spikes.bin']);
});
