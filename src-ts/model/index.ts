// Public names of the room model.

export { compile } from './compile.ts';
export type { BackwardOptions, BackwardResult, ForwardResult } from './forward.ts';
export { type GenerateOptions, generate } from './generate.ts';
export { type Graph, graph } from './graph.ts';
export { loadCheckpoint } from './load-checkpoint.ts';
export type { MemoryEstimate, MemoryWork } from './memory-estimate.ts';
export type { Callbacks, FitOptions } from './model.ts';
export { Model } from './model.ts';
export { joinInputs, splitInputs, type WithNamedInputs } from './named-inputs.ts';
export type { Network } from './network.ts';
export type { PredictInput, Prediction, PredictOptions } from './predict.ts';
export type { Profile, ProfileOptions } from './profile.ts';
export type { RunOptions, RunResult } from './run.ts';
export { type Sequential, sequential } from './sequential.ts';
export { type NamedStepEvents, Session, type SessionOptions, type StepEvents } from './session.ts';
export { type StateDict, type StateDictOptions, stateDictOf } from './state-dict.ts';
