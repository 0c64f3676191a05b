/**
 * Benchmark 3 of R. Brette et al., Simulation of networks of spiking neurons, Journal of Computational Neuroscience 23,
 * 2007: Hodgkin–Huxley neurons with exponential conductances. Exponential Euler at 0.1 ms gives rates 15 % below those of
 * short steps; at 0.02 ms they agree.
 */
import { connect, distribution, hhCondExpTraub, network, population, rule } from '../index.ts';
import { checkContext, type NetworkContext, type NetworkScript } from './script.ts';

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
export function cobahh(context: NetworkContext = {}): NetworkScript {
  const { scale = 1, seed = 0, method } = checkContext('cobahh', context);
  const cells = (name: string, size: number, draws: number) =>
    population(hhCondExpTraub, size, {
      name,
      // Its defaults are the benchmark's: 200 pF, 10 nS, 20 and 6 µS, -60 mV, 5 and 10 ms, a spike above -20 mV.
      method: (method ?? 'exponential-euler') as 'exponential-euler' | 'rk4',
      initial: {
        v: distribution.normal(-65, 5),
        m: 0,
        h: 0,
        n: 0,
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
