// The programs of docs/guides/production.md, as they stand.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, Model, sequential } from '../../src-ts/index.ts';

const text = await readFile('docs/guides/production.md', 'utf8');
const [server, status, channel, state] = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);

/** Runs a program beside a model's file and gives what it prints, read as JSON. */
async function run(t: { teardown: (undo: () => Promise<void>) => void }, program: string) {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque ü-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'node_modules'));
  await symlink(process.cwd(), join(folder, 'node_modules', 'lapicque'));
  const file = join(folder, 'model.safetensors');
  using model = await sequential(
    dense(784, 64),
    lif({ beta: 0.9 }),
    dense(64, 10),
    lif({ beta: 0.9 }),
  ).compile();
  await model.save(file);
  await writeFile(join(folder, 'program.mjs'), program);
  const child = spawn(process.execPath, [join(folder, 'program.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, printed: JSON.parse(printed), file, first: await model.weightsSha256() };
}

/** Asks the server while it learns, and counts the answers. */
const asking = `
const answers = [];
let learned = false;
training.finally(() => { learned = true; }).catch(() => {});
while (!learned) {
  const port = server.address()?.port;
  if (port === undefined) { await new Promise((resolve) => setTimeout(resolve, 1)); continue; }
  const ask = (i) => fetch('http://127.0.0.1:' + port + '/' + i).then(async (answer) => [answer.status, await answer.json()]);
  answers.push(...(await Promise.all([0, 1, 2, 3, 9999999].map(ask))));
}
const ended = await training.then(({ stopped }) => stopped, (error) => error.name);
console.log(JSON.stringify({ answers, ended }));
server.close();
server.closeAllConnections();
`;
const listening = "server.listen(0, '127.0.0.1');\n";

test('the server answers while it learns, and takes each new file', async (t) => {
  const { code, printed, file, first } = await run(t, server!.replace(listening, `${listening}${asking}`));
  t.is(code, 0);
  t.is(printed.ended, 'done');
  t.true(printed.answers.length >= 10);
  for (const [i, [status, answer]] of printed.answers.entries()) {
    t.is(status, i % 5 === 4 ? 400 : 200);
    t.deepEqual(Object.keys(answer).includes('label'), i % 5 !== 4);
  }
  using last = await Model.load(file);
  t.not(await last.weightsSha256(), first);
});

test('SIGTERM ends the learning', async (t) => {
  const stopping = "setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);\n";
  const program = server!
    .replace('epochs: 2', 'epochs: 2000')
    .replace('await training', `${stopping}await training`);
  const end = 'console.log(JSON.stringify([stop.signal.aborted, learning.updates > 0]));\nserver.close();\n';
  const { code, printed } = await run(t, `${program}${end}`);
  t.is(code, 0);
  t.true(printed[0]);
});

test('a state crosses to another process', async (t) => {
  const end = 'console.log(JSON.stringify([here, there].map((s) => [...s.push([5]), ...s.membrane()])));';
  const { printed } = await run(t, `${state}${end}`);
  t.deepEqual(printed[0], printed[1]);
});

test('what the engine runs can be read, and is published', async (t) => {
  const program = `${status}${channel!.replace('(task) => console.log(task)', '(task) => heard.push(task)')}
import { Model } from 'lapicque';
const model = await Model.load(new URL('model.safetensors', import.meta.url));
const run = model.predict({ x: new Float32Array(784), shape: [1, 784] }, { steps: 10 });
await run;
console.log(JSON.stringify({ tasks, queued, threads, limits: engineStatus().limits, heard }));
`;
  const { code, printed } = await run(t, `const heard = [];\n${program}`);
  t.is(code, 0);
  t.deepEqual([printed.tasks, printed.queued, printed.limits], [[], 0, { running: 4, queued: 1000 }]);
  const last = printed.heard.at(-1);
  t.deepEqual([last.stage, last.name, last.outcome], ['ended', 'evaluateStep', 'done']);
  t.deepEqual(Object.keys(last).sort(), [
    'id',
    'name',
    'outcome',
    'pausedMs',
    'queued',
    'runMs',
    'running',
    'stage',
    'threads',
    'waitedMs',
  ]);
});
