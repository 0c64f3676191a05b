// How long `predict` of a small network takes while long simulations run, from the main thread and from worker threads.
//
//   node benches/latency.mjs [--simulations 32] [--seconds 10] [--workers 4] [--json]
//
// Prints the percentiles in ms, idle and loaded. The simulations are endless: they are aborted at the end.
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { circuits } from '../dist/circuit.js';
import { dense, engineStatus, environment, sequential } from '../dist/index.js';
import { lif } from '../dist/neurons.js';

const { values: options } = parseArgs({
  options: {
    simulations: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '10' },
    workers: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
});

/** Predicts one sample after the other for some seconds; what each took, in ms. */
async function predict(seconds) {
  const model = await sequential(
    dense(784, 100),
    lif({ beta: 0.9 }),
    dense(100, 10),
    lif({ beta: 0.9 }),
  ).compile({ seed: 1 });
  const x = Float32Array.from({ length: 784 }, (_, i) => ((i * 37) % 100) / 100);
  const taken = [];
  const until = performance.now() + 1000 * seconds;
  while (performance.now() < until) {
    const begun = performance.now();
    await model.predict({ x, shape: [1, 784] }, { steps: 10 });
    taken.push(performance.now() - begun);
    // As requests come: not all the time.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  model.dispose();
  return taken;
}

function percentiles(taken) {
  const sorted = [...taken].sort((a, b) => a - b);
  const at = (share) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(3));
  return { calls: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

if (!isMainThread) {
  parentPort.postMessage(await predict(workerData.seconds));
} else {
  const seconds = Number(options.seconds);
  const inWorkers = (count) =>
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), { workerData: { seconds } });
          worker.once('message', resolve).once('error', reject);
        }),
    );
  const measure = async () => {
    const main = percentiles(await predict(seconds));
    const workers = (await Promise.all(inWorkers(Number(options.workers)))).flat();
    return { main, workers: percentiles(workers) };
  };
  const report = { ...environment(), cpuFeatures: undefined, simdAvailable: undefined };
  const idle = await measure();
  const stop = new AbortController();
  const simulations = [];
  for (let i = 0; i < Number(options.simulations); i++) {
    const { circuit: network, dt } = circuits.brunel({ scale: 0.1, seed: i });
    const simulation = await network.compile({ dt, seed: i });
    simulations.push(simulation.run(1e6, { signal: stop.signal }).catch(() => simulation.time));
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const before = engineStatus();
  const loaded = await measure();
  stop.abort();
  const simulated = await Promise.all(simulations);
  const result = {
    ...report,
    simulations: simulations.length,
    begun: before.tasks.length,
    paused: before.tasks.filter(({ paused }) => paused).length,
    simulatedMs: { least: Math.min(...simulated), most: Math.max(...simulated) },
    idle,
    loaded,
  };
  if (options.json) console.log(JSON.stringify(result));
  else console.dir(result, { depth: 4 });
}
