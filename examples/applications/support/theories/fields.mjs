// Receptive fields by plasticity (Masquelier, Thorpe 2007): neurons that inhibit each other watch patches of images with edges, and become selective for
// orientations. Controls: pixels of each patch shuffled anew; a symmetric window of the plasticity.
import { circuit, connect, distribution, population, rule, spikeSource, synapse } from 'lapicque/circuit';
import { lif } from 'lapicque/neurons';
import { Random } from '../random.mjs';
import { patchesOf, pixels, tuningOf } from './patches.mjs';

const cells = 24;
const [every, volley] = [100, 20]; // ms from patch to patch, and from the first spike of a patch to the last

/** Each pixel has an ON and an OFF input. Each input fires once per patch: the more contrast, the earlier. */
function volleys(patches) {
  const trains = Array.from({ length: 2 * pixels }, () => []);
  for (const [k, patch] of patches.entries()) {
    const contrasts = [...patch, ...patch.map((value) => -value)];
    const order = contrasts.map((_, input) => input).sort((a, b) => contrasts[b] - contrasts[a]);
    for (const [place, input] of order.entries()) {
      const time = every * k + 10 + (volley * place) / order.length;
      trains[input].push(Math.round(2 * time) / 2);
    }
  }
  return spikeSource(trains);
}

/** The receptive field of each cell after all patches: weights of its ON inputs less those of its OFF inputs. */
async function learn(patches, aMinus, seed) {
  const source = volleys(patches);
  const cell = population(lif, cells, {
    like: 'nest', // an input is a jump of v in mV
    vLeak: 0,
    vReset: 0,
    tauMem: 10,
    tauRef: 40,
    vThreshold: 30,
    intrinsic: {
      parameter: 'vThreshold', // adapts until all cells fire equally often
      rateTarget: 1000 / every / cells,
      gain: 0.3,
      interval: 100,
      tauRate: 5000,
      min: 5,
      max: 300,
    },
    name: 'cell',
  });
  const window = { aPlus: 0.03, aMinus, tauPlus: 20, tauMinus: 20, muPlus: 0, muMinus: 0, wMax: 1 };
  const simulation = await circuit(
    connect(source, cell, rule.allToAll(), {
      weight: distribution.uniform(0.3, 0.7),
      delay: 0.5,
      model: synapse.stdp(window),
    }),
    connect(cell, cell, rule.allToAll({ autapses: false }), { weight: -2000, delay: 0.5 }), // the first to fire silences the others
  ).compile({ dt: 0.5, seed, threads: 1 });
  await simulation.run(every * patches.length);
  const weights = await simulation.weights(source, cell);
  const { sources, targets } = await simulation.plasticSynapses(source, cell);
  simulation.dispose();
  const fields = Array.from({ length: cells }, () => new Float64Array(pixels));
  weights.forEach((w, k) => {
    fields[targets[k]][sources[k] % pixels] += sources[k] < pixels ? w : -w;
  });
  return fields;
}

/** Mean selectivity of the fields, and the share that is oriented. */
async function measured(patches, aMinus, seed) {
  const tunings = (await learn(patches, aMinus, seed)).map(tuningOf);
  return {
    selectivity: tunings.reduce((sum, { selectivity }) => sum + selectivity, 0) / cells,
    oriented: tunings.filter(({ orientation }) => orientation > 0.35).length / cells,
  };
}

/** `size` as in program.mjs. */
export async function fields(seed, size) {
  const random = new Random(seed + 700);
  const patches = patchesOf(random, size === 'reduced' ? 1000 : 3000);
  const shuffled = patches.map((patch) => random.shuffle([...patch]));
  const [effect, ofShuffled, ofSymmetric] = await Promise.all([
    measured(patches, 0.045, seed),
    measured(shuffled, 0.045, seed),
    measured(patches, -0.045, seed),
  ]);
  const controls = [
    ['pixels shuffled', ofShuffled],
    ['symmetric window', ofSymmetric],
  ];
  return controls.flatMap(([without, control]) => [
    {
      name: 'receptive fields, selectivity',
      effect: effect.selectivity,
      control: control.selectivity,
      without,
    },
    {
      name: 'receptive fields, share oriented',
      effect: effect.oriented,
      control: control.oriented,
      without,
    },
  ]);
}
