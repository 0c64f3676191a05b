// What does not change costs nothing: a camera of events and a spiking network see a still, a moving and a flickering scene, beside a
// network that takes every frame.
import assert from 'node:assert/strict';
import { dense, sequential } from 'lapicque';
import { eventCamera, streamEvents } from 'lapicque/events';
import { lif } from 'lapicque/neurons';

const [side, frames, dt, hidden, outputs] = [32, 400, 5000, 64, 4];
const pixels = side * side;

const scenes = {
  still: (x, y) => 0.3 + 0.2 * Math.sin(x / 3) * Math.cos(y / 4),
  // A bar that crosses the image in 0.4 s, again and again.
  moving: (x, _y, t) => (Math.abs(x - ((t / 12_500) % side)) < 2 ? 0.9 : 0.3),
  // A lamp of 4 x 4 pixels, 10 times a second.
  flickering: (x, y, t) => (x < 4 && y < 4 && t % 100_000 < 50_000 ? 0.9 : 0.3),
};

const neuron = { beta: 0.9 };
const weights = { initial: { kind: 'fan-in-uniform', gain: 3 }, bias: false };
const network = (inputs) =>
  sequential(
    dense(inputs, hidden, weights),
    lif(neuron),
    dense(hidden, outputs, weights),
    lif(neuron),
  ).compile({ seed: 1 });
const [ofEvents, ofFrames] = await Promise.all([network(2 * pixels), network(pixels)]);

const rows = [];
for (const [scene, light] of Object.entries(scenes)) {
  const images = Array.from({ length: frames }, (_, i) =>
    Float32Array.from({ length: pixels }, (_, at) => light(at % side, Math.floor(at / side), i * dt)),
  );

  // Camera, then session: pixels that change, events, synapses of the channels that fire.
  const camera = eventCamera({ width: side, height: side, on: 0.2, off: 0.2 });
  const session = await ofEvents.session({ record: ['lif1.spikes'] });
  let [events, seen, hiddenSpikes] = [0, 0, 0];
  async function* watched() {
    for (const [i, image] of images.entries()) {
      const batch = camera.push(image, i * dt);
      events += batch.t.length;
      if (batch.t.length > 0) yield batch;
    }
    seen = camera.operations - pixels;
  }
  const began = performance.now();
  const stream = streamEvents(session, watched(), {
    sensor: camera.sensor,
    step: dt,
    onStep: () => {
      for (const spike of session.recorded('lif1.spikes')) hiddenSpikes += spike;
    },
  });
  await stream.count(outputs);
  const eventTime = performance.now() - began;
  const { inputs, steps } = stream.statistics;

  // Every frame, every pixel.
  const frameSession = await ofFrames.session();
  const start = performance.now();
  for (const image of images) frameSession.push(image);
  const frameTime = performance.now() - start;

  const synapses = inputs * hidden + hiddenSpikes * outputs;
  rows.push({ scene, events, seen, synapses, steps, eventTime, macs: frames * pixels * hidden, frameTime });
}

const columns = [
  ['scene', 12],
  ['events', 9],
  ['pixels updated', 16],
  ['synaptic operations', 21],
  ['ms', 8],
  ['frames: multiply-adds', 23],
  ['ms', 8],
];
console.log(columns.map(([name, width]) => name.padStart(width)).join(''));
for (const { scene, events, seen, synapses, eventTime, macs, frameTime } of rows) {
  const values = [scene, events, seen, synapses, eventTime.toFixed(1), macs, frameTime.toFixed(1)];
  console.log(values.map((value, i) => String(value).padStart(columns[i][1])).join(''));
}
console.log(
  `${frames} frames of ${side} x ${side} pixels in ${(frames * dt) / 1e6} s; the first frame is not counted`,
);

const [still, moving, flickering] = rows;
// A network that gets no event has no step to take.
assert.deepEqual([still.events, still.seen, still.synapses], [0, 0, 0]);
// One frame is one window where nothing at all has come.
assert.ok(still.steps <= 1);
// The bar changes four columns at each pixel it moves on, the lamp 16 pixels 39 times.
assert.ok(moving.events > 1000 && flickering.events > 16 * 39);
assert.ok(moving.synapses < moving.macs / 4 && flickering.synapses < flickering.macs / 100);
const share = ({ synapses, macs }) => `${((100 * synapses) / macs).toFixed(1)} %`;
console.log(
  `of the frames' operations: still ${share(still)}, moving ${share(moving)}, flickering ${share(flickering)}`,
);
