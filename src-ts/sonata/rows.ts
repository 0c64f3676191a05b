/** Tables of SONATA in text: columns parted by spaces, their names in the first line. Parsed by d3-dsv. */
import type { DSVRowArray } from 'd3-dsv';
import { readText } from './config.ts';

export async function readRows(path: string): Promise<DSVRowArray> {
  const text = await readText(path);
  const { dsvFormat } = await import('d3-dsv');
  return dsvFormat(' ').parse(text);
}
