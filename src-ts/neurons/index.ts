// Public names of the room neurons.

export {
  type ClippedReluOptions,
  clippedRelu,
  type QcfsOptions,
  qcfs,
  type ReluOptions,
  relu,
} from './activations.ts';
export type { AtMostOne, None, OneOf, ParameterValue, Single } from './alternatives.ts';
export { customSurrogate, surrogateDerivative } from './custom-surrogate.ts';
export type { NeuronEquations } from './equations.ts';
export type { Initializer } from './initializer.ts';
export * from './models.generated.ts';
export {
  type CustomNeuron,
  type CustomNeuronOptions,
  type InputDefinition,
  type Inputs,
  type IntegrationMethod,
  type NeuronDefinition,
  neuron,
  type ParamDefinition,
  type PerNeuron,
  type StateDefinition,
} from './neuron.ts';
export type {
  DynamicsSpec,
  Neuron,
  NeuronOptions,
  PortedNeuron,
  PortNames,
  Recurrence,
  RecurrentProjection,
  Returning,
} from './neuron-node.ts';
export type { CustomSurrogate, Surrogate } from './surrogate-node.ts';
export * as surrogate from './surrogates.generated.ts';
