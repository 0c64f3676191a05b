// Public names of the room description.

export type { Description, NodeSpec, Precision } from './description.ts';
export type { InputOptions, InputTensor } from './input-tensor.ts';
export type { ChosenFields, NetworkOptions } from './network-options.ts';
