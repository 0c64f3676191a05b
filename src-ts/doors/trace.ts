/**
 * Functions of tensors, traced to graphs that the engine evaluates and differentiates. `loss.trace` and `layer.trace` of `lapicque` use them.
 *
 * @packageDocumentation
 */

export type {
  TracedJoinOptions,
  TracedLayer,
  TracedLayerOptions,
  TracedParameter,
  TraceLayer,
} from '../layers/traced-layer-types.ts';
export * from '../trace/index.ts';
