// docs/guides/troubleshooting.md has a section for each error code and for no other, and its program prints what it states.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';

const page = readFileSync('docs/guides/troubleshooting.md', 'utf8');
const byCode = page.split('## By code\n')[1]!.split('\n## ')[0]!;
const sections = new Map(
  byCode
    .split('\n### ')
    .slice(1)
    .map((section) => {
      const [code, ...text] = section.split('\n');
      return [code!, text.join('\n')] as const;
    }),
);

test('the codes of the page are those of ErrorFields', (t) => {
  const source = readFileSync('src-ts/checks/errors.ts', 'utf8');
  const fields = /export interface ErrorFields \{([\s\S]*?)\n\}/.exec(source)![1]!;
  const codes = [...fields.matchAll(/^ {2}'?([a-z-]+)'?: (?:\{|Record)/gm)].map(([, code]) => code!);
  t.true(codes.length >= 15);
  t.deepEqual([...sections.keys()].sort(), codes.sort());
  for (const [code, text] of sections) t.regex(text, /\*[\s\S]+\*[\s\S]{40}/, code);
});

test('every code that the sources throw is on the page', (t) => {
  const files = readdirSync('src-ts', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const thrown = files.flatMap((name) =>
    [...readFileSync(join('src-ts', name), 'utf8').matchAll(/LapicqueError\(\s*'([\w-]+)'/g)].map(
      ([, code]) => code!,
    ),
  );
  t.true(thrown.length > 100);
  for (const code of new Set(thrown)) t.true(sections.has(code), code);
  // The native layer's codes are the variants of its enumeration in kebab case.
  const native = readFileSync('src-rs/core/base/error.rs', 'utf8');
  const variants = [
    ...native.matchAll(/^ {4}(?:#\[serde\(rename = "([\w-]+)"\)\]\n {4})?([A-Z]\w+)(?: \{|,)$/gm),
  ].map(
    ([, renamed, variant]) =>
      renamed ?? variant!.replaceAll(/[A-Z]/g, (letter, at) => `${at > 0 ? '-' : ''}${letter.toLowerCase()}`),
  );
  t.true(variants.length >= 12);
  for (const code of variants) t.true(sections.has(code), code);
});

test('fields that a section names are those of its code', (t) => {
  const source = readFileSync('src-ts/checks/errors.ts', 'utf8');
  const fields = /export interface ErrorFields \{([\s\S]*?)\n\}/.exec(source)![1]!;
  for (const [code, text] of sections) {
    const [, body = ''] = RegExp(`^ {2}'?${code}'?: ([\\s\\S]*?)^ {2}(?:/\\*\\*|'?[a-z-]+'?:)`, 'm').exec(
      `${fields}\n  /**`,
    ) ?? [''];
    for (const [, field] of text.matchAll(/`error\.(\w+)`/g))
      t.true(
        ['name', 'cause', 'message'].includes(field!) || RegExp(`\\b${field}\\??:`).test(body),
        `${code}: ${field}`,
      );
  }
});

test('the program of the page prints what it states', async (t) => {
  const path = 'docs/guides/troubleshooting.md';
  const { blocksOf, prints, runPage } = await import(
    pathToFileURL(resolve('scripts/document/tutorial-program.mjs')).href
  );
  const { printed } = await runPage(path);
  const [{ stated }] = blocksOf(path);
  t.true(prints(stated, printed[0]), printed[0]);
});
