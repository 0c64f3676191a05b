/**
 * Names that other libraries use for the options and states of a population, the ports of a neuron, and the
 * options of training.
 */
import { unknownName } from './check.ts';
import { LapicqueError } from './errors.ts';
import { shortName } from './nearest-name.ts';

/**
 * By the other library's name in lower case without underscores; of several names, the first that the model
 * has.
 */
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

/**
 * The option here that corresponds to a name in snnTorch, SpikingJelly, Norse, NEST or Brian2, if there is
 * one.
 */
export function ofPeers(name: string, known: readonly string[]): string | undefined {
  const key = name.toLowerCase().replaceAll('_', '');
  return Object.hasOwn(names, key) ? names[key]!.find((ours) => known.includes(ours)) : undefined;
}

/** Suggests a similar option, or the option that another library's name corresponds to. */
export function unknownOption(model: string, name: string, known: readonly string[]): Error {
  const didYouMean = ofPeers(name, known);
  const kind = `option of ${model}`;
  if (didYouMean === undefined) return unknownName(kind, name, known);
  return new LapicqueError('unknown-name', { kind, name: shortName(name), didYouMean });
}

/** By short names of snnTorch, SpikingJelly and Norse. */
const states: Readonly<Record<string, string>> = {
  i: 'iSyn',
  mem: 'v',
  s: 'spikes',
  spk: 'spikes',
  syn: 'iSyn',
  z: 'spikes',
};

/** The corresponding recording if the variable of `layer.variable` has a name of another library. */
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

/** Names of other libraries for the input of a neuron. */
const inputs = ['cur', 'input', 'x', 'I', 'iIn'];
