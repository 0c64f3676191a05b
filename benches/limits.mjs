// Each benchmark task beside the least time that its arithmetic and traffic take on this machine.
//
//   node benches/limits.mjs [TASK…] [--rounds 5] [--write]
//
// TASK is a task of `lapicque bench` or a network of `lapicque simulate`; default all. A round runs each task once in a process of its
// own, which probes the machine right after the task. Prints a JSON line for each task: the medians of the measured time, of the least
// time and of the share. `--write` also writes them to docs/benchmarks/limits.md. Nothing else should run meanwhile.
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { program } from 'commander';
import { lapicque } from './support/peers.mjs';
import { load, median, positive, print, rounded } from './support/turns.mjs';

program
  .argument('[task...]', 'default all')
  .option('--rounds <n>', 'runs of each task', '5')
  .option('--write', 'write docs/benchmarks/limits.md')
  .parse();
const { rounds: roundCount, write } = program.opts();
const rounds = positive('rounds', roundCount);

const training = (steps) => ({
  args: (name) => ['bench', name, '--steps', String(steps)],
  of: (run) => run.step_ms.min,
});
const stream = {
  args: (name) => ['bench', name, '--passes', '500'],
  of: (run) => run.us_per_step.min / 1000,
};
const network = (seconds) => ({
  args: (name) => ['simulate', name, '--seconds', String(seconds)],
  of: (run) => run.sim_s * 1000,
});
const tasks = {
  dense_static: training(20),
  dense_rate: training(20),
  deep: training(6),
  conv: training(8),
  shd: training(8),
  ssa: training(8),
  slstm: training(20),
  lmu: training(10),
  stream_dense: stream,
  stream_shd: stream,
  stream_deep: stream,
  coba: network(2),
  cobahh: network(0.5),
  brunel: network(1),
  'brunel-stdp': network(0.5),
  microcircuit: network(0.5),
};

const rows = [];
let rates;
for (const name of program.args.length > 0 ? program.args : Object.keys(tasks)) {
  const task = tasks[name];
  if (task === undefined)
    program.error(`there is no task ${name}; tasks are ${Object.keys(tasks).join(', ')}`);
  const runs = [];
  for (let round = 0; round < rounds; round++)
    runs.push(await lapicque([...task.args(name), '--limits', '--json']));
  const of = (value) => rounded(median(runs.map(value)));
  const names = [...new Set(runs.flatMap(({ parts_ms: parts }) => Object.keys(parts)))];
  const parts_ms = Object.fromEntries(names.map((part) => [part, of((run) => run.parts_ms[part] ?? 0)]));
  const row = {
    task: name,
    ms: of(task.of),
    least_ms: of((run) => run.least_ms),
    share: of((run) => run.share),
    parts_ms,
  };
  print({ ...row, load: load() });
  rows.push(row);
  rates = runs.at(-1).limits;
}

if (write) {
  const giga = (rate) => (rate / 1e9).toPrecision(3);
  const levels = ({ l1, l2, l3, memory }) => [l1, l2, l3, memory].map(giga).join(' / ');
  const lines = rows.map(({ task, ms, least_ms, share, parts_ms }) => {
    const parts = Object.entries(parts_ms).map(([part, took]) => `${part} ${took}`);
    return `| \`${task}\` | ${ms} | ${least_ms} | ${share.toFixed(2)} | ${parts.join(', ')} |`;
  });
  await writeFile(
    'docs/benchmarks/limits.md',
    `<!-- Written by \`node benches/limits.mjs --write\`. -->

# Benchmarks: what the machine allows

Each task beside the least time that its arithmetic and traffic take on the machine that ran it: the median of ${rounds} runs, ${rates.threads} threads
(streams one), ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}. The share is the least time over the measured time; 1 would be a program that does nothing but the work counted.

What is counted follows from shapes and from the counts of the engine ([\`least-time.ts\`](../../packages/bench/src/least-time.ts)): additions of weights by the spikes that
occurred, dense products, the operations of the neurons' compiled programs, the optimizer, delivered events, random numbers, and meetings of threads where all delays are known. Not counted: lists of
spikes, states that leave the registers, gaps between layers, the event loop. A part that a smarter method avoids (gradients of inputs where the surrogate is zero) is still counted as dense work, so a
share can exceed 1.

The rates are measured right after each task, by loops of nothing else: \`lapicque bench TASK --limits\`, \`lapicque simulate NAME --limits\`.

| probe | all threads together |
| --- | --- |
| multiply-adds, f32 | ${giga(rates.dense)} GFLOP/s |
| additions of rows of weights, L1 / L2 / L3 / memory | ${levels(rates.rowAdditions)} G/s |
| additions to random places, L1 / L2 / L3 / memory | ${levels(rates.scatteredAdditions)} G/s |
| memory, read / copied | ${giga(rates.read)} / ${giga(rates.copy)} GB/s |
| exponentials | ${giga(rates.exponentials)} G/s |
| divisions | ${giga(rates.divisions)} G/s |
| random words | ${giga(rates.randomWords)} G/s |
| meeting of the threads | ${(rates.barrier * 1e9).toFixed(0)} ns |

| task | measured, ms | least, ms | share | parts, ms |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`,
  );
}
