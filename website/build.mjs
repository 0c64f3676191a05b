// `npm run site` builds the documentation into site/ in about 15 seconds. `--output FOLDER` is another folder. Pictures of examples come from build/;
// `npm run site -- --examples` first runs the examples whose picture is not there yet, which takes about 20 minutes.
//
// Eleventy joins the pages that pages.mjs makes: the Markdown of the repository as it is (the order is in navigation.mjs; a new page appears by itself); a page for
// each section of the references of models, layers and synapses, with equations typeset (equations/) and a picture made by running the model (pictures/: a new neuron
// needs a line in neurons.mjs that says which input makes it fire, a new synapse a picture in synapses.mjs; the build says so); the API by topic, from the declarations
// (topics.mjs says which room of src-ts is on which page); the examples.
//
// A comment `<!-- figure: name -->` in a page is a figure of pictures/paper.mjs, and nothing on GitHub. A block of Python directly before one
// of JavaScript stands beside it. __test__/repository/site.test.ts checks links, anchors and pictures; documentation-blocks.test.ts says which test runs which block.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import Eleventy from '@11ty/eleventy';
import { loadSource } from '../scripts/package/load-source.mjs';
import { copyPictures, drawMissing, examples, withoutPicture } from './examples.mjs';
import { elapsed } from './progress.mjs';

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'site' },
    examples: { type: 'boolean', default: false },
  },
});
const { output } = values;
if (!existsSync('build/api/index.api.json') || !existsSync('dist/index.js')) {
  console.error('the site is made from what `npm run build` writes: run it first');
  process.exit(1);
}

rmSync(output, { recursive: true, force: true });
const list = examples();
if (values.examples) drawMissing(list);
const eleventy = new Eleventy('website/pages', output, {
  quietMode: true,
  configPath: 'website/eleventy.config.mjs',
});
await eleventy.write();
copyPictures(list, output);
writeFormulaStyle();
await writeColors();
// GitHub Pages passes files on as they are.
writeFileSync(join(output, '.nojekyll'), '');
const absent = withoutPicture(list);
if (absent.length > 0)
  console.log(
    `${absent.length} examples have no picture yet (${absent.map(({ name }) => name).join(', ')}); --examples runs them`,
  );
console.log(`${output}/index.html in ${elapsed()}`);

/** KaTeX's style with its fonts in it: a browser may refuse fonts that a page in a folder loads. */
function writeFormulaStyle() {
  // Upright words, italic letters, large brackets: what the equations of the site use.
  const formulaFonts = /KaTeX_(?:Main-Regular|Math-Italic|Size\d-Regular)\.woff2/;
  const folder = dirname(createRequire(import.meta.url).resolve('katex/dist/katex.min.css'));
  const style = readFileSync(join(folder, 'katex.min.css'), 'utf8').replaceAll(
    /@font-face\{[^}]*\}/g,
    (face) => {
      const [, file] = /url\((fonts\/[\w-]+\.woff2)\)/.exec(face);
      if (!formulaFonts.test(file)) return '';
      const font = readFileSync(join(folder, file)).toString('base64');
      return face.replace(/src:[^;}]*/, `src:url(data:font/woff2;base64,${font}) format("woff2")`);
    },
  );
  mkdirSync(join(output, 'assets'), { recursive: true });
  writeFileSync(join(output, 'assets/katex.css'), style);
}

/** The style of the site, after the colors of the library's figures. */
async function writeColors() {
  const { themeRules, themeVariables } = await loadSource('src-ts/figure/draw/theme.ts');
  const chosen = ['light', 'dark'].map((theme) => `:root[data-theme="${theme}"]{${themeVariables(theme)}}`);
  const style = readFileSync('website/assets/site.css', 'utf8');
  writeFileSync(join(output, 'assets/site.css'), [themeRules(), ...chosen, style].join('\n'));
}
