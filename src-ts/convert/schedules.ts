/** From a graph with scaled weights to the spiking model, for either schedule. */
import type { Description } from '../description/description.ts';
import type { Model } from '../model/model.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import type { AnnGraph } from './ann-graph.ts';
import { assembled, describe, type Populations, perNeuron } from './assemble.ts';
import type { Settings } from './convert-options.ts';
import { accumulateThenFire, integrateThenFire, readout, summingReadout } from './populations.ts';

/** What the description of a network has beside its graph. */
type Frame = Pick<Description, 'dt' | 'precision' | 'seed' | 'input'>;

/** A graph whose thresholds are 1. */
export interface Scaled {
  readonly graph: AnnGraph;
  /** The populations that spike. */
  readonly spiking: readonly string[];
  /** Populations of max pools. */
  readonly counters: Populations;
  /** The output, where it is summed; nothing where it spikes or is kept. */
  readonly summed: string | undefined;
  readonly frame: Frame;
}

/** All populations fire in every step. `starts` are the potentials at the start, one per channel. */
export function streaming(
  scaled: Scaled,
  starts: ReadonlyMap<string, Float64Array>,
  signal: AbortSignal | undefined,
): Promise<Model> {
  const { graph, spiking } = scaled;
  const populations = spiking.map(
    (name) => [name, integrateThenFire(perNeuron(graph, name, starts.get(name)!))] as const,
  );
  return compiled(scaled, populations, readout(), signal);
}

/** Layers fire one after the other, T steps each. Biases are in the potentials at the start, as they would act in all steps of a run. */
export async function accumulating(
  scaled: Scaled,
  { steps, initial, signal }: Pick<Settings, 'steps' | 'initial' | 'signal'>,
): Promise<{ model: Model; totalSteps: number }> {
  const { graph, spiking, frame } = scaled;
  const currents = await biasCurrents(scaled, signal);
  const start = (name: string, from: number) =>
    perNeuron(
      graph,
      name,
      currents.get(name)!.map((current) => from + steps * current),
    );
  for (const [name, values] of graph.weights) if (name.endsWith('.bias')) values.fill(0);
  const depths = depthsOf(graph, spiking);
  const populations = spiking.map(
    (name) =>
      [name, accumulateThenFire(start(name, initial), depths.get(name)! * steps, steps, frame.dt)] as const,
  );
  const last = scaled.summed === undefined ? readout() : summingReadout(start(scaled.summed, 0));
  const model = await compiled(scaled, populations, last, signal);
  return { model, totalSteps: (Math.max(...depths.values()) + 1) * steps };
}

function compiled(
  { graph, counters, summed, frame }: Scaled,
  populations: Iterable<readonly [string, DynamicsSpec]>,
  last: DynamicsSpec,
  signal: AbortSignal | undefined,
): Promise<Model> {
  const all = new Map([...counters, ...populations]);
  if (summed !== undefined) all.set(summed, last);
  return assembled(graph, describe(graph, all, frame), { signal });
}

/** How many populations that spike lie on the longest path to one, itself included. */
export function depthsOf(graph: AnnGraph, spiking: readonly string[]): Map<string, number> {
  const own = new Set(spiking);
  const depths = new Map([['input', 0]]);
  for (const name of graph.ordered()) {
    const before = Math.max(...graph.sources(name).map((source) => depths.get(source)!));
    depths.set(name, before + Number(own.has(name)));
  }
  return new Map(spiking.map((name) => [name, depths.get(name)!]));
}

/** What biases bring to each neuron in a step, `[neurons]`: the currents at an input of 0 while nothing fires. */
async function biasCurrents(
  scaled: Scaled,
  signal: AbortSignal | undefined,
): Promise<Map<string, Float64Array>> {
  const { spiking, frame } = scaled;
  const never = integrateThenFire(0, 1e30);
  const populations = spiking.map((name) => [name, never] as const);
  using model = await compiled(scaled, populations, readout(), signal);
  const names = [...spiking, ...(scaled.summed === undefined ? [] : [scaled.summed])];
  const { recordings } = await model.run(
    { x: new Float32Array(frame.input.size), shape: [1, 1, frame.input.size] },
    { record: names.map((name) => `${name}.current`), signal },
  );
  return new Map(names.map((name) => [name, Float64Array.from(recordings[`${name}.current`]!)]));
}
