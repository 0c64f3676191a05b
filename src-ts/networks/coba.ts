/**
 * Benchmark 1 of R. Brette et al., Simulation of networks of spiking neurons, Journal of Computational Neuroscience 23,
 * 2007: integrate-and-fire neurons with exponential conductances, after T. P. Vogels and L. F. Abbott, 2005. As
 * published, a network of 4,000 may fall silent; a current of 120 pA keeps it active.
 */
import { connect, distribution, iafCondExp, network, population, rule } from '../index.ts';
import { checkContext, type NetworkContext, type NetworkScript } from './script.ts';

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
export function coba(context: NetworkContext = {}): NetworkScript {
  const { scale = 1, seed = 0 } = checkContext('coba', context);
  const cells = (name: string, size: number, draws: number) =>
    population(iafCondExp, size, {
      name,
      c: 200, // pF
      gL: 10, // nS
      vLeak: -60,
      vThreshold: -50,
      vReset: -60,
      tauRef: 5,
      vE: 0,
      vI: -80,
      tauE: 5,
      tauI: 10,
      iBias: 120, // pA
      initial: {
        v: distribution.normal(-65, 5),
        gE: conductances(distribution.normal(40, 15), size, draws),
        gI: conductances(distribution.normal(200, 120), size, draws + 1),
      },
    });
  const E = cells('E', Math.round(3200 * scale), 4 * seed);
  const I = cells('I', Math.round(800 * scale), 4 * seed + 2);
  return {
    network: network(
      E,
      I,
      [E, I].flatMap((target) => [
        connect(E, target, rule.fixedInDegree(64), { weight: 6, delay: 0.1 }), // nS
        connect(I, target, rule.fixedInDegree(16), { weight: 67, delay: 0.1, port: 'inhibitory' }),
      ]),
    ),
  };
}

/** Drawn ones below 0 are 0. */
function conductances(drawn: ReturnType<typeof distribution.normal>, size: number, seed: number) {
  return distribution.draw(drawn, size, seed).map((g) => Math.max(0, g));
}
