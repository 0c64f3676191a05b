// What lapicque's reports are drawn with, in one package: Plot and the DOM are bundled, so that 40 packages need not be installed.
import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';
import drawSvg from 'svg-to-pdfkit';

export * as plot from '@observablehq/plot';
export { Resvg } from '@resvg/resvg-js';
export { parseHTML } from 'linkedom';

/** The files of the font `Inter`, regular and semi-bold: a machine without any would draw no text. */
export const fontFiles = ['Regular', 'SemiBold'].map((weight) =>
  fileURLToPath(new URL(`Inter-${weight}.ttf`, import.meta.url)),
);

/**
 * An SVG document as a PDF of one page with its fonts.
 *
 * @param {string} svg
 * @param {{ width: number, height: number, title: string }} page - its size in points
 * @returns {Promise<Uint8Array>}
 */
export async function svgToPdf(svg, { width, height, title }) {
  // A creation date would make every file differ.
  const info = { Title: title, CreationDate: new Date(0) };
  const document = new PDFDocument({ size: [width, height], margin: 0, font: fontFiles[0], info });
  for (const [i, file] of fontFiles.entries()) document.registerFont(`Inter ${i}`, file);
  const pieces = [];
  document.on('data', (piece) => pieces.push(piece));
  const ended = new Promise((resolve, reject) => document.on('end', resolve).on('error', reject));
  drawSvg(document, svg, 0, 0, { width, height, fontCallback: (_, bold) => `Inter ${bold ? 1 : 0}` });
  document.end();
  await ended;
  return new Uint8Array(Buffer.concat(pieces));
}
