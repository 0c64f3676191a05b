// Prometheus metrics, health checks and logs in JSON, of the library and of the commands, read over HTTP and by a parser of others.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { study } from '../../src-ts/doors/study.ts';
import { start } from '../support/program.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';
import { sleep } from '../support/studies.ts';

interface Family {
  name: string;
  help: string;
  type: string;
  metrics: { value: string; labels?: Record<string, string> }[];
}
const parse = createRequire(import.meta.url)('parse-prometheus-text-format') as (text: string) => Family[];

/** Once more where a kept connection was closed just before it was used again. */
const get = (url: string, options?: RequestInit) => fetch(url, options).catch(() => fetch(url, options));

/** Families by name, after what a scraper demands: each is there once, with help and type. */
function families(text: string): Map<string, Family> {
  const list = parse(text);
  const found = new Map(list.map((family) => [family.name, family]));
  if (found.size !== list.length) throw new Error(`a family is there twice:\n${text}`);
  for (const { name, help, type, metrics } of list)
    if (!/^[a-z_]+$/.test(name) || help === '' || !/^(gauge|counter)$/i.test(type) || metrics.length === 0)
      throw new Error(`${name}: ${JSON.stringify({ help, type, metrics })}`);
  return found;
}

/** The value of a family's sample with these labels. */
function value(of: Map<string, Family>, name: string, labels: Record<string, string> = {}): number {
  const family = of.get(name);
  const sample = family?.metrics.find((sample) =>
    Object.entries(labels).every(([label, wanted]) => sample.labels?.[label] === wanted),
  );
  if (sample === undefined) throw new Error(`no ${name} ${JSON.stringify(labels)} in ${[...of.keys()]}`);
  return Number(sample.value.replace('Inf', 'Infinity'));
}

let folder: string;
test.before(async () => {
  folder = resolve(await mkdtemp(join('build', 'metrics-')));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

test('the engine counts a simulation that runs', async (t) => {
  const program = await promisify(execFile)(process.execPath, [
    resolve('__test__/support/engine-metrics.mjs'),
  ]);
  const [before, during, after] = (JSON.parse(program.stdout) as string[]).map(families);
  t.is(value(before!, 'lapicque_engine_tasks', { state: 'running' }), 0);
  t.is(value(before!, 'lapicque_engine_queue_limit'), Number.POSITIVE_INFINITY);
  t.is(value(during!, 'lapicque_engine_tasks', { state: 'running' }), 1);
  t.is(value(during!, 'lapicque_engine_queued_calls'), 1);
  t.true(value(during!, 'lapicque_engine_oldest_task_seconds') > 0);
  t.true(value(during!, 'lapicque_engine_memory_available_bytes') > 2 ** 20);
  t.is(value(after!, 'lapicque_engine_tasks', { state: 'running' }), 0);
});

test('a stored study, whose name has characters that the format escapes', async (t) => {
  const name = 'a "name" \\ of\ntwo lines';
  const store = join(folder, 'escaped');
  const before = Date.now() / 1000;
  await study({
    ...{ name, store, search: { kind: 'random' } as const },
    space: { x: { kind: 'uniform', low: 0, high: 1 } as const },
    objective: ({ x }, trial) => {
      if (trial.number === 1) throw new Error('the second');
      return x;
    },
  }).run({ trials: 5 });
  const view = await study.open(store);
  const text = await view.metrics();
  // The parser does not undo escapes; the format says that these three are escaped.
  const label = 'a \\"name\\" \\\\ of\\ntwo lines';
  t.true(text.includes(`{study="${label}",state="failed"} 1\n`), text);
  const found = families(text.replaceAll(label, 'x'));
  t.is(value(found, 'lapicque_study_trials_ended_total', { study: 'x', state: 'complete' }), 4);
  t.is(value(found, 'lapicque_study_trials_ended_total', { state: 'pruned' }), 0);
  t.is(value(found, 'lapicque_study_trials_running'), 0);
  t.is(value(found, 'lapicque_study_best_value'), (await view.best())!.values![0]!);
  const last = value(found, 'lapicque_study_last_result_timestamp_seconds');
  t.true(last >= before - 1 && last <= Date.now() / 1000 + 1);
});

interface Line {
  time: string;
  level: string;
  event: string;
  message?: string;
  [field: string]: unknown;
}

/** A command with `--log-format json`; every line of stderr must be an object. */
function logged(args: readonly string[]) {
  const started = start([...args, '--log-format', 'json'], folder);
  const lines: Line[] = [];
  let rest = '';
  started.child.stderr.on('data', (text) => {
    const pieces = (rest + text).split('\n');
    rest = pieces.pop()!;
    for (const piece of pieces) lines.push(JSON.parse(piece));
  });
  const url = async () => {
    for (;;) {
      const found = lines.find(({ message }) => message?.startsWith('metrics: '));
      if (found !== undefined) return found.message!.replace(/^metrics: (.*)\/metrics$/, '$1');
      if (started.child.exitCode !== null) throw new Error((await started.ended).stderr);
      await sleep(20);
    }
  };
  return { ...started, lines, url };
}

const slow = `{ name: 'slow', search: { kind: 'random' }, space: { x: { kind: 'uniform', low: 0, high: 1 } },
  objective: async ({ x }, trial) => {
    console.log('trial ' + trial.number + '\\nsecond line');
    console.error('to stderr');
    if (trial.number === 3) throw new Error('the fourth');
    await new Promise((resolve) => setTimeout(resolve, 100));
    return x;
  } }`;

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(50);
  }
}

for (const jobs of ['1', '2'])
  test(`sweep --metrics --jobs ${jobs}: scraped while it runs; all of stderr is JSON`, async (t) => {
    t.timeout(120_000);
    const file = join(folder, `slow-${jobs}.mjs`);
    await writeFile(file, `export default ${slow};\n`);
    const args = ['sweep', file, '--store', join(folder, `store-${jobs}`), '--trials', '30', '--jobs', jobs];
    const sweep = logged([...args, '--metrics', '0']);
    const url = await sweep.url();
    t.regex(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    const scraped = await until(async () => {
      const response = await get(`${url}/metrics`);
      t.is(response.status, 200);
      t.regex(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
      const found = families(await response.text());
      const isStored = found.has('lapicque_study_trials_running');
      return isStored && value(found, 'lapicque_study_trials_ended_total', { state: 'failed' }) === 1
        ? found
        : undefined;
    });
    t.is(value(scraped, 'lapicque_study_trials_planned', { study: 'slow' }), 30);
    t.true(value(scraped, 'lapicque_study_trials_running') <= Number(jobs));
    t.true(value(scraped, 'lapicque_study_trials_ended_total', { state: 'complete' }) >= 2);
    t.true(value(scraped, 'process_resident_memory_bytes') > 2 ** 20);
    t.true(value(scraped, 'lapicque_engine_threads_max') >= 1);
    t.false(scraped.has('lapicque_redis_up'));
    for (const path of ['/health', '/ready']) {
      const response = await get(`${url}${path}`);
      t.is(response.status, 200);
      t.deepEqual(await response.json(), { status: 'ok' });
    }
    t.is((await get(`${url}/other`)).status, 404);
    const { code, stderr } = await sweep.ended;
    t.is(code, 0, stderr);
    await t.throwsAsync(fetch(`${url}/health`));
    const { lines } = sweep;
    t.true(
      lines.every(
        ({ time, level }) => !Number.isNaN(Date.parse(time)) && /^(info|warning|error)$/.test(level),
      ),
    );
    t.is(lines.filter(({ event }) => event === 'trial').length, 30);
    t.like(lines.find(({ event, number }) => event === 'trial' && number === 3)!, {
      level: 'warning',
      state: 'failed',
    });
    const printed = lines.filter(({ event }) => event === 'output').map(({ message }) => message);
    t.is(printed.filter((line) => line === 'second line').length, 30);
    t.is(printed.filter((line) => line === 'to stderr').length, 30);
    t.like(lines.findLast(({ event }) => event === 'progress')!, { label: 'slow', done: 30, total: 30 });
  });

test('errors, warnings and the progress of a training are lines, too', async (t) => {
  const unknown = await start(['train', 'none.json', '--log-format', 'json', '--nonsense'], folder).ended;
  t.is(unknown.code, 2);
  t.like(JSON.parse(unknown.stderr), { level: 'error', event: 'error', code: 'unknown-name' });
  const missing = await start(['train', 'none.json', '--log-format', 'json'], folder).ended;
  t.is(missing.code, 1);
  t.like(JSON.parse(missing.stderr), { event: 'error', code: 'io' });
  const recipe = `import { dense, loss, sequential } from 'lapicque';
import { DataLoader } from 'lapicque/data';
import { lif } from 'lapicque/neurons';
process.emitWarning('careful');
console.warn('printed');
const data = { x: new Float32Array(40).fill(1), y: new Int32Array(10), shape: [10, 4] };
export default { network: sequential(dense(4, 2), lif({ beta: 0.9 })), data: new DataLoader(data, { batchSize: 5 }),
  fit: { steps: 3, epochs: 2, loss: loss.crossEntropyCount() } };\n`;
  await writeFile(join(folder, 'recipe.mjs'), recipe);
  const { code, stderr, stdout } = await start(['train', 'recipe.mjs', '--log-format', 'json'], folder).ended;
  t.is(code, 0, stderr);
  t.regex(stdout, /epoch/);
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  t.like(lines.find(({ event }) => event === 'warning')!, { level: 'warning', message: 'careful' });
  t.like(lines.find(({ event }) => event === 'output')!, { message: 'printed' });
  t.like(lines.findLast(({ event }) => event === 'progress')!, { label: 'training', done: 4, total: 4 });
});

test('an address that cannot be used', async (t) => {
  const file = join(folder, 'address.mjs');
  await writeFile(file, `export default ${slow};\n`);
  const sweep = (address: string) =>
    start(['sweep', file, '--trials', '1', '--metrics', address], folder).ended;
  const nonsense = await sweep('here');
  t.is(nonsense.code, 2);
  t.regex(nonsense.stderr, /--metrics: expected a port, or host:port/);
  t.is((await sweep('70000')).code, 2);
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const taken = await sweep(String((server.address() as AddressInfo).port));
  server.close();
  t.is(taken.code, 1);
  t.regex(taken.stderr, /EADDRINUSE/);
});

const over = hasRedis ? test : test.skip;

over('a coordinator and a worker, while Redis is there and while it is not', async (t) => {
  t.timeout(180_000);
  const file = join(folder, 'redis.mjs');
  await writeFile(file, `export default ${slow};\n`);
  await using server = await RedisServer.start(['--appendonly', 'yes', '--dir', folder]);
  const redis = ['--redis', server.url, '--metrics', '127.0.0.1:0'];
  const coordinator = logged(['sweep', file, '--store', join(folder, 'redis'), '--trials', '400', ...redis]);
  const url = await coordinator.url();
  const scrape = async (url: string) => families(await (await get(`${url}/metrics`)).text());
  const alone = await until(async () => {
    const found = await scrape(url);
    return found.has('lapicque_study_trials_waiting') && value(found, 'lapicque_study_trials_waiting') > 0
      ? found
      : undefined;
  });
  t.is(value(alone, 'lapicque_redis_up'), 1);
  t.is(value(alone, 'lapicque_study_workers'), 0);
  t.false(alone.has('lapicque_study_worker_heartbeat_timestamp_seconds'));
  const worker = logged(['sweep', 'worker', file, '--jobs', '2', '--lock', '2', ...redis]);
  const workerUrl = await worker.url();
  const both = await until(async () => {
    const found = await scrape(url);
    return value(found, 'lapicque_study_workers') === 1 ? found : undefined;
  });
  t.is(value(both, 'lapicque_study_worker_slots'), 2);
  const beat = value(both, 'lapicque_study_worker_heartbeat_timestamp_seconds', { study: 'slow' });
  t.true(Math.abs(Date.now() / 1000 - beat) < 20, String(beat));
  const own = await until(async () => {
    const found = await scrape(workerUrl);
    return value(found, 'lapicque_worker_trials_ended_total', { state: 'complete' }) > 0 ? found : undefined;
  });
  t.is(value(own, 'lapicque_worker_slots'), 2);
  t.is(value(own, 'lapicque_redis_up'), 1);
  t.true(Math.abs(Date.now() / 1000 - value(own, 'lapicque_worker_heartbeat_timestamp_seconds')) < 20);

  await server.kill();
  for (const each of [url, workerUrl]) {
    await until(async () => ((await get(`${each}/ready`)).status === 503 ? true : undefined));
    t.is(value(await scrape(each), 'lapicque_redis_up'), 0);
    t.is((await get(`${each}/health`)).status, 200);
  }
  await server.start();
  for (const each of [url, workerUrl])
    await until(async () => ((await get(`${each}/ready`)).status === 200 ? true : undefined));
  for (const { child } of [coordinator, worker]) child.kill('SIGTERM');
  t.is((await worker.ended).code, 143);
  t.is((await coordinator.ended).code, 143);
  t.true(coordinator.lines.some(({ message }) => message?.includes('does not answer')));
});
