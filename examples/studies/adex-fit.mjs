// Five parameters of an adaptive exponential neuron from a recorded spike train alone: CMA-ES makes the distance of M. C. W. van Rossum
// (Neural Computation 13, 2001) between its spikes and the recorded ones small. The recording is that of a neuron whose parameters are known,
// under a noisy current; its first half is fitted, and the second half tells how good the fit is, by the coincidence factor of W. Kistler,
// W. Gerstner and J. L. van Hemmen (Neural Computation 9, 1997): 1 is every spike within 2 ms, 0 what a Poisson train of that rate meets.
import assert from 'node:assert/strict';
import { sequential } from 'lapicque';
import { figure } from 'lapicque/figure';
import { adex } from 'lapicque/neurons';
import { search, space, study } from 'lapicque/study';
import { picture } from '../support/figure.mjs';
import { generator } from '../support/random.mjs';

const trials = Number(process.argv[2] ?? 1000);
const [dt, half, window] = [0.1, 1000, 2]; // ms

// A current in pA with a correlation time of 10 ms (Ornstein-Uhlenbeck), the same for both neurons.
const random = generator(3);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const [mean, sd, tau] = [400, 300, 10];
let deviation = 0;
const current = Float64Array.from({ length: (2 * half) / dt }, () => {
  deviation += -deviation * (dt / tau) + sd * Math.sqrt((2 * dt) / tau) * normal();
  return mean + deviation;
});

/** Spike times in ms of a network of one neuron under the first milliseconds of the current. */
async function spikes(layer, duration, signal) {
  const model = await sequential(layer).compile({ inputs: 1, dt, precision: 'f64' });
  const steps = duration / dt;
  const input = { x: current.subarray(0, steps), shape: [steps, 1, 1] };
  const run = await model.run(input, { signal });
  model.dispose();
  return [...run.spikes.keys()].filter((step) => run.spikes[step]).map((step) => (step + 1) * dt);
}

/** Kistler's factor of a train against the recorded one, from..to ms. */
function coincidence(train, recorded, from, to) {
  const [a, b] = [train, recorded].map((list) => list.filter((t) => t > from && t <= to));
  if (a.length === 0) return 0;
  let [met, i] = [0, 0];
  for (const t of a) {
    while (i < b.length && b[i] < t - window) i++;
    if (i < b.length && Math.abs(b[i] - t) <= window) {
      met++;
      i++;
    }
  }
  const rate = a.length / (to - from);
  const chance = 2 * rate * window * b.length;
  return (met - chance) / (0.5 * (a.length + b.length)) / (1 - 2 * rate * window);
}

/** The squared distance of van Rossum over his time constant: what the two trains, each spike an exponential of 20 ms, differ by. */
function distance(a, b) {
  const overlap = (x, y) =>
    x.reduce((sum, t) => sum + y.reduce((inner, u) => inner + Math.exp(-Math.abs(t - u) / 20), 0), 0);
  return (overlap(a, a) + overlap(b, b)) / 2 - overlap(a, b);
}

const truth = { c: 200, gL: 12, vT: -50, b: 60, tauW: 120 };
const recorded = await spikes(fitting(truth), 2 * half);
const first = recorded.filter((t) => t <= half);
const { length } = recorded;
assert.ok(length > 20, `${length} spikes are too few to fit`);

const fit = study({
  name: 'adaptive exponential neuron',
  space: {
    c: space.logUniform(50, 500),
    gL: space.logUniform(3, 60),
    vT: space.uniform(-58, -42),
    b: space.uniform(0, 150),
    tauW: space.logUniform(10, 300),
  },
  search: search.cmaEs(),
  parallel: 8,
  seed: 1,
  objective: async (parameters, { signal }) =>
    distance(await spikes(fitting(parameters), half, signal), first),
});
function fitting(parameters) {
  return adex({
    ...parameters,
    vLeak: -70,
    deltaT: 2,
    a: 2,
    vReset: -58,
    vPeak: 0,
    tauRef: 2,
    method: 'rk4',
    subSteps: 1,
  });
}
const { best } = await fit.run({ trials });
const fitted = await spikes(fitting(best.parameters), 2 * half);
const [seen, unseen] = [
  coincidence(fitted, recorded, 0, half),
  coincidence(fitted, recorded, half, 2 * half),
];
const named = Object.entries(best.parameters).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
console.log(`trial ${best.number}: ${named.join(', ')}; ${fitted.length} spikes for ${length}`);

const visibleMs = 600;
const near = (list) => list.filter((t) => t > half && t <= half + visibleMs).map((t) => t - half);
const strokes = (list, row, color) => ({
  type: 'ticks',
  x: near(list),
  y: near(list).map(() => row),
  color,
  width: 1.6,
});
const made = new figure.Figure({
  name: 'adex-fit',
  title: 'Spikes of a fitted neuron',
  caption: `Coincidence factor ${seen.toFixed(2)} in the half that was fitted, ${unseen.toFixed(2)} in this one.`,
  columns: [
    [
      {
        x: { label: 'time in the second half (ms)', domain: [0, visibleMs] },
        y: { label: '', domain: [1.5, -0.5], ticks: [0, 1], tickLabels: ['recorded', 'fitted'] },
        marks: [strokes(recorded, 0, 'ink'), strokes(fitted, 1, 0)],
        weight: 0.45,
      },
    ],
  ],
});
await picture('sweep-adex-fit', made, { width: 820 });
assert.ok(seen >= 0.7 && unseen >= 0.5, `coincidence ${seen} in the fitted half, ${unseen} in the other`);
console.log(
  `coincidence factor ${seen.toFixed(2)} of the spikes fitted, ${unseen.toFixed(2)} of those never seen: build/sweep-adex-fit.png`,
);
