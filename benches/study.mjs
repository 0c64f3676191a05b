// What a study costs beside its objective: trivial trials, with and without a store.
//
//   node benches/study.mjs [--trials 10000] [--jobs 1] [--search random|tpe|sobol] [--rounds 3]
//
// Prints a JSON line for each round: `seconds` of the run, `us_a_trial`, `cpu_us_a_trial` (of this process).
// The store is in a temporary folder of the disk that TMPDIR is on; on a tmpfs an fsync is free.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from 'commander';
import { search, space, study } from 'lapicque/study';
import { print } from './support/turns.mjs';

program
  .option('--trials <n>', 'trivial trials', '10000')
  .option('--jobs <n>', 'at a time', '1')
  .option('--search <name>', 'random, tpe or sobol', 'random')
  .option('--rounds <n>', 'each of them', '3')
  .parse();
const options = program.opts();
const [trials, jobs, rounds] = ['trials', 'jobs', 'rounds'].map((name) => Number(options[name]));

const parameters = { x: space.uniform(-5, 10), y: space.uniform(0, 15), n: space.int(1, 8) };
const objective = ({ x, y, n }) => (x - 1) ** 2 + y + n;

for (let round = 0; round < rounds; round++) {
  for (const stored of [false, true]) {
    const folder = stored ? mkdtempSync(join(tmpdir(), 'lapicque-bench-')) : undefined;
    const store = stored ? { store: join(folder, 'study') } : {};
    const s = study({
      name: 'trivial',
      space: parameters,
      objective,
      search: search[options.search](),
      ...store,
    });
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    await s.run({ trials, jobs });
    const [ms, used] = [performance.now() - began, process.cpuUsage(cpu)];
    print({
      task: stored ? 'study with a store' : 'study in memory',
      search: options.search,
      trials,
      jobs,
      seconds: ms / 1000,
      us_a_trial: (1000 * ms) / trials,
      cpu_us_a_trial: (used.user + used.system) / trials,
    });
    if (stored) rmSync(folder, { recursive: true });
  }
}
