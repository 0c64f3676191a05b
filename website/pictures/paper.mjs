// Figures of the source paper (J. K. Eshraghian et al., Proceedings of the IEEE 111, 2023), each made by running the models that implement its sections.
import { dense, sequential } from 'lapicque';
import { encode } from 'lapicque/data';
import { eventCamera, streamEvents } from 'lapicque/events';
import { figure } from 'lapicque/figure';
import { alpha, cubaLif, hodgkinHuxley, izhikevich, lapicque, lif, surrogate } from 'lapicque/neurons';
import { inline } from './inline.mjs';
import { surrogateCurve } from './surrogates.mjs';

const line = (x, y, color, more = {}) => ({ type: 'line', x, y, color, ...more });
const time = (domain, hidden = false) => ({ label: 'time (ms)', domain, hidden });

/** Runs one neuron, or a few, with an input for each step. */
async function run(neuron, input, { dt = 1, record = ['v'], neurons = 1 } = {}) {
  const model = await sequential(neuron).compile({ inputs: neurons, dt, precision: 'f64' });
  const steps = input.length / neurons;
  const { spikes, recordings, v } = await model.run(
    { x: Float64Array.from(input), shape: [steps, 1, neurons] },
    { record: record.map((state) => `neuron.${state}`) },
  );
  const times = Float64Array.from({ length: steps }, (_, t) => (t + 1) * dt);
  return {
    times,
    v,
    spikes,
    ...Object.fromEntries(record.map((state) => [state, recordings[`neuron.${state}`]])),
  };
}

const named = { name: 'neuron' };
const pulse = (steps, at) => Float64Array.from({ length: steps }, (_, t) => Number(at.includes(t)));

/** The largest distance between two courses. */
export const deviation = (a, b) => a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);

/** The response of Lapicque's neuron to a constant current, and I R (1 - exp(-t / RC)). */
export async function rcStep() {
  const [r, c, current, dt] = [5, 1, 0.1, 0.05];
  const { times, v } = await run(
    lapicque({ ...named, r, c, timeStep: dt, vThreshold: 10 }),
    new Float64Array(500).fill(current),
    { dt },
  );
  const closed = times.map((t) => current * r * (1 - Math.exp(-t / (r * c))));
  return { times, v, closed };
}

/** The potential of the alpha neuron after one input spike, and the difference of its two exponentials. */
export async function alphaKernel() {
  const [a, b, at] = [0.9, 0.8, 5];
  const { times, v } = await run(alpha({ ...named, alpha: a, beta: b, vThreshold: 10 }), pulse(60, [at]));
  const tau = Math.log(a) / (Math.log(b) - Math.log(a)) + 1;
  const closed = times.map((_, t) => (t < at ? 0 : tau * (a ** (t - at) - b ** (t - at))));
  return { times, v, closed };
}

const spec = {
  'rc-step': async () => {
    const { times, v, closed } = await rcStep();
    const some = Array.from(times.keys()).filter((i) => i % 20 === 0);
    return {
      title: 'Step response',
      caption: `Section II: the membrane as a circuit of resistance and capacitance. Points: \`lapicque\` at a constant current; line: I R (1 − exp(−t / RC)). They differ by at most ${deviation(v, closed).toExponential(1)}.`,
      columns: [
        [
          {
            x: time([0, 25]),
            y: { label: 'v' },
            marks: [
              line(times, closed, 1),
              { type: 'points', x: some.map((i) => times[i]), y: some.map((i) => v[i]), color: 0 },
            ],
            legend: [
              { name: 'engine', color: 0 },
              { name: 'closed form', color: 1 },
            ],
          },
        ],
      ],
    };
  },
  resets: async () => {
    const input = new Float64Array(100).fill(0.25);
    const panels = [];
    for (const [i, reset] of ['subtract', 'zero', 'none'].entries()) {
      const { times, v, spikes } = await run(lif({ ...named, tauMem: 10, reset }), input);
      panels.push({
        title: `reset: '${reset}', ${spikes.reduce((sum, s) => sum + s, 0)} spikes`,
        x: time([0, 100], i < 2),
        y: { label: 'v' },
        marks: [{ type: 'rule', y: 1, dashed: true }, line(times, v, i)],
        weight: 0.6,
      });
    }
    return {
      title: 'Reset mechanisms',
      caption:
        'Section II: the same leaky neuron and the same current with each reset. The dashed line is the threshold.',
      columns: [panels],
    };
  },
  'current-based': async () => {
    const input = pulse(60, [5]);
    const [first, second] = [
      await run(lif({ ...named, tauMem: 10, vThreshold: 10 }), input),
      await run(cubaLif({ ...named, tauMem: 10, tauSyn: 5, vThreshold: 10 }), input, {
        record: ['v', 'iSyn'],
      }),
    ];
    const top = Math.max(...second.v);
    return {
      title: 'Rise time',
      caption:
        'Current-based neurons: one spike at 6 ms. The first-order neuron jumps; the second-order one rises while its synaptic current decays. Both are scaled to their maximum.',
      columns: [
        [
          {
            x: time([0, 60]),
            y: { label: 'share of the maximum' },
            marks: [
              line(first.times, first.v, 0),
              line(
                first.times,
                second.v.map((v) => v / top),
                1,
              ),
              line(first.times, second.iSyn, 2, { dashed: true }),
            ],
            legend: [
              { name: 'lif', color: 0 },
              { name: 'cubaLif', color: 1 },
              { name: 'its synaptic current', color: 2, dashed: true },
            ],
          },
        ],
      ],
    };
  },
  recurrence: async () => {
    const [neurons, steps] = [20, 60];
    // Each neuron is driven once, one after the other; with recurrence it keeps itself going.
    const input = Float64Array.from(
      { length: steps * neurons },
      (_, i) => Number(Math.floor(i / neurons) === 3 + 2 * (i % neurons)) * 1.2,
    );
    const raster = async (recurrent, title, color) => {
      const { spikes } = await run(
        lif({ ...named, beta: 0.8, ...(recurrent === undefined ? {} : { recurrent }) }),
        input,
        { neurons },
      );
      const at = Array.from(spikes.keys()).filter((i) => spikes[i] > 0);
      return {
        title,
        x: { label: 'step', domain: [0, steps] },
        y: { label: 'neuron', domain: [-0.7, neurons - 0.3] },
        marks: [
          { type: 'ticks', x: at.map((i) => Math.floor(i / neurons)), y: at.map((i) => i % neurons), color },
        ],
      };
    };
    const constant = { initial: { kind: 'constant', value: 2.1 } };
    return {
      title: 'Recurrence',
      caption:
        'Recurrent neurons: each neuron gets one input, one after the other. Without recurrence it answers once; one-to-one recurrence keeps it firing after its input has ended.',
      columns: [
        [await raster(undefined, 'feed-forward', 0)],
        [await raster({ kind: 'one-to-one', ...constant }, 'one-to-one recurrence', 1)],
      ],
    };
  },
  'alpha-kernel': async () => {
    const { times, v, closed } = await alphaKernel();
    return {
      title: 'Alpha kernel',
      caption: `Kernel-based models: the potential after one spike at 6 ms. Points: \`alpha\`; line: the difference of two exponentials. They differ by at most ${deviation(v, closed).toExponential(1)}.`,
      columns: [
        [
          {
            x: time([0, 60]),
            y: { label: 'v' },
            marks: [line(times, closed, 1), { type: 'points', x: times, y: v, color: 0 }],
            legend: [
              { name: 'engine', color: 0 },
              { name: 'closed form', color: 1 },
            ],
          },
        ],
      ],
    };
  },
  'hodgkin-huxley': async () => {
    const dt = 0.025;
    const input = Float64Array.from({ length: 2400 }, (_, t) => (t * dt >= 10 && t * dt < 50 ? 10 : 0));
    const { times, v, m, h, n } = await run(hodgkinHuxley(named), input, {
      dt,
      record: ['v', 'm', 'h', 'n'],
    });
    return {
      title: 'Hodgkin and Huxley’s neuron',
      caption: 'Models of higher complexity: `hodgkinHuxley` at 10 µA/cm² from 10 to 50 ms, and its gates.',
      columns: [
        [
          { x: time([0, 60], true), y: { label: 'v (mV)' }, marks: [line(times, v, 0)] },
          {
            x: time([0, 60]),
            y: { label: 'gates', domain: [0, 1] },
            marks: [line(times, m, 1), line(times, h, 2), line(times, n, 3)],
            legend: [
              { name: 'm', color: 1 },
              { name: 'h', color: 2 },
              { name: 'n', color: 3 },
            ],
            weight: 0.7,
          },
        ],
      ],
    };
  },
  izhikevich: async () => {
    const patterns = [
      ['tonic spiking', { a: 0.02, b: 0.2, c: -65, d: 6 }, -70, 14],
      ['tonic bursting', { a: 0.02, b: 0.2, c: -50, d: 2 }, -70, 15],
      ['mixed mode', { a: 0.02, b: 0.2, c: -55, d: 4 }, -70, 10],
      ['frequency adaptation', { a: 0.01, b: 0.2, c: -65, d: 8 }, -70, 30],
    ];
    const dt = 0.25;
    const panels = [];
    for (const [i, [title, parameters, vInit, height]] of patterns.entries()) {
      const input = Float64Array.from({ length: 800 }, (_, t) => (t * dt > 20 ? height : 0));
      const { times, v, spikes } = await run(
        izhikevich({ ...named, ...parameters, vInit, method: 'sequential', compare: '>' }),
        input,
        { dt },
      );
      panels.push({
        title,
        x: time([0, 200], i % 2 === 0),
        y: { label: 'v (mV)', domain: [-90, 35] },
        // What the reset hides: a spike goes up to 30 mV.
        marks: [
          line(
            times,
            v.map((value, t) => (spikes[t] > 0 ? 30 : value)),
            i,
          ),
        ],
        weight: 0.7,
      });
    }
    return {
      title: 'Izhikevich’s neuron',
      caption:
        'Models of higher complexity: four of the firing patterns of one equation; examples/circuits/izhikevich-patterns.mjs draws all twenty.',
      columns: [panels.slice(0, 2), panels.slice(2)],
    };
  },
  encodings: async () => {
    const [steps, values] = [50, Float32Array.of(0.1, 0.3, 0.5, 0.7, 0.9)];
    const data = { x: values, shape: [5] };
    const [rate, latency] = [
      await encode.rate(data, { steps, seed: 1 }),
      await encode.latency(data, { steps, tau: 10, linear: true, normalize: true }),
    ];
    const course = Float32Array.from({ length: steps }, (_, t) => Math.sin((2 * Math.PI * t) / 25));
    const delta = await encode.delta({ x: course, shape: [steps, 1] }, { threshold: 0.15, offSpike: true });
    const raster = (x, title, color) => {
      const at = Array.from(x.keys()).filter((i) => x[i] !== 0);
      return {
        title,
        x: { label: 'step', domain: [0, steps] },
        y: {
          label: 'value',
          domain: [-0.7, 4.7],
          ticks: [0, 1, 2, 3, 4],
          tickLabels: ['0.1', '0.3', '0.5', '0.7', '0.9'],
        },
        marks: [{ type: 'ticks', x: at.map((i) => Math.floor(i / 5)), y: at.map((i) => i % 5), color }],
      };
    };
    const at = (sign) => Array.from(delta.x.keys()).filter((i) => Math.sign(delta.x[i]) === sign);
    return {
      title: 'Codes',
      caption:
        'Section III, input encoding: five values as rates and as latencies, and a course as its changes (delta modulation; spikes of both signs).',
      columns: [
        [raster(rate.x, 'encode.rate', 0)],
        [raster(latency.x, 'encode.latency', 1)],
        [
          {
            title: 'encode.delta',
            x: { label: 'step', domain: [0, steps] },
            y: { label: 'value', domain: [-1.5, 1.5] },
            marks: [
              line(Array.from(course.keys()), course, 'muted'),
              { type: 'ticks', x: at(1), y: at(1).map(() => 1.3), length: 0.25, color: 2 },
              { type: 'ticks', x: at(-1), y: at(-1).map(() => -1.3), length: 0.25, color: 1 },
            ],
          },
        ],
      ],
    };
  },
  surrogates: async () => {
    const nodes = {
      'fastSigmoid, slope 25': surrogate.fastSigmoid(),
      'atan, alpha 2': surrogate.atan(),
      'sigmoid, slope 4': surrogate.sigmoid({ slope: 4 }),
      triangular: surrogate.triangular(),
    };
    const marks = [];
    for (const [color, node] of Object.values(nodes).entries()) {
      const { x, y } = await surrogateCurve(node);
      marks.push(line(x, y, color));
    }
    return {
      title: 'Surrogate gradients',
      caption:
        'Section IV: what stands for the derivative of a spike in the backward pass, by a backward pass of the engine.',
      columns: [
        [
          {
            x: { label: 'v − threshold' },
            y: { label: 'ds/dv' },
            marks,
            legend: Object.keys(nodes).map((name, color) => ({ name, color })),
          },
        ],
      ],
    };
  },
  'static-suppression': async () => {
    const shares = await staticSuppression();
    const scenes = Object.keys(shares);
    return {
      title: 'Static suppression',
      caption:
        'Section I, static suppression: operations of an event camera with a spiking network, as a share of those of a network that takes every frame. A still scene costs nothing.',
      columns: [
        [
          {
            x: {
              label: '',
              domain: [-0.5, scenes.length - 0.5],
              ticks: [...scenes.keys()],
              tickLabels: scenes.map((scene) => `${scene}: ${shares[scene].toFixed(1)} %`),
            },
            y: {
              label: 'share of the operations (%)',
              domain: [0, Math.max(1, ...Object.values(shares)) * 1.1],
            },
            marks: [
              {
                type: 'bars',
                from: [...scenes.keys()].map((i) => i - 0.3),
                to: [...scenes.keys()].map((i) => i + 0.3),
                height: Object.values(shares),
                color: 0,
              },
            ],
          },
        ],
      ],
    };
  },
};

/** Synaptic operations of three scenes, in percent of the multiply-adds of frames. */
export async function staticSuppression() {
  const [side, frames, dt, hidden] = [16, 100, 5000, 32];
  const pixels = side * side;
  const scenes = {
    still: (x, y) => 0.3 + 0.2 * Math.sin(x / 3) * Math.cos(y / 4),
    moving: (x, _y, t) => (Math.abs(x - ((t / 12_500) % side)) < 2 ? 0.9 : 0.3),
    flickering: (x, y, t) => (x < 4 && y < 4 && t % 100_000 < 50_000 ? 0.9 : 0.3),
  };
  const shares = {};
  for (const [scene, light] of Object.entries(scenes)) {
    const camera = eventCamera({ width: side, height: side, on: 0.2, off: 0.2 });
    const model = await sequential(dense(2 * pixels, hidden, { bias: false }), lif({ beta: 0.9 })).compile({
      seed: 1,
    });
    const session = await model.session();
    async function* watched() {
      for (let i = 0; i < frames; i++) {
        const image = Float32Array.from({ length: pixels }, (_, at) =>
          light(at % side, Math.floor(at / side), i * dt),
        );
        const batch = camera.push(image, i * dt);
        if (batch.t.length > 0) yield batch;
      }
    }
    const stream = streamEvents(session, watched(), { sensor: camera.sensor, step: dt });
    await stream.count(hidden);
    shares[scene] = (100 * stream.statistics.inputs * hidden) / (frames * pixels * hidden);
  }
  return shares;
}

/** The HTML of each figure by its name in docs/reference/source-paper.md. */
export async function paperFigures() {
  const made = new Map();
  for (const [name, describe] of Object.entries(spec)) {
    const { caption, ...rest } = await describe();
    const plain = caption.replaceAll('`', '');
    made.set(`paper/${name}`, await inline(new figure.Figure({ name, caption: plain, ...rest })));
  }
  return made;
}
