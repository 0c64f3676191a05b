/** SVG as PNG, PDF and HTML. */
import { drawing, escaped } from '../report/canvas.ts';
import { toPng } from '../report/png.ts';
import type { Rendered } from './render.ts';
import type { FigureSpec } from './spec.ts';
import { type FigureTheme, Palette } from './theme.ts';

/** CSS pixels per inch, and points per inch. */
const [cssInch, pointInch] = [96, 72];

export function pngOf(svg: string, dpi: number): Promise<Uint8Array> {
  return toPng(svg, dpi / cssInch);
}

/** A page of the size of the figure; texts stay texts. */
export async function pdfOf({ svg, width, height }: Rendered, title: string): Promise<Uint8Array> {
  const { svgToPdf } = await drawing();
  const scale = pointInch / cssInch;
  return svgToPdf(svg, { width: width * scale, height: height * scale, title });
}

export function htmlOf(svg: string, { title, caption }: FigureSpec, theme: FigureTheme = 'light'): string {
  const palette = new Palette(theme);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>body{margin:24px;background:${palette.paper};color:${palette.color('ink')};font:15px/1.5 system-ui,sans-serif}
figure{margin:0}svg{max-width:100%;height:auto}figcaption{color:${palette.color('muted')};max-width:70ch}</style>
</head>
<body>
<figure>
${svg}
<figcaption>${escaped(caption)}</figcaption>
</figure>
</body>
</html>
`;
}
