// The Mackey–Glass equation dx/dt = 0.2 x(t - τ) / (1 + x(t - τ)^10) - 0.1 x as NeuroBench defines its task: constant past, 75 points per Lyapunov time.

/** Lyapunov times, in units of t. Of τ = 17 NeuroBench's value; the others are estimates of the fixture, by the tangent equation. */
export const lyapunovTimes = {
  17: 197,
  18: 146.04028215052057,
  20: 125.01329635305811,
  23: 100.75697391206188,
  25: 108.32798334993348,
  28: 124.31175680889515,
  30: 162.1788905275087,
};

const past = 0.7206597;
const slope = (x, delayed) => (0.2 * delayed) / (1 + delayed ** 10) - 0.1 * x;

/** The series of a delay: 36 Lyapunov times by default, by Runge–Kutta of order 4 with a step of 0.1. */
export function mackeyGlass(tau, lyapunovTimesLong = 36) {
  const h = 0.1;
  const delay = Math.round(tau / h);
  const period = lyapunovTimes[tau];
  const count = Math.floor((period * (lyapunovTimesLong + 1)) / h) + 2;
  const x = new Float64Array(count + delay).fill(past);
  const slopes = new Float64Array(count + delay);
  for (let i = delay; i + 1 < x.length; i++) {
    const [a, b] = [x[i - delay], x[i - delay + 1]];
    // The delayed value half a step later: a cubic through two values and their slopes.
    const middle = (a + b) / 2 + (i >= 2 * delay ? (h * (slopes[i - delay] - slopes[i - delay + 1])) / 8 : 0);
    const k1 = slope(x[i], a);
    const k2 = slope(x[i] + (h / 2) * k1, middle);
    const k3 = slope(x[i] + (h / 2) * k2, middle);
    const k4 = slope(x[i] + h * k3, b);
    slopes[i] = k1;
    x[i + 1] = x[i] + (h / 6) * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return Float64Array.from({ length: 75 * lyapunovTimesLong }, (_, i) => {
    const at = (i * period) / 75 / h;
    const before = Math.floor(at);
    return x[delay + before] + (at - before) * (x[delay + before + 1] - x[delay + before]);
  });
}

/** Symmetric mean absolute percentage error: 0 to 200. */
export function smape(predicted, truth) {
  let sum = 0;
  predicted.forEach((p, i) => {
    sum += Math.abs(p - truth[i]) / (Math.abs(p) + Math.abs(truth[i]));
  });
  const value = (200 * sum) / predicted.length;
  return Number.isNaN(value) ? 200 : value;
}
