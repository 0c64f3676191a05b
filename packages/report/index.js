// What lapicque's reports are drawn with, in one package: Plot and the DOM are bundled, so that 40 packages need not be installed.
import { fileURLToPath } from 'node:url';

export * as plot from '@observablehq/plot';
export { Resvg } from '@resvg/resvg-js';
export { parseHTML } from 'linkedom';

/** The files of the font `Inter`, regular and semi-bold: a machine without any would draw no text. */
export const fontFiles = ['Regular', 'SemiBold'].map((weight) =>
  fileURLToPath(new URL(`Inter-${weight}.ttf`, import.meta.url)),
);
