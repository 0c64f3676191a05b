// Figures that the program of a page itself makes: its blocks run as far as the figure, which is drawn here instead of saved.
import { readFileSync } from 'node:fs';
import { wholeLibrary } from '../../scripts/package/doors.mjs';
import { inline } from './inline.mjs';

const library = new Map(Object.entries(await wholeLibrary()));
const AsyncFunction = (async () => {}).constructor;

/** The figure that `name` holds at the end of some blocks of a page, counted from 0. */
async function figureOf(path, blocks, name) {
  const codes = [...readFileSync(path, 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
  const code = blocks
    .map((block) => codes[block])
    .join('\n')
    .replaceAll(/^import .* from 'lapicque(?:\/\w+)?';$/gm, '')
    .replaceAll(/^await \w+\.save\(.*$/gm, '')
    .replaceAll(/^console\..*$/gm, '');
  const names = [...library.keys()].filter((key) => RegExp(`\\b${key}\\b`).test(code));
  return AsyncFunction(...names, `${code}\nreturn ${name};`)(...names.map((key) => library.get(key)));
}

/** The HTML of each figure by its name. */
export async function programFigures() {
  const made = await figureOf('docs/tutorials/own-neuron.md', [0, 2], 'traces');
  return new Map([
    [
      'start/own-neuron',
      await inline(made, { caption: 'The potential v and the adaptation w of one neuron.' }),
    ],
  ]);
}
