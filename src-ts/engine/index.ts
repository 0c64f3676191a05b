// Public names of the room engine.

export {
  type EngineLimits,
  type EngineStatus,
  type EngineTask,
  type EngineTaskEvent,
  engineStatus,
  setEngineLimits,
} from './engine.ts';
export { type Environment, environment, setSimd, setThreads } from './environment.ts';
export { engineMetrics } from './metrics.ts';
export type { NeuronOperations } from './neuron-operations.ts';
export type { TaskOptions, TaskProgress } from './task-options.ts';
