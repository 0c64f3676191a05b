// Noise with a given spectrum, by the inverse Fourier transform.
import { deviation } from './filters.mjs';

/** In-place inverse transform of a power-of-two length, without the factor 1/n. */
function inverse(re, im) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const [c, s] = [Math.cos((2 * Math.PI * k) / size), Math.sin((2 * Math.PI * k) / size)];
      for (let start = k; start < n; start += size) {
        const other = start + half;
        const [x, y] = [re[other] * c - im[other] * s, re[other] * s + im[other] * c];
        re[other] = re[start] - x;
        im[other] = im[start] - y;
        re[start] += x;
        im[start] += y;
      }
    }
  }
}

/**
 * Gaussian noise of standard deviation 1.
 *
 * @param amplitude - the amplitude at a frequency in Hz
 */
export function colored(random, samples, rate, amplitude) {
  let n = 2;
  while (n < samples) n *= 2;
  const [re, im] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 1; k < n / 2; k++) {
    const size = amplitude((k * rate) / n);
    if (size < 1e-12) continue;
    re[k] = size * random.normal();
    im[k] = size * random.normal();
  }
  inverse(re, im);
  const cut = re.subarray(0, samples);
  const scale = 1 / deviation(cut);
  return cut.map((x) => x * scale);
}
