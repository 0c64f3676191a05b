/** Steps of time in which a network runs. */
import { finite, invalid, timeStep } from '../checks/check.ts';

/** Of a run: months of the smallest network. */
export const maxSteps = 2 ** 40;

/** Of one step, in ms. */
export function dtOf(dt: number | undefined): number {
  return timeStep('dt', dt ?? 0.1);
}

/** Steps of `dt` ms in a duration in ms, at least `min`. */
export function stepsOf(duration: number, dt: number, name = 'duration', min = 0): number {
  const steps = Math.round(finite(name, duration, { min: 0 }) / dt);
  if (Math.abs(steps * dt - duration) > 1e-6 * dt || steps < min) {
    invalid(name, duration, `a whole number of steps of ${dt} ms${min > 0 ? ', at least one' : ''}`);
  }
  if (steps > maxSteps) invalid(name, duration, `at most 2^40 steps of ${dt} ms`);
  return steps;
}
