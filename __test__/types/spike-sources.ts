// Compile-only: what can be set and read of a spike source.
import { type Simulation, spikeSource } from '../../src-ts/doors/circuit.ts';

const S = spikeSource([[0, 1], [2]]);
declare const simulation: Simulation;

export async function trains(): Promise<readonly Float64Array[]> {
  await simulation.set(S, { trains: [[1], new Float64Array(2)] });
  await simulation.set(S.slice(1), { trains: [[1]] });
  await simulation.set('S', { trains: [[1]] });
  // @ts-expect-error a source has no rate
  await simulation.set(S, { rate: 4 });
  // @ts-expect-error one list per train
  await simulation.set(S, { trains: [1, 2] });
  return simulation.get(S, 'trains');
}
