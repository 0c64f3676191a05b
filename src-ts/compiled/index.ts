// Public names of the room compiled.

export type { ModelMetadata, Weights } from './compiled-model.ts';
export type { ModelInfo } from './model-info.ts';
export { type LayerStateArrays, ModelState, type StateArrays } from './state.ts';
