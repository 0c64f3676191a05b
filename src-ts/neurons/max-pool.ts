/** Max pools of spike counts: a counter before the pool and a neuron after it that spikes when the largest count grows. */
import { atFirstUse } from './at-first-use.ts';
import { li } from './models.generated.ts';
import { neuron } from './neuron.ts';
import type { DynamicsSpec } from './neuron-node.ts';

/** Sums its input. */
export function counter(): DynamicsSpec {
  return li({ beta: 1 }).dynamics;
}

const newSpike = atFirstUse(() =>
  neuron({
    name: 'newSpike',
    state: { v: 0, before: 0 },
    update: 'v = i - before; before = i',
    spike: 'v > 0.5',
  }),
);

/** Spikes where its input has grown by 1. */
export function increment(): DynamicsSpec {
  return newSpike()({}).dynamics;
}

/** Whether a population is a {@link counter}. */
export function isCounter({ model, params, options }: DynamicsSpec): boolean {
  const { beta, r = 1, vLeak = 0, vInit = 0 } = params;
  return (
    model === 'li' && beta === 1 && r === 1 && vLeak === 0 && vInit === 0 && options.inputScale === 'weight'
  );
}

/** Whether a population is an {@link increment}. */
export function isIncrement({ equations }: DynamicsSpec): boolean {
  const own = increment().equations!;
  return (
    equations !== undefined &&
    equations.update === own.update &&
    equations.spike === own.spike &&
    equations.reset === undefined
  );
}
