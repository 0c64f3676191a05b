/** Simulated sensors: an event camera for frames or functions of time, a cochlea for sound, level crossings of any signal. */
import { options as checkOptions, finite, invalid, typedArray } from '../checks/check.ts';
import { type Check, checkForm, checkKind, choice, type Form, number, whole } from '../checks/plain-data.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { EventBatch } from './batch.ts';
import type { PixelArray } from './transforms.ts';

/** The response of a pixel to light: see {@link EventCameraOptions.response}. */
export type CameraResponse =
  | { kind: 'log'; offset?: number }
  | { kind: 'lin-log'; threshold?: number }
  | { kind: 'linear' };

/** Options of {@link eventCamera}. */
export interface EventCameraOptions {
  width: number;
  height: number;
  /** Change of the response that causes an event, up and down. Default 0.2 (of the natural logarithm: 22 % more light). */
  on?: number;
  off?: number;
  /** Standard deviation of these thresholds over pixels, in the same units; thresholds are at least 0.01. Default 0. */
  mismatch?: number;
  /**
   * `log`: ln(offset + intensity), offset default 0.001, as ESIM (default); `lin-log`: as v2e, for intensities from 0 to 255,
   * linear up to `threshold` (default 20); `linear`: the intensity itself.
   */
  response?: CameraResponse;
  /** Cutoff of a low-pass filter before the comparison, in Hz; default none. */
  bandwidth?: number;
  /** Whether the cutoff falls with the light, to 7 % in the dark. Default false. */
  darkBandwidth?: boolean;
  /** Rate of ON events that each pixel emits without any change, in Hz. Default 0. */
  leak?: number;
  /** Rate of random events of a pixel in the dark, in Hz; a quarter of it at the brightest intensity. Default 0. */
  shotNoise?: number;
  /** An event within this time after its pixel's last one is dropped, in µs. Default 0. */
  refractory?: number;
  /** The brightest intensity, to which `shotNoise` and `darkBandwidth` refer. Default 1. */
  brightest?: number;
  /** Seed of mismatch and shot noise. Default 0. */
  seed?: number;
}

/** Options of {@link cochlea}. */
export interface CochleaOptions {
  /** Samples per second. */
  rate: number;
  /** Number of bands. Default 64. */
  channels?: number;
  /** Center frequencies of the first and the last band, in Hz. Default 50 and 8000. */
  low?: number;
  high?: number;
  /** Center frequencies evenly spaced in their logarithm (default) or on the ERB scale. */
  spacing?: 'log' | 'erb';
  /** Center frequency divided by bandwidth. Default 8. */
  q?: number;
  /** Number of cascaded two-pole filters. Default 2. */
  order?: number;
  /** Events per second for a rectified mean of 1 at a threshold of 1. Default 1000. */
  gain?: number;
  /** Default 1. */
  threshold?: number;
  /** Leak of the neurons, in ms; default none. */
  tauMem?: number;
  /** In µs. Default 0. */
  refractory?: number;
}

/** Options of {@link levelCrossing}. */
export interface LevelCrossingOptions {
  channels: number;
  threshold: number;
  /**
   * `delta` (default): an event when the signal differs by a threshold from its value at the last event; `level`: an event at
   * each crossing of a multiple of the threshold, including the same one in the other direction.
   */
  scheme?: 'delta' | 'level';
  /** In µs. Default 0. */
  refractory?: number;
  /** Value at time `start` (default 0), before the first sample; default: the first sample causes no event. */
  initial?: number;
  start?: number;
}

type Native = InstanceType<typeof addon.NativeEventSensor>;

const truth: Check = (path, value) => {
  if (typeof value !== 'boolean') invalid(path, value, 'true or false');
};
const responses: Readonly<Record<string, Form>> = {
  log: { options: { offset: number } },
  'lin-log': { options: { threshold: number } },
  linear: { options: {} },
};
const forms = {
  camera: {
    options: {
      width: whole(1),
      height: whole(1),
      on: number,
      off: number,
      mismatch: number,
      response: (path, value) => checkKind(path, value, responses),
      bandwidth: number,
      darkBandwidth: truth,
      leak: number,
      shotNoise: number,
      refractory: number,
      brightest: number,
      seed: whole(0),
    },
    needed: ['width', 'height'],
  },
  cochlea: {
    options: {
      rate: number,
      channels: whole(1),
      low: number,
      high: number,
      spacing: choice('log', 'erb'),
      q: number,
      order: whole(1),
      gain: number,
      threshold: number,
      tauMem: number,
      refractory: number,
    },
    needed: ['rate'],
  },
  signal: {
    options: {
      channels: whole(1),
      threshold: number,
      scheme: choice('delta', 'level'),
      refractory: number,
      initial: number,
      start: number,
    },
    needed: ['channels', 'threshold'],
  },
} satisfies Record<string, Form>;

/** A sensor that receives input piece by piece, and returns the events since the last piece. */
export class EventSensor implements Disposable {
  readonly #native: Native;
  /** The pixel array of its events. */
  readonly sensor: Required<PixelArray>;

  /** @internal */
  constructor(kind: keyof typeof forms, options: object, sensor: Required<PixelArray>) {
    checkForm('', options, forms[kind], kind);
    this.#native = unwrap(addon.NativeEventSensor.create(JSON.stringify({ ...options, kind })));
    this.sensor = Object.freeze(sensor);
  }

  /**
   * Returns the events up to a time.
   *
   * @param values - for a camera: intensities `[height, width]`, row by row; for {@link levelCrossing} a value per channel;
   * for a {@link cochlea} any number of sound samples
   * @param t - their time in µs, later than in the last call. For a cochlea: the time of the very first sample, default 0
   * @throws LapicqueError `shape-mismatch`, `invalid-parameter`, `disposed`
   */
  push(values: Float32Array, t = 0): EventBatch {
    return this.pushAll(values, Float64Array.of(finite('t', t)));
  }

  /** Several pieces at once: `values` is `[times, …]`. */
  pushAll(values: Float32Array, times: Float64Array): EventBatch {
    typedArray('values', values, [Float32Array]);
    typedArray('times', times, [Float64Array]);
    return unwrap(this.#native.push(values, times)) as EventBatch;
  }

  /** Number of values that have been processed: an unchanged value costs a comparison and is then skipped. */
  get operations(): number {
    return unwrap(this.#native.operations());
  }

  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
Object.defineProperty(EventSensor, 'name', { value: 'EventSensor' });

/**
 * An event camera: each pixel emits an event when its log intensity has changed by a threshold since its last one. Between two
 * frames the log intensity is interpolated linearly (ESIM, Rebecq et al. 2018); mismatch, bandwidth, leak, shot noise and
 * refractory period are those of v2e (Hu et al. 2021). A pixel that does not change costs a comparison.
 *
 * @example
 * ```ts
 * using camera = eventCamera({ width: 2, height: 1, on: 0.1 });
 * camera.push(Float32Array.of(0.5, 0.5), 0);
 * const { t, x } = camera.push(Float32Array.of(0.5, 1), 10_000); // six events of pixel 1
 * ```
 */
export function eventCamera(options: EventCameraOptions): EventSensor {
  const { width, height } = options ?? {};
  return new EventSensor('camera', options, { width, height, polarities: 2 });
}

/**
 * A silicon cochlea: band-pass filters; the rectified output of each charges a leaky integrate-and-fire neuron. `x` is the band.
 */
export function cochlea(options: CochleaOptions): EventSensor {
  return new EventSensor('cochlea', options, { width: options?.channels ?? 64, height: 1, polarities: 1 });
}

/** Converts signals to events at their level crossings: `x` is the channel, polarity 1 upwards. */
export function levelCrossing(options: LevelCrossingOptions): EventSensor {
  return new EventSensor('signal', options, { width: options?.channels, height: 1, polarities: 2 });
}

/**
 * The events of an {@link eventCamera} for a function of time: frames of `intensity` every `dt` µs from `from` to `to`.
 *
 * @param intensity - a function of column, row and time in µs
 */
export async function* cameraEvents(
  camera: EventSensor,
  intensity: (x: number, y: number, t: number) => number,
  given: { from?: number; to: number; dt: number },
): AsyncGenerator<EventBatch, void, undefined> {
  const { from = 0, to, dt } = checkOptions('cameraEvents', given, ['from', 'to', 'dt']);
  finite('from', from);
  finite('to', to, { min: from });
  finite('dt', dt, { above: 0 });
  const { width, height } = camera.sensor;
  const frame = new Float32Array(width * height);
  for (let step = 0; from + step * dt <= to; step++) {
    const t = from + step * dt;
    for (let i = 0; i < frame.length; i++) frame[i] = intensity(i % width, Math.floor(i / width), t);
    const events = camera.push(frame, t);
    if (events.t.length > 0) yield events;
  }
}
