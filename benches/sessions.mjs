// Steps of sessions that should cost only what happens in them: `node benches/sessions.mjs [--rounds 40]`.
//
// Prints a JSON line for each: a step of 2312-1000-10 neurons with 1,000 input events, beside the same input as values; a step of a
// convolution of 16 channels, 5 x 5, on 32 x 32 pixels with 100 events, with one, and without any once its neurons are at rest, beside
// a step of 10 neurons at rest, which is the call alone; an hour without events at 1 ms in `streamEvents`. Least times of one thread.
import { program } from 'commander';
import { conv2d, dense, sequential, setThreads } from 'lapicque';
import { streamEvents } from 'lapicque/events';
import { lif } from 'lapicque/neurons';
import { positive, print, rounded } from './support/turns.mjs';

program
  .description('steps of sessions with few events, or none')
  .option('--rounds <n>', 'rounds, of which the fastest counts', '40')
  .parse();
const rounds = positive('rounds', program.opts().rounds);
setThreads(1);

/** The least time of a call in µs, over rounds of 25 calls. */
function least(call) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    for (let i = 0; i < 25; i++) call(i);
    best = Math.min(best, (performance.now() - began) / 25);
  }
  return rounded(best * 1000);
}

const neuron = { beta: 0.9 };
const none = new Uint32Array(0);

{
  const model = await sequential(dense(2312, 1000), lif(neuron), dense(1000, 10), lif(neuron)).compile({
    seed: 1,
  });
  const session = await model.session();
  const events = Uint32Array.from({ length: 1000 }, (_, i) => Math.floor(i * 2.312));
  const values = new Float32Array(2312);
  for (const channel of events) values[channel] = 1;
  const [asEvents, asValues] = [least(() => session.push(events)), least(() => session.push(values))];
  print({ step: '2312-1000-10, 1,000 events', us: asEvents, dense: asValues });
}

{
  const small = await sequential(dense(10, 10), lif(neuron)).compile({ seed: 1 });
  const call = await small.session();
  call.advance(3000);
  const model = await sequential(conv2d(1, 16, 5, { padding: 2, bias: false }), lif(neuron)).compile({
    seed: 1,
    inputs: [1, 32, 32],
  });
  const session = await model.session();
  session.push([5, 100, 700]);
  for (let i = 0; i < 3000; i++) session.push(none);
  const silent = least(() => session.push(none));
  // Two alternating inputs, so that no step repeats the last.
  const of = (count) => [0, 3].map((at) => Uint32Array.from({ length: count }, (_, i) => 300 + at + 7 * i));
  const [one, hundred] = [of(1), of(100)].map((inputs) => least((i) => session.push(inputs[i % 2])));
  print({
    step: 'conv2d(1, 16, 5), 32 x 32',
    hundred,
    one,
    none: silent,
    call: least(() => call.push(none)),
  });
}

{
  const model = await sequential(dense(784, 100), lif(neuron), dense(100, 10), lif(neuron)).compile({
    seed: 1,
  });
  const events = {
    t: Float64Array.of(0, 3.6e9),
    x: Uint16Array.of(3, 4),
    y: Uint16Array.of(1, 2),
    polarity: Uint8Array.of(1, 1),
  };
  const times = [];
  let steps = 0;
  for (let round = 0; round < 9; round++) {
    const session = await model.session();
    const began = performance.now();
    const stream = streamEvents(session, events, { step: 1000, sensor: { width: 28, height: 14 } });
    for await (const _ of stream);
    times.push(performance.now() - began);
    steps = stream.statistics.steps;
  }
  print({
    stream: 'an hour between two events',
    steps,
    ms: rounded(Math.min(...times)),
    first: rounded(times[0]),
  });
}
