/** Decodes floating-point numbers of 16 bits. */

/** The value of an IEEE 754 binary16 number, given its bits. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const bits = new Uint32Array(1);
const single = new Float32Array(bits.buffer);

/** The value of a bfloat16 number, given its bits, which are the upper half of a binary32 number. */
export function fromBfloat16(upper: number): number {
  bits[0] = upper << 16;
  return single[0]!;
}
