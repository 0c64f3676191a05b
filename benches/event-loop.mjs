// How long large inputs keep Node's event loop busy: the longest time between two turns of the loop while one call runs.
//
//   node benches/event-loop.mjs [NAME …]     all tasks, or those whose names contain one of the words
//
// Prints a JSON line for each task: `delay_ms`, the longest delay of the loop (perf_hooks, wall time: other work on the machine counts), and on Linux
// `cpu_ms`, the longest CPU time of the main thread between two turns, which other work does not change; `total_ms` is the whole call's wall time.
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { tasks } from './support/event-loop-tasks.mjs';
import { fail, print, rounded } from './support/turns.mjs';

const words = process.argv.slice(2);
const chosen = tasks.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0)
  fail(`no task has such a name; there are: ${tasks.map(({ name }) => name).join(', ')}`);
const missed = [];
for (const { name, prepare, run } of chosen) {
  try {
    const input = await prepare();
    print({ task: name, ...(await longest(() => run(input))) });
  } catch (error) {
    missed.push(`${name}: ${error.message}`);
  }
}
if (missed.length > 0) fail(missed.join('\n'));

/** The longest block of the event loop while a call runs, from before it to a turn after it. */
async function longest(call) {
  globalThis.gc?.();
  // The program's own preparation is over.
  await pause(20);
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  let [isRunning, cpu, last] = [true, 0, ownTime()];
  const look = () => {
    const now = ownTime();
    cpu = Math.max(cpu, now - last);
    last = now;
  };
  const looking = (async () => {
    while (isRunning) {
      await turn();
      look();
      // Not without a rest: the loop's own turns would take a core.
      await pause(1);
      look();
    }
  })();
  histogram.enable();
  await pause(5);
  const start = performance.now();
  await call();
  const total = performance.now() - start;
  // The timer of the histogram fires once more.
  await pause(5);
  histogram.disable();
  isRunning = false;
  await looking;
  const own = Number.isNaN(cpu) ? {} : { cpu_ms: rounded(cpu) };
  return { delay_ms: rounded(histogram.max / 1e6), ...own, total_ms: rounded(total) };
}

/** CPU time of the main thread in ms; not a number where the system does not tell. */
function ownTime() {
  if (process.platform !== 'linux') return Number.NaN;
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}
