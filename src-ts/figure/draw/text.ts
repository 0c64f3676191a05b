/** Texts of figures: their widths, shortening, wrapping and escaping. */
import { printableLines } from '../../checks/printable.ts';

/** Widths of the characters from space to `~` in Inter, in hundredths of the font size, two digits each; the wider of regular and semi-bold. */
const widths =
  '2832526465996633373754673247323866426264676164586464323367676754997366747261597575285870579276776577656566747399727165373837484735576258625939636126265726906161626240553561598457595745364567';

/** Approximate width of a text, in units of the font size. Other fonts differ, so there is some room to spare. */
export function widthOf(words: string): number {
  let width = 0;
  for (const letter of words) {
    const code = letter.codePointAt(0)!;
    if (code >= 32 && code < 127) width += Number(widths.slice(2 * (code - 32), 2 * (code - 31)));
    // Characters of Chinese, Japanese and Korean are as wide as high.
    else width += code >= 0x2e80 ? 100 : 66;
  }
  return (1.05 * width) / 100;
}

/** A text cut to a number of characters. */
export function shortened(words: string, max: number): string {
  const letters = [...words];
  return letters.length <= max ? words : `${letters.slice(0, max - 1).join('')}…`;
}

/** A text cut to a width, in units of the font size. */
export function fitted(words: string, width: number): string {
  if (widthOf(words) <= width) return words;
  const letters = [...words];
  while (letters.length > 1 && widthOf(`${letters.join('')}…`) > width) letters.pop();
  return `${letters.join('')}…`;
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
