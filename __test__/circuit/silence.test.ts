// A network that nothing reaches and whose states no longer change is not advanced. Its reference is the same network with a
// Poisson source of rate 0, which has to be advanced at every step.
import test from 'ava';
import {
  type CircuitElement,
  circuit,
  connect,
  currentSource,
  poisson,
  population,
  record,
  rule,
  spikeSource,
} from '../../src-ts/doors/circuit.ts';
import { aeifCondExp, hhPscAlpha, iafPscExp } from '../../src-ts/doors/neurons.ts';

const models = {
  iafPscExp: (size: number) => population(iafPscExp, size),
  aeifCondExp: (size: number) => population(aeifCondExp, size),
  hhPscAlpha: (size: number) => population(hhPscAlpha, size),
};

for (const [name, of] of Object.entries(models)) {
  for (const precision of ['f32', 'f64'] as const) {
    test(`a silent network of ${name} in ${precision}: bits of one that is advanced`, async (t) => {
      const run = async (advanced: boolean) => {
        const [E, few] = [of(150), of(3)];
        // One burst at the beginning, one after the network has come to rest, and a current that begins in between.
        const bursts = spikeSource(
          Array.from({ length: 20 }, (_, i) => [(10 + i) / 10, 4.5, (18_013 + i) / 10, 2500]),
        );
        const weight = name === 'aeifCondExp' ? 40 : 300;
        const elements: CircuitElement[] = [
          E,
          few,
          connect(bursts, E, rule.allToAll(), { weight, delay: 1 }),
          connect(E, few, rule.fixedInDegree(20), { weight, delay: 2.5 }),
          connect(few, few, rule.allToAll(), { weight: weight / 10, delay: 0.5 }),
          connect(currentSource({ times: [0, 900], values: [0, 20] }), E),
          record.spikes(E),
          record.spikes(few),
          record.traces(E, ['v'], 0.5),
        ];
        if (advanced) elements.push(connect(poisson(0), few, { weight: 1 }));
        using simulation = await circuit(...elements).compile({ seed: 3, precision, threads: 2 });
        const parts = [];
        for (const ms of [700, 600.1, 1400, 0.3]) {
          const { times, ids, traces } = await simulation.run(ms);
          parts.push({ times, ids, v: Object.values(traces).map(({ values }) => values) });
        }
        return parts;
      };
      const [resting, advanced] = [await run(false), await run(true)];
      t.true(resting[2]!.times.length > 100, `${resting[2]!.times.length} spikes`);
      t.deepEqual(resting, advanced);
    });
  }
}
