/**
 * The order of the samples in an epoch, and other random numbers by seed.
 *
 * The generator is xoroshiro128+ of `pure-rand`: small, maintained, also used by fast-check, and with a fixed sequence
 * that does not depend on the JavaScript engine. It is bundled, so that an update of the dependency cannot change a
 * user's order.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { skipN } from 'pure-rand/utils/skipN';

/**
 * A permutation of `0 … length - 1` that depends only on the arguments (Fisher–Yates).
 *
 * @param length - number of samples
 * @param seed - integer from 0 to 2^53 - 1
 * @param epoch - integer from 0 to 2^32 - 1; each epoch has its own order
 */
export function shuffledOrder(length: number, seed: number, epoch: number): Uint32Array {
  const shuffling = shuffle(length, seed, epoch);
  for (;;) {
    const { done, value } = shuffling.next();
    if (done) return value;
  }
}

/** As {@link shuffledOrder}, but yields to the event loop if it is long. */
export async function shuffledYielding(length: number, seed: number, epoch: number): Promise<Uint32Array> {
  const shuffling = shuffle(length, seed, epoch);
  for (;;) {
    const { done, value } = shuffling.next();
    if (done) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Exchanges between two yields: some milliseconds. */
const exchangesPerCheck = 1 << 14;

function* shuffle(length: number, seed: number, epoch: number): Generator<void, Uint32Array> {
  const rng = generator(seed, epoch);
  const order = inOrder(0, length);
  for (let i = length - 1; i > 0; i--) {
    const j = uniformInt(rng, 0, i);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
    if (i % exchangesPerCheck === 0) yield;
  }
  return order;
}

/** A generator of 32-bit fractions in [0, 1) that depends only on the seed. */
export function sequence(seed: number): () => number {
  const rng = generator(seed, 0);
  return () => (rng.next() >>> 0) / 2 ** 32;
}

function generator(seed: number, epoch: number): RandomGenerator {
  // The odd constant (golden ratio) avoids the all-zero state, from which the generator cannot leave.
  const rng = xoroshiro128plusFromState([
    seed | 0,
    Math.floor(seed / 2 ** 32) | 0,
    epoch | 0,
    0x9e3779b9 | 0,
  ]);
  // A state with few set bits needs some steps until every output bit depends on every input bit.
  skipN(rng, 64);
  return rng;
}

/** `from … to - 1`. */
export function inOrder(from: number, to: number): Uint32Array {
  const order = new Uint32Array(to - from);
  for (let i = 0; i < order.length; i++) order[i] = from + i;
  return order;
}
