// Writes the tables of integer targets and of NIR nodes into docs/guides/quantization.md and docs/guides/nir.md, from their registries.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSource } from '../package/load-source.mjs';

const root = join(import.meta.dirname, '../..');

function write(page, name, table) {
  const path = join(root, 'docs/guides', page);
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = readFileSync(path, 'utf8').split(begin);
  writeFileSync(path, `${before}${begin}\n\n${table}\n\n${end}${rest.split(end)[1]}`);
}

/** A field with its shape and unit; those of neurons have no shape of their own. */
function field([name, { optional, shape, unit }]) {
  const details = [shape, unit === undefined ? undefined : `in ${unit}`, optional ? 'optional' : undefined];
  const known = details.filter((detail) => detail !== undefined);
  return `\`${name}\`${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}

const { integerTargetTable } = await loadSource('src-ts/quantize/targets.ts');
write('quantization.md', 'targets', integerTargetTable());

const { nodeTypes } = await loadSource('src-ts/nir/node-types.ts');
const rows = Object.entries(nodeTypes).map(
  ([type, { fields, becomes }]) =>
    `| ${type} | ${Object.entries(fields).map(field).join(', ')} | ${becomes} |`,
);
write(
  'nir.md',
  'nodes',
  [
    '| NIR node | fields | becomes |',
    '| --- | --- | --- |',
    ...rows,
    '| NIRGraph | `nodes`, `edges` | flattened: the layers are named `outer/inner` |',
  ].join('\n'),
);
