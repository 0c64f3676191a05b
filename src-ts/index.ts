/**
 * lapicque: spiking neural networks for Node.
 *
 * @packageDocumentation
 */

export type { AtMostOne, None, OneOf, ParameterValue, Single } from './alternatives.ts';
export * as analysis from './analysis/index.ts';
export type * as arithmetic from './arithmetic.ts';
export { attention, type SelfAttentionOptions, selfAttention } from './attention.ts';
export type { Input, InputCourse, InputValues } from './circuit/between-runs.ts';
export type {
  Cells,
  CellsSlice,
  NeuronsSpec,
  Postsynaptic,
  Presynaptic,
  Sliceable,
  SourceSlice,
  SpikeSource,
} from './circuit/cells.ts';
export type { Synapses } from './circuit/connections.ts';
export type { ModelOfOptions } from './circuit/conversion.ts';
export {
  type Course,
  type CurrentSource,
  currentSource,
  type NoiseSource,
  noise,
  type OverTime,
  type PoissonSource,
  poisson,
} from './circuit/devices.ts';
export * as distribution from './circuit/distribution.ts';
export {
  type CellsOptions,
  type CellsParams,
  type Connection,
  connect,
  type Drawable,
  type NetworkElement,
  type NeuronModel,
  population,
  type Synapse,
  spikeSource,
} from './circuit/elements.ts';
export {
  type GapJunctions,
  type GapOptions,
  type GradedOptions,
  gapJunctions,
  gradedSynapses,
} from './circuit/gap-junctions.ts';
export type { IntrinsicPlasticity } from './circuit/intrinsic.ts';
export * as layout from './circuit/layout.ts';
export type { AxisValues, Design, DesignOptions } from './circuit/many/design.ts';
export {
  type FailedRow,
  type RowSpikes,
  SimulatedRows,
  type SimulateManyOptions,
  simulateMany,
} from './circuit/many/simulate-many.ts';
export type { StatisticName, SweepStatistic } from './circuit/many/statistics.ts';
export { Circuit, type CircuitDescription, loadNetwork, network, networkOf } from './circuit/network.ts';
export { type LfpOptions, type Recorder, record } from './circuit/recorders.ts';
export {
  type MeanTrace,
  type PopulationRange,
  Recording,
  type Trace,
  type WeightTrace,
} from './circuit/recording.ts';
export * as rule from './circuit/rule.ts';
export {
  type CompileOptions,
  type EstimateOptions,
  type SimulateOptions,
  simulate,
} from './circuit/simulate.ts';
export { type PlasticSynapses, Simulation } from './circuit/simulation.ts';
export type { SimulationState } from './circuit/state.ts';
export type { CircuitEstimate, SynapseStorage } from './circuit/storage.ts';
export type { Growth, StructuralPlasticity, SynapticElements } from './circuit/structural.ts';
export type { Recipe, RecipeContext, RecipeModule } from './cli/recipe.ts';
export type { AnyStudy, StudyContext, StudyModule } from './cli/study-file.ts';
export { compile, graph, type Network, sequential } from './compile.ts';
export {
  type Conv,
  type ConvOptions,
  conv1d,
  conv2d,
  type Pointwise,
  type PointwiseOptions,
  pointwise,
} from './convolutions.ts';
export {
  type CustomNeuron,
  type CustomNeuronOptions,
  type InputDefinition,
  type Inputs,
  type IntegrationMethod,
  type NeuronDefinition,
  type NeuronEquations,
  neuron,
  type ParamDefinition,
  type PerNeuron,
  type StateDefinition,
} from './custom-neuron.ts';
export {
  type Collated,
  type CollatedField,
  type CollatedFields,
  type CollatedLeaf,
  type CollateOptions,
  collate,
} from './data/collate.ts';
export { type IdxArray, type IdxOptions, readIdx } from './data/idx.ts';
export {
  DataLoader,
  type DataLoaderConstructor,
  type LoaderOptions,
  type LoaderState,
  type OwnCollateOptions,
  type SampleBatch,
  type TransformContext,
  type TransformOptions,
} from './data/loader.ts';
export { type LabelledImages, type Mnist, mnist, readMnist, type Split } from './data/mnist.ts';
export type { Dataset, TensorBatch, TensorSource } from './data/source.ts';
export { tokenWindows, type Vocabulary, vocabulary, type WindowOptions } from './data/text.ts';
export type { Description, NodeSpec, Precision } from './description.ts';
export {
  type BurstOptions,
  type Decoder,
  decode,
  type Encoded,
  encode,
  encodeTargets,
  type LatencyOptions,
  type PopulationCodeOptions,
  type RandomOptions,
  type RateOptions,
  type ShapedData,
  type TargetOptions,
} from './encode.ts';
export { type EnergyEstimate, type Operations, operations } from './energy.ts';
export {
  type EngineLimits,
  type EngineStatus,
  type EngineTask,
  type EngineTaskEvent,
  engineStatus,
  setEngineLimits,
} from './engine.ts';
export { type Environment, environment, setSimd, setThreads } from './environment.ts';
export {
  type ErrorCode,
  type ErrorFields,
  LapicqueError,
  type LapicqueErrorBase,
  type LapicqueErrorConstructor,
  type OwnFields,
} from './errors.ts';
export {
  type EventBatch,
  type EventFrame,
  type EventReader,
  type EventWarning,
  type EventWriter,
  emptyBatch,
  type ImuSamples,
  type Sensor,
  type Triggers,
} from './events/batch.ts';
export { binaryNumbers } from './events/binary-numbers.ts';
export {
  type DatasetCheck,
  type EventDataset,
  type EventDatasetOptions,
  type EventExample,
  type EventSample,
  eventDataset,
} from './events/dataset.ts';
export type { EventDatasetName } from './events/dataset-layouts.ts';
export { type Hdf5EventsOptions, openHdf5Events } from './events/hdf5.ts';
export { type DsecOptions, writeDsec } from './events/hdf5-dsec.ts';
export { type PropheseeOptions, writeProphesee } from './events/hdf5-prophesee.ts';
export { openShd, type ShdFile, type ShdSample } from './events/hdf5-shd.ts';
export { openEvents } from './events/open.ts';
export type { EventFormat, OpenEventsOptions, WriteEventsOptions } from './events/options.ts';
export {
  type EventFrames,
  type EventPipelineOptions,
  type EventSlice,
  type EventSource,
  type EventStream,
  type FrameStream,
  type Represented,
  representEvents,
  type SparseEventFrames,
  transformEvents,
} from './events/pipeline.ts';
export { type EventRecording, readEvents } from './events/read.ts';
export {
  type CameraResponse,
  type CochleaOptions,
  cameraEvents,
  cochlea,
  type EventCameraOptions,
  EventSensor,
  eventCamera,
  type LevelCrossingOptions,
  levelCrossing,
} from './events/sensors.ts';
export {
  type EventSession,
  type Percentiles,
  type StreamEventsOptions,
  type StreamedStep,
  type StreamStatistics,
  streamEvents,
} from './events/streaming.ts';
export {
  type EventRepresentation,
  type EventTransform,
  eventTransform,
  type FrameSchedule,
  type PixelArray,
  represent,
} from './events/transforms.ts';
export { createEventWriter, eventsToBytes, type WrittenEvents, writeEvents } from './events/write.ts';
export type {
  BlobLike,
  FileSource,
  FileTarget,
  LoadOptions,
  ReadableBytes,
  WritableBytes,
} from './file-source.ts';
export type * as fitting from './fitting.ts';
export { type GenerateOptions, generate } from './generate.ts';
export type { GivenTensor, GivenWeights } from './given-weights.ts';
export {
  type AttentionJoin,
  type AttentionOptions,
  type Branches,
  concat,
  type Edge,
  type EdgeOptions,
  type GraphSpec,
  type Join,
  type Joining,
  join,
  type MatrixProductJoin,
  multiply,
  residual,
} from './graph.ts';
export {
  type Hdf5DatasetOptions,
  type Hdf5DatasetSpec,
  type Hdf5GroupSpec,
  type Hdf5Node,
  type Hdf5Source,
  type Hdf5Tree,
  type Hdf5Writable,
  hdf5Dataset,
  hdf5Group,
} from './hdf5/describe.ts';
export {
  type Hdf5Dataset,
  type Hdf5Entry,
  type Hdf5File,
  type Hdf5Kind,
  type Hdf5ReadOptions,
  type Hdf5SliceOptions,
  openHdf5,
} from './hdf5/file.ts';
export {
  type Hdf5Array,
  type Hdf5Data,
  type Hdf5Member,
  type Hdf5Number,
  type Hdf5Scalar,
  type Hdf5Type,
  type Hdf5Values,
  hdf5Scalar,
} from './hdf5/types.ts';
export {
  createHdf5,
  type Hdf5Appender,
  type Hdf5StreamOptions,
  type Hdf5Writer,
  hdf5Bytes,
  writeHdf5,
} from './hdf5/write.ts';
export type { Initialiser } from './initialiser.ts';
export type { InputOptions, InputTensor } from './input.ts';
export type { Layer } from './layer-kinds.ts';
export {
  type Dropout,
  type DropoutOptions,
  dropout,
  type Embedding,
  type EmbeddingOptions,
  embedding,
  type Flatten,
  flatten,
  type InputShape,
  input,
  type LateralInhibition,
  type LateralInhibitionOptions,
  lateralInhibition,
  type MapLayer,
  type Unflatten,
  unflatten,
} from './layers.ts';
export { type Discretisation, legendreDecoder, legendreMemory } from './legendre.ts';
export type { LimitOptions, Limits } from './limits.ts';
export {
  evaluateLoss,
  evaluatePenalty,
  type Loss,
  type LossOptions,
  type LossOptionsOf,
  type LossOutputs,
  type LossValue,
  loss,
  type Penalty,
  type PooledLossOptions,
  type Regulariser,
  type SmoothedLossOptions,
} from './loss.ts';
export type { MapOptions, Pair } from './map-node.ts';
export type { MemoryEstimate, MemoryWork } from './memory-estimate.ts';
export {
  type ForwardResult,
  Model,
  type ModelMetadata,
  type PredictInput,
  type Prediction,
  type PredictOptions,
  type Weights,
} from './model.ts';
export { loadCheckpoint } from './model-file.ts';
export type { ModelInfo } from './model-info.ts';
export * as models from './models/index.ts';
export * from './models.generated.ts';
export type { TaskOptions, TaskProgress } from './native.ts';
export type { NetworkOptions } from './network.ts';
export * as networks from './networks/index.ts';
export {
  type BatchNorm,
  type BatchNormOptions,
  batchNorm,
  type LayerNorm,
  type LayerNormOptions,
  layerNorm,
  type NormOptions,
} from './normalisation.ts';
export type { TranslatedNode } from './onnx/builder.ts';
export type { ExternalData } from './onnx/external.ts';
export { type OnnxNetwork, type OnnxOptions, type OnnxReport, readOnnx } from './onnx/read.ts';
export {
  type Filter,
  type FilterOptions,
  type Mixture,
  type MixtureOptions,
  type ParallelOptions,
  type PsnOptions,
  psn,
  type ReductionOptions,
  slidingPsn,
  type ThresholdOptions,
  type TimeLayer,
  type TimeReduction,
  threshold,
  timeFilter,
  timeMax,
  timeMean,
  timeMixture,
  timeSum,
} from './over-time.ts';
export {
  avgPool1d,
  avgPool2d,
  type GlobalPool,
  globalAvgPool,
  globalMaxPool,
  globalSumPool,
  maxPool1d,
  maxPool2d,
  type Pool,
  type PoolOptions,
  sumPool1d,
  sumPool2d,
} from './pools.ts';
export type {
  DynamicsSpec,
  Population,
  PopulationOptions,
  PortedPopulation,
  PortNames,
  Recurrence,
  RecurrentProjection,
  Returning,
} from './population.ts';
export { type ProgressOptions, type ProgressStream, progressBar } from './progress.ts';
export { type Delays, type Dense, type DenseOptions, dense } from './projection.ts';
export { setSeed } from './random-streams.ts';
export {
  type CodedSpikes,
  type Reconstructed,
  type ReconstructionError,
  reconstruct,
  reconstructionError,
} from './reconstruct.ts';
export type {
  Activity,
  Confusion,
  GreyImage,
  History,
  LayerActivity,
  LayerSpikes,
  MembraneTrace,
  Raster,
  Rates,
  Report,
  Traces,
} from './report/data.ts';
export type { ReportFormats } from './report/files.ts';
export type { StudyLabels } from './report/study/source.ts';
export type { StudyReportOptions } from './report/study/write.ts';
export { type ReportOptions, writeReport } from './report/write.ts';
export type { RunOptions, RunResult } from './run.ts';
export { Session, type StepEvents } from './session.ts';
export type * as sliding from './sliding.ts';
export { loadSonata, type SonataNetwork, type SonataNodes, type SonataOptions } from './sonata/index.ts';
export type { SonataModel, SonataParams } from './sonata/nodes.ts';
export { readSparse, type SparseMatrix, sparseOf, toDense } from './sparse.ts';
export { type SpikeTimesOptions, spikeTimes } from './spike-times.ts';
export { type LayerStateArrays, NetworkState, type StateArrays } from './state.ts';
export type { ToldResult } from './study/asking.ts';
export type { ParameterAxis } from './study/axes.ts';
export type { Column, ColumnBase, FlagColumn, NumberColumn, TextColumn } from './study/columns.ts';
export type { Direction, StudyDefinition, StudyOptions, TrialLimits } from './study/definition.ts';
export type { MarginalBin, PairwiseEffect } from './study/effects.ts';
export type { TrialOutcome } from './study/executor.ts';
export { type TrialFormat, type WriteTrialsOptions, writeTrials } from './study/export.ts';
export type { Shard } from './study/open-study.ts';
export * as prune from './study/prune.ts';
export {
  type Importance,
  type ResultsSource,
  resultsOf,
  type StudyHistory,
  StudyResults,
} from './study/results.ts';
export type { StudyProgress } from './study/run.ts';
export type { Objective, ObjectiveValue } from './study/run-trial.ts';
export * as search from './study/search.ts';
export * as space from './study/space.ts';
export {
  type RunStudyOptions,
  type Study,
  type StudyFactory,
  type StudySummary,
  study,
} from './study/study.ts';
export {
  type ColumnAt,
  type ColumnOf,
  type FixedColumns,
  type ParameterColumn,
  TrialTable,
  tableOf,
} from './study/table.ts';
export type { Trial, TrialArtifacts, TrialCheckpoint } from './study/trial.ts';
export type { TrialConflict } from './study/trial-log.ts';
export type { TrialError, TrialRecord, TrialReport, TrialState } from './study/trials.ts';
export type { StudyStatus, StudyView } from './study/view.ts';
export { type CustomSurrogate, customSurrogate, type Surrogate, surrogateDerivative } from './surrogate.ts';
export * as surrogate from './surrogates.generated.ts';
export {
  type DriveOptions,
  driveSynapse,
  type RuleDefinition,
  type Sight,
  type SynapseEquations,
  type SynapseModel,
  type SynapseResponse,
} from './synapse.ts';
export * as synapse from './synapses.generated.ts';
export type { Shape } from './tensor.ts';
export {
  type FileTensor,
  type NamedTensors,
  type Shaped,
  type TensorData,
  type TensorFile,
  type TensorFormat,
  tensorBytes,
  type WriteTensorsOptions,
  writeTensors,
} from './tensor-file.ts';
export { readTensors } from './torch/read-tensors.ts';
export type { EvaluateOptions, Evaluation } from './train/evaluate.ts';
export type {
  Callbacks,
  CheckpointOptions,
  EarlyStopping,
  EpochRecord,
  FitOptions,
  FitResult,
  Metric,
  TrainingState,
} from './train/fit.ts';
export type { MethodOptions, TrainingMethod } from './train/method.ts';
export {
  adam,
  adamw,
  type Optimizer,
  type OptimizerOptions,
  type OptimizerOptionsOf,
  type OwnSchedule,
  type ParameterGroup,
  type Schedule,
  sgd,
} from './train/optimizer.ts';
export type { OwnLoss, OwnLossBatch, OwnLossOutputs, OwnLossValue } from './train/own-loss.ts';
export type {
  Batches,
  Decision,
  EvaluateStepOptions,
  StepReport,
  TrainingBatch,
  TrainStepOptions,
} from './train/step.ts';
export {
  type FailedTraining,
  type TrainedRows,
  type TrainingRow,
  type TrainManyOptions,
  trainMany,
} from './train/train-many.ts';
export type { TypedArray } from './typed.ts';
export { type StateDict, type StateDictOptions, stateDictOf, type WeightedModel } from './weights/export.ts';
export type { Compared } from './weights/fitting.ts';
export type { ImportOptions, ImportReport } from './weights/import.ts';
export type { Peer } from './weights/neuron-parameters.ts';
export type { IgnoredTensor } from './weights/peer-modules.ts';
export type { WholeNumbers } from './whole-numbers.ts';
