/** Transforms and representations of event streams, as frozen plain data: the engine runs them. */
import { flag, integer, invalid } from '../checks/check.ts';
import { type Check, checkForm, choice, type Form, listOf, number, whole } from '../checks/plain-data.ts';

/** Columns, rows and polarities of an event source's pixels. */
export interface PixelArray {
  readonly width: number;
  readonly height: number;
  /** 1: polarities are not distinguished. Default 2. */
  readonly polarities?: 1 | 2;
}

/** A step of {@link transformEvents}, made by a function of {@link eventTransform}. */
export interface EventTransform {
  readonly kind: string;
  readonly [option: string]: unknown;
}

const truth: Check = (path, value) => flag(path, value);
const pixel: Check = (path, value) => {
  if (!Array.isArray(value) || value.length !== 2) invalid(path, value, '[x, y]');
  value.forEach((v, i) => {
    integer(`${path}[${i}]`, v, { min: 0 });
  });
};
const tonic = choice('tonic');

const forms: Readonly<Record<string, Form>> = {
  align: { options: {} },
  crop: {
    options: {
      width: whole(1),
      height: whole(1),
      x: whole(0),
      y: whole(0),
      position: choice('center', 'random'),
    },
    needed: ['width', 'height'],
  },
  'crop-time': { options: { from: number, to: number } },
  decimate: { options: { n: whole(1) }, needed: ['n'] },
  denoise: { options: { time: number, like: tonic }, needed: ['time'] },
  downsample: { options: { width: whole(1), height: whole(1), factor: number, timeFactor: number } },
  drop: { options: { probability: number }, needed: ['probability'] },
  'drop-area': { options: { ratio: number }, needed: ['ratio'] },
  'drop-time': { options: { ratio: number, duration: number }, needed: ['ratio'] },
  'drop-pixels': { options: { pixels: listOf(pixel), probability: number } },
  flip: { options: { x: number, y: number, polarity: number } },
  'hot-pixels': { options: { frequency: number, learn: number }, needed: ['frequency'] },
  jitter: { options: { x: number, y: number } },
  'merge-polarities': { options: {} },
  noise: { options: { rate: number }, needed: ['rate'] },
  refractory: { options: { time: number, from: choice('last', 'kept'), like: tonic }, needed: ['time'] },
  reorder: { options: { within: number }, needed: ['within'] },
  reverse: { options: { probability: number, flipPolarity: truth } },
  rotate: { options: { angle: number, range: number } },
  'time-jitter': { options: { std: number, clipNegative: truth, sort: truth }, needed: ['std'] },
};

function frozen<const K extends string>(kind: K, options: object | undefined, name: string): EventTransform {
  const transform = { kind, ...defined(options) };
  checkForm(name, options, forms[kind]!);
  return Object.freeze(transform);
}

/** Removes options that are `undefined`, which JSON cannot represent. */
function defined(options: object | undefined): object {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
}

/**
 * Transforms. Each carries its state from batch to batch, so the result does not depend on how a stream is divided. Times are
 * in µs. Random transforms use the seed of {@link transformEvents} and the number of the event; *once* means when a stream
 * begins.
 */
export const eventTransform = Object.freeze({
  /** Times from the first event on: `t - t[0]` (tonic's `TimeAlignment`). */
  align: () => frozen('align', {}, 'align'),
  /**
   * The events in a rectangle, with coordinates relative to its corner. Without `x` and `y` it is centered (`CenterCrop`; a
   * larger one adds a margin), or with `position: 'random'` at a random position, drawn once (`RandomCrop`).
   */
  crop: (options: {
    width: number;
    height: number;
    x?: number;
    y?: number;
    position?: 'center' | 'random';
  }) => frozen('crop', options, 'crop'),
  /** The events from `from` to `to`, both included (`CropTime`). */
  cropTime: (options: { from?: number; to?: number }) => frozen('crop-time', options, 'cropTime'),
  /** Every n-th event of each pixel (`Decimation`). */
  decimate: (options: { n: number }) => frozen('decimate', options, 'decimate'),
  /**
   * Drops an event unless one of the four adjacent pixels had one less than `time` before (`Denoise`). tonic also keeps all
   * events with `t < time`; `like: 'tonic'` reproduces that.
   */
  denoise: (options: { time: number; like?: 'tonic' }) => frozen('denoise', options, 'denoise'),
  /**
   * Reduces the resolution: coordinates are multiplied by a factor and truncated (`Downsample`). `factor`, or the new `width`
   * and `height`; `timeFactor` does the same for times. No event is lost.
   */
  downsample: (options: { width?: number; height?: number; factor?: number; timeFactor?: number }) =>
    frozen('downsample', options, 'downsample'),
  /** Drops each event with a probability (`DropEvent`, which drops an exact share of a whole recording). */
  drop: (options: { probability: number }) => frozen('drop', options, 'drop'),
  /** Drops the events in a rectangle of `ratio` times width and height, at a random position drawn once (`DropEventByArea`). */
  dropArea: (options: { ratio: number }) => frozen('drop-area', options, 'dropArea'),
  /**
   * Drops the events of an interval of `ratio` times the duration, at a random time drawn once (`DropEventByTime`). Without
   * `duration` all events are kept in memory until the end.
   */
  dropTime: (options: { ratio: number; duration?: number }) => frozen('drop-time', options, 'dropTime'),
  /** Drops all events of pixels: the given ones (`DropPixel`), and others with a probability, drawn once (`RandomDropPixel`). */
  dropPixels: (options: { pixels?: readonly (readonly [number, number])[]; probability?: number }) =>
    frozen('drop-pixels', options, 'dropPixels'),
  /** Mirrors columns, rows or polarities, each with a probability, drawn once (`RandomFlipLR`, `RandomFlipUD`, `RandomFlipPolarity`). */
  flip: (options: { x?: number; y?: number; polarity?: number }) => frozen('flip', options, 'flip'),
  /**
   * Drops pixels that fire at more than `frequency` Hz (`DropPixel`): over the whole recording, which is kept in memory until its end, or
   * over the first `learn` µs.
   */
  hotPixels: (options: { frequency: number; learn?: number }) => frozen('hot-pixels', options, 'hotPixels'),
  /**
   * Moves pixels by rounded normal numbers with standard deviations `x` and `y`; events moved off the sensor are dropped
   * (`SpatialJitter`, which takes variances, and truncates instead of rounding: half a pixel to the left and up on average).
   */
  jitter: (options: { x?: number; y?: number }) => frozen('jitter', options, 'jitter'),
  /** All polarities become 0; the sensor has one polarity afterwards (`MergePolarities`). */
  mergePolarities: () => frozen('merge-polarities', {}, 'mergePolarities'),
  /**
   * Adds a Poisson process of `rate` Hz per pixel between the first and the last event (`UniformNoise`, which adds a fixed
   * number).
   */
  noise: (options: { rate: number }) => frozen('noise', options, 'noise'),
  /**
   * Drops an event that comes at most `time` after its pixel's last one (`RefractoryPeriod`): `from: 'last'` (default) after
   * the last event, as tonic; `'kept'` after the last one that was kept, as in a real sensor. `like: 'tonic'` also drops first
   * events at time 0.
   */
  refractory: (options: { time: number; from?: 'last' | 'kept'; like?: 'tonic' }) =>
    frozen('refractory', options, 'refractory'),
  /** Sorts events by time that are at most `within` µs late; a later one is an error. */
  reorder: (options: { within: number }) => frozen('reorder', options, 'reorder'),
  /**
   * Reverses the stream in time and exchanges on and off unless `flipPolarity: false` (`RandomTimeReversal`), with a
   * probability (default 1), drawn once. All events are kept in memory until the end.
   */
  reverse: (options?: { probability?: number; flipPolarity?: boolean }) =>
    frozen('reverse', options, 'reverse'),
  /**
   * Rotates the image counter-clockwise by `angle` degrees, plus a random angle from -`range` to `range`, drawn once. Quarter
   * turns are exact and exchange width and height; otherwise pixels move to the nearest one, and events that leave the sensor
   * are dropped.
   */
  rotate: (options: { angle?: number; range?: number }) => frozen('rotate', options, 'rotate'),
  /**
   * Shifts times by rounded normal numbers with standard deviation `std`, and sorts events again unless `sort: false`
   * (`TimeJitter`). `clipNegative` drops events before 0.
   */
  timeJitter: (options: { std: number; clipNegative?: boolean; sort?: boolean }) =>
    frozen('time-jitter', options, 'timeJitter'),
});

/** The events of a frame: one of `window`, `count`, `timeBins`, `eventBins`, or none of them for all events. */
export interface FrameSchedule {
  /** Length of a window in µs. A frame is complete when an event at or after its end has been seen. */
  window?: number;
  /** Number of events of a frame. */
  count?: number;
  /** Number of frames of equal duration of the recording, which is kept in memory unless `start` and `end` are given. */
  timeBins?: number;
  /** Number of frames with equally many events of the recording, which is kept in memory. */
  eventBins?: number;
  /** Overlap: of windows in µs (negative: a gap), of counts in events, of bins as a fraction of one. Default 0. */
  overlap?: number;
  /** Whether to include the last, incomplete frame. Default false. */
  includeIncomplete?: boolean;
  /** Of windows: whether to leave out those without events, except the last frame of the recording. Default false. */
  skipEmpty?: boolean;
  /** Start of the first window, in µs; default the first event. */
  start?: number;
  /** End of the windows, in µs; default the last event. */
  end?: number;
  /** Bins as in tonic 1.7.0, which drops the last event and the remainder of a division by the number of bins. */
  like?: 'tonic';
}

/** A representation for {@link representEvents}, made by a function of {@link represent}. `F` is the kind of output. */
export interface EventRepresentation<
  F extends 'frames' | 'sparse' | 'slices' = 'frames' | 'sparse' | 'slices',
> {
  readonly kind: string;
  readonly gives: F;
  readonly [option: string]: unknown;
}

const scheduled: Form['options'] = {
  window: number,
  count: whole(1),
  timeBins: whole(1),
  eventBins: whole(1),
  overlap: number,
  includeIncomplete: truth,
  skipEmpty: truth,
  start: number,
  end: number,
  like: tonic,
};

const representations: Readonly<Record<string, Form>> = {
  frames: { options: { ...scheduled, binary: truth } },
  sparse: { options: scheduled },
  slices: { options: scheduled },
  'voxel-grid': { options: { ...scheduled, bins: whole(1) }, needed: ['bins'] },
  'time-surface': { options: { ...scheduled, tau: number }, needed: ['tau'] },
  'averaged-time-surface': {
    options: {
      ...scheduled,
      surface: whole(1),
      cell: whole(1),
      time: number,
      tau: number,
      decay: choice('exp', 'lin'),
    },
    needed: ['surface', 'cell', 'time', 'tau', 'decay'],
  },
};

function representation<F extends 'frames' | 'sparse' | 'slices'>(
  kind: string,
  gives: F,
  options: object | undefined,
  name: string,
): EventRepresentation<F> {
  checkForm(name, options, representations[kind]!);
  return Object.freeze({ kind, gives, ...defined(options) });
}

/** Representations of events. */
export const represent = Object.freeze({
  /** Number of events of each channel, `[polarity, height, width]`; with `binary` 1 if there is any (`ToFrame`). */
  frames: (options?: FrameSchedule & { binary?: boolean }) =>
    representation('frames', 'frames', options, 'frames'),
  /** All events in one frame (`ToImage`). */
  image: () => representation('frames', 'frames', {}, 'image'),
  /**
   * The channels with events, ascending, and their counts (`ToSparseTensor`): the input of a session, whose cost grows with the
   * number of events.
   */
  sparse: (options?: FrameSchedule) => representation('sparse', 'sparse', options, 'sparse'),
  /** The events of each window themselves (`SliceByTime`, `SliceByEventCount`, …). */
  slices: (options?: FrameSchedule) => representation('slices', 'slices', options, 'slices'),
  /**
   * Polarities (+1, -1), interpolated between the two nearest of `bins` time bins, `[bins, height, width]` (`ToVoxelGrid`): of
   * the whole recording, which is kept in memory until its end, or of each window.
   */
  voxelGrid: (options: FrameSchedule & { bins: number }) =>
    representation('voxel-grid', 'frames', options, 'voxelGrid'),
  /**
   * exp(-(end of the window - time of the channel's last event) / tau), 0 without an event (`ToTimesurface`, `window` its dt).
   */
  timeSurface: (options: FrameSchedule & { tau: number }) =>
    representation('time-surface', 'frames', options, 'timeSurface'),
  /**
   * Histograms of averaged time surfaces, `[cells, polarity, surface, surface]` (`ToAveragedTimesurface`): events of the last `time` µs, within
   * cells of `cell` pixels, decay by exp(-age / tau) or 1 - age / (3 tau).
   */
  averagedTimeSurface: (
    options: FrameSchedule & {
      surface: number;
      cell: number;
      time: number;
      tau: number;
      decay: 'exp' | 'lin';
    },
  ) => representation('averaged-time-surface', 'frames', options, 'averagedTimeSurface'),
});

/** The transforms in the engine's form; refuses objects that no function of {@link eventTransform} has made. @internal */
export function checkTransforms(transforms: unknown): readonly EventTransform[] {
  if (!Array.isArray(transforms)) invalid('transforms', transforms, 'a list of transforms');
  transforms.forEach((transform, i) => {
    const kind = (transform as EventTransform | null)?.kind;
    if (typeof kind !== 'string' || !(kind in forms))
      invalid(`transforms[${i}]`, transform, 'a transform, such as eventTransform.denoise({ time: 10_000 })');
  });
  return transforms as EventTransform[];
}

/** @internal */
export function checkRepresentation(output: unknown): EventRepresentation {
  const kind = (output as EventRepresentation | null)?.kind;
  if (typeof kind !== 'string' || !(kind in representations))
    invalid('representation', output, 'a representation, such as represent.frames({ window: 10_000 })');
  return output as EventRepresentation;
}
