// The picture of README and of the home page: the network of README's program, trained, classifies a held-out digit.
//   node website/pictures/digit.mjs     writes docs/images/digit.png
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { wholeLibrary } from '../../scripts/package/doors.mjs';
import { loadSource } from '../../scripts/package/load-source.mjs';

const AsyncFunction = (async () => {}).constructor;
const steps = 20;

/** README's program. */
export function readmeProgram() {
  return /```js\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))[1];
}

/** The model and the held-out digits at the end of README's program. */
async function trained() {
  const library = await wholeLibrary();
  const code = readmeProgram()
    .replaceAll(/^import .*;$/gm, '')
    .replaceAll(/^console\..*$/gm, '')
    .replaceAll(/^ *onProgress: .*$/gm, '');
  return AsyncFunction(
    ...Object.keys(library),
    `${code}\nreturn { model, test };`,
  )(...Object.values(library));
}

/** The digit's image and its spikes. */
export async function digitFigure() {
  const { model, test } = await trained();
  const at = firstInside(test);
  const x = test.x.slice(at * 784, (at + 1) * 784);
  const { recordings } = await model.run(
    { x, shape: [1, 784] },
    { steps, record: ['lif1.spikes', 'lif2.spikes'] },
  );
  const [predicted] = await model.predict({ x, shape: [1, 784] }, { steps });
  const { sampleFigure } = await loadSource('src-ts/report/raster.ts');
  const labels = Array.from({ length: 10 }, (_, digit) => `${digit}`);
  const made = await sampleFigure(
    {
      dt: 1,
      steps,
      image: { width: 28, height: 28, pixels: x },
      label: labels[test.y[at]],
      predicted: labels[predicted],
      layers: [
        { name: 'Hidden', neurons: 256, spikes: recordings['lif1.spikes'] },
        { name: 'Output', neurons: 10, spikes: recordings['lif2.spikes'], labels },
      ],
    },
    {},
  );
  model.dispose();
  return made;
}

/** The first digit whose image has two free pixels at every edge: some of MNIST's are cut. */
function firstInside({ x, y }) {
  const isAtEdge = (pixel) => [pixel % 28, Math.floor(pixel / 28)].some((place) => place < 2 || place > 25);
  return y.findIndex((_, i) =>
    x.subarray(i * 784, (i + 1) * 784).every((value, pixel) => value === 0 || !isAtEdge(pixel)),
  );
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await (await digitFigure()).with({ width: 860 }).save('docs/images/digit.png');
