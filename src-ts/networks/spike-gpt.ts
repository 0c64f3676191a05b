/** SpikeGPT: a spiking language model. */
import { options as checkOptions, integer, invalid } from '../checks/check.ts';
import { type Vocabulary, vocabulary as vocabularyOf } from '../data/text.ts';
import { describeGraph } from '../description/graph-description.ts';
import { type Edge, type GraphSpec, type Join, join } from '../layers/branches.ts';
import type { Layer } from '../layers/layer-kinds.ts';
import { dense, embedding, layerNorm } from '../layers/operations.generated.ts';
import { graph } from '../model/graph.ts';
import type { Network } from '../model/network.ts';
import type { Initializer } from '../neurons/initializer.ts';
import { li, lif, rateUnit, sigmoidGate, tokenShift, wkv } from '../neurons/models.generated.ts';
import type { Neuron } from '../neurons/neuron-node.ts';
import { atan } from '../neurons/surrogates.generated.ts';
import { log, power } from '../numbers/elementary.ts';

/** Options of {@link spikeGPT}. */
export interface SpikeGPTOptions {
  /** The characters of the model: a vocabulary, or a text that contains them all. */
  vocabulary: Vocabulary | string;
  /** Default 128. */
  channels?: number;
  /** Default 2. */
  blocks?: number;
  /** Hidden channels of the feed-forward part for each channel; default 4. */
  ratio?: number;
  /** Default `lif` with a time constant of two steps, a reset to 0 and the arc tangent's surrogate. */
  neuron?: Neuron;
}

const defaultNeuron = lif({ like: 'spikingjelly', tauMem: 2, surrogate: atan({ alpha: 2 }) });
const zeros: Initializer = { kind: 'zeros' };

/**
 * SpikeGPT (R.-J. Zhu et al., TMLR 2024): each step reads a token and outputs the logits of the next one. A block adds
 * the spikes of two parts to each channel: `attention`, whose WKV recurrence is a weighted sum of all tokens so far
 * with decaying keys, and `feedForward`. The time axis of the neurons is the text: one step per token. Train it on windows of a
 * text with `loss.crossEntropyMembrane()`, then generate text with `generate`.
 *
 * Initial weights are as in the authors' code: zero for channel mixing, except for values and the hidden layer; decays
 * and token mixes are spread over the channels. The embedding is initialized from a normal distribution.
 *
 * @returns a network from `[1]`, the number of a token, to one logit for each token
 * @throws LapicqueError `invalid-parameter` for invalid sizes, and without a vocabulary
 * @example
 * ```ts
 * const tokens = vocabulary(text);
 * const model = await networks.spikeGPT({ vocabulary: tokens }).compile({ seed: 1 });
 * const loader = new DataLoader(tokenWindows(tokens.encode(text), { steps: 128 }), { batchSize: 32, shuffle: true });
 * await model.fit(loader, { epochs: 10, loss: loss.crossEntropyMembrane(), optimizer: adamw({ lr: 6e-3, maxNorm: 1 }) });
 * ```
 */
export function spikeGPT(options: SpikeGPTOptions): Network {
  const names = ['vocabulary', 'channels', 'blocks', 'ratio', 'neuron'] as const;
  const checked = checkOptions('spikeGPT', options, names);
  const { vocabulary, channels = 128, blocks = 2, ratio = 4, neuron = defaultNeuron } = checked;
  integer('spikeGPT.channels', channels, { min: 2, max: 2 ** 24 });
  integer('spikeGPT.blocks', blocks, { min: 1, max: 2 ** 10 });
  integer('spikeGPT.ratio', ratio, { min: 1, max: 2 ** 10 });
  const { tokens, size } = typeof vocabulary === 'string' ? vocabularyOf(vocabulary) : (vocabulary ?? {});
  if (tokens === undefined || size === undefined) {
    invalid('spikeGPT.vocabulary', vocabulary, 'a vocabulary, or a text');
  }
  const plan = new Plan();
  let x = plan.add('norm', layerNorm(), plan.add('embedding', embedding(size, channels), 'input'));
  for (let block = 0; block < blocks; block++) {
    const depth = { first: 1 - block / blocks, later: blocks === 1 ? 0 : block / (blocks - 1) };
    for (const part of ['attention', 'feedForward'] as const) {
      const at = `block${block + 1}.${part}`;
      const norm = plan.add(`${at}.norm`, layerNorm(), x);
      const current =
        part === 'attention'
          ? attention(plan, at, norm, channels, depth)
          : feedForward(plan, at, norm, channels, ratio * channels, depth);
      x = plan.add(`${at}.sum`, join('add'), x, plan.add(`${at}.spikes`, neuron, current));
    }
  }
  const head = dense(channels, size, { bias: false, initial: { kind: 'orthogonal', gain: 0.5 } });
  plan.add('logits', li({ beta: 0 }), plan.add('head', head, plan.add('headNorm', layerNorm(), x)));
  const spec: GraphSpec = { ...plan, output: 'logits', inputs: [1] };
  return Object.freeze({
    get description() {
      return describeGraph(spec, { vocabulary: tokens });
    },
    compile: (own = {}) => graph(spec).compile({ vocabulary: tokens, ...own }),
  });
}

/** The relative depth of a block: 1 at the first, towards 0 at the last; and 0 at the first, 1 at the last. */
interface Depth {
  readonly first: number;
  readonly later: number;
}

/** `W (sigmoid(receptance) wkv(key, value))`. Each of the three uses its own mix of this token and the previous one. */
function attention(plan: Plan, at: string, x: string, channels: number, { first, later }: Depth): string {
  const shares = each(channels, (c) => power(c / channels, first));
  const mixed = {
    key: shares,
    value: shares.map((share) => share + 0.3 * later),
    receptance: each(channels, (c) => power(c / channels, first / 2)),
  };
  const enters = (name: keyof typeof mixed, initial: Initializer) => {
    const shifted = plan.add(`${at}.${name}Shift`, tokenShift({ mix: mixed[name] }), x);
    return plan.add(`${at}.${name}`, dense(channels, channels, { bias: false, initial }), shifted);
  };
  const recurrence = wkv({
    decay: each(channels, (c) => -5 + 8 * power(c / (channels - 1), 0.7 + 1.3 * later)),
    bonus: each(channels, (c) => log(0.3) + (((c + 1) % 3) - 1) / 2),
  });
  const key = { port: 'key', from: enters('key', zeros) };
  const value = { port: 'value', from: enters('value', { kind: 'orthogonal' }) };
  const seen = plan.add(`${at}.wkv`, recurrence, key, value);
  const gate = { port: 'gate', from: enters('receptance', zeros) };
  const through = plan.add(`${at}.gate`, sigmoidGate(), gate, { port: 'value', from: seen });
  return plan.add(`${at}.output`, dense(channels, channels, { bias: false, initial: zeros }), through);
}

/** `sigmoid(receptance) (W max(0, key)²)`. */
function feedForward(
  plan: Plan,
  at: string,
  x: string,
  channels: number,
  hidden: number,
  { first }: Depth,
): string {
  const mix = each(channels, (c) => power(c / channels, first));
  const shifted = (name: string) => plan.add(`${at}.${name}Shift`, tokenShift({ mix }), x);
  const [wide, narrow] = [
    dense(channels, hidden, { bias: false, initial: { kind: 'orthogonal' } }),
    dense(hidden, channels, { bias: false, initial: zeros }),
  ];
  const rectified = plan.add(
    `${at}.rectifier`,
    rateUnit({ activation: 'squared-relu' }),
    plan.add(`${at}.key`, wide, shifted('key')),
  );
  const value = { port: 'value', from: plan.add(`${at}.value`, narrow, rectified) };
  const square = dense(channels, channels, { bias: false, initial: zeros });
  const gate = { port: 'gate', from: plan.add(`${at}.receptance`, square, shifted('receptance')) };
  return plan.add(`${at}.gate`, sigmoidGate(), gate, value);
}

function each(count: number, value: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => value(index));
}

/** Collects nodes and edges. */
class Plan {
  readonly nodes: Record<string, Layer | Join> = {};
  readonly edges: Edge[] = [];

  /** Adds a node after its sources, each optionally with a port; returns its name. */
  add(name: string, layer: Layer | Join, ...sources: (string | { from: string; port: string })[]): string {
    this.nodes[name] = layer;
    for (const source of sources) {
      this.edges.push(
        typeof source === 'string' ? [source, name] : [source.from, name, { port: source.port }],
      );
    }
    return name;
  }
}
