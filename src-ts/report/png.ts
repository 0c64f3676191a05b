/** Standalone images: a figure with its title and caption on a background, as SVG and as PNG. */
import { drawing, escaped, type Figure, wrapped } from './canvas.ts';
import { colour, resolved } from './theme.ts';

const padding = 28;
const lineHeight = 18;

/** A complete SVG document in the colors of the light theme. */
export function standalone(figure: Figure): string {
  const width = Math.max(figure.width, 480) + 2 * padding;
  // A character of the caption is about 6.3 pixels wide.
  const lines = wrapped(figure.caption, Math.floor((width - 2 * padding) / 6.3));
  const top = padding + 30 + lines.length * lineHeight + 14;
  const height = Math.ceil(top + figure.height + padding);
  const text = (y: number, style: string, words: string) =>
    `<text x="${padding}" y="${y}" ${style}>${escaped(words)}</text>`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif" color="${colour('ink')}">`,
    `<rect width="100%" height="100%" fill="${colour('paper')}"/>`,
    text(padding + 14, `font-size="18" font-weight="600" fill="${colour('ink')}"`, figure.title),
    ...lines.map((line, i) =>
      text(padding + 38 + i * lineHeight, `font-size="12.5" fill="${colour('muted')}"`, line),
    ),
    figure.svg.replace('<svg', `<svg x="${padding}" y="${top}"`),
    '</svg>',
  ];
  return resolved(svg.join('\n'));
}

/** Renders an SVG document at `scale` pixels per unit, with the font of the package. */
export async function toPng(svg: string, scale = 2): Promise<Uint8Array> {
  const { Resvg, fontFiles } = await drawing();
  const font = {
    fontFiles: [...fontFiles],
    loadSystemFonts: false,
    defaultFontFamily: 'Inter',
    sansSerifFamily: 'Inter',
  };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render().asPng();
}
