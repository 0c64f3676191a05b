// The documentation site: its pages, links, anchors, search and pictures, as `npm run site` builds them, and in a browser from a folder.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import type { Page } from 'playwright-core';

const folder = 'build/site';
const module = <T>(path: string) => import(pathToFileURL(resolve('website', path)).href) as Promise<T>;

interface Built {
  html: string;
  ids: Set<string>;
}
const pages = new Map<string, Built>();

test.before(async (t) => {
  t.timeout(240_000);
  await promisify(execFile)(process.execPath, ['website/build.mjs', '--output', folder, '--no-examples'], {
    maxBuffer: 2 ** 24,
  });
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.html')) continue;
    const html = readFileSync(join(folder, path), 'utf8');
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
    pages.set(path.replaceAll('\\', '/'), { html, ids: new Set(ids) });
  }
});

test('every link and every anchor of every page leads somewhere', (t) => {
  t.true(pages.size > 300);
  const wrong: string[] = [];
  let links = 0;
  for (const [path, { html }] of pages) {
    for (const [, , target] of html.matchAll(/ (href|src)="([^"]*)"/g)) {
      if (/^(https?|mailto|data):/.test(target!)) continue;
      links += 1;
      const [file, anchor] = target!.replaceAll('&amp;', '&').split('#') as [string, string | undefined];
      const to = file === '' ? path : posix.join(posix.dirname(path), decodeURIComponent(file));
      if (!existsSync(join(folder, to)) || statSync(join(folder, to)).isDirectory())
        wrong.push(`${path}: ${target}`);
      else if (anchor !== undefined && pages.get(to)?.ids.has(decodeURIComponent(anchor)) !== true)
        wrong.push(`${path}: ${target}`);
    }
  }
  t.deepEqual(wrong.slice(0, 20), []);
  t.true(links > 20_000, String(links));
});

test('pages are whole: one title, a language, names of pictures, ids once, nothing from elsewhere, no module', (t) => {
  for (const [path, { html }] of pages) {
    t.is(html.match(/<h1[ >]/g)?.length, 1, `${path}: titles`);
    t.regex(html, /<html lang="en"/, path);
    t.regex(html, /<main id="main"/, path);
    t.notRegex(
      html,
      /<(?:script|link|img|iframe|source)[^>]* (?:src|href)="(?:https?:)?\/\//,
      `${path}: from elsewhere`,
    );
    t.notRegex(html, /<script[^>]*type="module"/, `${path}: a module`);
    t.notRegex(html, /<img(?![^>]* alt="[^"])/, `${path}: a picture without a name`);
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
    const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
    t.deepEqual(twice, [], `${path}: ids twice`);
  }
});

test('every example that draws has its picture in the gallery', async (t) => {
  const { examples } = await module<{ examples(): { name: string; picture: string | undefined }[] }>(
    'examples.mjs',
  );
  for (const { name, picture } of examples()) {
    const source = readFileSync(`examples/${name}.mjs`, 'utf8');
    t.is(picture !== undefined, source.includes('support/figure.mjs'), name);
    // What the example prints at its end.
    if (picture !== undefined) t.true(source.includes(picture), `${name}: ${picture}`);
  }
});

test('every Markdown page of docs is in the navigation', (t) => {
  const { html } = pages.get('index.html')!;
  for (const docsFolder of [
    'docs/tutorials',
    'docs/guides',
    'docs/reference',
    'docs/benchmarks',
    'docs/decisions',
  ])
    for (const name of readdirSync(docsFolder).filter((one) => one.endsWith('.md'))) {
      const address = join(docsFolder, name.replace(/^README\.md$/, 'index.md').replace(/\.md$/, '.html'));
      t.true(html.includes(`href="${address}"`), address);
    }
});

test('every exported symbol is on a page of the API, with its declaration', (t) => {
  const doors = readdirSync('src-ts/doors').map((file) => `dist/${file.replace(/ts$/, 'd.ts')}`);
  const declarations = ['index.d.ts', ...doors].map((path) => readFileSync(path, 'utf8')).join('\n');
  const exported = [
    ...declarations.matchAll(/^export declare (?:abstract )?(?:function|class|interface|type|const) (\w+)/gm),
  ].map(([, name]) => name!);
  t.true(exported.length > 800);
  const found = new Set(
    [...pages].filter(([path]) => path.startsWith('api/')).flatMap(([, { ids }]) => [...ids]),
  );
  t.deepEqual(
    exported.filter((name) => !found.has(name)),
    [],
  );
  const { html } = pages.get('api/large-networks.html')!;
  t.regex(html, /id="simulate"[\s\S]*?<a href="[^"]*#Recording">Recording<\/a>/);
});

const registry = createRequire(import.meta.url)(resolve('native/load.cjs')) as {
  addon: Record<string, () => string>;
};
interface Described {
  key: string;
  title: string;
  equation: string;
  update: string;
  spiking: boolean;
  states: { name: string }[];
  params: { name: string }[];
  ports: string[];
  wiring: { entering: string[] };
}
const { models, surrogates } = JSON.parse(registry.addon.describeModels!()) as {
  models: Described[];
  surrogates: { name: string; formula: string; params: { name: string; default: number }[] }[];
};
const { synapses } = JSON.parse(registry.addon.describeSynapses!()) as { synapses: Described[] };
const camel = (key: string) => key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const factory = (key: string) => (key === 'if' ? 'integrateAndFire' : camel(key));

test('every neuron and synapse has a page with its equation typeset and its picture', (t) => {
  const of = [
    ...models.map(({ key }) => `docs/reference/models/${factory(key).toLowerCase()}.html`),
    ...synapses.map(({ key }) => `docs/reference/synapses/${camel(key).toLowerCase()}.html`),
  ];
  t.true(of.length >= 48);
  for (const path of of) {
    const page = pages.get(path);
    t.truthy(page, path);
    t.regex(page!.html, /<div class="equations"[\s\S]*class="katex/, path);
    t.regex(page!.html, /<figure class="plot">[\s\S]*<svg[\s\S]*<path/, path);
  }
  const layers = readFileSync('docs/reference/layers.md', 'utf8').match(/^### \w+$/gm)!;
  for (const heading of layers)
    t.true(pages.has(`docs/reference/layers/${heading.slice(4).toLowerCase()}.html`), heading);
  for (const { name } of surrogates)
    t.true(pages.get('docs/reference/surrogates.html')!.ids.has(camel(name)), name);
});

test('figures have the colors of the page, none of their own', (t) => {
  for (const [path, { html }] of pages)
    for (const [svg] of html.matchAll(/<svg xmlns[\s\S]*?<\/svg>/g)) t.notRegex(svg, /#[0-9a-f]{6}\b/i, path);
});

test('formulas are typeset as a reader would write them', async (t) => {
  const { texOf } = await module<{ texOf(text: string, known?: Set<string>): string | undefined }>(
    'equations/parse.mjs',
  );
  const { partsOf } = await module<{
    partsOf(text: string, known?: Set<string>): { tex?: string; words?: string }[];
  }>('equations/typeset.mjs');
  const known = new Set(['tauMem', 'vLeak', 'vThreshold', 'gNa', 'vNa', 'gain', 'aPlus']);
  // By hand.
  const written: Record<string, string> = {
    'tauMem dv/dt = (vLeak - v) + r x':
      '\\tau_{\\mathrm{mem}}\\,\\frac{\\mathrm{d}v}{\\mathrm{d}t} = \\left(v_{\\mathrm{leak}} - v\\right) + r\\,x',
    'm^3 h (v - vNa) / c': '\\frac{{m}^{3}\\,h\\,\\left(v - v_{\\mathrm{Na}}\\right)}{c}',
    'exp(-dt / tau) v[t-1]': '\\exp\\left(-\\frac{\\Delta t}{\\tau}\\right)\\,v[t - 1]',
    '1 / (1 + |x|)^2': '\\frac{1}{{\\left(1 + \\left|x\\right|\\right)}^{2}}',
    'y = √(variance + ε)': 'y = \\sqrt{\\mathrm{variance} + \\varepsilon}',
    'w += aPlus x': 'w \\mathrel{+}= a_{+}\\,x',
  };
  for (const [text, tex] of Object.entries(written)) t.is(texOf(text, known), tex);
  for (const text of ['a spike adds its weight to iE', 'r1, r2 jump by 1', 'v (', ''])
    t.is(texOf(text, known), undefined, text);
  t.deepEqual(
    partsOf('s[t] = 1 if v[t] > vThreshold else 0', known).map(({ tex }) => tex),
    [
      's[t] = \\begin{cases} 1 & \\text{if } v[t] > v_{\\mathrm{threshold}} \\\\[2pt] 0 & \\text{otherwise} \\end{cases}',
    ],
  );
  // Every line of every model is read, and all but sentences are formulas.
  const lines = [...models, ...synapses].flatMap(({ equation, states, params, ports = [] }) => {
    const names = new Set([...states, ...params].map(({ name }) => name).concat(ports));
    return equation.split('; ').map((line) => partsOf(line, names));
  });
  const formulas = lines.filter((parts) => parts.some(({ tex }) => tex !== undefined));
  t.true(formulas.length > 0.8 * lines.length, `${formulas.length} of ${lines.length}`);
});

test('pictures show what the closed forms say', async (t) => {
  const { neuronTrace } = await module<{
    neuronTrace(model: Described): Promise<{ v: Float64Array; spikes: Float64Array }>;
  }>('pictures/neurons.mjs');
  for (const model of models) {
    const { v, spikes } = await neuronTrace(model);
    t.true(v.every(Number.isFinite), model.key);
    // The input is there from 40 to 160 ms.
    const during = spikes.filter((time) => time > 40 && time <= 165);
    if (model.spiking) t.true(during.length >= 2, `${model.key}: ${spikes}`);
  }
  type Course = { v: Float64Array; closed: Float64Array };
  const paper = await module<{
    rcStep(): Promise<Course>;
    alphaKernel(): Promise<Course>;
    deviation(a: Float64Array, b: Float64Array): number;
    staticSuppression(): Promise<Record<string, number>>;
  }>('pictures/paper.mjs');
  const step = await paper.rcStep();
  // Euler's step of 0.05 ms at a time constant of 5 ms is off by less than a part in 500 of the final value 0.5.
  t.true(paper.deviation(step.v, step.closed) < 0.001);
  const alpha = await paper.alphaKernel();
  t.true(paper.deviation(alpha.v, alpha.closed) < 1e-12);
  const shares = await paper.staticSuppression();
  t.is(shares.still, 0);
  t.true(shares.moving! > 0 && shares.moving! < 25 && shares.flickering! > 0);

  const { surrogateCurve } = await module<{
    surrogateCurve(node: unknown): Promise<{ x: Float64Array; y: Float64Array }>;
  }>('pictures/surrogates.mjs');
  const { surrogate } = await import('../../src-ts/doors/neurons.ts');
  const curves: [unknown, (x: number) => number][] = [
    [surrogate.fastSigmoid(), (x) => 1 / (1 + 25 * Math.abs(x)) ** 2],
    [surrogate.atan(), (x) => 1 / (1 + (Math.PI * x) ** 2)],
    [surrogate.triangular(), (x) => Math.max(0, 1 - Math.abs(x))],
  ];
  for (const [node, formula] of curves) {
    const { x, y } = await surrogateCurve(node);
    y.forEach((value, i) => {
      t.true(Math.abs(value - formula(x[i]!)) < 1e-9);
    });
  }
});

test('the search finds symbols, headings and words', async (t) => {
  const records = readFileSync(join(folder, 'assets/search-records.js'), 'utf8');
  const list = JSON.parse(records.replace(/^window\.lapicqueSearch=/, '').replace(/;\n$/, '')) as [
    string,
    string,
    string,
    string,
  ][];
  t.true(list.length > 1500);
  for (const [address] of list) {
    const [path, anchor] = address.split('#') as [string, string | undefined];
    t.true(pages.has(path) && (anchor === undefined || pages.get(path)!.ids.has(anchor)), address);
  }
  const texts = list.map(([, , , text]) => text).join(' ');
  t.notRegex(texts, /class="|&#?\w+;/);
});

// A browser: Debian's chromium, which .ci/run installs.
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const required = process.env.LAPICQUE_BROWSER_TESTS === 'required';
const inBrowser = browserPath === undefined && !required ? test.serial.skip : test.serial;
const all = process.env.LAPICQUE_LONG_TESTS === '1';

async function withBrowser(
  run: (open: (path: string) => Promise<string[]>, page: Page) => Promise<void>,
  options: object = {},
) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: browserPath ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(120_000);
    let problems: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(`asks for ${request.url()}`);
    });
    await run(async (path) => {
      problems = [];
      await page.goto(pathToFileURL(resolve(folder, path)).href);
      return problems;
    }, page);
  } finally {
    await browser.close();
  }
}

inBrowser('pages open from a folder without an error on the console', async (t) => {
  t.timeout(600_000);
  // Pages of sources have all the same form; the rest in turn, unless all are asked for.
  const paths = [...pages.keys()].sort();
  const chosen = all
    ? paths
    : paths
        .filter((path, i) => !path.startsWith('source/') || i % 40 === 0)
        .filter((path, i) => /^(index|api|docs\/getting)/.test(path) || i % 12 === 0);
  // A browser for a hundred pages, because one tab that opens a thousand becomes slow.
  for (let from = 0; from < chosen.length; from += 100)
    await withBrowser(async (open) => {
      for (const path of chosen.slice(from, from + 100)) t.deepEqual(await open(path), [], path);
    });
  t.log(`${chosen.length} of ${paths.length} pages`);
});

/** A page of each kind. */
const kinds = [
  'index.html',
  'docs/tutorials/snntorch.html',
  'docs/reference/training.html',
  'docs/reference/models/lif.html',
  'docs/reference/surrogates.html',
  'docs/reference/layers/conv2d.html',
  'docs/reference/synapses/stdp.html',
  'docs/reference/source-paper.html',
  'api/index.html',
  'api/sweeps.html',
  'examples/index.html',
  'examples/training/custom-neuron.html',
  'docs/benchmarks/training.html',
];

for (const colorScheme of ['light', 'dark'] as const)
  inBrowser(`a page of each kind can be used by everyone (axe), ${colorScheme}`, async (t) => {
    t.timeout(300_000);
    const axe = readFileSync(
      join(dirname(createRequire(import.meta.url).resolve('axe-core')), 'axe.min.js'),
      'utf8',
    );
    await withBrowser(
      async (open, page) => {
        for (const path of kinds.filter((one) => pages.has(one))) {
          await open(path);
          await page.evaluate(axe);
          // The second theme differs in its colors alone.
          const rules =
            colorScheme === 'dark'
              ? { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }
              : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
          const found = (await page.evaluate(
            `axe.run(document, { runOnly: ${JSON.stringify(rules)} }).then(({ violations }) =>
              violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`,
          )) as string[];
          t.deepEqual(found, [], path);
        }
      },
      { colorScheme },
    );
  });

inBrowser('search, theme and menu work from a folder, with the keyboard', async (t) => {
  await withBrowser(
    async (open, page) => {
      const problems = await open('docs/tutorials/nest.html');
      await page.keyboard.press('/');
      for (const [query, address] of [
        ['fixedInDegree', 'api/large-networks.html#rule.fixedInDegree'],
        ['hodgkinHuxley', 'docs/reference/models/hodgkinhuxley.html'],
        ['refractory period', ''],
      ] as const) {
        await page.fill('#search', query);
        await page.waitForSelector('#found li');
        const found = (await page.evaluate(
          "[...document.querySelectorAll('#found li')].map((li) => li.dataset.href)",
        )) as string[];
        t.true(
          found.length > 0 && found.slice(0, 3).some((href) => href.endsWith(address)),
          `${query}: ${found.slice(0, 5)}`,
        );
      }
      await page.fill('#search', 'fixedInDegree');
      await page.waitForTimeout(100);
      await page.keyboard.press('ArrowDown');
      await Promise.all([page.waitForURL(/api\/large-networks/), page.keyboard.press('Enter')]);
      t.deepEqual(problems, []);

      const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor') as Promise<string>;
      const before = await paper();
      await page.click('.theme');
      t.not(await paper(), before);
      await open('index.html');
      t.not(await paper(), before, 'the theme is kept');

      t.false(await page.isVisible('#navigation'));
      await page.click('.menu');
      t.true(await page.isVisible('#navigation'));
      // Nothing is wider than a phone.
      for (const path of kinds.filter((one) => pages.has(one))) {
        await open(path);
        t.true((await page.evaluate('document.documentElement.scrollWidth <= innerWidth')) as boolean, path);
      }
    },
    { viewport: { width: 390, height: 800 } },
  );
});
