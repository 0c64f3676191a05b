// The doors of the library by their specifiers, and what each exports.
import { readdirSync } from 'node:fs';

const names = readdirSync('src-ts/doors').map((file) => file.replace(/\.ts$/, ''));
const paths = [['lapicque', 'index'], ...names.map((name) => [`lapicque/${name}`, `doors/${name}`])];

export const doors: Readonly<Record<string, object>> = Object.fromEntries(
  await Promise.all(
    paths.map(async ([specifier, path]) => [specifier, await import(`../../src-ts/${path}.js`)]),
  ),
);
