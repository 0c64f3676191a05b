// Checks the English of pages, messages and public comments.
//
//   node scripts/check/prose.mjs [FILE…]    without files: all pages, and the sources of the library, the viewer and the site
//
// - Banned turns (banned-turns.mjs): in Markdown, in strings of sources that are sentences, and in doc comments.
// - Reading ease of README, guides and tutorials: a median sentence below 18 words, none above 35.
//
// Code, tables and headings are no sentences. A name in code counts as one word, a list of such names as one, too. What `npm run docs` writes is
// mended at its source: the definitions in src-rs, or scripts/document.
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';
import ts from 'typescript-5.4';
import { bannedTurns } from './banned-turns.mjs';

export const longest = 35;
export const median = 18;

const markdown = new MarkdownIt({ html: true });
const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** The words of an inline token. A name in code is `Code`, so that it can begin a sentence; a picture has no words. */
function wordsOf({ children }) {
  return children
    .map(({ type, content }) => {
      if (type === 'code_inline') return 'Code';
      if (type === 'softbreak' || type === 'hardbreak') return ' ';
      return type === 'text' ? content : '';
    })
    .join('');
}

/** Texts of a Markdown page with their first lines: paragraphs and items as prose, cells and headings as not. */
export function textsOfMarkdown(text) {
  const texts = [];
  let line = 0;
  let tables = 0;
  let quotes = 0;
  const tokens = markdown.parse(text, {});
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'table_open') tables += 1;
    if (token.type === 'table_close') tables -= 1;
    if (token.type === 'blockquote_open') quotes += 1;
    if (token.type === 'blockquote_close') quotes -= 1;
    if (token.map) line = token.map[0] + 1;
    // A quotation has the words of others.
    if (token.type !== 'inline' || quotes > 0) continue;
    const isProse = tables === 0 && tokens[i - 1].type === 'paragraph_open';
    texts.push({ line, text: wordsOf(token), isProse });
  }
  return texts;
}

/** Sentences in strings and doc comments of TypeScript. */
export function textsOfTypeScript(text) {
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  const texts = [];
  const add = (node, words) => {
    if (!/\w \w+ \w/.test(words)) return;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    texts.push({ line: line + 1, text: words.replaceAll(/\s+/g, ' '), isProse: false });
  };
  const visit = (node) => {
    for (const comment of node.jsDoc ?? []) {
      const words = comment.getText(file).replaceAll(/^\s*(?:\/\*\*|\*\/|\*)|\*\/$/gm, '');
      add(comment, words.replaceAll(/`[^`]*`/g, 'Code'));
    }
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) add(node, node.text);
    else if (ts.isTemplateExpression(node))
      add(node, node.head.text + node.templateSpans.map(({ literal }) => `Code${literal.text}`).join(''));
    if (!ts.isImportDeclaration(node)) ts.forEachChild(node, visit);
  };
  visit(file);
  return texts;
}

/** The sentences of a text, each as its words. */
export function sentencesOf(text) {
  const plain = text
    // A list of names is one name.
    .replaceAll(/\bCode(?:,? (?:and|or|to) Code|, Code|\/Code)+/g, 'Code')
    // A sentence may begin with a name in lower case; these abbreviations end none.
    .replaceAll(/([.!?]\)?) (?=[a-z])/g, (end, mark, at, all) =>
      /\b(?:e\.g|i\.e|al|vs|cf|approx|etc|no|resp)$/.test(all.slice(0, at)) ? end : `${mark}\n`,
    );
  return [...sentences.segment(plain)]
    .map(({ segment }) => segment.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)))
    .filter((words) => words.length > 0);
}

/** The banned turns of a text: the found words and the plain form. */
export function turnsOf(text) {
  return bannedTurns.flatMap(([pattern, plain]) =>
    [...text.matchAll(RegExp(pattern, 'gim'))].map(([found]) => ({ found, plain })),
  );
}

/** The findings of a file, and its sentences' lengths if it is a page for readers. */
export function check(path, text, { isRead = isReadPage(path) } = {}) {
  const texts = extname(path) === '.md' ? textsOfMarkdown(text) : textsOfTypeScript(text);
  const findings = texts.flatMap(({ line, text: words }) =>
    turnsOf(words).map(({ found, plain }) => `${path}:${line}: “${found}”; say: ${plain}`),
  );
  if (!isRead) return { findings, lengths: [] };
  const lengths = [];
  for (const { line, text: words } of texts.filter(({ isProse }) => isProse))
    for (const sentence of sentencesOf(words)) {
      lengths.push(sentence.length);
      if (sentence.length > longest)
        findings.push(
          `${path}:${line}: a sentence of ${sentence.length} words: ${sentence.slice(0, 8).join(' ')} …`,
        );
    }
  const middle = medianOf(lengths);
  if (middle >= median) findings.push(`${path}: the median sentence has ${middle} words`);
  return { findings, lengths };
}

const isReadPage = (path) => /^(?:README\.md$|docs\/(?:guides|tutorials|applications)\/)/.test(path);

export function medianOf(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length === 0 ? 0 : (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

/** The pages and sources that are checked without arguments, relative to the root. */
export function checkedFiles(root) {
  const filesOf = (folder, end) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(end))
      .map((name) => join(folder, name))
      .sort();
  const pages = ['docs/guides', 'docs/tutorials', 'docs/applications', 'docs/reference'].flatMap((folder) =>
    filesOf(folder, '.md'),
  );
  const sources = ['src-ts', 'packages/viewer/src'].flatMap((folder) => filesOf(folder, '.ts'));
  return [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    ...pages,
    ...sources,
    ...filesOf('website', '.mjs'),
  ];
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = join(import.meta.dirname, '../..');
  const asked = process.argv.slice(2).map((path) => relative(root, path));
  const paths = asked.length > 0 ? asked : checkedFiles(root);
  const checked = paths.map((path) => check(path, readFileSync(join(root, path), 'utf8')));
  const findings = checked.flatMap((one) => one.findings);
  const lengths = checked.flatMap((one) => one.lengths);
  for (const finding of findings) console.log(finding);
  console.log(
    `${paths.length} files, ${findings.length} findings; ${lengths.length} sentences, median ${medianOf(lengths)} words, longest ${Math.max(0, ...lengths)}`,
  );
  process.exitCode = findings.length > 0 ? 1 : 0;
}
