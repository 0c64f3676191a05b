/**
 * lapicque: spiking neural networks for Node.
 *
 * @packageDocumentation
 */

export * as analysis from './analysis/index.ts';
export {
  type ErrorCode,
  type ErrorFields,
  LapicqueError,
  type LapicqueErrorBase,
  type LapicqueErrorConstructor,
  type OwnFields,
} from './checks/errors.ts';
export type { Shape } from './checks/tensor.ts';
export type { TypedArray } from './checks/typed.ts';
export type { WholeNumbers } from './checks/whole-numbers.ts';
export type { Input, InputCourse, InputValues } from './circuit/between-runs.ts';
export type { CompileOptions, EstimateOptions } from './circuit/build.ts';
export type { Synapses } from './circuit/connections.ts';
export type { CircuitDescription } from './circuit/description.ts';
export type {
  Cells,
  CellsSlice,
  NeuronsSpec,
  Postsynaptic,
  Presynaptic,
  Sliceable,
  SourceSlice,
  SpikeSource,
} from './circuit/elements/cells.ts';
export type { Connection, Synapse } from './circuit/elements/connection.ts';
export {
  type Course,
  type CurrentSource,
  currentSource,
  type NoiseSource,
  noise,
  type OverTime,
  type PoissonSource,
  poisson,
} from './circuit/elements/devices.ts';
export * as distribution from './circuit/elements/distribution.ts';
export {
  type CellsOptions,
  type CellsParams,
  connect,
  type Drawable,
  type NetworkElement,
  type NeuronModel,
  population,
  spikeSource,
} from './circuit/elements/elements.ts';
export {
  type GapJunctions,
  type GapOptions,
  type GradedOptions,
  gapJunctions,
  gradedSynapses,
} from './circuit/elements/gap-junctions.ts';
export type { IntrinsicPlasticity } from './circuit/elements/intrinsic.ts';
export * as layout from './circuit/elements/layout.ts';
export { type LfpOptions, type Recorder, record } from './circuit/elements/recorders.ts';
export * as rule from './circuit/elements/rule.ts';
export type { Growth, StructuralPlasticity, SynapticElements } from './circuit/elements/structural.ts';
export { Circuit, loadNetwork, network, networkOf } from './circuit/network.ts';
export type { PlasticSynapses } from './circuit/plastic-synapses.ts';
export { Recording } from './circuit/recording.ts';
export { type SimulateOptions, simulate } from './circuit/simulate.ts';
export { Simulation } from './circuit/simulation.ts';
export { type SpikeTimesOptions, spikeTimes } from './circuit/spike-times.ts';
export type { SimulationState } from './circuit/state.ts';
export type { CircuitEstimate, SynapseStorage } from './circuit/storage.ts';
export type { ModelOfOptions } from './circuit/to-model.ts';
export type { MeanTrace, PopulationRange, Trace, WeightTrace } from './circuit/traces.ts';
export type { Recipe, RecipeContext, RecipeModule } from './cli/recipe-form.ts';
export type { AnyStudy, StudyContext, StudyModule } from './cli/study-file.ts';
export { type Decoder, decode } from './codes/decode.ts';
export { encodeTargets, type TargetOptions } from './codes/encode-targets.ts';
export type { Encoded, RandomOptions, ShapedData } from './codes/encoder.ts';
export * from './codes/encoders.generated.ts';
export {
  type CodedSpikes,
  type Reconstructed,
  type ReconstructionError,
  reconstruct,
  reconstructionError,
} from './codes/reconstruct.ts';
export type { ModelMetadata, Weights } from './compiled/compiled-model.ts';
export type { ModelInfo } from './compiled/model-info.ts';
export { type LayerStateArrays, NetworkState, type StateArrays } from './compiled/state.ts';
export type { AccuracyAgainstSteps, AccuracyOptions } from './convert/accuracy-against-steps.ts';
export type { ConvertOptions } from './convert/convert-options.ts';
export type {
  ConversionSchedule,
  ConvertedNetwork,
  ConvertedRunOptions,
} from './convert/converted-network.ts';
export type { CalibrationData } from './convert/data.ts';
export { accuracyAgainstSteps, convert } from './convert/functions.ts';
export type { LayerFidelity } from './convert/layer-report.ts';
export type { ConvertedLayer } from './convert/prepare.ts';
export type { ConversionReport } from './convert/report.ts';
export type { ConversionMethod } from './convert/thresholds.ts';
export {
  type CompareCostsOptions,
  type CostComparison,
  type CostDecision,
  compareCosts,
} from './costs/compare.ts';
export {
  type CountedOperations,
  type EnergyEstimate,
  type EnergyParts,
  estimateEnergy,
  type MemoryLevels,
} from './costs/energy.ts';
export {
  type ArithmeticEnergy,
  type ChipEnergy,
  type EnergyModel,
  type EnergyModelBase,
  type EnergyModelName,
  type EnergyPrecision,
  energyModels,
  type MemoryEnergy,
  type MemoryLevel,
} from './costs/energy-models.ts';
export type { LayerOperations } from './costs/layer-operations.ts';
export type { NeuroBenchMetrics } from './costs/neurobench.ts';
export {
  type Operations,
  type OperationsInput,
  type OperationsOptions,
  operations,
} from './costs/operations.ts';
export { energyTable, operationsTable } from './costs/table.ts';
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
export type { Description, NodeSpec, Precision } from './description/description.ts';
export type { InputOptions, InputTensor } from './description/input-tensor.ts';
export type { ChosenFields, NetworkOptions } from './description/network-options.ts';
export {
  type EngineLimits,
  type EngineStatus,
  type EngineTask,
  type EngineTaskEvent,
  engineStatus,
  setEngineLimits,
} from './engine/engine.ts';
export { type Environment, environment, setSimd, setThreads } from './engine/environment.ts';
export type { NeuronOperations } from './engine/neuron-operations.ts';
export type { TaskOptions, TaskProgress } from './engine/task-options.ts';
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
export { openHdf5Events } from './events/hdf5.ts';
export { type DsecOptions, writeDsec } from './events/hdf5-dsec.ts';
export { type PropheseeOptions, writeProphesee } from './events/hdf5-prophesee.ts';
export type { Hdf5EventsOptions } from './events/hdf5-reader.ts';
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
  AccuracyCurve,
  Activity,
  ComparedCosts,
  Costs,
  LayerActivity,
  LayerCosts,
} from './figure/costs.ts';
export * as figure from './figure/index.ts';
export type { Rates } from './figure/spikes.ts';
export type { StudyLabels } from './figure/study/source.ts';
export type { History } from './figure/training.ts';
export type {
  BlobLike,
  FileSource,
  FileTarget,
  LoadOptions,
  ReadableBytes,
  WritableBytes,
} from './files/file-source.ts';
export type { LimitOptions, Limits } from './files/limits.ts';
export { readSparse, type SparseMatrix, sparseOf, toDense } from './files/sparse.ts';
export type { FileTensor, Shaped, TensorData } from './files/tensor-data.ts';
export {
  type NamedTensors,
  readTensors,
  type TensorFile,
  type TensorFormat,
  tensorBytes,
  type WriteTensorsOptions,
  writeTensors,
} from './files/tensor-file.ts';
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
export type * as arithmetic from './layers/arithmetic.ts';
export { attention, type SelfAttentionOptions, selfAttention } from './layers/attention.ts';
export {
  concat,
  type Edge,
  type EdgeOptions,
  type GraphSpec,
  type Join,
  join,
  multiply,
  residual,
} from './layers/branches.ts';
export {
  type Conv,
  type ConvOptions,
  conv1d,
  conv2d,
  type Pointwise,
  type PointwiseOptions,
  pointwise,
} from './layers/convolutions.ts';
export type * as fitting from './layers/fitting.ts';
export type { Branches, Joining, Layer, MatrixProductJoin } from './layers/layer-kinds.ts';
export {
  type InputShape,
  input,
  type LateralInhibition,
  type LateralInhibitionOptions,
  lateralInhibition,
  type MapLayer,
} from './layers/layers.ts';
export type { MapOptions, Pair, Triple } from './layers/map-node.ts';
export { batchNorm, type NormOptions } from './layers/normalisation.ts';
export * from './layers/operations.generated.ts';
export {
  type Filter,
  type ParallelOptions,
  type PsnOptions,
  psn,
  slidingPsn,
  type ThresholdOptions,
  type TimeLayer,
  threshold,
  timeFilter,
  timeMixture,
} from './layers/over-time.ts';
export { type GlobalPool, globalAvgPool, globalMaxPool, globalSumPool } from './layers/pools.ts';
export { type Delays, type Dense, type DenseOptions, dense } from './layers/projection.ts';
export type * as sliding from './layers/sliding.ts';
export * as log from './log/log.ts';
export type { AxisValues, Design, DesignOptions } from './many/design.ts';
export {
  type FailedRow,
  type RowSpikes,
  SimulatedRows,
  type SimulateManyOptions,
  simulateMany,
} from './many/simulate-many.ts';
export type { StatisticName, SweepStatistic } from './many/statistics.ts';
export {
  type FailedTraining,
  type TrainedRows,
  type TrainingRow,
  type TrainManyOptions,
  trainMany,
} from './many/train-many.ts';
export { compile } from './model/compile.ts';
export type { ForwardResult } from './model/forward.ts';
export { type GenerateOptions, generate } from './model/generate.ts';
export { graph } from './model/graph.ts';
export { loadCheckpoint } from './model/load-checkpoint.ts';
export type { MemoryEstimate, MemoryWork } from './model/memory-estimate.ts';
export type { Callbacks, FitOptions } from './model/model.ts';
export { Model } from './model/model.ts';
export type { PredictInput, Prediction, PredictOptions } from './model/predict.ts';
export type { RunOptions, RunResult } from './model/run.ts';
export { sequential } from './model/sequential.ts';
export { Session, type StepEvents } from './model/session.ts';
export { type StateDict, type StateDictOptions, stateDictOf } from './model/state-dict.ts';
export type { Network } from './model/uncompiled-network.ts';
export * as models from './models/index.ts';
export * as networks from './networks/index.ts';
export {
  type ClippedReluOptions,
  clippedRelu,
  type QcfsOptions,
  qcfs,
  type ReluOptions,
  relu,
} from './neurons/activations.ts';
export type { AtMostOne, None, OneOf, ParameterValue, Single } from './neurons/alternatives.ts';
export { customSurrogate, surrogateDerivative } from './neurons/custom-surrogate.ts';
export type { NeuronEquations } from './neurons/equations.ts';
export type { Initialiser } from './neurons/initialiser.ts';
export * from './neurons/models.generated.ts';
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
} from './neurons/neuron.ts';
export type {
  DynamicsSpec,
  Population,
  PopulationOptions,
  PortedPopulation,
  PortNames,
  Recurrence,
  RecurrentProjection,
  Returning,
} from './neurons/population.ts';
export type { CustomSurrogate, Surrogate } from './neurons/surrogate-node.ts';
export * as surrogate from './neurons/surrogates.generated.ts';
export {
  type DriveOptions,
  driveSynapse,
  type RuleDefinition,
  type Sight,
  type SynapseEquations,
  type SynapseModel,
  type SynapseResponse,
} from './neurons/synapse-model.ts';
export * as synapse from './neurons/synapses.generated.ts';
export type { NirConventions } from './nir/conventions.ts';
export type { NirEventData, NirGraphData, NirGriddedData, NirNodeData } from './nir/data.ts';
export type { NirFramework } from './nir/frameworks.ts';
export {
  nirBytes,
  readNir,
  readNirData,
  readNirGraph,
  readNirIntegerNetwork,
  verifyNir,
  writeNir,
  writeNirData,
} from './nir/functions.ts';
export {
  isNirGraph,
  type NirField,
  type NirGraph,
  type NirNode,
  type NirTensor,
  nirTensor,
} from './nir/graph.ts';
export type { NirImport, NirOptions, ReadNirOptions } from './nir/import.ts';
export type { NirOutput } from './nir/lower.ts';
export type { NirNodeReport, NirReport, NirRoundTrip } from './nir/report.ts';
export type { NirVerification } from './nir/verify.ts';
export type { NirExportReport, WriteNirOptions } from './nir/write.ts';
export { type Discretisation, legendreDecoder, legendreMemory } from './numbers/legendre.ts';
export { setSeed } from './numbers/random-streams.ts';
export type { TranslatedNode } from './onnx/builder.ts';
export type { ExternalData } from './onnx/external.ts';
export type { OnnxNetwork, OnnxOptions, OnnxReport } from './onnx/read.ts';
export { readOnnx } from './onnx/read-onnx.ts';
export * from './quantize/index.ts';
export type {
  Confusion,
  GreyImage,
  LayerSpikes,
  MembraneTrace,
  Raster,
  Report,
  Traces,
} from './report/data.ts';
export type { ReportFormats } from './report/files.ts';
export { type ReportOptions, writeReport } from './report/write.ts';
export { loadSonata } from './sonata/load-sonata.ts';
export type { SonataModel, SonataParams } from './sonata/nodes.ts';
export type {
  SonataRecordingParts,
  SonataReportOptions,
  SonataReportWriteOptions,
  SonataSpikesOptions,
  SonataSpikesWriteOptions,
} from './sonata/report-options.ts';
export type {
  SonataReport,
  SonataReportData,
  SonataSorting,
  SonataSpikes,
  SonataSpikesData,
} from './sonata/report-types.ts';
export {
  readSonataReport,
  readSonataSpikes,
  sonataRecording,
  writeSonataReport,
  writeSonataSpikes,
} from './sonata/reports.ts';
export type {
  SonataNetwork,
  SonataNodes,
  SonataOptions,
  SonataOutputOptions,
  SonataReportPlan,
} from './sonata/sonata-network.ts';
export type { SonataSynapse } from './sonata/synapses.ts';
export type { ToldResult } from './study/asking.ts';
export type { StudyDefinition, StudyOptions, TrialLimits } from './study/definition.ts';
export type { TrialOutcome } from './study/executor.ts';
export type { Shard } from './study/open-study.ts';
export type { StudyReportOptions } from './study/report/write.ts';
export { type ResultsSource, resultsOf, StudyResults } from './study/results.ts';
export type { StudyProgress } from './study/run.ts';
export type { Objective, ObjectiveValue } from './study/run-trial.ts';
export * as prune from './study/search/prune.ts';
export * as search from './study/search/search.ts';
export * as space from './study/search/space.ts';
export type { Direction, TrialError, TrialRecord, TrialReport, TrialState } from './study/search/trials.ts';
export {
  type RunStudyOptions,
  type Study,
  type StudyFactory,
  type StudySummary,
  study,
} from './study/study.ts';
export type { ParameterAxis } from './study/table/axes.ts';
export type { Column, ColumnBase, FlagColumn, NumberColumn, TextColumn } from './study/table/columns.ts';
export type { MarginalBin, PairwiseEffect } from './study/table/effects.ts';
export { type TrialFormat, type WriteTrialsOptions, writeTrials } from './study/table/export.ts';
export type { Importance, ReportedResults, StudyHistory } from './study/table/results-data.ts';
export {
  type ColumnAt,
  type ColumnOf,
  type FixedColumns,
  type ParameterColumn,
  TrialTable,
  tableOf,
} from './study/table/table.ts';
export type { Trial, TrialArtifacts, TrialCheckpoint } from './study/trial.ts';
export type { TrialConflict } from './study/trial-log.ts';
export type { StudyStatus, StudyView } from './study/view.ts';
export { type ProgressOptions, type ProgressStream, progressBar } from './terminal/progress.ts';
export type { Batches, TrainingBatch } from './train/batch.ts';
export type { CheckpointOptions } from './train/checkpoint.ts';
export type { EvaluateOptions, Evaluation } from './train/evaluate.ts';
export type { BatchRecord, CallbacksOf, FitOptionsOf, LastBatch } from './train/fit-options.ts';
export {
  evaluateLoss,
  evaluatePenalty,
  type LossOptionsOf,
  type LossOutputs,
  type LossValue,
  type Penalty,
  type Regulariser,
} from './train/loss.ts';
export * from './train/losses.generated.ts';
export type { MethodOptions, TrainingMethod } from './train/method.ts';
export type { OptimizerOptionsOf } from './train/optimizer.ts';
export type { OptimizerOptions, ParameterGroup } from './train/optimizer-options.ts';
export * from './train/optimizers.generated.ts';
export type { OwnLoss, OwnLossBatch, OwnLossOutputs, OwnLossValue } from './train/own-loss.ts';
export type { OwnSchedule, Schedule } from './train/schedule.ts';
export type { Decision, EvaluateStepOptions, StepReport, TrainStepOptions } from './train/step.ts';
export type { EpochRecord, FitResult, TrainingState } from './train/training-state.ts';
export type { EarlyStopping, Metric } from './train/watch.ts';
export { view } from './view/functions.ts';
export type { Viewer, ViewOptions } from './view/view.ts';
export type { Compared } from './weights/fitting.ts';
export type { GivenTensor, GivenWeights } from './weights/given-weights.ts';
export type { ImportOptions, ImportReport } from './weights/import.ts';
export type { Peer } from './weights/neuron-parameters.ts';
export type { IgnoredTensor } from './weights/peer-modules.ts';
