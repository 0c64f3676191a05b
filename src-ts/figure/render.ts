/** Draws a figure's description with Observable Plot. */
import { escaped, openCanvas, wrapped } from '../report/canvas.ts';
import { type Axis, characterWidth, layoutOf, type PlacedColumn, type PlacedPanel } from './layout.ts';
import { type Pen, plotMark } from './marks.ts';
import { type FigureOptions, pixels } from './options.ts';
import type { FigureSpec } from './spec.ts';
import { Palette } from './theme.ts';

/** An SVG document and its size in CSS pixels. */
export interface Rendered {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** @throws LapicqueError `unsupported` without `@lapicque/report`, `invalid-parameter` for marks whose arrays do not fit */
export async function renderSvg(spec: FigureSpec, options: FigureOptions): Promise<Rendered> {
  const width = pixels('width', options.width ?? 720, 60, 20_000);
  const font = pixels('fontSize', options.fontSize ?? '9pt', 4, 200);
  const family =
    options.font === undefined ? 'Inter, system-ui, sans-serif' : `${options.font}, Inter, sans-serif`;
  const palette = new Palette(options.theme, options.colors);
  const ink = palette.color('ink');
  const canvas = await openCanvas({ family, size: font });
  const heading = options.titles === true ? headingOf(spec, width, font, palette) : { svg: '', height: 0 };
  const top = heading.height + (options.letters === true ? 1.6 * font : 0);
  const { columns, height } = layoutOf(spec, options, { width, font, top });
  const letter = `font-size="${hundredth(1.15 * font)}" font-weight="600" fill="${ink}"`;
  const letters =
    options.letters === true ? columns.map(({ x }, c) => text(x, top - 0.5 * font, letter, letterOf(c))) : [];
  const panels = columns.flatMap((column) =>
    column.panels.map((panel) => panelOf(panel, column, font, palette, canvas)),
  );
  const size = `width="${hundredth(width)}" height="${hundredth(height)}" viewBox="0 0 ${hundredth(width)} ${hundredth(height)}"`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="${family}" font-size="${hundredth(font)}" color="${ink}">`,
    `<title>${escaped(spec.title)}</title><desc>${escaped(spec.caption)}</desc>`,
    `<rect width="100%" height="100%" fill="${palette.paper}"/>`,
    heading.svg,
    ...letters,
    ...panels,
    '</svg>',
  ].join('\n');
  return { svg: svg.replaceAll('currentColor', ink), width, height };
}

function panelOf(
  placed: PlacedPanel,
  column: PlacedColumn,
  font: number,
  palette: Palette,
  { plot, draw }: Awaited<ReturnType<typeof openCanvas>>,
): string {
  const { panel, name, x, y } = placed;
  const [ink, muted] = [palette.color('ink'), palette.color('muted')];
  const pen: Pen = { plot, palette, base: y.scale === 'log' ? Math.min(...y.domain) : 0 };
  const shared = {
    color: muted,
    labelArrow: 'none',
    labelAnchor: 'center',
    tickSize: 4,
    tickPadding: 3,
    fontSize: font,
  } as const;
  const hidden = x.spec.hidden === true;
  const axes = [
    plot.axisX([...x.ticks], {
      ...shared,
      text: hidden ? () => '' : textOf(x),
      label: hidden || x.spec.label === '' ? null : x.spec.label,
      labelOffset: 2.9 * font,
    }),
    plot.axisY([...y.ticks], {
      ...shared,
      text: textOf(y),
      label: y.spec.label === '' ? null : y.spec.label,
      labelOffset: column.left - 2,
    }),
  ];
  const { svg } = draw({
    width: column.width,
    height: placed.height,
    marginLeft: column.left,
    marginRight: column.right,
    marginTop: placed.above,
    marginBottom: placed.below,
    x: { type: x.scale, domain: [...x.domain], axis: null },
    y: { type: y.scale, domain: [...y.domain], axis: null },
    marks: [
      panel.bare === true ? null : plot.frame({ stroke: palette.color('grid') }),
      ...panel.marks.map((mark, i) => plotMark(mark, `${name}.marks[${i}]`, pen)),
      ...(panel.bare === true ? [] : axes),
    ],
  });
  const words = panel.legend === undefined ? [] : [swatches(placed, column.left, font, palette)];
  if (panel.title !== undefined)
    words.push(text(column.left, 1.3 * font, `font-weight="600" fill="${ink}"`, panel.title));
  return svg
    .replace(/<\/svg>\s*$/, `${words.join('')}</svg>`)
    .replace('<svg', `<svg x="${hundredth(column.x)}" y="${hundredth(placed.top)}"`);
}

/** The text of a tick by its value. */
function textOf({ ticks, texts }: Axis): (tick: number) => string {
  const byTick = new Map(ticks.map((tick, i) => [tick, texts[i] ?? '']));
  return (tick) => byTick.get(tick) ?? '';
}

/** The legend of a panel. */
function swatches({ legend, panel }: PlacedPanel, left: number, font: number, palette: Palette): string {
  const first = (panel.title === undefined ? 1.2 : 2.8) * font;
  const parts = legend.map(({ entry: { name, color, dashed }, x, row }) => {
    const [at, y] = [left + x, first + 1.6 * row * font];
    const dash = palette.dash(color, dashed);
    const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
    const stroke = escaped(palette.color(color));
    const line = `<path d="M${hundredth(at)} ${hundredth(y - 0.35 * font)}h${hundredth(1.6 * font)}" stroke="${stroke}" stroke-width="2"${dashes}/>`;
    return line + text(at + 2 * font, y, `fill="${palette.color('muted')}"`, name);
  });
  return parts.join('');
}

/** Title and caption above the panels. */
function headingOf({ title, caption }: FigureSpec, width: number, font: number, palette: Palette) {
  const lines = wrapped(caption, Math.max(10, Math.floor(width / (characterWidth * font))));
  const parts = [
    text(0, 1.5 * font, `font-size="${1.4 * font}" font-weight="600" fill="${palette.color('ink')}"`, title),
  ];
  for (const [i, line] of lines.entries())
    parts.push(text(0, (3.1 + 1.4 * i) * font, `fill="${palette.color('muted')}"`, line));
  return { svg: parts.join(''), height: (3.1 + 1.4 * lines.length) * font };
}

function text(x: number, y: number, attributes: string, words: string): string {
  return `<text x="${hundredth(x)}" y="${hundredth(y)}" text-anchor="start" ${attributes}>${escaped(words)}</text>`;
}

function letterOf(column: number): string {
  return String.fromCharCode(97 + (column % 26));
}

function hundredth(value: number): string {
  return String(Math.round(value * 100) / 100);
}
