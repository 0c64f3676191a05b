// Butterworth filters of second-order sections, for generators (both directions, no phase) and for front ends that stream (causal).

/**
 * The sections of a Butterworth filter by the bilinear transform.
 *
 * @param order - of the low-pass prototype; a band has twice as many poles
 * @param edges - `{ low?, high? }` in Hz: a high-pass from `low`, a low-pass to `high`, or a band
 * @param rate - samples per second
 * @returns sections `[b0, b1, b2, a1, a2]`
 */
export function butterworth(order, { low, high }, rate) {
  const warp = (f) => 2 * rate * Math.tan((Math.PI * f) / rate);
  const sections = [];
  for (let k = 0; k < order / 2; k++) {
    const angle = (Math.PI * (2 * k + 1)) / (2 * order) + Math.PI / 2;
    const prototype = [Math.cos(angle), Math.sin(angle)];
    if (2 * k + 1 === order) throw new TypeError('butterworth: the order must be even');
    if (low !== undefined && high !== undefined) {
      const width = warp(high) - warp(low);
      const center = warp(high) * warp(low);
      const half = prototype.map((x) => (x * width) / 2);
      const root = squareRoot(half[0] ** 2 - half[1] ** 2 - center, 2 * half[0] * half[1]);
      for (const sign of [1, -1])
        sections.push(section([half[0] + sign * root[0], half[1] + sign * root[1]], [1, 0, -1], rate));
    } else if (high !== undefined)
      sections.push(
        section(
          prototype.map((x) => x * warp(high)),
          [1, 2, 1],
          rate,
        ),
      );
    else sections.push(section([prototype[0] * warp(low), -prototype[1] * warp(low)], [1, -2, 1], rate));
  }
  const peak =
    low !== undefined && high !== undefined
      ? 2 * Math.atan(Math.sqrt(warp(low) * warp(high)) / (2 * rate))
      : high !== undefined
        ? 0
        : Math.PI;
  const gain = sections.reduce((product, s) => product * magnitude(s, peak), 1);
  const share = gain ** (-1 / sections.length);
  return sections.map(([b0, b1, b2, a1, a2]) => [b0 * share, b1 * share, b2 * share, a1, a2]);
}

/** A section with a conjugate pair of poles, given in the analog plane. */
function section([re, im], numerator, rate) {
  const c = 2 * rate;
  const size = (c - re) ** 2 + im ** 2;
  const z = [((c + re) * (c - re) - im * im) / size, ((c - re) * im + (c + re) * im) / size];
  return [...numerator, -2 * z[0], z[0] ** 2 + z[1] ** 2];
}

function squareRoot(re, im) {
  const radius = Math.sqrt(Math.hypot(re, im));
  const angle = Math.atan2(im, re) / 2;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

function magnitude([b0, b1, b2, a1, a2], w) {
  const at = (p, q, r) =>
    Math.hypot(p + q * Math.cos(w) + r * Math.cos(2 * w), q * Math.sin(w) + r * Math.sin(2 * w));
  return at(b0, b1, b2) / at(1, a1, a2);
}

/** A causal filter: a function from a sample to a filtered sample, which keeps its state. */
export function streamFilter(sections) {
  const state = sections.map(() => [0, 0]);
  return (sample) =>
    sections.reduce((x, [b0, b1, b2, a1, a2], i) => {
      const s = state[i];
      const y = b0 * x + s[0];
      s[0] = b1 * x - a1 * y + s[1];
      s[1] = b2 * x - a2 * y;
      return y;
    }, sample);
}

/** A signal filtered forward and backward, so without phase. The ends are extended by reflection through their samples. */
export function filterBothWays(sections, signal) {
  const pad = Math.min(signal.length - 1, 2000);
  const last = signal.length - 1;
  let x = new Float64Array(signal.length + 2 * pad);
  for (let i = 0; i < x.length; i++) {
    const at = i - pad;
    x[i] =
      at < 0
        ? 2 * signal[0] - signal[-at]
        : at > last
          ? 2 * signal[last] - signal[2 * last - at]
          : signal[at];
  }
  for (let pass = 0; pass < 2; pass++) {
    const step = streamFilter(sections);
    x = x.map(step).reverse();
  }
  return x.slice(pad, pad + signal.length);
}

/** Standard deviation. */
export function deviation(signal) {
  let mean = 0;
  for (const x of signal) mean += x / signal.length;
  let squares = 0;
  for (const x of signal) squares += (x - mean) ** 2 / signal.length;
  return Math.sqrt(squares);
}
