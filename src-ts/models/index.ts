/** Networks that are used often, each a short file over the public API. */
export { type ConvSnnOptions, convSnn } from './conv-snn.ts';
