// Steps of a session that change nothing are not computed: spikes and states keep the bits of a run, which computes every step.
import test from 'ava';
import { cubaLif, integrateAndFire, li, lif } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  type Network,
  type NetworkOptions,
  sequential,
} from '../../src-ts/index.ts';
import { noisy } from '../support/neurons.ts';

const gain = { initial: { kind: 'fan-in-uniform', gain: 4 } } as const;
const image = (channels: number) => ({ inputs: [channels, 16, 16] as const });

const networks: Record<string, { network: Network; options?: NetworkOptions; inputs: number }> = {
  dense: {
    network: sequential(dense(64, 150, gain), lif({ beta: 0.6 }), dense(150, 70, gain), lif({ beta: 0.5 })),
    inputs: 64,
  },
  'a bias that makes neurons fire': {
    network: sequential(dense(64, 70, { initial: { kind: 'fan-in-uniform', gain: 12 } }), lif({ beta: 0.6 })),
    inputs: 64,
  },
  convolutions: {
    network: sequential(
      conv2d(2, 8, 3, { padding: 1, ...gain }),
      lif({ beta: 0.5 }),
      avgPool2d(2),
      conv2d(8, 4, 3, { ...gain, bias: false }),
      batchNorm(),
      cubaLif({ alpha: 0.4, beta: 0.5 }),
      flatten(),
      dense(144, 70, gain),
      lif({ beta: 0.5 }),
    ),
    options: image(2),
    inputs: 512,
  },
  recurrent: {
    network: sequential(
      dense(64, 70, gain),
      cubaLif({ alpha: 0.4, beta: 0.5, recurrent: 'dense' }),
      dense(70, 65, gain),
      lif({ beta: 0.5, recurrent: 'one-to-one', refractorySteps: 3 }),
    ),
    inputs: 64,
  },
  'states that are read': {
    network: sequential(
      dense(64, 70, gain),
      li({ beta: 0.5 }),
      dense(70, 65, gain),
      cubaLif({ alpha: 0.3, beta: 0.4 }),
    ),
    options: { precision: 'f64' },
    inputs: 64,
  },
  'without projections': {
    network: sequential(lif({ beta: 0.5, vThreshold: 0.4 }), integrateAndFire(), li({ beta: 0.2 })),
    options: { inputs: 200 },
    inputs: 200,
  },
  noise: { network: sequential(dense(64, 70, gain), noisy()), inputs: 64 },
};

/** Two bursts of events at few channels, with 600 steps of silence behind each. */
function bursts(inputs: number): Uint32Array[] {
  let state = 5;
  const below = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return Array.from({ length: 1300 }, (_, step) => {
    const isBurst = step % 650 < 50;
    const channels = new Set(Array.from({ length: isBurst ? 1 + below(20) : 0 }, () => below(inputs)));
    return Uint32Array.from(channels).sort();
  });
}

for (const [name, { network, options, inputs }] of Object.entries(networks)) {
  test(`silent steps of a session, ${name}: bits of a run`, async (t) => {
    using model = await network.compile({ seed: 4, ...options });
    const events = bursts(inputs);
    const x = new Float32Array(events.length * inputs);
    events.forEach((channels, step) => {
      for (const channel of channels) x[step * inputs + channel] = 1;
    });
    const states = model.info.recordable.filter((recording) => !recording.endsWith('.current'));
    const run = await model.run({ x, shape: [events.length, 1, inputs] }, { record: states });
    using pushed = await model.session({ record: states });
    using advanced = await model.session();
    const fired = events.map((channels) => [...pushed.push(channels)]);
    for (const state of states) {
      const all = run.recordings[state]!;
      t.deepEqual(pushed.recorded(state), all.slice(-all.length / events.length), state);
    }
    const { spikes } = run;
    if (spikes !== undefined) {
      const outputs = spikes.length / events.length;
      const ofRun = fired.map((_, step) =>
        [...Array(outputs).keys()].filter((n) => spikes[step * outputs + n]),
      );
      t.deepEqual(fired, ofRun);
    }
    // The same with the silent steps together.
    const again: number[][] = [];
    while (again.length < events.length) {
      const next = events.findIndex((channels, i) => i >= again.length && channels.length > 0);
      const silent = (next < 0 ? events.length : next) - again.length;
      if (silent === 0) again.push([...advanced.push(events[again.length]!)]);
      else {
        const { steps, spikes } = advanced.advance(silent);
        for (let i = 1; i < steps; i++) again.push([]);
        again.push([...spikes]);
      }
    }
    t.deepEqual(again, fired);
    t.is(advanced.steps, events.length);
    t.deepEqual(advanced.membrane(), pushed.membrane());
  });
}
