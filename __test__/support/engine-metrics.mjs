// Prints the metrics of the engine before, during and after a simulation, as a JSON list of three texts. A process of
// its own: the engine counts the tasks of the whole process, and test files run in threads of one.
import { setTimeout as sleep } from 'node:timers/promises';
import { engineMetrics } from 'lapicque';
import { circuit, connect, poisson, population } from 'lapicque/circuit';
import { lif } from 'lapicque/neurons';

const E = population(lif, 2000, { like: 'nest', tauMem: 20, name: 'E' });
const simulation = await circuit(E, connect(poisson(4000), E, { weight: 0.5 })).compile({ dt: 0.1 });

/** The metrics, once a task has run for some time (`true`) or none runs any more. */
async function metricsWhen(runs) {
  for (let i = 0; i < 500; i += 1) {
    const text = engineMetrics();
    const tasks = Number(/^lapicque_engine_tasks\{state="running"\} (\S+)$/m.exec(text)?.[1]);
    const seconds = Number(/^lapicque_engine_oldest_task_seconds (\S+)$/m.exec(text)?.[1]);
    if (runs ? seconds > 0 : tasks === 0) return text;
    await sleep(20);
  }
  return engineMetrics();
}

const before = await metricsWhen(false);
const controller = new AbortController();
const [run, next] = [simulation.run(200_000, { signal: controller.signal }), simulation.run(1)];
const aborted = run.catch((error) => error);
const during = await metricsWhen(true);
controller.abort();
await Promise.all([aborted, next]);
const after = await metricsWhen(false);
console.log(JSON.stringify([before, during, after]));
