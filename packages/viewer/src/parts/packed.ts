/** Typed arrays in one answer, as `pack` of `src-ts/view/kinds/packed.ts` writes them. */

const types = { Float64Array, Float32Array, Int32Array, Uint32Array, Uint16Array, Uint8Array };

export type PackedArray = InstanceType<(typeof types)[keyof typeof types]>;

export interface Unpacked<M = unknown> {
  /** What belongs to the arrays. */
  readonly meta: M;
  readonly arrays: Readonly<Record<string, PackedArray>>;
}

/** @throws Error if the bytes are not as many as their header says */
export function unpack<M = unknown>(bytes: ArrayBuffer): Unpacked<M> {
  const length = new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))) as {
    meta: M;
    bytes: number;
    arrays: { name: string; type: keyof typeof types; offset: number; length: number }[];
  };
  if (header.bytes !== bytes.byteLength)
    throw new Error(`the answer has ${bytes.byteLength} bytes; expected ${header.bytes}`);
  const arrays = header.arrays.map(({ name, type, offset, length: count }) => [
    name,
    new types[type](bytes, offset, count),
  ]);
  return { meta: header.meta, arrays: Object.fromEntries(arrays) };
}
