/**
 * One square millimetre of early sensory cortex: T. C. Potjans and M. Diesmann, The cell-type specific cortical
 * microcircuit, Cerebral Cortex 24, 2014. 77,169 neurons and 299 million synapses at full scale.
 */
import { invalid } from '../checks/check.ts';
import { circuit } from '../circuit/circuit.ts';
import { poisson } from '../circuit/elements/devices.ts';
import * as distribution from '../circuit/elements/distribution.ts';
import { connect, population } from '../circuit/elements/elements.ts';
import * as rule from '../circuit/elements/rule.ts';
import { iafPscExpShared } from '../neurons/models.generated.ts';
import { log } from '../numbers/elementary.ts';
import { type CircuitContext, type CircuitScript, checkContext, scaled } from './script.ts';

const names = ['L23E', 'L23I', 'L4E', 'L4I', 'L5E', 'L5I', 'L6E', 'L6I'];
const sizes = [20_683, 5_834, 21_915, 5_479, 4_850, 1_065, 14_395, 2_948];

/** Probability that a pair has at least one synapse; rows are targets, columns sources. */
const probabilities = [
  [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
  [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
  [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
  [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
  [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
  [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
  [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
  [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
];

/** Number of external inputs of a neuron, each of 8 Hz. */
const external = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100];
const externalRate = 8;

/** In pA: the current of a postsynaptic potential of 0.15 mV. */
const current = 87.8;

/** Rates at full scale in Hz, which a smaller network must keep. */
const rates = [0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523];

/** Mean and standard deviation of the initial v in mV, with which the transient is short. */
const initial = [
  [-68.28, 5.36],
  [-63.16, 4.57],
  [-63.33, 4.74],
  [-63.45, 4.94],
  [-63.11, 4.94],
  [-61.66, 4.55],
  [-66.72, 5.46],
  [-61.43, 4.48],
] as const;

/** Number of synapses of a projection with this connection probability, where pairs are drawn with replacement. */
function synapses(target: number, source: number): number {
  const pairs = sizes[target]! * sizes[source]!;
  return Math.round(log(1 - probabilities[target]![source]!) / log((pairs - 1) / pairs));
}

/** Mean weight in pA: inhibition is four times as strong, and layer 4 onto layer 2/3 twice. */
function weight(target: number, source: number): number {
  if (source % 2 === 1) return -4 * current;
  return target === 0 && source === 2 ? 2 * current : current;
}

/**
 * `scale` multiplies neurons and in-degrees. Below 1, weights grow by `1 / sqrt(scale)` and a constant current replaces
 * the missing mean input (S. J. van Albada, M. Helias, M. Diesmann, PLoS Computational Biology 11, 2015).
 */
export function microcircuit(context: CircuitContext = {}): CircuitScript {
  const { scale = 1, dt = 0.1 } = checkContext('microcircuit', context);
  // The largest population; the others keep at least one neuron.
  scaled(scale, 'L4E', sizes[2]!);
  const gain = 1 / Math.sqrt(scale);
  const tauSyn = 0.5;

  /** The missing mean input of a neuron, in pA. */
  const compensation = (target: number) => {
    const recurrent = names.reduce((sum, _, source) => {
      const inDegree = synapses(target, source) / sizes[target]!;
      return sum + weight(target, source) * inDegree * rates[source]!;
    }, 0);
    const outside = current * external[target]! * externalRate;
    return 0.001 * tauSyn * (1 - Math.sqrt(scale)) * (recurrent + outside);
  };

  const populations = names.map((name, i) =>
    population(iafPscExpShared, scale * sizes[i]! < 1 ? 1 : scaled(scale, name, sizes[i]!), {
      name,
      c: 250,
      tauMem: 10,
      tauSyn,
      tauRef: 2,
      vLeak: -65,
      vThreshold: -50,
      vReset: -65,
      iBias: compensation(i),
      initial: { v: distribution.normal(initial[i]![0], initial[i]![1]) },
    }),
  );

  const connections = populations.flatMap((target, t) =>
    populations.flatMap((source, s) => {
      const count = Math.round(synapses(t, s) * scale ** 2);
      if (count === 0) return [];
      if (count >= 2 ** 32)
        invalid('scale', scale, `a scale with fewer than 2^32 synapses from ${names[s]} to ${names[t]}`);
      const mean = weight(t, s) * gain;
      const sd = Math.abs(mean) * (t === 0 && s === 2 ? 0.05 : 0.1);
      return connect(source, target, rule.fixedTotalNumber(count), {
        weight: distribution.normal(mean, sd, mean > 0 ? { min: 0 } : { max: 0 }),
        delay:
          s % 2 === 0
            ? distribution.normal(1.5, 0.75, { min: dt / 2 })
            : distribution.normal(0.75, 0.375, { min: dt / 2 }),
      });
    }),
  );
  const drive = populations.map((target, t) =>
    connect(poisson(externalRate * external[t]! * scale), target, { weight: current * gain }),
  );
  return { circuit: circuit(populations, connections, drive), transient: 0.5 };
}
