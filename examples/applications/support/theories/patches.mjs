// Patches that resemble those of photographs: dead leaves (disks that hide each other, whose power falls with the square of the frequency; Lee, Mumford,
// Huang 2001), whitened by a difference of Gaussians as a retina does.

export const side = 12;
export const pixels = side * side;
const image = 128;

/** Disks with radii from 2 to 64 pixels whose density falls with the cube of the radius. */
function deadLeaves(random) {
  const gray = new Float64Array(image * image);
  for (let disk = 0; disk < 4000; disk++) {
    const u = random.uniform();
    const r = 1 / Math.sqrt((1 - u) / 2 ** 2 + u / 64 ** 2);
    const [x, y, shade] = [random.uniform(-r, image + r), random.uniform(-r, image + r), random.uniform()];
    const within = (place) => Math.max(0, Math.min(image, Math.ceil(place)));
    for (let row = within(y - r); row < within(y + r); row++) {
      const half = Math.sqrt(r * r - (row - y) ** 2);
      gray.fill(shade, row * image + within(x - half), row * image + within(x + half));
    }
  }
  return gray;
}

function blurred(gray, sigma) {
  const radius = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, k) =>
    Math.exp(-((k - radius) ** 2) / (2 * sigma * sigma)),
  );
  const total = kernel.reduce((sum, x) => sum + x, 0);
  const inside = (place) => Math.max(0, Math.min(image - 1, place));
  const along = (values, at) =>
    values.map((_, i) => {
      const [column, row] = [i % image, Math.floor(i / image)];
      const sum = kernel.reduce((so, weight, k) => so + weight * values[at(column, row, k - radius)], 0);
      return sum / total;
    });
  const rows = along(gray, (column, row, k) => row * image + inside(column + k));
  return along(rows, (column, row, k) => inside(row + k) * image + column);
}

/** Patches of mean 0 with some contrast, 300 of each image at most. */
export function patchesOf(random, count) {
  const patches = [];
  while (patches.length < count) {
    const gray = deadLeaves(random);
    const [center, surround] = [blurred(gray, 0.8), blurred(gray, 1.6)];
    const white = center.map((value, i) => value - surround[i]);
    for (let k = 0; k < 300 && patches.length < count; k++) {
      const [x, y] = [random.integer(8, image - side - 8), random.integer(8, image - side - 8)];
      const patch = Array.from(
        { length: pixels },
        (_, i) => white[(y + Math.floor(i / side)) * image + x + (i % side)],
      );
      const mean = patch.reduce((sum, value) => sum + value, 0) / pixels;
      const even = patch.map((value) => value - mean);
      const power = even.reduce((sum, value) => sum + value * value, 0) / pixels;
      if (power > 0.03 ** 2) patches.push(even);
    }
  }
  return patches;
}

/** Power of a field's answer to each grating of the Fourier basis, with the grating's angle from 0 to below π. */
function answersOf(field) {
  const answers = [];
  for (let ky = 0; ky < side / 2; ky++)
    for (let kx = ky === 0 ? 1 : -side / 2 + 1; kx < side / 2; kx++) {
      let [re, im] = [0, 0];
      field.forEach((value, i) => {
        const phase = (2 * Math.PI * (kx * (i % side) + ky * Math.floor(i / side))) / side;
        re += value * Math.cos(phase);
        im += value * Math.sin(phase);
      });
      answers.push({ angle: Math.atan2(ky, kx), power: re * re + im * im });
    }
  return answers;
}

/**
 * Of a field's answers to gratings: `selectivity`, 1 − their entropy over eight orientations (1 for one orientation, 0 if all are answered alike), and
 * `orientation`, the length of the mean of their doubled angles as vectors (1 for one orientation).
 */
export function tuningOf(field) {
  const answers = answersOf(field);
  const all = answers.reduce((sum, { power }) => sum + power, 0);
  if (all < 1e-9) return { selectivity: 0, orientation: 0 }; // an empty field answers nothing
  const shares = new Array(8).fill(0);
  let [x, y] = [0, 0];
  for (const { angle, power } of answers) {
    shares[Math.floor((8 * angle) / Math.PI + 0.5) % 8] += power / all;
    x += (power / all) * Math.cos(2 * angle);
    y += (power / all) * Math.sin(2 * angle);
  }
  const entropy = shares.reduce((sum, p) => (p === 0 ? sum : sum - p * Math.log(p)), 0);
  return { selectivity: 1 - entropy / Math.log(8), orientation: Math.sqrt(x * x + y * y) };
}
