// Pipes, devices, sockets and folders in the place of files: every reader refuses them at once, and none keeps the process alive.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import test from 'ava';
import * as lapicque from '../support/library.ts';
import { run } from '../support/process.ts';
import { readerName, readersIn } from '../support/special-readers.ts';

let folder: string;
test.before(async () => {
  folder = resolve(await mkdtemp(join('build', 'special-')));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

interface Tried {
  reader: string;
  path: string;
  code: string;
  message: string;
  ms: number;
}

const support = new URL('../support/special-readers.js', import.meta.url).href;

/** Reads each path with each reader `times` times at once, in a process that must end by itself. */
const tried = (paths: readonly string[], times: number, aborted: boolean) =>
  run<Tried[]>(
    `
    import { readersIn } from ${JSON.stringify(support)};
    const model = await sequential(dense(4, 2), lif({ beta: 0.9 })).compile({ seed: 1 });
    const all = [];
    for (const path of ${JSON.stringify(paths)})
      for (const [reader, read] of Object.entries(readersIn(${JSON.stringify(folder)}, model)))
        await Promise.all(Array.from({ length: ${times} }, async () => {
          const began = performance.now();
          let [code, message] = ['read', ''];
          try {
            await Promise.race([
              read(path, ${aborted ? '{ signal: AbortSignal.abort() }' : '{}'}),
              new Promise((_, late) => setTimeout(late, 5000, new Error('it did not end')).unref()),
            ]);
          } catch (error) {
            code = error.code ?? error.name;
            message = String(error.message);
          }
          all.push({ reader, path, code, message, ms: performance.now() - began });
        }));
    model.dispose();
    console.log(JSON.stringify(all));
  `,
    {},
    240_000,
  );

const onUnix = process.platform === 'win32' ? test.skip : test.serial;

test('every reader is in the search', async (t) => {
  using model = await lapicque
    .sequential(lapicque.dense(4, 2), lapicque.lif({ beta: 0.9 }))
    .compile({ seed: 1 });
  const names = Object.keys(readersIn(folder, model));
  for (const name of Object.keys(lapicque).filter((name) => readerName.test(name)))
    t.true(names.includes(name), `${name} is not in support/special-readers.ts`);
});

onUnix('each reader ends with a typed error, at once, with eight reads pending', async (t) => {
  t.timeout(300_000);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const socket = join(folder, 'socket');
  const server = createServer().listen(socket);
  t.teardown(() => server.close());
  await new Promise((listening) => server.once('listening', listening));
  const directory = join(folder, 'directory');
  execFileSync('mkdir', [directory]);
  const found = await tried([pipe, socket, directory, '/dev/zero', '/dev/null'], 8, false);
  for (const { reader, path, code, message, ms } of found) {
    const what = `${reader} of ${path}: ${code}: ${message} (${ms.toFixed(0)} ms)`;
    // A viewer shows what it cannot read as such; a log writes.
    if (reader.startsWith('view') || reader.startsWith('log')) t.not(message, 'it did not end', what);
    else t.true(['io', 'invalid-parameter'].includes(code), what);
    t.true(ms < 4000, what);
  }
});

onUnix('each reader obeys a signal that has fired', async (t) => {
  t.timeout(300_000);
  const pipe = join(folder, 'pipe-aborted');
  execFileSync('mkfifo', [pipe]);
  const found = await tried([pipe, join(folder, 'nowhere')], 1, true);
  // These take no signal.
  const without = /^(view|eventDataset|log|study.open|an artifact)/;
  for (const { reader, path, code, message } of found)
    if (!without.test(reader)) t.is(code, 'aborted', `${reader} of ${path}: ${code}: ${message}`);
});
