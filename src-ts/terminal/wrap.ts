/** Lines that fit into the width of a terminal. */

/** The narrowest width that is used: below it nothing can be laid out. */
const narrowest = 40;

interface TerminalStream {
  isTTY?: boolean;
  columns?: number;
}

/** Characters of a line on stdout: of `COLUMNS` or of the terminal; a pipe or a file has no limit. */
export function columns(): number {
  const chosen = Number(process.env.COLUMNS);
  const own = columnsOf(process.stdout);
  const width = Number.isInteger(chosen) && chosen > 0 ? chosen : own;
  return width === undefined || !(width > 0) ? Number.POSITIVE_INFINITY : Math.max(narrowest, width);
}

/** Characters of a line of a terminal; undefined for a pipe or a file. */
export function columnsOf(stream: TerminalStream): number | undefined {
  return stream.isTTY === true ? stream.columns : undefined;
}

/** Breaks a line between words; the lines after the first are indented. A word that is wider than the line stays whole. */
export function wrappedLine(line: string, width: number, indent: number): string {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const start = lines.length === 0 && indent < width ? indent : rest.search(/\S/);
    const before = rest.lastIndexOf(' ', width);
    const at = before > start ? before : rest.indexOf(' ', Math.max(width, start));
    if (at < 0) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = `${' '.repeat(Math.min(indent, width - 1))}${rest.slice(at).trimStart()}`;
  }
  return [...lines, rest].join('\n');
}

/** Wraps the lines of a text. Those after the first of a line are under its text: after `  - `, or after `energy      `. */
export function wrapped(text: string, width: number): string {
  if (width === Number.POSITIVE_INFINITY) return text;
  const indent = (line: string) => /^( *- |[^\s:]+ {2,}| *)/.exec(line)![0].length;
  return text
    .split('\n')
    .map((line) =>
      line.length <= width ? line : wrappedLine(line, width, Math.min(indent(line), width / 2)),
    )
    .join('\n');
}

/** A text in lines of a terminal's width; for a pipe or a file it does not change. */
export function fittedTo(stream: TerminalStream, text: string): string {
  const width = columnsOf(stream);
  return width === undefined ? text : wrapped(text, Math.max(narrowest, width));
}
