// Public names of the room onnx.

export type { TranslatedNode } from './builder.ts';
export type { ExternalData } from './external.ts';
export type { OnnxNetwork, OnnxOptions, OnnxReport } from './read.ts';
export { readOnnx } from './read-onnx.ts';
