import test from 'ava';
import { runApplication, supportModule } from '../support/application-program.js';

test('neurons that travel with their target follow satellites', async (t) => {
  const { figures } = await runApplication('satellite');
  // 3 fields; the classical method has 0.817, 0.523 and 0.57 pixels.
  t.true(figures['standard, F1']!.mean > 0.78);
  t.true(figures['standard, precision']!.mean > 0.7);
  t.true(figures['standard, centroid error']!.mean < 0.7);
});

interface Recording {
  readonly t: Float64Array;
  readonly x: Int16Array;
  readonly y: Int16Array;
  readonly on: Uint8Array;
  readonly labels: readonly (readonly [number, number][])[];
}

// Of baseline.recording(s) of the fixture, s from 100 to 123: events, share that gets brighter, pixels with more than 100 events, share of pixels
// without any event; mean, and deviation over the recordings.
test('the generator has the statistics of the fixture', async (t) => {
  const { starField } = await supportModule('satellite-data');
  const count = 24;
  const sums = [0, 0, 0, 0];
  for (let seed = 0; seed < count; seed++) {
    const { t: times, x, y, on } = starField!(seed) as Recording;
    const pixels = new Int32Array(128 * 128);
    times.forEach((_, i) => {
      pixels[y[i]! * 128 + x[i]!]! += 1;
    });
    const values = [
      times.length,
      on.reduce((total, one) => total + one, 0) / times.length,
      pixels.filter((n) => n > 100).length,
      pixels.filter((n) => n === 0).length / pixels.length,
    ];
    values.forEach((value, i) => {
      sums[i]! += value / count;
    });
  }
  [
    [23267, 599],
    [0.5496, 0.0025],
    [12, 0.2],
    [0.2852, 0.0061],
  ].forEach(([expected, deviation], i) => {
    const margin = 5 * deviation! * Math.sqrt(2 / count);
    t.true(Math.abs(sums[i]! - expected!) < margin, `${i}: ${sums[i]} and ${expected}`);
  });
});

test('events of a lone satellite lie around its labels, brighter ones ahead', async (t) => {
  const { starField } = await supportModule('satellite-data');
  // Brightness 200: nearly all events near a label come from the satellite.
  let [ahead, n, checked] = [0, 0, 0];
  for (let seed = 0; seed < 12; seed++) {
    const { t: times, x, y, on, labels } = starField!(seed, { noise: 0, faint: 40 }) as Recording;
    if (labels.some((centers) => centers.length > 1) || labels[30]!.length === 0) continue;
    const v = [0, 1].map((axis) => (labels[31]![0]![axis]! - labels[30]![0]![axis]!) / 0.1);
    const speed = Math.hypot(v[0]!, v[1]!);
    checked += 1;
    times.forEach((time, i) => {
      const dx = x[i]! + 0.5 - labels[30]![0]![0] - (time - 3.05) * v[0]!;
      const dy = y[i]! + 0.5 - labels[30]![0]![1] - (time - 3.05) * v[1]!;
      if (Math.hypot(dx, dy) > 4) return;
      ahead += ((on[i]! > 0 ? 1 : -1) * (dx * v[0]! + dy * v[1]!)) / speed;
      n += 1;
    });
  }
  t.true(checked > 1);
  t.true(Math.abs(ahead / n - 0.7) < 0.05, `${ahead / n}`);
});
