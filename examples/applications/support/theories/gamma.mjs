// A gamma oscillation of excitatory and inhibitory neurons (Brunel, Wang 2003); without inhibition its peak vanishes.
import * as analysis from 'lapicque/analysis';
import { circuit, connect, distribution, poisson, population, rule, simulate } from 'lapicque/circuit';
import { lif } from 'lapicque/neurons';

const [start, stop] = [200, 2200]; // ms
const neuron = {
  like: 'nest', // an input is a jump of v in mV
  vLeak: 0,
  vThreshold: 20,
  vReset: 10,
  tauRef: 2,
  initial: { v: distribution.uniform(0, 20) },
};

/** Largest power from 30 to 80 Hz over the median power from 10 to 200 Hz, as a logarithm. */
async function peak(inhibition, seed) {
  const E = population(lif, 800, { ...neuron, tauMem: 10, name: 'E' });
  const I = population(lif, 200, { ...neuron, tauMem: 5, name: 'I' });
  const inhibit = (target, inputs, weight) =>
    connect(I, target, rule.fixedInDegree(inputs), { weight: -weight * inhibition, delay: 2 });
  const network = circuit(
    E,
    I,
    connect(E, E, rule.fixedInDegree(80), { weight: 0.1, delay: 1 }),
    connect(E, I, rule.fixedInDegree(100), { weight: 0.5, delay: 1 }),
    inhibit(E, 60, 1.5),
    inhibit(I, 40, 0.5),
    connect(poisson(6000), E, { weight: 0.4 }),
    connect(poisson(3000), I, { weight: 0.4 }),
  );
  const recording = await simulate(network, { duration: stop, dt: 0.1, seed });
  const trains = analysis.within(recording.of('E'), { start, stop });
  const { frequencies, power } = await analysis.powerSpectrum(trains, { bin: 1, segment: 512 });
  const within = (low, high) => power.filter((_, i) => frequencies[i] >= low && frequencies[i] <= high);
  const all = within(10, 200).sort();
  const top = frequencies[power.indexOf(Math.max(...within(10, 200)))];
  return { ratio: Math.log10(Math.max(...within(30, 80)) / all[all.length >> 1]), top };
}

export async function gamma(seed) {
  const [effect, control] = [await peak(1, seed), await peak(0, seed)];
  return [
    {
      name: 'gamma, log10 of power at 30 to 80 Hz over the median',
      effect: effect.ratio,
      control: control.ratio,
      without: 'no inhibition',
    },
    { name: 'gamma, Hz', effect: effect.top },
  ];
}
