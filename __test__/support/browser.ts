/** Chromium without a window (Debian: `apt install chromium`), for tests of pages. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

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
export function complaints(page: Page, origin: string): string[] {
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
