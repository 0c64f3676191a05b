/** Texts of figures: their widths, shortening, wrapping and escaping. */
import { printableLines } from '../../checks/printable.ts';

/** Widths of the characters from space to `~` in Inter, in hundredths of the font size, two digits each; the wider of regular and semi-bold. */
const widths =
  '2832526465996633373754673247323866426264676164586464323367676754997366747261597575285870579276776577656566747399727165373837484735576258625939636126265726906161626240553561598457595745364567';

/** Width of a letter, in hundredths of the font size. */
function letterWidth(letter: string): number {
  const code = letter.codePointAt(0)!;
  if (code >= 32 && code < 127) return Number(widths.slice(2 * (code - 32), 2 * (code - 31)));
  // Characters of Chinese, Japanese and Korean are as wide as high.
  return code >= 0x2e80 ? 100 : 66;
}

/** Hundredths of the font size as font sizes. Other fonts differ, so there is some room to spare. */
const inFontSizes = (hundredths: number) => (1.05 * hundredths) / 100;

/** Approximate width of a text, in units of the font size. */
export function widthOf(words: string): number {
  let width = 0;
  for (const letter of words) width += letterWidth(letter);
  return inFontSizes(width);
}

/** A text cut to a number of characters. */
export function shortened(words: string, max: number): string {
  const letters = [...words];
  return letters.length <= max ? words : `${letters.slice(0, max - 1).join('')}…`;
}

/** A text cut to a width, in units of the font size; at least its first letter. */
export function fitted(words: string, width: number): string {
  const dots = letterWidth('…');
  let [taken, kept] = [0, ''];
  let hasRoom = true;
  for (const letter of words) {
    taken += letterWidth(letter);
    hasRoom &&= inFontSizes(taken + dots) <= width;
    if (hasRoom || kept === '') kept += letter;
    // The rest of a long text need not be measured.
    if (inFontSizes(taken) > width) return `${kept}…`;
  }
  return words;
}

/** Lines of whole words, each as wide as a number of font sizes at most, unless a word is wider. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(`${line} ${word}`) > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** Escapes a text for SVG or HTML. Control characters, which XML forbids, and marks of the writing direction are shown as `\u001b`. */
export function escaped(text: string): string {
  return printableLines(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A number of pixels, to a hundredth: more digits cannot be seen and would make up most of a file. */
export function hundredth(value: number): string {
  return String(Math.round(value * 100) / 100);
}
