/** Common networks, each a short file over the public API. */
export { type AssociativeLeakyOptions, associativeLeaky } from './associative-leaky.ts';
export { type ConvSnnOptions, convSnn } from './conv-snn.ts';
export { type LmuOptions, lmu } from './lmu.ts';
export { type ShdRecurrentOptions, shdRecurrent } from './shd-recurrent.ts';
export { type SpikeGPTOptions, spikeGPT } from './spike-gpt.ts';
export {
  type SpikformerBlockOptions,
  type SpikformerOptions,
  spikformer,
  spikformerBlock,
} from './spikformer.ts';
