/** Building large networks, and running them from their start to an end. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import { currentTrial, signalWithin } from '../engine/trial-context.ts';
import { type CircuitCompileOptions, compileOptions } from './build.ts';
import type { Circuit } from './circuit.ts';
import type { Recording } from './recording.ts';
import { dtOf, stepsOf } from './steps.ts';
import { runInTrial } from './trial-simulation.ts';

/** Options of {@link simulate}. */
export interface SimulateOptions extends CircuitCompileOptions {
  /** In ms, a whole number of steps. */
  duration: number;
}

/**
 * Builds a network, runs it from its start and frees it. Within a trial of a study it keeps checkpoints of its state and recording; a killed
 * trial continues from them with the same result.
 *
 * @param options - `onProgress` receives the number of finished steps
 * @returns spikes and traces
 * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of the wrong value; `too-large`
 * before anything is built; `non-finite` with population, neuron and state, or with connection and source if a plastic weight is out of
 * range; `aborted`
 */
export async function simulate(network: Circuit, options: SimulateOptions): Promise<Recording> {
  if (options === undefined) invalid('options', options, 'an object with duration');
  const { duration, onProgress, ...building } = checkOptions('simulate', options, [
    'duration',
    ...compileOptions,
  ]);
  if (typeof network?.compile !== 'function' || typeof network.description !== 'object')
    invalid('circuit', network, 'a result of circuit(…); of a built-in one, circuits.brunel().circuit');
  const steps = stepsOf(duration, dtOf(building.dt ?? network.description?.dt));
  const trial = currentTrial();
  const signal = trial === undefined ? building.signal : signalWithin(trial, building.signal);
  const simulation = await network.compile(signal === undefined ? building : { ...building, signal });
  try {
    if (trial !== undefined)
      return await runInTrial(trial, simulation, steps, { signal: signal!, onProgress });
    return await simulation.run(duration, { signal: building.signal, onProgress });
  } finally {
    simulation.dispose();
  }
}
