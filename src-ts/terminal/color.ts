/** Color in a terminal: labels and heads, nothing else. */
import * as util from 'node:util';

/** The stream that a text is for, as far as its colors are concerned. */
export interface ColorStream {
  isTTY?: boolean;
  hasColors?(): boolean;
}

type Style = 'bold' | 'red';

/** Whether text on a stream gets colors: in a terminal that has some, unless NO_COLOR is set; elsewhere only with FORCE_COLOR. */
export function hasColor(stream: ColorStream, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && (stream.hasColors?.() ?? true);
}

/** A text in a style, whatever it is for. Node before 20.12 has no styles; the text then stays plain. */
export function styled(style: Style, text: string): string {
  // Newer versions of Node look at stdout themselves unless they are told not to.
  const styleText = (util as { styleText?: (style: Style, text: string, options: object) => string })
    .styleText;
  return styleText === undefined ? text : styleText(style, text, { validateStream: false });
}

/** A text whose labels are bold: words at the beginning of a line, before two spaces or at the end of a line that others are indented under. */
export function withBoldLabels(text: string): string {
  return text.replaceAll(/^\S+(?: \S+)*?(?= {2,}\S|\n {2,}\S)/gm, (label) => styled('bold', label));
}
