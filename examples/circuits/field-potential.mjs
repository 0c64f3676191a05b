// A sheet of cortex whose cells differ: neurons drawn from distributions, wiring that leans to the right, a local field potential, and a
// drive that is set between runs. The stronger the drive, the faster the rhythm of the field.
import assert from 'node:assert/strict';
import { circuit, connect, distribution, layout, poisson, population, record, rule } from 'lapicque/circuit';
import { iafCondExp } from 'lapicque/neurons';

const sheet = (rows, columns) => layout.grid([rows, columns], { extent: [1, 1], periodic: true });
const cell = { c: 200, gL: 10, vE: 0, vI: -80, tauE: 2, tauI: 6, vLeak: -65, vReset: -65, vThreshold: -50 };
const E = population(iafCondExp, 1600, {
  ...cell,
  name: 'E',
  layout: sheet(40, 40),
  vThreshold: distribution.normal(-50, 1, { min: -55, max: -45 }), // drawn by the seed, one a neuron
  initial: { v: distribution.uniform(-65, -50) },
});
const I = population(iafCondExp, 400, {
  ...cell,
  name: 'I',
  c: 100,
  layout: sheet(20, 20),
  initial: { v: distribution.uniform(-65, -50) },
});

// Excitation goes to cells nearby, and farther along the second dimension than against it.
const near = '0.25 * exp(-((dy - 0.05)^2 + dx^2) / (2 * 0.12^2))';
const from = (cells, p, weight) =>
  [E, I].map((target) =>
    connect(cells, target, rule.pairwiseBernoulli(p, { autapses: false }), { weight, delay: '1 + d / 0.5' }),
  );
const drive = [
  connect(poisson(0), E, { weight: 1.5, name: 'drive of E' }),
  connect(poisson(0), I, { weight: 1.5, name: 'drive of I' }),
];
const cortex = circuit(
  E,
  I,
  from(E, near, 1.2),
  from(I, '0.4 * exp(-d^2 / (2 * 0.12^2))', -9),
  drive,
  record.spikes(E),
  record.lfp(E, { every: 1 }),
  record.mean(E, ['v'], 1),
);

/** Where the power of a signal of 1 kHz is largest, from 10 to 120 Hz. */
function rhythm(values) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const power = (hz) => {
    let [re, im] = [0, 0];
    values.forEach((x, i) => {
      const phase = (2 * Math.PI * hz * i) / 1000;
      const window = 1 - Math.cos((2 * Math.PI * i) / values.length);
      re += (x - mean) * window * Math.cos(phase);
      im += (x - mean) * window * Math.sin(phase);
    });
    return re ** 2 + im ** 2;
  };
  const smooth = (hz) => [-2, -1, 0, 1, 2].reduce((sum, by) => sum + power(hz + by), 0);
  return Array.from({ length: 111 }, (_, i) => i + 10).reduce((a, b) => (smooth(b) > smooth(a) ? b : a));
}

const simulation = await cortex.compile({ dt: 0.1, seed: 1 });
const found = [];
for (const hz of [3500, 6000, 9000]) {
  await simulation.set('drive of E', { rate: hz });
  await simulation.set('drive of I', { rate: 0.8 * hz });
  await simulation.run(200); // until what was before is forgotten
  const recording = await simulation.run(1000);
  found.push({
    hz,
    rate: recording.rates().E,
    field: rhythm(recording.lfp.E.values),
    mean: recording.means['E.v'].values.at(-1),
  });
  const { rate, field } = found.at(-1);
  console.log(`drive of ${hz} Hz: E fires at ${rate.toFixed(1)} Hz, the field swings at ${field} Hz`);
}
const state = await simulation.save();
await simulation.set('drive of E', { rate: 0 });
await simulation.restore(state);
assert.equal((await simulation.get('drive of E', 'rate'))[0], 9000, 'a state holds what was set');
simulation.dispose();
assert.ok(found[0].rate < found[1].rate && found[1].rate < found[2].rate);
assert.ok(found[0].field <= found[2].field, 'a stronger drive makes a faster rhythm');
console.log(`the field swings at ${found.map(({ field }) => field).join(', ')} Hz`);
