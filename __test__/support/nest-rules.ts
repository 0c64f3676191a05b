// Rules of synapses of lapicque from parameters as NEST calls them.
import { synapse } from '../../src-ts/doors/circuit.ts';

/** NEST's stdp_dopamine_synapse. */
export const rewardStdp = (p: Record<string, number>) =>
  synapse.rewardStdp({
    aPlus: p.A_plus!,
    aMinus: p.A_minus!,
    tauPlus: p.tau_plus!,
    tauMinus: p.tau_minus!,
    tauC: p.tau_c!,
    tauN: p.tau_n!,
    baseline: p.b!,
    wMin: p.Wmin!,
    wMax: p.Wmax!,
  });
