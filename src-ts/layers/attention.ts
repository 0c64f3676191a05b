/** Attention among spikes: Spikformer's, and the spike-driven variant. */
import { options as checkOptions, integer, invalid, oneOf } from '../checks/check.ts';
import { lif } from '../neurons/models.generated.ts';
import type { Neuron } from '../neurons/neuron-node.ts';
import { attentionJoin, branches, checkBranch, multiply } from './branches.ts';
import { pointwise } from './convolutions.ts';
import type { Branches, Layer } from './layer-kinds.ts';
import { batchNorm } from './normalization.ts';
import { optionNames } from './operation-node.ts';
import { operationTables } from './operation-tables.generated.ts';
import type { AttentionOptions } from './operations.generated.ts';
import { globalSumPool } from './pools.ts';

/** Options of {@link selfAttention}. */
export interface SelfAttentionOptions extends AttentionOptions {
  /**
   * `'dot-product'`: Spikformer's, {@link attention} of queries, keys and values. `'spike-driven'`: keys mask values, the sum
   * over the tokens charges a neuron per channel, and its spikes mask the queries; heads and scale are not used. Default
   * `'dot-product'`.
   */
  kind?: 'dot-product' | 'spike-driven';
  /**
   * The neuron after each projection; default: `lif` with a time constant of 2 ms and an immediate, detached reset to 0, as in
   * the paper.
   */
  neuron?: Neuron;
  /** The neuron after the attention; default: the same with a threshold of 0.5. */
  attentionNeuron?: Neuron;
}

/**
 * Attention without softmax: `y = scale (Q Kᵀ) V` for each head, where three lists of layers compute Q, K and V from the same
 * input. A pixel is a token: each is `[channels, height, width]` or `[channels, width]`; keys have the queries' channels and
 * the values' pixels. The output has the values' channels and the queries' pixels. If Q, K and V are spikes, it counts
 * coincidences. The cheaper of `(Q Kᵀ) V` and `Q (Kᵀ V)` is computed, depending on the shapes. (Z. Zhou et al., Spikformer,
 * ICLR 2023, equation 6.)
 *
 * @param queries - layers that make Q
 * @param keys - layers that make K
 * @param values - layers that make V
 * @returns a layer from the common input to `[channels of V, …pixels of Q]`
 * @example
 * ```ts
 * attention(
 *   [pointwise(64, 64), lif({ tauMem: 2 })],
 *   [pointwise(64, 64), lif({ tauMem: 2 })],
 *   [pointwise(64, 64), lif({ tauMem: 2 })],
 *   { heads: 4 },
 * )
 * ```
 * @throws LapicqueError `invalid-parameter` for heads or a scale that are not positive; at `compile` also for heads that do
 * not divide the channels, and `shape-mismatch` for queries, keys and values whose shapes do not match
 */
export function attention(
  queries: readonly Layer[],
  keys: readonly Layer[],
  values: readonly Layer[],
  options: AttentionOptions = {},
): Branches {
  const join = attentionJoin('attention', options);
  const lists = { queries, keys, values };
  for (const [name, list] of Object.entries(lists)) {
    checkBranch(`attention.${name}`, list);
  }
  return branches(join, Object.values(lists));
}

/**
 * Spiking self-attention as a sequence of layers; a pixel is a token. Every projection is {@link pointwise}, without bias and
 * followed by {@link batchNorm}.
 *
 * `'dot-product'`: queries, keys and values by projection and neuron, {@link attention}, its neuron, and a projection with
 * its neuron; the output is spikes (Z. Zhou et al., Spikformer, ICLR 2023).
 *
 * `'spike-driven'`: the input is a membrane, which neurons first convert to spikes. `Q ∘ spike(Σ_tokens K ∘ V)` takes masks
 * and additions only; the output of the last projection is again a membrane (M. Yao et al., Spike-driven Transformer, NeurIPS
 * 2023).
 *
 * @param channels - of input and output
 * @returns layers for {@link residual} or, spread, for {@link sequential}; they keep the shape `[channels, height, width]` or
 * `[channels, width]`
 * @example
 * ```ts
 * residual(selfAttention(256, { heads: 8 }))
 * ```
 * @throws LapicqueError `invalid-parameter` for an option out of range or an invalid neuron; at `compile` for heads that do not
 * divide the channels
 */
export function selfAttention(channels: number, options: SelfAttentionOptions = {}): readonly Layer[] {
  const own = ['kind', 'neuron', 'attentionNeuron'];
  const further = optionNames(operationTables.attention);
  checkOptions<object>('selfAttention', options, [...further, ...own] as never[]);
  const { kind = 'dot-product', neuron = attentionLif(), attentionNeuron, ...rest } = options;
  const after = attentionNeuron ?? attentionLif(0.5);
  for (const [name, population] of Object.entries({ neuron, attentionNeuron: after })) {
    if (population?.layer !== 'population')
      invalid(`selfAttention.${name}`, population, 'a population, such as lif()');
  }
  oneOf('selfAttention.kind', kind, ['dot-product', 'spike-driven']);
  integer('selfAttention.channels', channels, { min: 1, max: 2 ** 24 });
  const join = attentionJoin('selfAttention', rest);
  const project = () => [pointwise(channels, channels, { bias: false }), batchNorm()];
  const [queries, keys, values] = [0, 1, 2].map(() => [...project(), neuron]) as [Layer[], Layer[], Layer[]];
  if (kind === 'dot-product') {
    return Object.freeze([branches(join, [queries, keys, values]), after, ...project(), neuron]);
  }
  const mask = [multiply(keys, values), globalSumPool(), after];
  return Object.freeze([neuron, multiply(queries, mask), ...project()]);
}

/** The neuron of the papers: a time constant of two steps, a spike at the threshold, and an immediate reset to 0. */
function attentionLif(vThreshold = 1): Neuron {
  return lif({ like: 'spikingjelly', tauMem: 2, vThreshold, detachReset: true });
}
