/** Batches in the form that the engine uses: flat objects of typed arrays. */
import { invalid, refuseMisspelled, typedArray } from '../checks/check.ts';
import { checkMemory } from '../engine/native.ts';
import { batchKeys, type EventBatch, type EventFrame } from './batch.ts';

/** The columns that every batch has, all of the same length. */
export interface Columns {
  t: Float64Array;
  x: Uint16Array;
  y: Uint16Array;
  polarity: Uint8Array;
}

/** Columns whose content is undefined; the caller fills them. @throws LapicqueError `too-large` */
export function newColumns(length: number): Columns {
  checkMemory('a batch of events', eventBytes * length);
  return {
    t: new Float64Array(newBuffer(8 * length)),
    x: new Uint16Array(newBuffer(2 * length)),
    y: new Uint16Array(newBuffer(2 * length)),
    polarity: new Uint8Array(newBuffer(length)),
  };
}

/** Bytes of an event in columns. */
export const eventBytes = 13;

/** A buffer that is not zeroed, if the runtime has a function for that. */
function newBuffer(bytes: number): ArrayBuffer {
  const { buffer } = Buffer.allocUnsafeSlow(bytes);
  return buffer.byteLength === bytes ? buffer : new ArrayBuffer(bytes);
}

/** The first events of columns. */
export function firstOf(columns: Columns, length: number): Columns {
  const { t, x, y, polarity } = columns;
  if (t.length === length) return columns;
  return {
    t: t.subarray(0, length),
    x: x.subarray(0, length),
    y: y.subarray(0, length),
    polarity: polarity.subarray(0, length),
  };
}

/** What the engine returns in addition to the columns. */
export interface NativeOthers {
  r?: Uint8Array;
  g?: Uint8Array;
  b?: Uint8Array;
  exposure?: Uint8Array;
  address?: Uint32Array;
  payload?: Uint8Array;
  payloadEnds?: Uint32Array;
  triggerTimes?: Float64Array;
  triggerIds?: Uint8Array;
  triggerPolarities?: Uint8Array;
  imuTimes?: Float64Array;
  accelerometer?: Float32Array;
  gyroscope?: Float32Array;
  magnetometer?: Float32Array;
  temperature?: Float32Array;
  frames?: NativeFrame[];
}

/** The form that the engine accepts. */
export interface NativeColumns extends Columns, NativeOthers {}

interface NativeFrame {
  t: number;
  exposureStart: number;
  exposureEnd: number;
  width: number;
  height: number;
  x: number;
  y: number;
  channels: number;
  bytesPerValue: number;
  pixels: Uint8Array;
}

/** The batch of columns and the other data that the engine returned. */
export function batchOf({ t, x, y, polarity }: Columns, others: NativeOthers): EventBatch {
  const { exposure, address, payload, payloadEnds, r, g, b } = others;
  const { triggerTimes, triggerIds, triggerPolarities, imuTimes, frames } = others;
  return {
    t,
    x,
    y,
    polarity,
    ...(r && { colors: { r, g: g!, b: b! } }),
    ...(exposure && { exposure }),
    ...(address && { address }),
    ...(payloadEnds && { payload: payloadsOf(payload!, payloadEnds) }),
    ...(triggerTimes && {
      triggers: { t: triggerTimes, id: triggerIds!, polarity: triggerPolarities! },
    }),
    ...(imuTimes && {
      imu: {
        t: imuTimes,
        accelerometer: others.accelerometer!,
        gyroscope: others.gyroscope!,
        magnetometer: others.magnetometer!,
        temperature: others.temperature!,
      },
    }),
    ...(frames && { frames: frames.map(frameOf) }),
  };
}

function payloadsOf(bytes: Uint8Array, ends: Uint32Array): Uint8Array[] {
  return Array.from(ends, (end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
}

function frameOf({ bytesPerValue, pixels, channels, ...frame }: NativeFrame): EventFrame {
  const wide = bytesPerValue === 2 ? new Uint16Array(pixels.buffer, 0, pixels.length / 2) : pixels;
  return { ...frame, channels: channels as 1 | 3 | 4, pixels: wide };
}

/**
 * Converts a batch to the form that the engine accepts. @throws LapicqueError `invalid-parameter` for arrays of another type or
 * length
 */
export function columnsOf(batch: EventBatch, drop: readonly string[]): NativeColumns {
  if (typeof batch !== 'object' || batch === null) invalid('batch', batch, 'a batch of events');
  refuseMisspelled('key of the batch', batch, batchKeys);
  const { t, x, y, polarity, colors, exposure, address, payload, triggers, imu, frames } = batch;
  typedArray('t', t, [Float64Array]);
  typedArray('x', x, [Uint16Array]);
  typedArray('y', y, [Uint16Array]);
  typedArray('polarity', polarity, [Uint8Array]);
  return {
    t,
    x,
    y,
    polarity,
    ...(colors && { ...colors }),
    ...(exposure && { exposure: typedArray('exposure', exposure, [Uint8Array]) }),
    ...(address && { address: typedArray('address', address, [Uint32Array]) }),
    ...(payload && joined(payload)),
    ...(triggers &&
      !drop.includes('triggers') && {
        triggerTimes: typedArray('triggers.t', triggers.t, [Float64Array]),
        triggerIds: typedArray('triggers.id', triggers.id, [Uint8Array]),
        triggerPolarities: typedArray('triggers.polarity', triggers.polarity, [Uint8Array]),
      }),
    ...(imu &&
      !drop.includes('imu') && {
        imuTimes: typedArray('imu.t', imu.t, [Float64Array]),
        accelerometer: typedArray('imu.accelerometer', imu.accelerometer, [Float32Array]),
        gyroscope: typedArray('imu.gyroscope', imu.gyroscope, [Float32Array]),
        magnetometer: typedArray('imu.magnetometer', imu.magnetometer, [Float32Array]),
        temperature: typedArray('imu.temperature', imu.temperature, [Float32Array]),
      }),
    ...(frames && !drop.includes('frames') && { frames: frames.map(nativeFrame) }),
  };
}

function joined(payload: readonly Uint8Array[]): { payload: Uint8Array; payloadEnds: Uint32Array } {
  const all = Buffer.concat(payload);
  let end = 0;
  return {
    payload: new Uint8Array(all.buffer, all.byteOffset, all.length),
    payloadEnds: Uint32Array.from(payload, (bytes) => {
      end += bytes.length;
      return end;
    }),
  };
}

function nativeFrame({ pixels, ...frame }: EventFrame): NativeFrame {
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return { ...frame, bytesPerValue: pixels.BYTES_PER_ELEMENT, pixels: bytes };
}
