// What each neuron is called, what it is for and when to choose it, and how its example calls it. The registry in src-rs/core/dynamics has the rest:
// equations, parameters, sources. A neuron without an entry here is an error of `npm run docs`.
//
// `example` is one of
//   { layer: CALL, width }    a hidden layer of 50 neurons with `width` values each, which counts spikes per neuron and step
//   { readout: CALL, width }  the last layer of a network, whose membranes are printed
//   { step: CALL, height, dt } one neuron under a constant input for 200 ms
//   { circuit: MODEL, input }  100 neurons of a circuit, driven by Poisson spikes

const layer = (call, width = 1) => ({ layer: call, width });
const readout = (call, width = 1) => ({ readout: call, width });
const step = (call, height, dt) => ({ step: call, height, dt });
const circuit = (model, input = 'connect(poisson(8000), E, { weight: 22 })') => ({ circuit: model, input });

export const neurons = {
  lif: {
    name: 'Leaky integrate-and-fire neuron',
    use: 'It integrates its input, leaks towards rest and is reset after each spike. Choose it first: it is the simplest neuron with a memory, and most trained networks use it.',
    example: layer('lif({ beta: 0.9 })'),
  },
  if: {
    name: 'Integrate-and-fire neuron',
    use: 'It integrates without a leak, so its rate is proportional to a constant input. Choose it for networks converted from ReLU networks and for chips without a leak.',
    example: layer('integrateAndFire()'),
  },
  'cuba-lif': {
    name: 'Current-based leaky integrate-and-fire neuron',
    use: 'Each input spike becomes a current that decays with `tauSyn` and charges the membrane. Choose it where input spikes are sparse and should act for several steps, as in speech.',
    example: layer('cubaLif({ tauSyn: 5, tauMem: 10 })'),
  },
  alpha: {
    name: 'Alpha neuron',
    use: "Each input spike raises the membrane smoothly to a peak some steps later. Choose it to compare with snnTorch's `Alpha` or where the rise of a response matters; otherwise take `cubaLif`.",
    example: layer('alpha({ alpha: 0.9, beta: 0.7 })'),
  },
  lapicque: {
    name: "Lapicque's resistor–capacitor neuron",
    use: 'It is a leaky integrate-and-fire neuron with a resistance `r` and a capacitance `c`. Choose it for teaching, or if you know these two; `lif` is the same neuron with one time constant.',
    example: layer('lapicque({ r: 5, c: 2 })'),
  },
  'parametric-lif': {
    name: 'Parametric leaky integrate-and-fire neuron',
    use: 'Training also learns its membrane time constant. Choose it in deep networks with few steps, where you do not know the best time constant in advance.',
    example: layer('parametricLif({ tauInit: 2, vThreshold: 0.3 })'),
  },
  alif: {
    name: 'Adaptive leaky integrate-and-fire neuron',
    use: 'Each spike raises its threshold, which then decays with `tauAdapt`. Choose it for tasks that need a memory of hundreds of steps; recurrent networks of it are called LSNN.',
    example: layer("alif({ tauMem: 10, tauAdapt: 200, recurrent: 'dense' })"),
  },
  'coba-lif': {
    name: 'Conductance-based leaky integrate-and-fire neuron',
    use: 'Its inputs open conductances, whose effect depends on the distance to a reversal potential. Choose it to train with conductances; in a circuit take `iafCondExp`.',
    example: step('cobaLif()', 0.35, 0.5),
  },
  klif: {
    name: 'Leaky integrate-and-fire neuron with a learned scale',
    use: 'It scales its membrane by a learned factor `k` and sets negative values to 0 before the threshold. Choose it in deep networks whose surrogate gradients become too small: `k` learns their slope.',
    example: layer('klif({ tauMem: 10 })'),
  },
  'delta-lif': {
    name: 'Delta leaky integrate-and-fire neuron',
    use: 'It fires when its membrane has changed enough since the step before, and is silent while nothing changes. Choose it to turn slowly changing signals into few spikes.',
    example: step('deltaLif({ tauMem: 10, vThreshold: 0.02 })', 0.35, 1),
  },
  qif: {
    name: 'Quadratic integrate-and-fire neuron',
    use: 'The slope of its membrane is quadratic: the normal form of neurons that can fire at arbitrarily low rates. Choose it for theory of such neurons.',
    example: step('qif({ tauW: 20, a: 0.3, b: 0.1 })', 0.8, 0.1),
  },
  eif: {
    name: 'Exponential integrate-and-fire neuron',
    use: 'An exponential current models the onset of a spike, so its threshold is soft. Choose it for fast fluctuating inputs, where a hard threshold gives a wrong response.',
    example: step('eif()', 1.1, 0.1),
  },
  adex: {
    name: 'Adaptive exponential integrate-and-fire neuron',
    use: 'A soft threshold and an adaptation current give it regular, adapting and bursting patterns. Choose it to match measured cells; in a circuit with synaptic conductances take `aeifCondExp`.',
    example: step('adex()', 900, 0.1),
  },
  gif: {
    name: 'Generalized integrate-and-fire neuron (Mihalas–Niebur)',
    use: 'Two currents after each spike and a moving threshold give many firing patterns from linear equations. Choose it where you want such patterns without an exponential.',
    example: step('gif({ a: 0.01, jump1: 3, jump2: -2 })', 60, 0.1),
  },
  izhikevich: {
    name: "Izhikevich's simple neuron",
    use: 'Two equations and four parameters reproduce the firing patterns of cortical cells. Choose it for networks of varied cell types; to fit measured cells take `adex`, whose parameters can be measured.',
    example: step('izhikevich({ vInit: -70 })', 12, 0.25),
  },
  'resonate-and-fire': {
    name: 'Resonate-and-fire neuron',
    use: 'Its membrane oscillates, so it responds best to inputs of its own frequency. Choose it for signals whose frequencies matter, such as sound or vibration.',
    example: step('resonateAndFire()', 0.45, 1),
  },
  'hodgkin-huxley': {
    name: 'Hodgkin–Huxley neuron',
    use: 'Sodium and potassium channels produce the spike itself. Choose it for questions about channels or the shape of spikes; it needs small time steps, such as 0.05 ms.',
    example: step('hodgkinHuxley()', 8, 0.05),
  },
  srm: {
    name: 'Spike response model',
    use: 'Its membrane is a sum of responses to input spikes and to its own spikes. Choose it for theory that is written with such response kernels.',
    example: step('srm()', 0.1, 1),
  },
  'iaf-psc-exp': {
    name: 'Leaky integrate-and-fire neuron with exponential currents',
    use: "Excitatory and inhibitory synapses each have a current with its own decay, as in NEST's `iaf_psc_exp`. Choose it first for circuits; the cortical microcircuit consists of it.",
    example: circuit('iafPscExp'),
  },
  'iaf-psc-exp-shared': {
    name: 'Leaky integrate-and-fire neuron with one shared current',
    use: 'It is `iafPscExp` with one current for weights of both signs. Choose it if excitatory and inhibitory synapses have the same time constant: it has one state fewer.',
    example: circuit('iafPscExpShared'),
  },
  'iaf-psc-alpha': {
    name: 'Leaky integrate-and-fire neuron with alpha-shaped currents',
    use: "Its synaptic currents rise to a peak before they decay, as in NEST's `iaf_psc_alpha`. Choose it where the rise time matters or a published model uses it.",
    example: circuit('iafPscAlpha', 'connect(poisson(8000), E, { weight: 8 })'),
  },
  'iaf-cond-exp': {
    name: 'Leaky integrate-and-fire neuron with exponential conductances',
    use: "Its synapses open conductances, as in NEST's `iaf_cond_exp`. Choose it where strong input should make the membrane faster, as in the active cortex.",
    example: circuit('iafCondExp', 'connect(poisson(8000), E, { weight: 0.12 })'),
  },
  'iaf-cond-alpha': {
    name: 'Leaky integrate-and-fire neuron with alpha-shaped conductances',
    use: "Its synaptic conductances rise to a peak before they decay, as in NEST's `iaf_cond_alpha`. Choose it where the rise time of a conductance matters.",
    example: circuit('iafCondAlpha', 'connect(poisson(8000), E, { weight: 1.1 })'),
  },
  'hh-cond-exp-traub': {
    name: "Hodgkin–Huxley neuron with Traub and Miles's rates",
    use: 'It combines channels of hippocampal cells with exponential synaptic conductances. Choose it for circuits of cells with channels; `circuits.cobahh` is such a benchmark.',
    example: circuit('hhCondExpTraub', 'connect(poisson(1000), E, { weight: 0.5 })'),
  },
  'hh-psc-alpha': {
    name: 'Hodgkin–Huxley neuron with alpha-shaped currents',
    use: "It is Hodgkin and Huxley's axon with synaptic currents that rise and decay, as in NEST's `hh_psc_alpha`. Choose it to check a circuit of simpler neurons against one with channels.",
    example: circuit('hhPscAlpha', 'connect(poisson(4000), E, { weight: 150 })'),
  },
  'aeif-cond-exp': {
    name: 'Adaptive exponential neuron with exponential conductances',
    use: "It adds adaptation and bursts to a neuron with synaptic conductances, as NEST's `aeif_cond_exp`. With `a: 0, b: 0` it is the exponential integrate-and-fire neuron with conductances. Choose it for circuits of cortical cells with measured firing patterns.",
    example: circuit('aeifCondExp', 'connect(poisson(8000), E, { weight: 10 })'),
  },
  'aeif-psc-exp': {
    name: 'Adaptive exponential neuron with exponential currents',
    use: "It adds adaptation and bursts to a neuron with synaptic currents, as NEST's `aeif_psc_exp`. Choose it if weights are given as currents in pA.",
    example: circuit('aeifPscExp', 'connect(poisson(8000), E, { weight: 500 })'),
  },
  'two-compartment': {
    name: 'Two-compartment neuron with an adaptive exponential soma',
    use: 'A spiking soma is coupled to a passive dendrite, each with its own synaptic inputs. Choose it where the place of an input matters, such as feedback onto the dendrite.',
    example: circuit(
      'twoCompartment',
      "connect(poisson(8000), E, { weight: 0.3, port: 'dendriteExcitatory' })",
    ),
  },
  'multi-level-lif': {
    name: 'Leaky integrate-and-fire neuron with graded spikes',
    use: 'A spike has the value 2 or more if the membrane exceeds several thresholds. Choose it for runs of few steps and for chips whose spikes carry a value.',
    example: layer('multiLevelLif({ tauMem: 10 })'),
  },
  'tc-lif': {
    name: 'Two-compartment leaky integrate-and-fire neuron (TC-LIF)',
    use: 'Two coupled states, dendrite and soma, remember longer than one leaky membrane. Choose it for long sequences, such as images that are read pixel by pixel.',
    example: layer('tcLif()'),
  },
  'gated-leaky': {
    name: 'Leaky neuron with a gated leak',
    use: 'A second input decides at each step how much of the membrane is kept; a spike does not reset it. Choose it where the network itself should decide when to forget.',
    example: layer('gatedLeaky({ vThreshold: 0.5 })', 2),
  },
  slstm: {
    name: 'Spiking LSTM with real gates',
    use: 'It is a long short-term memory (LSTM) that fires when its hidden state exceeds a threshold. Choose it for long sequences, where accuracy matters more than few operations.',
    example: layer("slstm({ vThreshold: 0.1, recurrent: 'dense' })", 4),
  },
  'spiking-lstm': {
    name: 'Spiking LSTM with spiking gates',
    use: 'It is a long short-term memory (LSTM) whose gates are spikes, so gating needs no multiplication. Choose it where all values between layers must be spikes.',
    example: layer("spikingLstm({ recurrent: 'dense' })", 4),
  },
  sgru: {
    name: 'Spiking GRU with real gates',
    use: 'It is a gated recurrent unit (GRU) that fires when its hidden state exceeds a threshold. Choose it instead of `slstm` for fewer weights: it has three gates, not four.',
    example: layer("sgru({ vThreshold: 0.1, recurrent: 'dense' })", 3),
  },
  'spiking-gru': {
    name: 'Spiking GRU with spiking gates',
    use: 'It is a gated recurrent unit (GRU) whose gates are spikes. Choose it instead of `spikingLstm` for fewer weights.',
    example: layer("spikingGru({ recurrent: 'dense' })", 3),
  },
  li: {
    name: 'Leaky integrator',
    use: 'It integrates its input with a leak and never fires. Choose it as the last layer if the loss reads membranes, for example in regression.',
    example: readout('li({ beta: 0.9 })'),
  },
  'cuba-li': {
    name: 'Current-based leaky integrator',
    use: 'It is a leaky integrator whose input first becomes a decaying current. Choose it as the last layer for a smoother output than that of `li`.',
    example: readout('cubaLi({ tauSyn: 5, tauMem: 10 })'),
  },
  'token-shift': {
    name: 'Token shift',
    use: 'It mixes each input with the input of the step before, with a learned share per channel. Choose it in language models of the RWKV kind, such as `networks.spikeGPT`.',
    example: readout('tokenShift()'),
  },
  wkv: {
    name: 'WKV recurrence',
    use: 'It averages past values with weights that decay over time: the linear attention of RWKV. Choose it for long sequences, because each step costs the same.',
    example: readout('wkv()', 2),
  },
  'sigmoid-gate': {
    name: 'Sigmoid gate',
    use: 'It multiplies one input by the sigmoid of another. Choose it for gated layers, such as the receptance of RWKV and SpikeGPT.',
    example: readout('sigmoidGate()', 2),
  },
  'rate-unit': {
    name: 'Rate unit',
    use: 'It applies an activation function, without a state and without spikes. Choose it for artificial networks, as a baseline or as the source of a conversion.',
    example: readout("rateUnit({ activation: 'relu' })"),
  },
};

/** The sections of the list of neurons. */
export const neuronGroups = {
  'For trained networks': [
    'lif',
    'if',
    'cuba-lif',
    'alpha',
    'lapicque',
    'parametric-lif',
    'alif',
    'coba-lif',
    'klif',
    'delta-lif',
    'multi-level-lif',
    'tc-lif',
    'srm',
    'resonate-and-fire',
  ],
  'With gates': ['gated-leaky', 'slstm', 'spiking-lstm', 'sgru', 'spiking-gru'],
  'For firing patterns of cells': ['qif', 'eif', 'adex', 'gif', 'izhikevich', 'hodgkin-huxley'],
  'For circuits, with synapses': [
    'iaf-psc-exp',
    'iaf-psc-exp-shared',
    'iaf-psc-alpha',
    'iaf-cond-exp',
    'iaf-cond-alpha',
    'aeif-psc-exp',
    'aeif-cond-exp',
    'hh-psc-alpha',
    'hh-cond-exp-traub',
    'two-compartment',
  ],
  'Without spikes': ['li', 'cuba-li', 'token-shift', 'wkv', 'sigmoid-gate', 'rate-unit'],
};
