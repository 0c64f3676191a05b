/** Sorting of millions of spikes: without a call for each comparison, and with yields to the event loop. */
import type { Yielder } from '../engine/yielder.ts';

/** 0, 1, 2 … */
export function unordered(count: number): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return order;
}

/**
 * Sorts an order by what it leads to; what is equal stays in its order.
 *
 * @param keys - finite numbers, by what the order has
 */
export async function sortedBy(
  order: Uint32Array<ArrayBuffer>,
  keys: Float64Array,
  yielder: Yielder,
): Promise<Uint32Array<ArrayBuffer>> {
  let isSorted = true;
  await yielder.each(order.length, (i) => {
    if (i > 0 && keys[order[i]!]! < keys[order[i - 1]!]!) isSorted = false;
  });
  if (isSorted) return order;
  const values = keys.slice().sort();
  let distinct = 0;
  await yielder.each(values.length, (i) => {
    if (i === 0 || values[i] !== values[distinct - 1]) values[distinct++] = values[i]!;
  });
  const rank = (key: number) => {
    let [low, high] = [0, distinct - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (values[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const ranks = await yielder.filled(new Uint32Array(keys.length), (i) => rank(keys[i]!));
  const next = new Uint32Array(distinct + 1);
  await yielder.each(order.length, (i) => {
    next[ranks[order[i]!]! + 1]! += 1;
  });
  for (let i = 0; i < distinct; i++) next[i + 1]! += next[i]!;
  const sorted = new Uint32Array(order.length);
  await yielder.each(order.length, (i) => {
    sorted[next[ranks[order[i]!]!]!++] = order[i]!;
  });
  return sorted;
}
