/** A side-car's stimulus as a current a step. */
import { BadCase, type Json, list, number, object, Skip, text } from './side-car.ts';

/** The current of each step of `dt` ms; step k starts at k dt. */
export function injected(entry: Json, steps: number, dt: number): Float64Array {
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
      current.fill(number(values[i], 'stimulus.I'), Math.round(number(start, 'stimulus.t_ms') / dt));
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
