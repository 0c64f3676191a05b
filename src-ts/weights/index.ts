// Public names of the room weights.

export type { Compared } from './fitting.ts';
export type { GivenTensor, GivenWeights } from './given-weights.ts';
export type { ImportOptions, ImportReport } from './import.ts';
export type { Peer } from './neuron-parameters.ts';
export type { IgnoredTensor } from './peer-modules.ts';
