// The Markdown pages of the repository that people read.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folders = [
  '.',
  'docs/guides',
  'docs/reference',
  'docs/tutorials',
  'docs/benchmarks',
  'docs/notes',
  'docs/decisions',
  'examples',
];

/** Their paths. */
export const documents = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);
