/**
 * Data for training: loaders, data sets, text, spike codes with their decoders.
 *
 * @packageDocumentation
 */

export * from '../codes/index.ts';
export * from '../data/index.ts';
