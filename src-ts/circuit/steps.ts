/** Steps of time in which a network runs. */
import { finite, invalid } from '../check.ts';

/** Of a run: months of the smallest network. */
export const mostSteps = 2 ** 40;

/** Of one step, in ms. */
export function dtOf(dt: number | undefined): number {
  return finite('dt', dt ?? 0.1, { above: 0 });
}

/** Steps of `dt` ms in a duration in ms. */
export function stepsOf(duration: number, dt: number): number {
  const steps = Math.round(finite('duration', duration, { min: 0 }) / dt);
  if (Math.abs(steps * dt - duration) > 1e-6 * dt) {
    invalid('duration', duration, `a whole number of steps of ${dt} ms`);
  }
  if (steps > mostSteps) invalid('duration', duration, `at most 2^40 steps of ${dt} ms`);
  return steps;
}
