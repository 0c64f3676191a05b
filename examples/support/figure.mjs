// Figures as PNG: a title, a caption and panels side by side. Drawn with Observable Plot, like the reports.
import { fontFiles, parseHTML, plot, Resvg } from '@lapicque/report';

export const colours = {
  ink: '#1b2130',
  muted: '#667085',
  grid: '#e4e7ec',
  first: '#2563c9',
  second: '#e0700c',
};

/** Words at a place, as SVG. */
export function text(x, y, size, weight, fill, words) {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}">${words}</text>`;
}

/** A plot as SVG; `options` are Observable Plot's. */
export function drawn(options) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const made = plot.plot({ document, ...options });
  // With a legend Plot gives a figure: only the drawing is wanted.
  const svg = made.tagName.toLowerCase() === 'svg' ? made : made.querySelector('svg');
  return String(svg)
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/font-family="[^"]*"/g, 'font-family="Inter"');
}

/**
 * The bytes of a PNG. `panels`: `{ x, y, title, svg }` below the heading; `svg` as `drawn` gives it.
 */
export function figure({ width, height, title, caption, panels }) {
  const margin = 28;
  const inner = panels.map(({ x, y, title: name, svg }) => {
    const heading = name === undefined ? '' : text(0, 12, 12, 600, colours.ink, name);
    const below = name === undefined ? svg : svg.replace('<svg', '<svg y="20"');
    return `<svg x="${margin + x}" y="${margin + 46 + y}" overflow="visible">${heading}${below}</svg>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width + 2 * margin}" height="${height + 2 * margin + 46}" font-family="Inter">
<rect width="100%" height="100%" fill="#ffffff"/>${text(margin, margin + 8, 17, 600, colours.ink, title)}
${text(margin, margin + 28, 12, 400, colours.muted, caption)}${inner.join('\n')}</svg>`;
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: 'Inter' };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: 2 } }).render().asPng();
}
