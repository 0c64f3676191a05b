/** When a neuron spikes, without a grid of time. */
import { attached, options as checkOptions, finite, integer, invalid, timeStep } from '../checks/check.ts';
import { asDoubles, type WholeNumbers } from '../checks/whole-numbers.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Neuron } from '../neurons/neuron-node.ts';
import { isList } from './elements/distribution.ts';
import { maxSteps } from './steps.ts';

/** Options of {@link spikeTimes}. */
export interface SpikeTimesOptions extends TaskOptions {
  /** In ms. */
  duration: number;
  /** The input current: one value, or `values[i]` from `times[i]` ms on and 0 before; default 0. */
  current?: number | { times: readonly number[] | Float64Array; values: readonly number[] | Float64Array };
  /** The longest step of the neuron's method, in ms; default 0.01. Its error falls with the step. */
  dt?: number;
}

/**
 * Exact spike times of one neuron, between the steps of its method: a step with a spike is bisected until the spike is located to `dt / 2^40`; the
 * rest of the step continues from the reset. With `method: 'rk4'` only the error of the Runge–Kutta method remains, so the times serve as a reference
 * for networks on a time grid.
 *
 * @example
 * ```ts
 * const times = await spikeTimes(izhikevich({ a: 0.02, b: 0.2, c: -65, d: 6, method: 'rk4' }), { current: 14, duration: 100 });
 * ```
 * @returns ascending times in ms
 * @throws LapicqueError `invalid-parameter`; `unsupported` for a readout, for noise, for a refractory period, which is counted
 * in steps, and for neurons whose input or decay is defined per step, not per unit of time (`lif({ beta })`, and `lif({ tauMem })` unless its
 * `inputScale` depends on time); `non-finite`; `aborted`
 */
export async function spikeTimes(neuron: Neuron, options: SpikeTimesOptions): Promise<Float64Array> {
  if (neuron?.layer !== 'population') invalid('neuron', neuron, 'a neuron, such as izhikevich()');
  if (neuron.neurons !== undefined) integer('neuron.neurons', neuron.neurons, { min: 1, max: 1 });
  if (options === undefined) invalid('options', options, 'an object with duration');
  const {
    duration,
    current = 0,
    dt = 0.01,
    ...running
  } = checkOptions('spikeTimes', options, ['duration', 'current', 'dt', 'signal', 'onProgress']);
  const { times, values } =
    typeof current === 'number'
      ? { times: [0], values: [current] }
      : checkOptions('current', current, ['times', 'values']);
  const numbers = (name: string, given: ArrayLike<number> | WholeNumbers) => {
    const list = asDoubles(`current.${name}`, given);
    if (!isList(list)) invalid(`current.${name}`, list, 'a list of numbers');
    attached(`current.${name}`, list);
    return Float64Array.from(list, (x, i) => finite(`current.${name}[${i}]`, x));
  };
  const [from, inputs] = [numbers('times', times), numbers('values', values)];
  if (from.length !== inputs.length) invalid('current.values', values, 'one value for each time');
  finite('duration', duration, { min: 0 });
  timeStep('dt', dt);
  if (duration / dt > maxSteps) invalid('duration', duration, `at most 2^40 steps of ${dt} ms`);
  const spec = JSON.stringify(neuron.dynamics);
  return task(running, (handle) => addon.neuronSpikeTimes(spec, from, inputs, duration, dt, handle));
}
