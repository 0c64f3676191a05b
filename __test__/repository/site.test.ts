// The documentation site: its pages, links, anchors, search and pictures, as `npm run site` builds them, and in a browser from a folder.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { runInThisContext } from 'node:vm';
import test from 'ava';
import type { Page } from 'playwright-core';
import { camel, factory, losses, models, surrogates, synapses } from '../support/definitions.ts';
import { websiteModule } from '../support/website.ts';

const folder = 'build/site';

interface Built {
  html: string;
  ids: Set<string>;
}
const pages = new Map<string, Built>();

test.before(async (t) => {
  t.timeout(240_000);
  await promisify(execFile)(process.execPath, ['website/build.mjs', '--output', folder], {
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

test('links show titles of pages, not names of files', (t) => {
  const named = [...pages]
    .filter(([path]) => path.startsWith('docs/'))
    .flatMap(([path, { html }]) =>
      [...html.matchAll(/>[\w-]+\.md<\/a>/g)].map(([link]) => `${path}: ${link}`),
    );
  t.deepEqual(named.slice(0, 20), []);
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
  const { examples } = await websiteModule<{ examples(): { name: string; picture: string | undefined }[] }>(
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
    'docs/applications',
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
  const doors = readdirSync('src-ts/doors').map((file) => `dist/${file.replace(/ts$/, 'd.cts')}`);
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
  const { html } = pages.get('api/circuit/simulation.html')!;
  t.regex(html, /id="simulate"[\s\S]*?<a href="[^"]*#Recording">Recording<\/a>/);
  // A page for each door, with its import line and all its names.
  for (const door of ['lapicque', ...doors.map((path) => path.slice('dist/'.length, -'.d.cts'.length))]) {
    const page = pages.get(`api/${door}.html`);
    t.truthy(page, door);
    t.regex(page!.html, /import<\/span>[\s\S]*from/, door);
  }
  t.regex(pages.get('api/circuit.html')!.html, /href="circuit\/simulation.html#simulate"/);
});

test('every neuron, layer, synapse and loss has a page with its picture, neurons and synapses with equations', (t) => {
  const of = [
    ...models.map(({ key }) => `docs/reference/models/${factory(key).toLowerCase()}.html`),
    ...synapses.map(({ key }) => `docs/reference/synapses/${camel(key).toLowerCase()}.html`),
  ];
  t.true(of.length >= 48);
  for (const { name } of losses.kinds) {
    const page = pages.get(`docs/reference/losses/${name.toLowerCase()}.html`);
    t.regex(page?.html ?? '', /<figure class="plot">[\s\S]*<svg[\s\S]*<path/, name);
  }
  for (const list of ['models', 'synapses', 'losses'])
    t.true(pages.get(`docs/reference/${list}.html`)!.html.split('class="thumbnail"').length > 9, list);
  for (const path of of) {
    const page = pages.get(path);
    t.truthy(page, path);
    t.regex(page!.html, /<div class="equations"[\s\S]*class="katex/, path);
    t.regex(page!.html, /<figure class="plot">[\s\S]*<svg[\s\S]*<path/, path);
  }
  const layers = readFileSync('docs/reference/layers.md', 'utf8').match(/^### \w+$/gm)!;
  for (const heading of layers) {
    const page = pages.get(`docs/reference/layers/${heading.slice(4).toLowerCase()}.html`);
    t.regex(page?.html ?? '', /<figure class="plot">[\s\S]*<svg[\s\S]*<path/, heading);
  }
  for (const { name } of surrogates)
    t.true(pages.get('docs/reference/surrogates.html')!.ids.has(camel(name)), name);
});

test('figures have the colors of the page, none of their own', (t) => {
  for (const [path, { html }] of pages)
    for (const [svg] of html.matchAll(/<svg xmlns[\s\S]*?<\/svg>/g)) t.notRegex(svg, /#[0-9a-f]{6}\b/i, path);
});

type SearchRecord = [
  address: string,
  page: string,
  heading: string,
  text: string,
  kind: string,
  keywords?: string,
];

function searchRecords(): SearchRecord[] {
  const records = readFileSync(join(folder, 'assets/search-records.js'), 'utf8');
  return JSON.parse(records.replace(/^window\.lapicqueSearch=/, '').replace(/;\n$/, '')) as SearchRecord[];
}

test('the records of the search name pages that exist, and hold words alone', (t) => {
  const list = searchRecords();
  t.true(list.length > 1500);
  for (const [address] of list) {
    const [path, anchor] = address.split('#') as [string, string | undefined];
    t.true(pages.has(path) && (anchor === undefined || pages.get(path)!.ids.has(anchor)), address);
  }
  t.notRegex(list.map(([, , , text]) => text).join(' '), /class="|&#?\w+;/);
});

test('the search leads to the right page first, guides before the API and decisions last', async (t) => {
  const { default: MiniSearch } = await import('minisearch');
  // A classic script, which sets a global name.
  runInThisContext(readFileSync('website/assets/find.js', 'utf8'));
  interface Found {
    address: string;
    kind: string;
  }
  const find = (globalThis as unknown as { lapicqueFind: Record<string, unknown> }).lapicqueFind as {
    index(miniSearch: unknown, records: SearchRecord[]): Promise<object>;
    matches(index: object, query: string): Found[];
  };
  const index = await find.index(MiniSearch, searchRecords());
  const first: [query: string, address: RegExp][] = [
    ['install', /^docs\/tutorials\/index\.html/],
    ['installation', /^docs\/tutorials\/index\.html/],
    ['gpu', /^docs\/guides\/(?:faq|deploying|limits)\.html/],
    ['how to train', /^docs\/guides\/training\.html/],
    ['train a network', /^docs\/(?:guides\/training|tutorials\/first)/],
    ['surrogate', /^docs\/reference\/surrogates\.html/],
    ['surrogate gradient', /^docs\/reference\/surrogates\.html/],
    ['loss', /^docs\/reference\/losses\.html/],
    ['neuron', /^docs\/reference\/models\.html/],
    ['simulation', /^docs\/guides\/networks\.html/],
    ['csv', /^docs\/guides\/your-data\.html/],
    ['variable length', /^docs\/guides\/your-data\.html/],
    ['audio', /^docs\/guides\/your-data\.html/],
    ['membrane', /^docs\/(?:guides\/glossary|tutorials\/first-network)\.html/],
    ['spike generator', /^docs\/guides\/from-nest-and-brian2\.html/],
    ['lif', /^docs\/reference\/models\/lif\.html/],
    ['fixedInDegree', /^api\/circuit\/rules\.html#rule\.fixedInDegree/],
    ['hodgkinHuxley', /^docs\/reference\/models\/hodgkinhuxley\.html/],
  ];
  for (const [query, address] of first) {
    const results = find.matches(index, query);
    t.regex(results[0]?.address ?? '', address, `${query}: ${results.slice(0, 4).map((one) => one.address)}`);
  }
  // A word of many pages: no decision stands before a guide.
  for (const query of ['threads', 'weights', 'large networks']) {
    const kinds = find.matches(index, query).map(({ kind }) => kind);
    const [decision, guide] = [kinds.indexOf('decision'), kinds.indexOf('guide')];
    t.true(guide >= 0 && (decision < 0 || guide < decision), `${query}: ${kinds.slice(0, 10)}`);
  }
  t.deepEqual(find.matches(index, 'xyzzyq'), []);
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
  'docs/reference/models.html',
  'docs/reference/losses/crossentropycount.html',
  'docs/guides/training.html',
  'docs/reference/source-paper.html',
  'api/index.html',
  'api/circuit.html',
  'api/circuit/sweeps.html',
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
        ['fixedInDegree', 'api/circuit/rules.html#rule.fixedInDegree'],
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
      // The results stay within the screen, and an empty list says so.
      const box = (await page.evaluate(
        "(({ left, right }) => [left, right])(document.querySelector('#found').getBoundingClientRect())",
      )) as number[];
      t.true(box[0]! >= 0 && box[1]! <= 390 && box[1]! - box[0]! > 300, String(box));
      await page.fill('#search', 'xyzzyq');
      await page.waitForSelector('#found .nothing');
      t.regex((await page.textContent('#found')) ?? '', /Nothing found for “xyzzyq”/);
      await page.fill('#search', 'fixedInDegree');
      await page.waitForSelector('#found li[data-href]');
      await page.keyboard.press('ArrowDown');
      await Promise.all([page.waitForURL(/api\/circuit\/rules/), page.keyboard.press('Enter')]);
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

inBrowser('code is not cut on a desktop', async (t) => {
  await withBrowser(
    async (open, page) => {
      for (const path of [...kinds, 'docs/guides/from-snntorch.html', 'docs/reference/circuits.html'])
        if (pages.has(path)) {
          await open(path);
          const cut = (await page.evaluate(
            "[...document.querySelectorAll('pre.code')].filter((one) => one.scrollWidth > one.clientWidth).length",
          )) as number;
          t.is(cut, 0, path);
        }
    },
    { viewport: { width: 1440, height: 900 } },
  );
});

inBrowser('code is copied with the keyboard, and the page says so; outputs have no button', async (t) => {
  await withBrowser(
    async (open, page) => {
      await open('docs/tutorials/first-network.html');
      const code = page.locator('.copyable pre').first();
      const button = page.getByRole('button', { name: 'Copy: JavaScript code' }).first();
      await button.focus();
      await page.keyboard.press('Enter');
      await page.getByText('Copied to the clipboard').waitFor();
      t.is(await button.textContent(), 'Copied');
      t.is(await page.evaluate('navigator.clipboard.readText()'), await code.textContent());
      t.is(await page.locator('.copyable pre[aria-label="Text code"]').count(), 0);
    },
    { permissions: ['clipboard-read', 'clipboard-write'] },
  );
});

inBrowser('pictures of tutorials and of the gallery follow the switch of the theme', async (t) => {
  await withBrowser(async (open, page) => {
    await open('docs/tutorials/first-network.html');
    const ink = () => page.evaluate("getComputedStyle(document.querySelector('.plot text')).fill");
    const before = await ink();
    await page.click('.theme');
    t.not(await ink(), before);
    await open('docs/reference/gallery.html');
    const picture = page.locator('#picture-rate');
    await picture.scrollIntoViewIfNeeded();
    const dark = await picture.screenshot();
    await page.click('.theme');
    t.notDeepEqual(await picture.screenshot(), dark);
  });
});

inBrowser('a phone shows wide tables as lists, whose values have the names of their columns', async (t) => {
  await withBrowser(
    async (open, page) => {
      await open('docs/reference/models/lif.html');
      t.deepEqual(
        await page.evaluate(
          "[...document.querySelectorAll('.plot .scroll')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent.slice(0, 40))",
        ),
        [],
        'a figure has the width of the screen',
      );
      const wide = page.locator('.wide').first();
      t.true(await wide.evaluate((one) => one.scrollWidth <= one.clientWidth));
      // A screen reader still finds a table, with its rows and heads.
      t.true((await page.getByRole('table').first().getByRole('columnheader').count()) > 3);
      t.is(await wide.locator('td').nth(1).getAttribute('data-label'), 'unit');
    },
    { viewport: { width: 390, height: 800 } },
  );
});
