// Lines of equations as HTML: formulas by KaTeX, the words between them as they are.
import katex from 'katex';
import { texOf } from './parse.mjs';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** TeX as HTML, with MathML for screen readers. */
export function math(tex, displayMode = false) {
  return katex.renderToString(tex, {
    displayMode,
    throwOnError: true,
    strict: 'error',
    output: 'htmlAndMathml',
  });
}

/** Cases: `1 if v > 1 else 0`, and `1 where x > 0, else 0`. */
function casesOf(text, known) {
  const [, left = '', right] = /^(?:([^=<>]+?) = )?(.*)$/.exec(text);
  const single = /^(.+?) if (.+?) else (.+)$/.exec(right);
  const rows =
    single === null
      ? wheres(right)
      : [
          [single[1], single[2]],
          [single[3], undefined],
        ];
  if (rows === undefined) return undefined;
  const lines = rows.map(([value, condition]) => {
    const [tex, when] = [
      texOf(value, known),
      condition === undefined ? '\\text{otherwise}' : texOf(condition, known),
    ];
    return tex === undefined || when === undefined
      ? undefined
      : `${tex} & ${condition === undefined ? '' : '\\text{if } '}${when}`;
  });
  const head = left === '' ? '' : texOf(left, known);
  if (head === undefined || lines.includes(undefined)) return undefined;
  return `${head === '' ? '' : `${head} = `}\\begin{cases} ${lines.join(' \\\\[2pt] ')} \\end{cases}`;
}

/** The rows of `A where B, C where D, else E`, with definitions of names between them left to the caller. */
function wheres(text) {
  const parts = text.split(', ');
  const rows = parts.map((part) => {
    const [, value, condition] = /^(.+?) where (.+)$/.exec(part) ?? [];
    if (value !== undefined) return [value, condition];
    const [, otherwise] = /^else (.+)$/.exec(part) ?? [];
    return otherwise === undefined ? undefined : [otherwise, undefined];
  });
  return rows.includes(undefined) || rows.length < 2 ? undefined : rows;
}

/** Parts of a line at the commas outside of brackets. */
function clauses(line) {
  const parts = [''];
  let depth = 0;
  for (const [i, character] of [...line].entries()) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (character === ',' && depth === 0 && line[i + 1] === ' ') parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

/** A line as parts: TeX, or words. */
export function partsOf(line, known = new Set()) {
  const whole = texOf(line, known) ?? casesOf(line, known);
  if (whole !== undefined) return [{ tex: whole }];
  const label = /^([a-z][a-z ]*): (.+)$/.exec(line);
  if (label !== null) return [{ words: `${label[1]}:` }, ...partsOf(label[2], known)];
  const range = /^(.+?) (for|where|unless) ([^,]+(?:, \w+)*)$/.exec(line);
  if (range !== null) {
    const [first, last] = [texOf(range[1], known), range[3].split(', ').map((part) => texOf(part, known))];
    if (first !== undefined && !last.includes(undefined))
      return [{ tex: first }, { words: range[2] }, { tex: last.join(',\\ ') }];
  }
  const parts = clauses(line);
  if (parts.length === 1) return sentence(line, known);
  return parts.flatMap((part, i) => {
    const list = partsOf(part, known);
    return i < parts.length - 1 ? [...list, { comma: true }] : list;
  });
}

/** A formula at the end of a sentence, or at its beginning. */
function sentence(text, known) {
  const words = text.split(' ');
  for (let from = 1; from < words.length; from++) {
    const rest = words.slice(from).join(' ');
    if (!/ (?:=|\+=|-=) /.test(rest) || /^[=+-]/.test(rest)) continue;
    const tex = texOf(rest, known) ?? casesOf(rest, known);
    if (tex !== undefined) return [{ words: words.slice(0, from).join(' ') }, { tex }];
  }
  for (let end = words.length - 1; end > 2; end--) {
    const begin = words.slice(0, end).join(' ');
    if (!/ (?:=|\+=|-=) /.test(begin)) continue;
    const tex = texOf(begin, known);
    if (tex !== undefined) return [{ tex }, { words: words.slice(end).join(' ') }];
  }
  return [{ words: text }];
}

/** A line as HTML. */
export function lineHtml(line, known) {
  const parts = partsOf(line, known);
  if (parts.length === 1 && parts[0].tex !== undefined) return math(parts[0].tex, true);
  return parts
    .map(({ tex, words, comma }) =>
      comma ? ',' : tex === undefined ? ` ${escaped(words)}` : ` ${math(`\\displaystyle ${tex}`)}`,
    )
    .join('')
    .trim();
}

/** A formula within a sentence. */
export function inlineHtml(line) {
  return partsOf(line)
    .map(({ tex, words, comma }) =>
      comma ? ',' : tex === undefined ? ` ${escaped(words)}` : ` ${math(tex)}`,
    )
    .join('')
    .trim();
}

/** Lines as one block of HTML. */
export function equationsHtml(lines, known) {
  return `<div class="equations" role="group" aria-label="Equations">${lines.map((line) => `<div class="equation">${lineHtml(line, known)}</div>`).join('\n')}</div>`;
}
