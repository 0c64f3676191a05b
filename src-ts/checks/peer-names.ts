/** What other libraries call the options and states of a population, the parts of a neuron, and the options of training. */
import { unknownName } from './check.ts';
import { LapicqueError } from './errors.ts';
import { shown } from './nearest-name.ts';

/** By the peer's name in lower case without underscores; of several the first that the model has. */
const names: Readonly<Record<string, readonly string[]>> = {
  // snnTorch
  alltoall: ['recurrent'],
  gradedspikesfactor: ['gradedSpikes'],
  learnalpha: ['learn'],
  learnbeta: ['learn'],
  learnrecurrent: ['recurrent'],
  learnthreshold: ['learn'],
  resetdelay: ['resetTiming'],
  resetmechanism: ['reset'],
  spikegrad: ['surrogate'],
  threshold: ['vThreshold', 'vPeak', 'spike'],
  // SpikingJelly
  cdecay: ['alpha'],
  decayinput: ['inputScale'],
  inittau: ['tauInit', 'tauMem'],
  surrogatefunction: ['surrogate'],
  tau: ['tauMem', 'tauInit'],
  vdecay: ['beta'],
  vrest: ['vLeak'],
  vthreshold: ['vThreshold', 'vPeak'],
  // Norse
  rhoreset: ['refractorySteps'],
  tauadainv: ['tauW'],
  tauadaptinv: ['tauAdapt'],
  taumeminv: ['tauMem'],
  tausyninv: ['tauSyn'],
  vth: ['vThreshold', 'vPeak'],
  // NEST
  cm: ['c'],
  cmem: ['c'],
  eex: ['vE'],
  ein: ['vI'],
  ek: ['vK'],
  el: ['vLeak'],
  ena: ['vNa'],
  ie: ['iBias'],
  tausynex: ['tauE'],
  tausynin: ['tauI'],
  vm: ['vInit'],
  // Brian2
  eqs: ['update'],
  model: ['update'],
  namespace: ['params'],
  // torch and loops written with it
  criterion: ['loss'],
  learningrate: ['optimizer'],
  lossfn: ['loss'],
  lr: ['optimizer'],
  lrscheduler: ['schedule'],
  numepochs: ['epochs'],
  numsteps: ['steps'],
  weightdecay: ['optimizer'],
};

/** What is meant here by an option's name in snnTorch, SpikingJelly, Norse, NEST or Brian2, where there is that option. */
export function ofPeers(name: string, known: readonly string[]): string | undefined {
  const key = name.toLowerCase().replaceAll('_', '');
  return Object.hasOwn(names, key) ? names[key]!.find((ours) => known.includes(ours)) : undefined;
}

/** Tells the option that is near, or that a peer's name stands for. */
export function unknownOption(model: string, name: string, known: readonly string[]): Error {
  const didYouMean = ofPeers(name, known);
  const kind = `option of ${model}`;
  if (didYouMean === undefined) return unknownName(kind, name, known);
  return new LapicqueError('unknown-name', { kind, name: shown(name), didYouMean });
}

/** By the peer's name: snnTorch's, SpikingJelly's and Norse's, which are short. */
const states: Readonly<Record<string, string>> = {
  i: 'iSyn',
  mem: 'v',
  s: 'spikes',
  spk: 'spikes',
  syn: 'iSyn',
  z: 'spikes',
};

/** What is meant by a recording, `layer.variable`, whose variable has a peer's name. */
export function recordingOfPeers(name: string, known: readonly string[]): string | undefined {
  const dot = name.lastIndexOf('.');
  const variable = name.slice(dot + 1);
  const ours = Object.hasOwn(states, variable)
    ? [states[variable]!]
    : inputs.includes(variable)
      ? ['current']
      : [];
  return ours.map((state) => `${name.slice(0, dot)}.${state}`).find((recording) => known.includes(recording));
}

/** What others call that which enters a neuron. */
const inputs = ['cur', 'input', 'x', 'I', 'iIn'];
