// Does speed hold for other sizes? Each training task, and Brunel's network, at its specified size and at a second one, in turns.
//
//   node benches/second-size.mjs [TASK…] [--rounds 3] [--steps 10] [--seconds 1]
//
// TASK is dense_static, dense_rate, deep or brunel; default all. Prints a JSON line for each task: nanoseconds of a training
// step per synaptic operation (additions of weights at events in the forward pass), or of a simulation per synaptic event,
// at both sizes, medians over the rounds, and their ratio. Tuning that serves one size only would show here.
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { program } from 'commander';
import { fail, positive } from './support/turns.mjs';

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
program
  .description('the cost of an operation at the specified size of a task and at a second one, in turns')
  .argument('[task...]', 'dense_static, dense_rate, deep or brunel; default all')
  .option('--rounds <n>', 'turns of each size', '3')
  .option('--steps <n>', 'timed training steps of a turn', '10')
  .option('--seconds <s>', 'biological seconds of a turn', '1')
  .parse();
const [values, positionals] = [program.opts(), program.args];
for (const name of ['rounds', 'steps', 'seconds']) positive(name, values[name]);
const dense = ['--size', '784-800-10', '--T', '20', '--batch', '100'];
const second = {
  dense_static: dense,
  dense_rate: dense,
  deep: ['--layers', '3', '--width', '768'],
  brunel: [fileURLToPath(new URL('support/small-brunel.mjs', import.meta.url))],
};

const run = promisify(execFile);
async function cost(task, size) {
  if (task === 'brunel') return costOfEvent(size[0] ?? task);
  const args = [cli, 'bench', task, '--json', '--steps', values.steps, ...size];
  const { stdout } = await run(process.execPath, args);
  const { step_ms, synaptic_operations } = JSON.parse(stdout);
  return (step_ms.med * 1e6) / synaptic_operations;
}
async function costOfEvent(network) {
  const { stdout } = await run(process.execPath, [
    cli,
    'simulate',
    network,
    '--json',
    '--seconds',
    values.seconds,
  ]);
  const { sim_s, syn_events } = JSON.parse(stdout);
  return (sim_s * 1e9) / syn_events;
}
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

for (const task of positionals.length > 0 ? positionals : Object.keys(second)) {
  if (!second[task]) fail(`${task} is not one of ${Object.keys(second).join(', ')}`);
  const [specified, other] = [[], []];
  for (let round = 0; round < Number(values.rounds); round++) {
    specified.push(await cost(task, []));
    other.push(await cost(task, second[task]));
  }
  const [a, b] = [median(specified), median(other)];
  const digits = (x) => Number(x.toPrecision(3));
  console.log(
    JSON.stringify({
      task,
      ns: digits(a),
      second: second[task].map((word) => basename(word)).join(' '),
      second_ns: digits(b),
      ratio: digits(b / a),
    }),
  );
}
