/** What other libraries call the options of a population. */

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
  threshold: ['vThreshold', 'vPeak'],
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
};

/** What is meant here by an option's name in snnTorch, SpikingJelly or Norse, where the model has it. */
export function ofPeers(name: string, known: readonly string[]): string | undefined {
  const key = name.toLowerCase().replaceAll('_', '');
  return Object.hasOwn(names, key) ? names[key]!.find((ours) => known.includes(ours)) : undefined;
}
