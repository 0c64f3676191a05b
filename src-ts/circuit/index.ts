// Public names of the room circuit.

export type { Input, InputCourse, InputValues } from './between-runs.ts';
export type { CircuitCompileOptions, CircuitEstimateOptions } from './build.ts';
export { Circuit, circuit, circuitOf, loadCircuit } from './circuit.ts';
export type { Synapses } from './connections.ts';
export type { CircuitDescription } from './description.ts';
export type { Connection, Synapse } from './elements/connection.ts';
export {
  type Course,
  type CurrentSource,
  currentSource,
  type NoiseSource,
  noise,
  type OverTime,
  type PoissonSource,
  poisson,
} from './elements/devices.ts';
export * as distribution from './elements/distribution.ts';
export {
  type CircuitElement,
  connect,
  type Drawable,
  type NeuronModel,
  type PopulationOptions,
  type PopulationParams,
  population,
  spikeSource,
  type Trains,
} from './elements/elements.ts';
export {
  type GapJunctions,
  type GapOptions,
  type GradedOptions,
  gapJunctions,
  gradedSynapses,
} from './elements/gap-junctions.ts';
export type { IntrinsicPlasticity } from './elements/intrinsic.ts';
export * as layout from './elements/layout.ts';
export type {
  NeuronsSpec,
  Population,
  PopulationSlice,
  Postsynaptic,
  Presynaptic,
  Sliceable,
  SourceSlice,
  SpikeSource,
} from './elements/populations.ts';
export { type LfpOptions, type Recorder, record } from './elements/recorders.ts';
export * as rule from './elements/rule.ts';
export type { Growth, StructuralPlasticity, SynapticElements } from './elements/structural.ts';
export type { PlasticSynapses } from './plastic-synapses.ts';
export type { NeuronRange } from './recorded-neurons.ts';
export { type RecordedTrains, Recording, type RecordingFileOptions } from './recording.ts';
export type { RecordingParts } from './recording-parts.ts';
export { type SimulateOptions, simulate } from './simulate.ts';
export { Simulation } from './simulation.ts';
export type { SourceValues } from './source-trains.ts';
export { type SpikeTimesOptions, spikeTimes } from './spike-times.ts';
export type { SimulationState } from './state.ts';
export type { CircuitEstimate, SynapseStorage } from './storage.ts';
export type { ModelOfOptions } from './to-model.ts';
export type { MeanTrace, PopulationRange, StateTrace, Trace, WeightTrace } from './traces.ts';
