// The asynchronous irregular state of a sparse network (Brunel 2000), and the regular state with weak inhibition as its control.
import * as analysis from 'lapicque/analysis';
import { circuit, connect, distribution, poisson, population, rule, simulate } from 'lapicque/circuit';
import { lif } from 'lapicque/neurons';

const [size, J, threshold, tau] = [4000, 0.3, 20, 20];
const [start, stop] = [200, 1200]; // ms
const neuron = {
  like: 'nest', // an input is a jump of v in mV
  vLeak: 0,
  tauMem: tau,
  vThreshold: threshold,
  vReset: 10,
  tauRef: 2,
  initial: { v: distribution.uniform(0, threshold) },
};

/** Mean CV of the intervals, and mean correlation of 100 neurons in bins of 2 ms, for the strength g of inhibition. */
async function measured(g, seed) {
  const E = population(lif, size, { ...neuron, name: 'E' });
  const I = population(lif, size / 4, { ...neuron, name: 'I' });
  const outside = poisson((1000 * 2 * threshold) / (J * tau)); // twice the rate that reaches the threshold
  const network = circuit(
    E,
    I,
    [E, I].flatMap((target) => [
      connect(E, target, rule.fixedInDegree(size / 10), { weight: J, delay: 1.5 }),
      connect(I, target, rule.fixedInDegree(size / 40), { weight: -g * J, delay: 1.5 }),
      connect(outside, target, { weight: J }),
    ]),
  );
  const recording = await simulate(network, { duration: stop, dt: 0.1, seed });
  const trains = analysis.within(recording.of('E'), { start, stop });
  const mean = (values) => {
    const known = values.filter((x) => !Number.isNaN(x));
    return known.reduce((sum, x) => sum + x, 0) / known.length;
  };
  const count = 100;
  const { values } = await analysis.correlation(
    analysis.select(
      trains,
      Array.from({ length: count }, (_, i) => 20 * i),
    ),
    { bin: 2 },
  );
  const pairs = [];
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) pairs.push(values[i * count + j]);
  return { cv: mean(Array.from(await analysis.cv(trains))), correlation: mean(pairs) };
}

export async function balance(seed) {
  const [effect, control] = [await measured(5, seed), await measured(3, seed)];
  return [
    { name: 'irregular firing, CV', effect: effect.cv, control: control.cv, without: 'g = 3' },
    {
      name: 'asynchrony, correlation',
      effect: effect.correlation,
      control: control.correlation,
      without: 'g = 3',
      lower: true,
    },
  ];
}
