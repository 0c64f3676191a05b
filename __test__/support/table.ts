/** Calls that must be refused, and values to refuse. */
import test from 'ava';
import { outcome } from './errors.ts';

/** A test for each call: what it must say, `code: message`. */
export function table(title: string, rows: Record<string, [() => unknown, string | RegExp]>): void {
  for (const [name, [call, expected]] of Object.entries(rows)) {
    test(`${title}: ${name}`, async (t) => {
      const message = await outcome(call);
      if (typeof expected === 'string') t.is(message, expected);
      else t.regex(message, expected);
    });
  }
}

/** What the types forbid. */
export const any = (value: unknown) => value as never;

export const values = (length: number) => new Float32Array(length);

/** An array whose memory has been transferred away. */
export const detached = <T extends ArrayBufferView>(array: T): T => {
  structuredClone(array, { transfer: [array.buffer as ArrayBuffer] });
  return array;
};

/** Zeros, and one value that is no number. */
export const nan = (at: number, value: number, length: number) => {
  const bad = values(length);
  bad[at] = value;
  return bad;
};
