// Trials a second of a CPU-bound objective with one and two Redis workers (`lapicque sweep worker --jobs 1`), in turns.
//   node benches/sweep-redis.mjs [rounds] [trials]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { study } from 'lapicque/study';

const [rounds, trials] = [Number(process.argv[2] ?? 3), Number(process.argv[3] ?? 40)];
const folder = mkdtempSync('build/sweep-redis-bench-');
const file = resolve(folder, 'study.mjs');
// A fixed amount of work: time that passes would be shared by any number of workers.
writeFileSync(
  file,
  `import { search, space, study } from 'lapicque/study';
export default study({
  name: 'work', space: { x: space.uniform(0, 1) }, search: search.random(), store: 'none',
  objective: ({ x }) => { let y = x; for (let i = 0; i < 1e7; i++) y = Math.sin(y + 1); return y; },
});`,
);

const server = createServer().listen(0, '127.0.0.1');
await new Promise((done) => server.once('listening', done));
const { port } = server.address();
server.close();
const redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
  stdio: 'ignore',
});
const url = `redis://127.0.0.1:${port}`;
const lapicque = (...args) => {
  const child = spawn(process.execPath, ['dist/cli.js', 'sweep', ...args, '--redis', url], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((done, failed) =>
    child.on('exit', (code) => (code === 0 ? done() : failed(new Error(`exit ${code}`)))),
  );
};

const rates = { 1: [], 2: [] };
try {
  for (let round = 0; round < rounds; round++)
    for (const workers of [1, 2]) {
      const store = join(folder, `${workers}-${round}`);
      const coordinator = lapicque(file, '--store', store, '--trials', String(trials));
      await Promise.all([
        coordinator,
        ...Array.from({ length: workers }, () => lapicque('worker', file, '--jobs', '1')),
      ]);
      const done = (await (await study.open(store)).trials()).sort((a, b) => a.ended - b.ended);
      // From when all workers are under way.
      const [first, last] = [done[2 * workers - 1].ended, done.at(-workers).ended];
      rates[workers].push(((done.length - 3 * workers + 1) / (last - first)) * 1000);
    }
} finally {
  redis.kill();
  rmSync(folder, { recursive: true, force: true });
}
const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
const [one, two] = [median(rates[1]), median(rates[2])];
console.log(JSON.stringify({ sweep_redis: { trials, rates, one, two, ratio: two / one } }));
