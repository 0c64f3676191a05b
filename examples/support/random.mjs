/** Uniform numbers from 0 to 1 (a linear congruential generator, good enough for toy data). */
export function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
