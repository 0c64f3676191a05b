/** SVG as PNG, PDF and HTML. */
import { missingPackage } from '../../checks/optional-package.ts';
import type { Rendered } from './render.ts';
import type { FigureSpec } from './spec.ts';
import { escaped } from './text.ts';
import { type FigureTheme, Palette } from './theme.ts';

/** CSS pixels per inch, and points per inch. */
const [cssInch, pointInch] = [96, 72];

/** @throws LapicqueError `unsupported` if `@lapicque/report` is not installed */
export async function pngOf(svg: string, dpi: number): Promise<Uint8Array> {
  const { svgToPng } = await renderer();
  return svgToPng(svg, dpi / cssInch);
}

/** A page of the size of the figure; texts stay texts. @throws LapicqueError `unsupported` if `@lapicque/report` is not installed */
export async function pdfOf({ svg, width, height }: Rendered, title: string): Promise<Uint8Array> {
  const scale = pointInch / cssInch;
  return (await renderer()).svgToPdf(svg, { width: width * scale, height: height * scale, title });
}

/** The import is within `try`, so that bundlers treat the package as optional. */
async function renderer(): Promise<typeof import('@lapicque/report')> {
  try {
    return await import('@lapicque/report');
  } catch (error) {
    throw missingPackage('@lapicque/report', 'PNG and PDF of figures', error);
  }
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
