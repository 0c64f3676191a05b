// What lapicque writes PNG and PDF with, in one package: the writer of PDF is bundled, so that its 20 packages need not be installed.
import PDFDocument from 'pdfkit';
import drawSvg from 'svg-to-pdfkit';
import { fontFiles } from './fonts.js';

export { svgToPng } from './png.js';

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
