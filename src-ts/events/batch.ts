/** The common form of events: what readers return, transforms process and writers accept, as columns. */

/** Pixels of the sensor. */
export interface Sensor {
  readonly width: number;
  readonly height: number;
}

/** External trigger inputs of a camera, in the order of the file. */
export interface Triggers {
  /** Microseconds, as {@link EventBatch.t}. */
  readonly t: Float64Array;
  /**
   * Number of the input; 0 if the format has only one. AEDAT 4: 0 the input, 1 the generator, 2 frames, 3 exposures of frames, 4
   * a reset of the clock.
   */
  readonly id: Uint8Array;
  /** 1 for a rising edge, 0 for a falling edge. A pulse (AEDAT 3.1 and 4) is 2. */
  readonly polarity: Uint8Array;
}

/** Samples of the camera's inertial measurement unit. */
export interface ImuSamples {
  /** Microseconds, as {@link EventBatch.t}. */
  readonly t: Float64Array;
  /** `[sample][x, y, z]`, in g. */
  readonly accelerometer: Float32Array;
  /** `[sample][x, y, z]`, in degrees per second. */
  readonly gyroscope: Float32Array;
  /** `[sample][x, y, z]`, in microtesla; 0 if the sensor has no magnetometer. */
  readonly magnetometer: Float32Array;
  /** In degrees Celsius. */
  readonly temperature: Float32Array;
}

/** An image of a camera that has both events and frames. */
export interface EventFrame {
  /** Microseconds, as {@link EventBatch.t}. */
  readonly t: number;
  readonly exposureStart: number;
  readonly exposureEnd: number;
  readonly width: number;
  readonly height: number;
  /** Column of the first pixel on the sensor. */
  readonly x: number;
  readonly y: number;
  readonly channels: 1 | 3 | 4;
  /** `[height][width][channels]`; channels are blue, green, red, alpha. Uint16Array of AEDAT 3.1, which has 16 bits. */
  readonly pixels: Uint8Array | Uint16Array;
}

/**
 * A piece of a recording: the columns of its events, all of the same length, and the other data of the file between them.
 *
 * Times are whole microseconds in a Float64Array: exact up to 2^53 (285 years; Unix times in microseconds are below 2^51), and
 * ordinary numbers in JavaScript. A BigInt64Array would be as exact, but each `BigInt` is a separate object: sums over it are
 * some ten times as slow, and `Math` does not accept it. A file with a time beyond 2^53 throws `malformed-file`.
 */
export interface EventBatch {
  /**
   * Microseconds, as stored in the file (see `origin`), with wrap-arounds of counters added. Whole numbers, usually not
   * decreasing.
   */
  readonly t: Float64Array;
  /** Column, as stored: no flip. */
  readonly x: Uint16Array;
  /** Row, as stored: no flip. */
  readonly y: Uint16Array;
  /**
   * 0 or 1, as stored: no inversion. 1 is ON (brighter) in every format except those of jAER's DVS128, see docs/guides/event-files.md.
   */
  readonly polarity: Uint8Array;
  /** Red, green and blue of each event, for color `.es` files. */
  readonly colors?: { readonly r: Uint8Array; readonly g: Uint8Array; readonly b: Uint8Array } | undefined;
  /** 1 for events that belong to an exposure measurement, for ATIS `.es` files. */
  readonly exposure?: Uint8Array | undefined;
  /** The address word as stored, for headerless AER files; `x` is its lower half and `y` its upper half. */
  readonly address?: Uint32Array | undefined;
  /** The bytes of each event, for generic `.es` files; `x`, `y` and `polarity` are 0. */
  readonly payload?: readonly Uint8Array[] | undefined;
  /** Present only if there are some. */
  readonly triggers?: Triggers | undefined;
  /** Present only if there are some. */
  readonly imu?: ImuSamples | undefined;
  /** Present only if there are some. */
  readonly frames?: readonly EventFrame[] | undefined;
}

/** The keys of an {@link EventBatch}, and those that sources of batches have. @internal */
export const batchKeys: readonly string[] = [
  ...['t', 'x', 'y', 'polarity', 'colors', 'exposure', 'address', 'payload', 'triggers', 'imu', 'frames'],
  'sensor',
];

/** A problem of a recording that did not stop its reading. */
export interface EventWarning {
  /**
   * `truncated`: the file ends early; `unordered`: times decrease; `outside`: an event is outside the sensor; `skipped`: events
   * were skipped.
   */
  readonly kind: 'truncated' | 'unordered' | 'outside' | 'skipped';
  /** Offset in bytes of the file. */
  readonly offset: number;
  readonly message: string;
}

/** An open recording. Iterating it reads from the current position to the end; it can be iterated again after `seek(0)`. */
export interface EventReader extends AsyncIterable<EventBatch> {
  /** The name of the format, such as `evt3`. */
  readonly format: string;
  /** `undefined` if neither the file nor an option states it. */
  readonly sensor: Sensor | undefined;
  /** Microseconds of one unit of `t`: 1 except for headerless AER files, for which the option `tick` states it. */
  readonly tick: number;
  /** Text fields of the file's header, such as `Date` or `camera`. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Warnings so far; complete when the last batch has been read. */
  readonly warnings: readonly EventWarning[];
  /** The next batch, or `undefined` at the end. Must not be called while another call is pending. */
  read(): Promise<EventBatch | undefined>;
  /** Makes the next batch begin with the first event of the file at or after a time (in the unit and origin of `t`). */
  seek(time: number): Promise<void>;
  /** Closes the file. May be called repeatedly. */
  close(): void;
  [Symbol.dispose](): void;
}

/** A recording during writing. The file appears at its path when `close` has succeeded. */
export interface EventWriter {
  readonly format: string;
  /** Appends events. */
  write(batch: EventBatch): Promise<void>;
  /** Completes the file. */
  close(): Promise<void>;
  /** Cancels writing and deletes the written data. */
  abort(): void;
  [Symbol.dispose](): void;
}

/** A batch without events. */
export function emptyBatch(): EventBatch {
  return {
    t: new Float64Array(0),
    x: new Uint16Array(0),
    y: new Uint16Array(0),
    polarity: new Uint8Array(0),
  };
}
