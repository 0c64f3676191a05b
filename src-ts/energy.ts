/** Synaptic operations and the energy they would take in hardware that does nothing else. */
import { integer, unknownName } from './check.ts';
import type { Model } from './model.ts';
import { addon, unwrap } from './native.ts';

/** What a run counted, over all samples and steps. */
export interface Activity {
  /** Spikes (or non-zero values) that entered each projection: `events` of a run. */
  events: Readonly<Record<string, number>>;
  samples: number;
  steps: number;
  /** Whether the input is spikes; what enters behind spiking populations always is. Default true. */
  spikingInput?: boolean;
}

/** Operations per sample as NeuroBench counts them, and their energy. */
export interface EnergyEstimate {
  operations: {
    /** Multiply-adds at inputs that are not spikes. */
    effectiveMacs: number;
    /** Additions at spikes. */
    effectiveAcs: number;
    /** Multiply-adds if every synapse computed at every step. */
    dense: number;
  };
  energy: {
    joules: number;
    /** Of the `dense` operations. */
    denseJoules: number;
    /** Joules an operation, and what they rest on. */
    model: { mac: number; ac: number; assumptions: string[] };
  };
}

/**
 * Operations and energy per sample. Every synapse counts as non-zero, which trained ones are.
 *
 * @example
 * ```ts
 * const { events, shape: [steps, samples] } = await model.run(input);
 * const { operations, energy } = estimateEnergy(model, { events, samples, steps });
 * ```
 * @throws LapicqueError `unknown-name` when a projection has no count, `invalid-parameter`
 */
export function estimateEnergy(model: Model, activity: Activity): EnergyEstimate {
  const { events, samples, steps, spikingInput = true } = activity;
  const spiking = new Map(model.info.layers.map((layer) => [layer.name, layer.spiking]));
  const projections = model.info.projections.map(({ name, inputs, outputs, dense }) => {
    const count = events[name];
    if (count === undefined) throw unknownName('projection', name, Object.keys(events));
    const source = model.description.edges.find(([, to]) => to === name)?.[0];
    return {
      events: integer(`events.${name}`, count, { min: 0 }),
      fanOut: dense ? outputs : 1,
      synapses: dense ? inputs * outputs : inputs,
      spiking: source === 'input' ? spikingInput : (spiking.get(source ?? '') ?? false),
    };
  });
  return JSON.parse(unwrap(addon.estimateEnergy(projections, samples, steps))) as EnergyEstimate;
}
