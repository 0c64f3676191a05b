/** A side-car's stimulus as a current a step. */

import type { Neuron } from '../../src-ts/doors/neurons.ts';
import { type RunResult, sequential } from '../../src-ts/index.ts';
import { using } from './check.ts';
import { BadCase, type Json, list, number, object, Skip, text } from './side-car.ts';

/**
 * The current of each step of `dt` ms; step k starts at k dt. A piecewise constant current may change within a step:
 * `'mean'` takes the mean over the step, `'start'` what it is where the step starts.
 */
export function injected(
  entry: Json,
  steps: number,
  dt: number,
  within: 'mean' | 'start' = 'mean',
): Float64Array {
  const stimulus = object(entry.stimulus, 'stimulus');
  const kind = text(stimulus.kind, 'stimulus.kind');
  const current = new Float64Array(steps);
  if (kind === 'constant') {
    current.fill(
      number(stimulus.I_pA, 'stimulus.I_pA'),
      Math.round(number(stimulus.from_ms, 'stimulus.from_ms') / dt),
    );
  } else if (kind === 'piecewise_constant') {
    const values = list(stimulus.I_uA_cm2 ?? stimulus.I, 'stimulus.I');
    list(stimulus.t_ms, 'stimulus.t_ms').forEach((start, i) => {
      const [value, at] = [number(values[i], 'stimulus.I'), number(start, 'stimulus.t_ms') / dt];
      const near = Math.abs(at - Math.round(at)) < 1e-6;
      const first = near ? Math.round(at) : Math.ceil(at);
      if (!near && within === 'mean' && first > 0)
        current[first - 1]! += (value - current[first - 1]!) * (first - at);
      current.fill(value, first);
    });
  } else if (kind === 'segments') {
    for (const value of list(stimulus.segments, 'stimulus.segments')) {
      const { from_step, to_step, I, slope_per_ms = 0 } = object(value, 'stimulus.segments[]');
      const [from, to] = [number(from_step, 'from_step'), number(to_step, 'to_step')];
      if (to > steps) throw new BadCase('a segment of the stimulus ends after the last step');
      for (let k = from; k < to; k++) {
        current[k] = number(I, 'I') + number(slope_per_ms, 'slope_per_ms') * (k - from) * dt;
      }
    }
  } else {
    throw new Skip(`the stimulus ${kind} is not built yet`);
  }
  return current;
}

/** Runs one neuron in double precision; `record` are states. */
export async function alone(
  neuron: Neuron,
  input: Float64Array,
  dt: number,
  record: readonly string[],
): Promise<RunResult> {
  const model = await sequential(neuron).compile({ dt, precision: 'f64', inputs: 1 });
  return using(model, (model) => {
    const variables = record.map((state) => `neuron.${state}`);
    return model.run({ x: input, shape: [input.length, 1, 1] }, { record: variables });
  });
}

/** The steps at which the neuron fires. */
export function fired({ spikes }: RunResult): number[] {
  return Array.from(spikes!.keys()).filter((step) => spikes![step] !== 0);
}
