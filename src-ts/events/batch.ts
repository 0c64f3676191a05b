/** What every reader of event recordings gives, every transform takes and every writer writes: events in columns. */

/** Pixels of the sensor. */
export interface Sensor {
  readonly width: number;
  readonly height: number;
}

/** External trigger inputs of a camera, in the order of the file. */
export interface Triggers {
  /** Microseconds, as {@link EventBatch.t}. */
  readonly t: Float64Array;
  /** Number of the input; 0 where the format has one only. AEDAT 4: 0 the input, 1 the generator, 2 frames, 3 exposures of frames, 4 a reset of the clock. */
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
  /** `[sample][x, y, z]`, in microtesla; 0 where the sensor has none. */
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
  /** Of the first pixel, on the sensor. */
  readonly x: number;
  readonly y: number;
  readonly channels: 1 | 3 | 4;
  /** `[height][width][channels]`; channels are blue, green, red, alpha. Uint16Array of AEDAT 3.1, which has 16 bits. */
  readonly pixels: Uint8Array | Uint16Array;
}

/**
 * A piece of a recording: the columns of its events, equally long, and what else the file has between them.
 *
 * Times are whole microseconds in a Float64Array: exact up to 2^53 (285 years; Unix times in microseconds are below 2^51), and ordinary
 * numbers in JavaScript. A BigInt64Array would be as exact, but each `BigInt` is an object of its own: sums over it are some ten times as slow,
 * and `Math` does not take them. A file with a time beyond 2^53 is refused as `malformed-file`.
 */
export interface EventBatch {
  /** Microseconds, as stored in the file (see `origin`), counter loops added. Whole numbers, usually not decreasing. */
  readonly t: Float64Array;
  /** Column, as stored: no flip. */
  readonly x: Uint16Array;
  /** Row, as stored: no flip. */
  readonly y: Uint16Array;
  /** 0 or 1, as stored: no inversion. 1 is ON (brighter) in every format but those of jAER's DVS128, see docs/event-files.md. */
  readonly polarity: Uint8Array;
  /** Red, green and blue of each event, of color `.es` files. */
  readonly colors?: { readonly r: Uint8Array; readonly g: Uint8Array; readonly b: Uint8Array } | undefined;
  /** 1 where an event belongs to an exposure measurement, of ATIS `.es` files. */
  readonly exposure?: Uint8Array | undefined;
  /** The address word as stored, of headerless AER files; `x` is its lower half and `y` its upper half. */
  readonly address?: Uint32Array | undefined;
  /** The bytes of each event, of generic `.es` files; `x`, `y` and `polarity` are 0. */
  readonly payload?: readonly Uint8Array[] | undefined;
  /** Only where there are some. */
  readonly triggers?: Triggers | undefined;
  /** Only where there are some. */
  readonly imu?: ImuSamples | undefined;
  /** Only where there are some. */
  readonly frames?: readonly EventFrame[] | undefined;
}

/** Something about a recording that is not right but did not stop its reading. */
export interface EventWarning {
  /** `truncated`: the file ends early; `unordered`: times go back; `outside`: an event lies beyond the sensor; `skipped`: events were left out. */
  readonly kind: 'truncated' | 'unordered' | 'outside' | 'skipped';
  /** In bytes of the file. */
  readonly offset: number;
  readonly message: string;
}

/** An open recording. Iterating it reads from where it stands to the end; it can be iterated again after `seek(0)`. */
export interface EventReader extends AsyncIterable<EventBatch> {
  /** The name of the format, such as `evt3`. */
  readonly format: string;
  /** `undefined` where the file does not say and no option did. */
  readonly sensor: Sensor | undefined;
  /** Microseconds of one unit of `t`: 1 but for headerless AER files, whose option `tick` says it. */
  readonly tick: number;
  /** What the file's header says in words, such as `Date` or `camera`. */
  readonly metadata: ReadonlyMap<string, string>;
  /** So far; it is complete when the last batch has been read. */
  readonly warnings: readonly EventWarning[];
  /** The next batch, or `undefined` at the end. Not while another call is under way. */
  read(): Promise<EventBatch | undefined>;
  /** The next batch begins with the first event of the file at or after a time (in the unit and origin of `t`). */
  seek(time: number): Promise<void>;
  /** Gives the file free. Twice is as good as once. */
  close(): void;
  [Symbol.dispose](): void;
}

/** A recording that is being written. Nothing is at the path before `close` has succeeded. */
export interface EventWriter {
  readonly format: string;
  /** Events go behind those written so far. */
  write(batch: EventBatch): Promise<void>;
  /** Completes the file. */
  close(): Promise<void>;
  /** Gives up: what was written is deleted. */
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
