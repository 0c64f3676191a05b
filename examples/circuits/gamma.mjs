// Gamma oscillation of interneurons: X.-J. Wang, G. Buzsáki, J. Neurosci. 16, 1996. A hundred neurons that inhibit one another begin
// at random and soon fire together. Their gates follow the sender's potential, so they are its equations, and what neurons
// receive is their sum.
import assert from 'node:assert/strict';
import * as analysis from 'lapicque/analysis';
import { circuit, distribution, gradedSynapses, population, record, rule, simulate } from 'lapicque/circuit';
import { neuron } from 'lapicque/neurons';

const interneuron = neuron({
  input: 'gates',
  state: { v: 0, h: 0.78, n: 0.09, s: 0 },
  params: { drive: 1, inhibition: 0.1 }, // uA/cm², mS/cm²; 1 uF/cm²
  update: `
    m = 1/exprel(-(v + 35)/10)/(1/exprel(-(v + 35)/10) + 4*exp(-(v + 60)/18))
    v' = drive - 35*m^3*h*(v - 55) - 9*n^4*(v + 90) - 0.1*(v + 65) - inhibition*gates*(v + 75)
    h' = 5*(0.07*exp(-(v + 58)/20)*(1 - h) - h/(exp(-0.1*(v + 28)) + 1))
    n' = 5*(0.1/exprel(-(v + 34)/10)*(1 - n) - 0.125*exp(-(v + 44)/80)*n)
    s' = 12/(1 + exp(-v/2))*(1 - s) - 0.1*s`, // open within a ms, closed after ten
  spike: 'v > 0',
  refractory: { period: 3, hold: [] }, // one spike for each upstroke
  method: 'rk4',
});

const count = 100;
const I = population(interneuron, count, {
  name: 'I',
  drive: distribution.draw(distribution.normal(1, 0.01), count, 1),
  initial: { v: distribution.uniform(-70, -50) },
});
const inhibition = gradedSynapses(I, I, rule.allToAll({ autapses: false }), {
  state: 's',
  weight: 1 / count,
});
const recording = await simulate(circuit(inhibition, record.spikes(I)), { duration: 600, dt: 0.02, seed: 1 });

// A volley is where all spikes of a period are: counts in bins of 4 ms.
const spread = async (start) => {
  const { counts } = await analysis.psth(analysis.within(recording.of('I'), { start, stop: start + 100 }), {
    bin: 4,
  });
  return Math.max(...counts) / count;
};
const [before, after] = [await spread(0), await spread(500)];
const late = analysis.within(recording.of('I'), { start: 400, stop: 600 });
const { values: intervals } = await analysis.intervals(late);
const rate = 1000 / (intervals.reduce((sum, x) => sum + x) / intervals.length);

console.log(
  `${rate.toFixed(1)} Hz; in 4 ms fire ${Math.round(100 * before)} % at first, ${Math.round(100 * after)} % in the end`,
);
assert.ok(rate > 37 && rate < 41);
assert.ok(before < 0.6 && after > 0.9);
