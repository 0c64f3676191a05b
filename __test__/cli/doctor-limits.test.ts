// `lapicque doctor` in a container: the CPUs and the memory that a control group or an affinity leaves, as the engine uses them.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);
const limit = 600 * 2 ** 20;

interface Report {
  threads: number;
  availableThreads: number;
  cpus: number;
  memory: { limit: number | null; available: number };
}

/** What doctor reports of a process that a shell has prepared. */
async function doctor(prepare: string, ...prefix: string[]): Promise<[Report, string]> {
  const { LAPICQUE_THREADS: _, ...env } = process.env;
  const of = async (...options: string[]) => {
    const command = [...prefix, process.execPath, 'dist/cli.js', 'doctor', ...options].join(' ');
    return (await run('sh', ['-c', `${prepare}exec ${command}`], { env })).stdout;
  };
  return [JSON.parse(await of('--json')) as Report, await of()];
}

const onLinux = process.platform === 'linux' && cpus().length > 1 ? test : test.skip;

onLinux('an affinity for one CPU is one thread, and says so', async (t) => {
  const [report, text] = await doctor('', 'taskset', '-c', '0');
  t.like(report, { threads: 1, availableThreads: 1, cpus: cpus().length });
  t.regex(text, new RegExp(`allows 1 of ${cpus().length} CPUs`));
});

/** Control groups of version 1 for one CPU and little memory; undefined if this process may not make them. */
function groups(): { join: string; remove(): void } | undefined {
  const name = `lapicque-doctor-${process.pid}`;
  const settings = {
    [`/sys/fs/cgroup/cpu/${name}`]: { 'cpu.cfs_period_us': 100_000, 'cpu.cfs_quota_us': 100_000 },
    [`/sys/fs/cgroup/memory/${name}`]: { 'memory.limit_in_bytes': limit },
  };
  const made: string[] = [];
  const remove = () => {
    for (const folder of made) rmdirSync(folder);
  };
  try {
    for (const [folder, values] of Object.entries(settings)) {
      mkdirSync(folder);
      made.push(folder);
      for (const [file, value] of Object.entries(values)) writeFileSync(`${folder}/${file}`, String(value));
    }
  } catch {
    remove();
    return undefined;
  }
  return { join: made.map((folder) => `echo $$ > ${folder}/cgroup.procs && `).join(''), remove };
}

test('a control group for one CPU and 600 MiB is one thread and at most that memory', async (t) => {
  const group = existsSync('/sys/fs/cgroup/cpu') && availableParallelism() > 1 ? groups() : undefined;
  if (group === undefined) {
    t.log('this process may not make control groups');
    t.pass();
    return;
  }
  try {
    const [report, text] = await doctor(group.join);
    t.like(report, { threads: 1, availableThreads: 1, cpus: cpus().length });
    t.is(report.memory.limit, limit);
    t.true(report.memory.available > 0 && report.memory.available < limit);
    t.regex(text, /limit of the control group: 600(\.0)? MiB/);
  } finally {
    group.remove();
  }
});
