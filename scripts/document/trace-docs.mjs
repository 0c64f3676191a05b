// Writes the table of operations into docs/guides/traced-losses.md, from the doc comments of ElementwiseTensor and TracedTensor.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const path = join(root, 'docs/guides/traced-losses.md');
const files = ['elementwise-tensor.ts', 'traced-tensor.ts'];
const source = files.map((file) => readFileSync(join(root, 'src-ts/trace', file), 'utf8')).join('\n');

// A comment and the first line of the declaration after it; accessors and the constructor are no operations.
const method =
  /^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}(?!constructor|get |protected |abstract |#)(\w+)\(/gm;

/** The names of the parameters that begin at a position of the source. */
function parameters(from) {
  let [depth, at, part] = [1, from, ''];
  const parts = [];
  for (; depth > 0; at += 1) {
    const letter = source[at];
    if (/[({[<]/.test(letter)) depth += 1;
    if (/[)}\]]/.test(letter) || (letter === '>' && source[at - 1] !== '=')) depth -= 1;
    if (depth === 0 || (depth === 1 && letter === ',')) {
      parts.push(part.trim());
      part = '';
    } else part += letter;
  }
  const named = (text) => (text.startsWith('{') ? `{ ${/\w+/.exec(text)[0]} }` : /\w+/.exec(text)[0]);
  return parts.filter(Boolean).map(named).join(', ');
}

const rows = [...source.matchAll(method)].map((found) => {
  const [all, comment, name] = found;
  const [first] = comment
    .replaceAll(/^\s*\* ?/gm, '')
    .trim()
    .split(/\n\n|\n@/);
  const words = first
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\{@link TracedTensor\.(\w+)\}/g, '`$1`')
    .replaceAll('|', '\\|');
  return `| \`${name}(${parameters(found.index + all.length)})\` | ${words} |`;
});
const table = ['| operation | value |', '| --- | --- |', ...rows].join('\n');
const [begin, end] = ['<!-- operations -->', '<!-- /operations -->'];
const [before, rest] = readFileSync(path, 'utf8').split(begin);
writeFileSync(path, `${before}${begin}\n\n${table}\n\n${end}${rest.split(end)[1]}`);
