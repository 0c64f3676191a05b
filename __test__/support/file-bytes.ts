/** Files made by hand, byte by byte, as nobody's writer would make them. */
import { crc32 } from 'node:zlib';

const u16 = (value: number) => Buffer.from(Uint16Array.of(value).buffer);
const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number | bigint) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);

/** A safetensors file with this header. */
export function safetensors(
  header: string,
  data: Uint8Array = Buffer.alloc(0),
  length?: number | bigint,
): Buffer {
  return Buffer.concat([u64(length ?? Buffer.byteLength(header)), Buffer.from(header), data]);
}

/** A file of numpy's with this dictionary. */
export function npy(dictionary: string, data: Uint8Array = Buffer.alloc(0), version = 1): Buffer {
  const length = version === 1 ? u16(Buffer.byteLength(dictionary)) : u32(Buffer.byteLength(dictionary));
  return Buffer.concat([
    Buffer.from(`\x93NUMPY`, 'latin1'),
    Buffer.of(version, 0),
    length,
    Buffer.from(dictionary),
    data,
  ]);
}

/** One array of bytes, all zero, as numpy writes it. */
export function zeros(count: number): Buffer {
  return npy(`{'descr': '|u1', 'fortran_order': False, 'shape': (${count},), }`, Buffer.alloc(count));
}

export interface Member {
  name: string;
  /** As it stands in the archive. */
  packed: Uint8Array;
  /** What the archive says of it. */
  size: number;
  crc?: number;
  method?: 0 | 8;
}

/** A zip archive of these members. */
export function zip(members: readonly Member[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, packed, size, crc = 0, method = 8 } of members) {
    const fields = Buffer.concat([
      u16(20),
      u16(0),
      u16(method),
      u16(0),
      u16(0x21),
      u32(crc),
      u32(packed.length),
    ]);
    const rest = Buffer.concat([u32(size), u16(Buffer.byteLength(name)), u16(0)]);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, rest, Buffer.from(name), packed]);
    const entry = [
      Buffer.from('PK\x01\x02'),
      u16(20),
      fields,
      rest,
      u16(0),
      u16(0),
      u16(0),
      u32(0),
      u32(offset),
    ];
    directory.push(Buffer.concat([...entry, Buffer.from(name)]));
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = [
    u16(0),
    u16(0),
    u16(members.length),
    u16(members.length),
    u32(central.length),
    u32(offset),
    u16(0),
  ];
  return Buffer.concat([...files, central, Buffer.from('PK\x05\x06'), ...end]);
}

/** The checksum of an archive. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes);
}

/** An IDX file of this element type and shape. */
export function idx(type: number, shape: readonly number[], data: Uint8Array): Buffer {
  const sizes = shape.map((size) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(size);
    return bytes;
  });
  return Buffer.concat([Buffer.of(0, 0, type, shape.length), ...sizes, data]);
}

/** Bytes with some of them changed, removed or doubled, or a size made huge, as `next` draws it. */
export function mutated(bytes: Uint8Array, next: () => number, header = bytes.length): Buffer {
  let damaged = Buffer.from(bytes);
  const count = 1 + Math.floor(4 * next());
  for (let i = 0; i < count && damaged.length > 0; i++) {
    const at = Math.floor(next() * Math.min(header, damaged.length));
    const value = Math.floor(256 * next());
    const kind = Math.floor(6 * next());
    if (kind === 0) damaged[at] = value;
    else if (kind === 1) damaged[at]! ^= 1 << (value & 7);
    else if (kind === 2)
      damaged = Buffer.concat([damaged.subarray(0, at), damaged.subarray(at + 1 + (value & 15))]);
    else if (kind === 3)
      damaged = Buffer.concat([damaged.subarray(0, at), Buffer.of(value), damaged.subarray(at)]);
    else if (kind === 4)
      damaged.fill(value & 1 ? 255 : 0, at, Math.min(damaged.length, at + 1 + (value & 7)));
    // A digit of a size in text.
    else {
      const digit = damaged.indexOf(48 + (value % 10), at);
      if (digit >= 0)
        damaged = Buffer.concat([
          damaged.subarray(0, digit + 1),
          Buffer.from('9'.repeat(1 + (value & 15))),
          damaged.subarray(digit + 1),
        ]);
    }
  }
  return damaged;
}
