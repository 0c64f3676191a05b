// Audits of the built site in a browser: every page without overflow at 390 and 1,440 pixels, without an error on the console and without a finding of axe
// in both themes; Lighthouse on five pages, at least 95 in performance, accessibility and best practices.
//
//   npm run site && node scripts/check/site.mjs [FOLDER] [--only REGEXP] [--no-lighthouse] [--lighthouse-only]
//
// Lighthouse comes from npm by npx, which needs the registry; the rest needs Debian's chromium alone. It takes about 15 minutes on two cores.
// __test__/repository/site.test.ts tests a page of each kind.
import { execFile } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { chromium } from 'playwright-core';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    'no-lighthouse': { type: 'boolean', default: false },
    'lighthouse-only': { type: 'boolean', default: false },
  },
});
const folder = resolve(positionals[0] ?? 'site');
if (!existsSync(join(folder, 'index.html'))) {
  console.error(`${folder} has no index.html: run "npm run site" first`);
  process.exit(1);
}
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
const findings = [];

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Serves the folder as GitHub Pages does, compressed. */
function serve() {
  const server = createServer((request, response) => {
    const path = resolve(folder, `.${decodeURIComponent(new URL(request.url, 'http://localhost').pathname)}`);
    if (!path.startsWith(folder) || !existsSync(path) || statSync(path).isDirectory()) {
      response.writeHead(404).end();
      return;
    }
    const type = types[extname(path)] ?? 'application/octet-stream';
    const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'max-age=600' };
    if (type === 'image/png') createReadStream(path).pipe(response.writeHead(200, headers));
    else
      createReadStream(path)
        .pipe(createGzip())
        .pipe(response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }));
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** What is wider than the screen, and code that is cut on a desktop. */
const overflow = `(() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('main *')].find((one) => one.getBoundingClientRect().right > innerWidth + 1 && one.closest('.table, .scroll, pre, .equations, .formula') === null);
    found.push('wider than the screen: ' + (wide?.outerHTML.slice(0, 120) ?? '?'));
  }
  if (innerWidth >= 1440)
    for (const one of document.querySelectorAll('pre.code'))
      if (one.scrollWidth > one.clientWidth) found.push('code is cut: ' + one.textContent.slice(0, 80));
  return found;
})()`;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const axeRun = (rules) =>
  `axe.run(document, { runOnly: ${JSON.stringify(rules)} }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 2).map(({ html }) => html.slice(0, 120)).join(' | ')))`;
const allRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
const colorRules = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/** Width of the screen, theme, and the rules of axe to check: the second theme differs in colors alone. */
const passes = [
  { width: 1440, colorScheme: 'light', rules: allRules },
  { width: 390, colorScheme: 'dark', rules: colorRules },
];

async function auditPages(origin, paths) {
  for (const { width, colorScheme, rules } of passes) {
    // A browser for a hundred pages: one that opens a thousand becomes slow.
    for (let from = 0; from < paths.length; from += 100) {
      const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      page.setDefaultTimeout(120_000);
      let problems = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
      });
      page.on('pageerror', ({ message }) => problems.push(`error: ${message}`));
      for (const path of paths.slice(from, from + 100)) {
        problems = [];
        await page.goto(`${origin}/${path}`);
        problems.push(...(await page.evaluate(overflow)));
        // Pages of sources have all the same form.
        if (!path.startsWith('source/')) {
          await page.evaluate(axe);
          problems.push(...(await page.evaluate(axeRun(rules))));
        }
        for (const problem of problems) {
          findings.push(`${path} at ${width}, ${colorScheme}: ${problem}`);
          console.log(findings.at(-1));
        }
      }
      await browser.close();
      console.log(
        `${Math.min(from + 100, paths.length)} of ${paths.length} pages at ${width} pixels, ${colorScheme}`,
      );
    }
  }
}

/** Pages of five kinds. */
const sampled = [
  'index.html',
  'docs/tutorials/first-network.html',
  'docs/reference/models.html',
  'docs/reference/models/lif.html',
  'api/lapicque/training.html',
];
const least = 95;

async function lighthouse(origin, only) {
  const work = mkdtempSync(join(tmpdir(), 'lighthouse-'));
  try {
    for (const path of sampled.filter((one) => only.test(one))) {
      const report = join(work, 'report.json');
      await promisify(execFile)(
        'npx',
        [
          ...[
            '--yes',
            'lighthouse@12',
            `${origin}/${path}`,
            '--quiet',
            '--output=json',
            `--output-path=${report}`,
          ],
          ...[
            '--only-categories=performance,accessibility,best-practices',
            '--chrome-flags=--headless=new --no-sandbox',
          ],
        ],
        { env: { ...process.env, CHROME_PATH: executablePath }, maxBuffer: 2 ** 24 },
      );
      const { categories, audits } = JSON.parse(readFileSync(report, 'utf8'));
      const scores = Object.values(categories).map(({ id, score }) => [id, Math.round(100 * score)]);
      console.log(`${path}: ${scores.map(([id, score]) => `${id} ${score}`).join(', ')}`);
      for (const [id, score] of scores) {
        if (score >= least) continue;
        const weak = categories[id].auditRefs
          .filter((ref) => ref.weight > 0 && (audits[ref.id].score ?? 1) < 0.9)
          .map((ref) => `${ref.id} ${audits[ref.id].displayValue ?? ''}`);
        findings.push(`${path}: ${id} ${score}: ${weak.join(', ')}`);
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}`;
try {
  const only = new RegExp(values.only);
  const paths = readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.html') && only.test(path))
    .sort();
  if (!values['lighthouse-only']) await auditPages(origin, paths);
  if (!values['no-lighthouse']) await lighthouse(origin, only);
} finally {
  server.close();
}
for (const finding of findings) console.error(finding);
console.log(findings.length === 0 ? 'no findings' : `${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
