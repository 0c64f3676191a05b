// The English of pages, messages and public comments: no banned turn, and sentences of a length that a reader takes in at once.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';

interface Checked {
  findings: string[];
  lengths: number[];
}
const { check, checkedFiles, sentencesOf } = (await import(
  pathToFileURL(resolve('scripts/check/prose.mjs')).href
)) as {
  check(path: string, text: string): Checked;
  checkedFiles(root: string): string[];
  sentencesOf(text: string): string[][];
};

test('pages, messages and public comments', (t) => {
  const findings = checkedFiles('.').flatMap((path) => check(path, readFileSync(path, 'utf8')).findings);
  t.deepEqual(findings, []);
});

// Counted by hand.
test('sentences are split as a reader splits them, and their words are counted', (t) => {
  const lengths = (text: string) => sentencesOf(text).map(({ length }) => length);
  t.deepEqual(lengths('One two three. Four five!'), [3, 2]);
  t.deepEqual(lengths('Compared with snnTorch. snnTorch is slower.'), [3, 3]);
  t.deepEqual(lengths('By Bellec et al. 2020, e.g. with a small step of 0.5 ms.'), [13]);
  t.deepEqual(lengths('Call Code, Code and Code, then Code.'), [4]);
});

test('what is a sentence on a page, and what is not', (t) => {
  const long = Array.from({ length: 36 }, (_, i) => `w${i}`).join(' ');
  const findings = (text: string) => check('docs/guides/page.md', text).findings;
  t.regex(findings(`${long}.`)[0]!, /^docs\/guides\/page\.md:1: a sentence of 36 words/);
  t.regex(findings(`Short.\n\n- ${long}.`).join(), /page\.md:3: a sentence of 36 words/);
  for (const quiet of [
    `# ${long}`,
    `Short.\n\n| a |\n| --- |\n| ${long} |`,
    `Short.\n\n\`\`\`js\n${long}\n\`\`\``,
    `Short.\n\n> ${long}`,
    `Use \`${long}\`.`,
  ])
    t.deepEqual(findings(quiet), [], quiet);
  t.deepEqual(check('docs/benchmarks/page.md', `${long}.`).findings, []);
  const even = Array.from({ length: 18 }, (_, i) => `w${i}`).join(' ');
  t.deepEqual(findings(`${even}.`), ['docs/guides/page.md: the median sentence has 18 words']);
});

test('banned turns are found in prose, tables, messages and doc comments, with their lines', (t) => {
  const places = (path: string, text: string) =>
    check(path, text).findings.map((finding) => finding.replace(/; say: .*/, ''));
  t.deepEqual(places('docs/reference/page.md', 'Good.\n\nIt stores one number a neuron.'), [
    'docs/reference/page.md:3: “number a neuron”',
  ]);
  t.deepEqual(places('docs/reference/page.md', '| a |\n| --- |\n| 2.8 µJ a digit |'), [
    'docs/reference/page.md:3: “µJ a digit”',
  ]);
  t.deepEqual(places('docs/reference/page.md', '```text\none number a neuron\n```'), []);
  const source = [
    '/** The networks of which it is one. */',
    'export function f(n: number) {',
    '  // Of which this is not public.',
    '  throw new Error(`gives $' + '{n} times as long as before`);',
    '}',
  ].join('\n');
  t.deepEqual(places('src-ts/f.ts', source), [
    'src-ts/f.ts:1: “of which”',
    'src-ts/f.ts:4: “Code times as long”',
  ]);
});
