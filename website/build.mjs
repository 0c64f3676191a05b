// `npm run site` builds the documentation into site/. `--output FOLDER` is another folder; `--no-examples` leaves out pictures of examples that were not run yet.
//
// Eleventy joins the pages that pages.mjs makes: the Markdown of the repository as it is (the order is in navigation.mjs; a new page appears by itself); a page for
// each section of the references of models, layers and synapses, with equations typeset (equations/) and a picture made by running the model (pictures/: a new neuron
// needs a line in neurons.mjs that says which input makes it fire, a new synapse a picture in synapses.mjs; the build says so); the API by topic, from the declarations
// (topics.mjs says which room of src-ts is on which page); the examples, of which the first build runs those that make pictures.
//
// A comment `<!-- figure: name -->` in a page is a figure of pictures/paper.mjs, and nothing on GitHub. A block of Python directly before one
// of JavaScript stands beside it. __test__/repository/site.test.ts checks links, anchors and pictures; documentation-blocks.test.ts says which test runs which block.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import Eleventy from '@11ty/eleventy';
import { loadSource } from '../scripts/package/load-source.mjs';
import { copyPictures, drawMissing, examples } from './examples.mjs';

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'site' },
    'no-examples': { type: 'boolean', default: false },
  },
});
const { output } = values;
if (!existsSync('build/api/index.api.json') || !existsSync('dist/index.js')) {
  console.error('the site is made from what `npm run build` writes: run it first');
  process.exit(1);
}

const began = performance.now();
rmSync(output, { recursive: true, force: true });
if (!values['no-examples']) drawMissing(examples());
const eleventy = new Eleventy('website/pages', output, {
  quietMode: true,
  configPath: 'website/eleventy.config.mjs',
});
await eleventy.write();
copyPictures(examples(), output);
writeFormulaStyle();
await writeColors();
// GitHub Pages passes files on as they are.
writeFileSync(join(output, '.nojekyll'), '');
console.log(`${output}/index.html in ${((performance.now() - began) / 1000).toFixed(1)} s`);

/** KaTeX's style with its fonts in it: a browser may refuse fonts that a page in a folder loads. */
function writeFormulaStyle() {
  const folder = dirname(createRequire(import.meta.url).resolve('katex/dist/katex.min.css'));
  const style = readFileSync(join(folder, 'katex.min.css'), 'utf8').replaceAll(
    /src:url\((fonts\/[\w-]+\.woff2)\)[^;}]*/g,
    (_, file) => {
      const font = readFileSync(join(folder, file)).toString('base64');
      return `src:url(data:font/woff2;base64,${font}) format("woff2")`;
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
