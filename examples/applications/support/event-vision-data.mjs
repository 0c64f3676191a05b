// Digits before a simulated event camera: real 8 × 8 images, enlarged, moved by three saccades. The definition is that of the yardstick's generate.py.
import { readTensors } from 'lapicque/files';
import { Random } from './random.mjs';

export const side = 28;
/** Milliseconds of a presentation, three saccades of 100 ms. */
export const duration = 300;
const stepMs = 2;
const threshold = 0.35; // of the logarithm of intensity
const noise = 0.5; // events per second and pixel
const corners = [
  [0, 0],
  [2, 4],
  [4, 0],
  [0, 0],
];

/** The digits `{ images, label, train, test }`; `train` and `test` are numbers of images. */
export async function readDigits() {
  const { tensors } = await readTensors(new URL('../data/event-vision/digits.npz', import.meta.url));
  return Object.fromEntries([...tensors].map(([name, { data }]) => [name, data]));
}

/** Intensities of a canvas of 36 × 36 pixels with the image, enlarged bilinearly to 20 × 20, in its middle. */
function canvasOf(image) {
  const canvas = new Float64Array(36 * 36);
  for (let y = 0; y < 20; y++)
    for (let x = 0; x < 20; x++) {
      const [v, u] = [(y * 7) / 19, (x * 7) / 19];
      const [j, i] = [Math.min(6, Math.floor(v)), Math.min(6, Math.floor(u))];
      const at = (dj, di) => image[(j + dj) * 8 + i + di] / 16;
      const [fv, fu] = [v - j, u - i];
      canvas[(y + 8) * 36 + x + 8] =
        (1 - fv) * ((1 - fu) * at(0, 0) + fu * at(0, 1)) + fv * ((1 - fu) * at(1, 0) + fu * at(1, 1));
    }
  return canvas;
}

/** Events of one presentation, `{ t, x, y, p }` in order of time (ms). */
export function presentation(image, seed) {
  const canvas = canvasOf(image);
  const list = [];
  const reference = new Float64Array(side * side);
  for (let k = 0; k < duration / stepMs; k++) {
    const [a, b] = [corners[Math.floor(k / 50)], corners[Math.floor(k / 50) + 1]];
    const share = Math.min(1, ((k % 50) * stepMs) / 80);
    const [py, px] = [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
    const [iy, ix] = [Math.floor(py), Math.floor(px)];
    const [fy, fx] = [py - iy, px - ix];
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const at = (2 + iy + y) * 36 + 2 + ix + x;
        const light =
          (1 - fy) * ((1 - fx) * canvas[at] + fx * canvas[at + 1]) +
          fy * ((1 - fx) * canvas[at + 36] + fx * canvas[at + 37]);
        const value = Math.log(light + 0.1);
        const pixel = y * side + x;
        if (k === 0) reference[pixel] = value;
        const crossed = Math.trunc((value - reference[pixel]) / threshold);
        reference[pixel] += crossed * threshold;
        for (let n = 0; n < Math.abs(crossed); n++) list.push([k * stepMs, x, y, crossed > 0 ? 1 : 0]);
      }
  }
  const random = new Random(seed);
  const extra = random.poisson((noise * side * side * duration) / 1000);
  for (let n = 0; n < extra; n++)
    list.push([
      stepMs * random.integer(0, duration / stepMs),
      random.integer(0, side),
      random.integer(0, side),
      random.integer(0, 2),
    ]);
  list.sort((one, other) => one[0] - other[0]);
  return Object.fromEntries(['t', 'x', 'y', 'p'].map((name, i) => [name, list.map((event) => event[i])]));
}
