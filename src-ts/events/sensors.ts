/** Sensors in software: an event camera for frames or functions of time, a cochlea for sound, level crossings of any signal. */
import { options as checkOptions, finite, invalid, typedArray } from '../checks/check.ts';
import { type Check, checkForm, checkKind, choice, type Form, number, whole } from '../checks/plain-data.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { EventBatch } from './batch.ts';
import type { PixelArray } from './transforms.ts';

/** How a pixel answers to light: see {@link EventCameraOptions.response}. */
export type CameraResponse =
  | { kind: 'log'; offset?: number }
  | { kind: 'lin-log'; threshold?: number }
  | { kind: 'linear' };

/** Options of {@link eventCamera}. */
export interface EventCameraOptions {
  width: number;
  height: number;
  /** Change of the response that gives an event, up and down. Default 0.2 (of the natural logarithm: 22 % more light). */
  on?: number;
  off?: number;
  /** Standard deviation of these thresholds over pixels, in the same units; none is below 0.01. Default 0. */
  mismatch?: number;
  /**
   * `log`: ln(offset + intensity), offset default 0.001, as ESIM (default); `lin-log`: as v2e, for intensities of 0 to 255, a straight
   * line up to `threshold` (default 20); `linear`: the value itself.
   */
  response?: CameraResponse;
  /** Cutoff of a low-pass filter before the comparison, in Hz; default none. */
  bandwidth?: number;
  /** The cutoff falls with the light, to 7 % in the dark. Default false. */
  darkBandwidth?: boolean;
  /** On events per second that each pixel sends where nothing changes, in Hz. Default 0. */
  leak?: number;
  /** Random events per second of a pixel in the dark, in Hz; a quarter of them where it is brightest. Default 0. */
  shotNoise?: number;
  /** An event so soon after its pixel's last one is lost, in µs. Default 0. */
  refractory?: number;
  /** The brightest intensity: what `shotNoise` and `darkBandwidth` refer to. Default 1. */
  brightest?: number;
  /** Of mismatch and shot noise. Default 0. */
  seed?: number;
}

/** Options of {@link cochlea}. */
export interface CochleaOptions {
  /** Samples a second. */
  rate: number;
  /** Bands. Default 64. */
  channels?: number;
  /** Center of the first and the last band, in Hz. Default 50 and 8000. */
  low?: number;
  high?: number;
  /** Centers evenly spaced in their logarithm (default) or on the ERB scale. */
  spacing?: 'log' | 'erb';
  /** Center by bandwidth. Default 8. */
  q?: number;
  /** Filters of two poles one after the other. Default 2. */
  order?: number;
  /** Events a second for a rectified mean of 1 at a threshold of 1. Default 1000. */
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
   * `delta` (default): an event where the signal is a threshold away from where it was at the last event; `level`: at each crossing of a
   * multiple of the threshold, also of the same one back again.
   */
  scheme?: 'delta' | 'level';
  /** In µs. Default 0. */
  refractory?: number;
  /** Value at time `start` (default 0), before the first sample; default: the first sample gives no event. */
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

/** A sensor that is fed piece by piece, and gives the events of the time since the last piece. */
export class EventSensor implements Disposable {
  readonly #native: Native;
  /** What its events look like. */
  readonly sensor: Required<PixelArray>;

  /** @internal */
  constructor(kind: keyof typeof forms, options: object, sensor: Required<PixelArray>) {
    checkForm('', options, forms[kind], kind);
    this.#native = unwrap(addon.NativeEventSensor.create(JSON.stringify({ ...options, kind })));
    this.sensor = Object.freeze(sensor);
  }

  /**
   * The events up to a time.
   *
   * @param values - of a camera: intensities `[height, width]`, rows one after the other; of {@link levelCrossing} a value for each
   * channel; of a {@link cochlea} samples of sound, any number
   * @param t - their time in µs, after that of the last call. Of a cochlea: of the first sample ever, default 0
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

  /** Values worked on so far: what stands still is compared with what was before, and then left alone. */
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
 * An event camera: each pixel sends an event when its log intensity has moved by a threshold since its last one. Between two frames
 * the log intensity moves along a straight line (ESIM, Rebecq et al. 2018); mismatch, bandwidth, leak, shot noise and refractory
 * period as v2e (Hu et al. 2021) describes them. A pixel that does not change costs a comparison.
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

/** A silicon cochlea: band-pass filters, whose rectified outputs charge a leaky integrate-and-fire neuron each. `x` is the band. */
export function cochlea(options: CochleaOptions): EventSensor {
  return new EventSensor('cochlea', options, { width: options?.channels ?? 64, height: 1, polarities: 1 });
}

/** Signals as events at their crossings: `x` is the channel, polarity 1 upwards. */
export function levelCrossing(options: LevelCrossingOptions): EventSensor {
  return new EventSensor('signal', options, { width: options?.channels, height: 1, polarities: 2 });
}

/**
 * What an {@link eventCamera} sees of a function of time: frames of `intensity` every `dt` µs from `from` to `to`.
 *
 * @param intensity - of a column, a row and a time in µs
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
