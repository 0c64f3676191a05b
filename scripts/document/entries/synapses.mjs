// What each synapse model is called, what it is for and when to choose it, and its example. The registry in src-rs/core/plasticity has the rest.
const driven = (
  call,
  drive,
  result = 'last.w.toFixed(4)',
) => `import { driveSynapse, synapse } from 'lapicque/circuit';

const model = synapse.${call};
const { ${result.startsWith('last') ? 'last' : 'transmitted'} } = await driveSynapse(model, ${drive});
console.log(${result});`;

export const synapses = {
  'tsodyks-markram': {
    name: 'Short-term plasticity (Tsodyks–Markram)',
    use: "Each spike uses up a share of the synapse's resources, which recover, and may raise the share of the next. Choose it where synapses depress or facilitate within a second; nothing is learned.",
    example: driven(
      'tsodyksMarkram({ utilization: 0.5, tauRec: 800 })',
      '{ weight: 1, pre: [10, 30, 50] }',
      "Array.from(transmitted, (weight) => weight.toFixed(3)).join(' ')",
    ),
  },
  stdp: {
    name: 'Spike-timing-dependent plasticity (STDP)',
    use: 'A spike of the source before one of the target strengthens the synapse, the reverse order weakens it. Choose it first for unsupervised learning from spike times.',
    example: driven('stdp({ wMax: 1 })', '{ weight: 0.5, pre: [100], post: [110] }'),
  },
  'triplet-stdp': {
    name: 'Triplet-based STDP',
    use: 'It adds triplets of spikes to the pairs of STDP, so the change also depends on the rate. Choose it to match experiments that pair spikes at different frequencies.',
    example: driven(
      'tripletStdp({ wMax: 10 })',
      '{ weight: 1, pre: [100, 120, 140], post: [110, 130, 150] }',
    ),
  },
  'inhibitory-stdp': {
    name: 'Inhibitory plasticity (Vogels–Sprekeler)',
    use: 'It strengthens inhibition onto neurons that fire above a target rate and weakens it below. Choose it to balance a recurrent network by itself.',
    example: driven('inhibitoryStdp({ wMax: 10 })', '{ weight: 5, pre: [100], post: [105] }'),
  },
  oja: {
    name: "Oja's rule",
    use: 'It is Hebbian learning whose decay keeps the weights of a neuron bounded. Choose it to find the strongest common component of the inputs.',
    example: driven('oja()', '{ weight: 0.5, pre: [100, 150, 200], post: [110, 160, 210] }'),
  },
  bcm: {
    name: 'Bienenstock–Cooper–Munro rule (BCM)',
    use: 'Targets that fire above a threshold strengthen their synapses, others weaken them, and the threshold follows the rate. Choose it for neurons that are to become selective.',
    example: driven('bcm({ wMax: 100 })', '{ weight: 10, pre: [100, 200, 300], post: [103, 203, 303] }'),
  },
  'reward-stdp': {
    name: 'Reward-modulated STDP',
    use: 'Pairs of spikes leave an eligibility, which a later reward turns into a change of the weight. Choose it for learning from rewards that come after the action.',
    example: driven(
      'rewardStdp({ wMax: 10, aPlus: 1, aMinus: 1 })',
      '{ weight: 1, pre: [100], post: [110], modulator: [800] }',
    ),
  },
  'synaptic-scaling': {
    name: 'Homeostatic synaptic scaling',
    use: 'All synapses onto a neuron grow while it fires below a target rate and shrink above it. Choose it beside a Hebbian rule, with `synapse.combine`, to keep rates in range.',
    example: driven(
      'synapticScaling({ rateTarget: 10, wMax: 10 })',
      '{ weight: 1, pre: [500, 1000], post: [510, 1010] }',
    ),
  },
  clopath: {
    name: 'Voltage-based STDP (Clopath)',
    use: 'The change depends on the potential of the target and its filtered values, not only on its spikes. Choose it where strong depolarization without spikes is to change synapses, too.',
    example: `import { circuit, connect, population, rule, spikeSource, synapse } from 'lapicque/circuit';
import { iafPscExp } from 'lapicque/neurons';

const target = population(iafPscExp, 1, { name: 'target', tauRef: 2 });
const source = spikeSource([[200, 400, 600]]);
const model = synapse.clopath({ wMax: 100, tSpike: 2 });
const plastic = connect(source, target, rule.allToAll(), { weight: 1, delay: 1, model });
// A strong second input makes the target fire 10 ms after each spike of the source.
const teacher = connect(spikeSource([[210, 410, 610]]), target, rule.allToAll(), { weight: 6000, delay: 1 });
const simulation = await circuit(target, plastic, teacher).compile({ dt: 0.1 });
await simulation.run(800);
const { weights } = await simulation.plasticSynapses(source, target);
console.log(weights[0].toFixed(4));`,
  },
};

/** Models that a program makes. */
export const madeSynapses = {
  combine: {
    name: 'Several models on one synapse',
    use: 'They share the weight, and each has its own variables and traces. Choose it to add homeostasis or short-term plasticity to a learning rule.',
  },
  rule: {
    name: 'A rule of your own',
    use: 'You write statements over the weight, variables and traces, and the engine runs them at each event. Choose it for any rule that is not in this list.',
  },
};
