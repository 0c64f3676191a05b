/** Networks that are used often, each a short file over the public API. */
export { type ConvSnnOptions, convSnn } from './conv-snn.ts';
export { type ShdRecurrentOptions, shdRecurrent } from './shd-recurrent.ts';
export {
  type SpikformerBlockOptions,
  type SpikformerOptions,
  spikformer,
  spikformerBlock,
} from './spikformer.ts';
