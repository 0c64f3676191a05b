/**
 * Fields of a protobuf message, each length checked against what the file holds.
 * Source: protobuf.dev, "Encoding".
 */
import { malformed } from './errors.ts';

/** One field: a number, or the part of the file that its bytes are. */
export type Field = {
  readonly number: number;
  /** First byte of the field in the file. */
  readonly at: number;
} & (
  | { readonly kind: 'varint'; readonly value: bigint }
  | { readonly kind: 'fixed32' | 'fixed64' | 'bytes'; readonly part: Part }
);

/** A part of the file. */
export class Part {
  readonly #file: Buffer;
  /** First byte, and the one behind the last. */
  readonly start: number;
  readonly end: number;

  constructor(file: Buffer, start = 0, end = file.length) {
    this.#file = file;
    this.start = start;
    this.end = end;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** A copy of the bytes, at the beginning of memory of its own. */
  copy(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#file.subarray(this.start, this.end));
  }

  text(): string {
    return this.#file.toString('utf8', this.start, this.end);
  }

  float(at: number): number {
    return this.#file.readFloatLE(this.start + at);
  }

  double(at: number): number {
    return this.#file.readDoubleLE(this.start + at);
  }

  /** The fields of a message. @throws LapicqueError `malformed-file` */
  *fields(): Generator<Field> {
    const cursor = { at: this.start };
    while (cursor.at < this.end) {
      const { at } = cursor;
      const tag = Number(this.#varint(cursor));
      const [number, wire] = [Math.floor(tag / 8), tag % 8];
      if (number === 0 || number > 0x1fffffff) throw malformed(at, `field ${number} is not a protobuf field`);
      if (wire === 0) {
        yield { number, at, kind: 'varint', value: this.#varint(cursor) };
        continue;
      }
      if (wire !== 1 && wire !== 2 && wire !== 5)
        throw malformed(at, `wire type ${wire} is not one of protobuf's`);
      const length = wire === 2 ? Number(this.#varint(cursor)) : wire === 1 ? 8 : 4;
      if (length > this.end - cursor.at)
        throw malformed(at, `field ${number} has ${length} bytes, and ${this.end - cursor.at} are left`);
      const part = new Part(this.#file, cursor.at, cursor.at + length);
      cursor.at += length;
      yield { number, at, kind: wire === 2 ? 'bytes' : wire === 1 ? 'fixed64' : 'fixed32', part };
    }
  }

  /** Whole numbers one behind the other, as a packed field has them. */
  *varints(): Generator<bigint> {
    const cursor = { at: this.start };
    while (cursor.at < this.end) yield this.#varint(cursor);
  }

  /** 7 bits a byte, the least significant first; the last byte is below 128. */
  #varint(cursor: { at: number }): bigint {
    const { at } = cursor;
    let low = 0;
    for (let i = 0; i < 4; i++) {
      const byte = this.#byte(cursor, at);
      low += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return BigInt(low);
    }
    let value = BigInt(low);
    for (let i = 4; i < 10; i++) {
      const byte = this.#byte(cursor, at);
      value |= BigInt(byte & 127) << BigInt(7 * i);
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw malformed(at, 'a number has more than 10 bytes');
  }

  #byte(cursor: { at: number }, began: number): number {
    if (cursor.at >= this.end) throw malformed(began, 'a number ends early');
    return this.#file[cursor.at++]!;
  }
}
