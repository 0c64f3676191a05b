/** Chromium without a window (Debian: `apt install chromium`), for tests of pages. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Viewer } from '../../src-ts/doors/figure.ts';

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.LAPICQUE_CHROMIUM ?? paths.find((path) => existsSync(path));

/** Tests that need it are skipped, by their names, where it is not installed; `.ci/run` installs it and demands them. */
export const hasBrowser = process.env.LAPICQUE_BROWSER_TESTS === 'required' || executablePath !== undefined;

/** Software rendering, as a machine without a GPU has it. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    executablePath: executablePath ?? '/usr/bin/chromium',
  });
}

/** What is wrong with a page while it is open: errors on its console, and requests to other places than `origin`. */
function complaints(page: Page, origin: string): string[] {
  const found: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) found.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => found.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) found.push(`request: ${request.url()}`);
  });
  return found;
}

/** Opens the page of a viewer, and collects what is wrong with it. */
export async function opened(
  browser: Browser,
  viewer: Viewer,
  colorScheme: 'light' | 'dark' = 'light',
  width = 1200,
) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  const page = await context.newPage();
  const found = complaints(page, new URL(viewer.url).origin);
  await page.goto(viewer.url);
  return { page, found, [Symbol.asyncDispose]: () => context.close() };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core objects to, by the rules of WCAG 2.1 A and AA and of good practice. */
export async function objections(page: Page): Promise<string[]> {
  // Evaluated by the debugger, since the page's policy admits no script of another place.
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html} ${nodes[0]!.failureSummary}`);
}

/** What the address of a page says after `#`. */
export const fragment = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1));

/** Waits until the address says something. Not by `waitForFunction`, which the page's policy refuses as soon as it has to wait. */
export async function addressed(page: Page, holds: (state: URLSearchParams) => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!holds(fragment(page))) {
    if (Date.now() > end) throw new Error(`the address is still ${page.url()}`);
    await page.waitForTimeout(20);
  }
}
