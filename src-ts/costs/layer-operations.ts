/** What each layer of a model costs. */
import type { ModelInfo } from '../compiled/model-info.ts';
import type { Description } from '../description/description.ts';
import type { ReadoutCost } from '../model/readout-cost.ts';
import type { Counts } from './counts.ts';
import { hasMembrane, isActivation, isCounted, neuronOperations } from './neurobench.ts';

/** Costs of a layer: means over samples, each for its whole sequence, except for sizes. */
export interface LayerOperations {
  name: string;
  /** The kind of layer (`dense`, `conv`, `batch-norm`, `pool`, …) or the neuron model (`lif`). */
  kind: string;
  /** Number of outputs of the layer in a step: neurons, or elements. */
  outputs: number;
  /** Outputs that are not zero, over all steps. */
  nonZero: number;
  /** Fraction of outputs that are zero. Absent if the layer is merged into the next one, so that its outputs exist only as a sum. */
  sparsity?: number;
  /** Whether NeuroBench counts the outputs as activations. */
  activation: boolean;
  /** Number of weights, and of zero weights; 0 for a layer without weights. */
  weights: number;
  zeroWeights: number;
  /** Number of non-zero inputs of the weights, over all steps. */
  events: number;
  /**
   * Of a traced layer also the operations of its function: a product of two signals or a function such as `exp` is a multiply-add, a sum or a
   * comparison an addition. They are needed for any input, so they are effective and dense.
   */
  effectiveMacs: number;
  effectiveAcs: number;
  dense: number;
  /** Whether NeuroBench counts the operations of the layer: those of dense layers and convolutions. */
  counted: boolean;
  /** Number of state values of all neurons. */
  states: number;
  /** For a population: number of changes of a membrane. */
  membraneUpdates?: number;
  /** For a population: operations of its neurons at `membraneUpdates`, and dense; absent if NeuroBench has no number for the neuron. */
  neuronOperations?: { effective: number; dense: number };
  /**
   * For a population: fraction of its neurons and steps whose surrogate derivative is not zero. The backward pass computes the gradient of its spikes
   * only there if this is faster. Absent if the derivative is never zero.
   */
  active?: number;
}

/** The read-out of a model as the last of its layers: its function runs once for each sample, and has no output in a step. */
export function readoutOperations(
  { multiplyAdds, additions }: ReadoutCost,
  samples: number,
): LayerOperations {
  return {
    name: 'readout',
    kind: 'traced',
    outputs: 0,
    nonZero: 0,
    activation: false,
    weights: 0,
    zeroWeights: 0,
    events: 0,
    effectiveMacs: multiplyAdds / samples,
    effectiveAcs: additions / samples,
    dense: (multiplyAdds + additions) / samples,
    counted: false,
    states: 0,
  };
}

/** All layers in the order of the description. */
export function layersOf(description: Description, info: ModelInfo, counts: Counts): LayerOperations[] {
  const { samples, rows } = counts;
  const find = <T extends { name: string }>(list: readonly T[], name: string) =>
    list.find((item) => item.name === name);
  return description.nodes.map((node) => {
    const { name } = node;
    const population = find(counts.populations, name);
    const map = find(counts.maps, name);
    const own = find(counts.connections, name);
    const outputs = population?.neurons ?? map?.elements ?? find(info.projections, name)?.outputs ?? 0;
    const nonZero = population?.nonZero ?? map?.nonZero;
    const mean = (count = 0) => count / samples;
    const each = neuronOperations(description, name);
    return {
      name,
      kind: node.kind === 'dynamics' ? node.dynamics.model : node.kind,
      outputs,
      nonZero: mean(nonZero),
      ...(nonZero === undefined ? {} : { sparsity: (outputs * rows - nonZero) / (outputs * rows) }),
      activation: isActivation(node, population?.spiking === true),
      weights: own?.weights ?? 0,
      zeroWeights: own?.zeroWeights ?? 0,
      events: mean(own?.events),
      effectiveMacs: mean(own?.effectiveMacs) + mean(map?.effectiveMacs),
      effectiveAcs: mean(own?.effectiveAcs) + mean(map?.effectiveAcs),
      dense: mean(own?.dense) + mean(map?.dense),
      counted: isCounted(node),
      states: (find(info.layers, name)?.states.length ?? 0) * (population?.neurons ?? 0),
      ...(population !== undefined && hasMembrane(node)
        ? { membraneUpdates: mean(population.membraneUpdates) }
        : {}),
      ...(population !== undefined && each !== undefined
        ? {
            neuronOperations: {
              effective: mean(population.membraneUpdates * each),
              dense: mean(population.neurons * rows * each),
            },
          }
        : {}),
      ...(population?.active === undefined
        ? {}
        : { active: population.active / (population.neurons * rows) }),
    };
  });
}
