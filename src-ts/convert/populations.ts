/** The neurons of converted networks, of both schedules. */

import { counter as counterDynamics, increment } from '../neurons/max-pool.ts';
import { integrateAndFire, li, rateUnit } from '../neurons/models.generated.ts';
import { neuron } from '../neurons/neuron.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import type { AnnGraph } from './ann-graph.ts';
import type { Populations } from './assemble.ts';
import type { PreparedGraph } from './prepare.ts';

/** One number for all neurons, or one per neuron. */
export type PerNeuron = number | number[];

/** Integrate and fire with threshold 1. A spike takes 1 off (soft reset), so that what exceeds the threshold is kept. */
export function integrateThenFire(vInit: PerNeuron, vThreshold = 1): DynamicsSpec {
  const options = { reset: 'subtract', resetTiming: 'same-step', compare: '>=' } as const;
  return integrateAndFire({ vInit, vThreshold, ...options }).dynamics;
}

const accumulating = neuron({
  name: 'accumulateThenFire',
  state: { v: { init: 'vInit' } },
  params: { vInit: 0.5, vThreshold: 1, start: 0, stop: 1 },
  update: 'v = v + i',
  // `t` is the time at the end of the step.
  spike: 'v >= vThreshold and t > start and t < stop',
  reset: 'v -= vThreshold',
});

/** Integrates at all steps, and fires at most once a step in `steps` steps from the step `first` on. `dt` in ms. */
export function accumulateThenFire(vInit: PerNeuron, first: number, steps: number, dt: number): DynamicsSpec {
  return accumulating({ vInit, start: (first + 0.5) * dt, stop: (first + steps + 0.5) * dt }).dynamics;
}

/** Gives the logits of each step; their sum decides. As an integrator that keeps nothing, which NIR files leave out. */
export function readout(): DynamicsSpec {
  return li({ beta: 0 }).dynamics;
}

/** Gives the sum of the logits since the first step. */
export function summingReadout(vInit: PerNeuron): DynamicsSpec {
  return li({ beta: 1, vInit }).dynamics;
}

const difference = neuron({
  name: 'difference',
  state: { v: 0, before: 0 },
  update: 'v = i - before; before = i',
});

/**
 * Puts counters before max pools and differences after them. The output of a pool in the first t steps is then the largest of the sums
 * that its window received in t steps, exactly, for every t. Of spikes the difference is 0 or 1: a spike again.
 *
 * @param spiking - the populations that spike
 * @returns the populations that were put in
 */
export function withCounters(
  { graph, constant, kept }: PreparedGraph,
  spiking: Iterable<string>,
): Populations {
  const populations = new Map<string, DynamicsSpec>();
  const spikes = new Set(spiking);
  for (const name of graph.ordered()) {
    const node = graph.nodes.get(name)!;
    if (node.kind !== 'pool' || node.pooling !== 'max' || constant.has(name) || kept.has(name)) continue;
    const [source] = graph.sources(name) as [string];
    const [counter, behind] = [graph.unique(`${name}_sum`), graph.unique(`${name}_increment`)];
    graph.insertBetween(source, name, population(graph, counter, source));
    populations.set(counter, counterDynamics());
    graph.insertAfter(name, population(graph, behind, name), graph.shape(name));
    populations.set(behind, spikes.has(source) ? increment() : difference({}).dynamics);
    if (spikes.has(source)) spikes.add(behind);
  }
  return populations;
}

/** A node as wide as another; which neurons it has, the populations of the network say. */
function population(graph: AnnGraph, name: string, like: string) {
  return { kind: 'dynamics', name, neurons: graph.size(like), dynamics: rateUnit().dynamics } as const;
}
