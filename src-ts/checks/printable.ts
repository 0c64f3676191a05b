/** Texts that people, spreadsheets and terminals get to see: names and messages of files may hold characters that a terminal obeys. */

/**
 * Characters that change what a terminal shows instead of being shown: C0 and C1 controls and DEL, marks and overrides of the writing
 * direction, separators of lines and paragraphs, the byte order mark, and halves of surrogate pairs.
 */
const controls = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text on one line without control characters: each is written as JSON writes it, `\u001b`. */
export function printable(text: string): string {
  return text.replace(controls, escaped);
}

/** The same of a text that has several lines or columns: line feeds and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(controls, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}
