// A load test of server.mjs: predictions by autocannon and event streams by ws, while the server trains; latency percentiles and
// the delay of the event loop.
//   node load.mjs [--seconds 5] [--connections 16] [--streams 16] [--json]
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { mnist } from 'lapicque/data';
import WebSocket from 'ws';
import { buildServer } from './server.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
    streams: { type: 'string', default: '16' },
    json: { type: 'boolean', default: false },
  },
});
const [seconds, connections, streams] = [values.seconds, values.connections, values.streams].map(Number);

const { server } = await buildServer({ epochs: 1000 });
const address = await server.listen({ port: 0, host: '127.0.0.1' });
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

const { images } = await mnist();
const pixels = Array.from(images.subarray(0, 784));
const [predictions, steps] = await Promise.all([predict(), stream()]);
delay.disable();

const metrics = await (await fetch(`${address}/metrics`)).text();
await server.close();

const of = (histogram) => ({
  p50: histogram(50),
  p90: histogram(90),
  p99: histogram(99),
  max: histogram(100),
});
const sorted = Float64Array.from(steps.latencies).sort();
const result = {
  predictions: {
    perSecond: Math.round(predictions.requests.average),
    failed: predictions.non2xx + predictions.errors,
    ms: {
      p50: predictions.latency.p50,
      p90: predictions.latency.p90,
      p99: predictions.latency.p99,
      max: predictions.latency.max,
    },
  },
  stream: {
    stepsPerSecond: Math.round(sorted.length / seconds),
    ms: of((p) =>
      Number(sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))].toFixed(3)),
    ),
  },
  eventLoopDelayMs: of((p) => Number((delay.percentile(p) / 1e6).toFixed(2))),
  tasksCounted: /lapicque_task_duration_count/.test(metrics),
};
console.log(values.json ? JSON.stringify(result) : result);
if (result.predictions.failed > 0 || !result.tasksCounted) process.exitCode = 1;

function predict() {
  return autocannon({
    url: `${address}/predict`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ pixels }),
    connections,
    duration: seconds,
  });
}

/** Each client sends a step when the answer to the last has come. */
async function stream() {
  const latencies = [];
  const end = performance.now() + 1000 * seconds;
  const channels = JSON.stringify([...pixels.keys()].filter((i) => pixels[i] > 0.5));
  await Promise.all(
    Array.from({ length: streams }, async () => {
      const socket = new WebSocket(`${address.replace('http', 'ws')}/stream`);
      await once(socket, 'open');
      // A stream that ends before its time fails the test; waiting for a message of a closed socket would never end.
      const closed = once(socket, 'close').then(([code, reason]) => {
        if (performance.now() < end) throw new Error(`the stream was closed: ${code} ${reason}`);
      });
      while (performance.now() < end) {
        const start = performance.now();
        socket.send(channels);
        await Promise.race([once(socket, 'message'), closed]);
        latencies.push(performance.now() - start);
      }
      socket.close();
      await closed;
    }),
  );
  return { latencies };
}
