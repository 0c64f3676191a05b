// Public names of the room events.

export type {
  EventBatch,
  EventFrame,
  EventReader,
  EventWarning,
  EventWriter,
  ImuSamples,
  Sensor,
  Triggers,
} from './batch.ts';
export { binaryNumbers } from './binary-numbers.ts';
export {
  type DatasetCheck,
  type EventDataset,
  type EventDatasetOptions,
  type EventExample,
  type EventSample,
  eventDataset,
} from './dataset.ts';
export type { EventDatasetName } from './dataset-layouts.ts';
export type { EventFormat } from './formats.generated.ts';
export { openHdf5Events } from './hdf5.ts';
export { type DsecOptions, writeDsec } from './hdf5-dsec.ts';
export { type PropheseeOptions, writeProphesee } from './hdf5-prophesee.ts';
export type { Hdf5EventsOptions } from './hdf5-reader.ts';
export { openShd, type ShdFile, type ShdSample } from './hdf5-shd.ts';
export { openEvents } from './open.ts';
export type { OpenEventsOptions, WriteEventsOptions } from './options.ts';
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
} from './pipeline.ts';
export { type EventRecording, readEvents } from './read.ts';
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
} from './sensors.ts';
export {
  type StreamEventsOptions,
  streamEvents,
} from './streaming.ts';
export type { EventSession, Percentiles, StreamedStep, StreamStatistics } from './streaming-session.ts';
export {
  type EventRepresentation,
  type EventTransform,
  eventTransform,
  type FrameSchedule,
  type PixelArray,
  represent,
} from './transforms.ts';
export { createEventWriter, eventsToBytes, type WrittenEvents, writeEvents } from './write.ts';
