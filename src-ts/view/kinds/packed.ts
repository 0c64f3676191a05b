/** Typed arrays in one answer of the server; the page's `packed.ts` reads them. */

type PackedArray = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** Each array begins at a multiple of this, so that the page can use it in place. */
const alignment = 8;

const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

/**
 * Bytes of a header (length as u32, then JSON) and the arrays behind it, all little-endian.
 *
 * @param meta - plain data that belong to the arrays
 */
export function pack(arrays: Readonly<Record<string, PackedArray>>, meta: unknown = null): Uint8Array {
  const names = Object.entries(arrays);
  const header = (offset: number, bytes: number) => {
    let at = offset;
    const described = names.map(([name, array]) => {
      const one = { name, type: array.constructor.name, offset: at, length: array.length };
      at += aligned(array.byteLength);
      return one;
    });
    return Buffer.from(JSON.stringify({ meta, bytes, arrays: described }));
  };
  const content = names.reduce((sum, [, array]) => sum + aligned(array.byteLength), 0);
  // The offsets are part of the header, whose length they depend on: it is filled up with spaces.
  const start = aligned(4 + header(1e15, 1e15).length);
  const total = start + content;
  const text = header(start, total);
  const packed = Buffer.alloc(total);
  packed.fill(' ', 4, start);
  packed.writeUInt32LE(start - 4, 0);
  text.copy(packed, 4);
  let at = start;
  for (const [, array] of names) {
    packed.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += aligned(array.byteLength);
  }
  return packed;
}
