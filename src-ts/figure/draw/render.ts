/** Draws a figure's description as SVG. */
import type { Axis } from './axes.ts';
import { checkSpec } from './check-spec.ts';
import { layoutOf, type PlacedColumn, type PlacedPanel } from './layout.ts';
import { markSvg } from './marks.ts';
import { type FigureOptions, pixels } from './options.ts';
import type { Pen } from './pen.ts';
import type { FigureSpec } from './spec.ts';
import { escaped, fitted, hundredth, widthOf, wrapped } from './text.ts';
import { Palette, themeRules } from './theme.ts';
import { tickTexts } from './ticks.ts';

/** An SVG document and its size in CSS pixels. */
export interface Rendered {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Pixels that are left free at the left and the right. */
const pad = 2;

interface Look {
  readonly font: number;
  readonly palette: Palette;
}

/**
 * @param within - whether it becomes a part of a page, which has the background and the colors of the theme `'auto'`
 * @throws LapicqueError `invalid-parameter` for marks whose arrays do not fit
 */
export function renderSvg(spec: FigureSpec, options: FigureOptions, within = false): Rendered {
  checkSpec(spec);
  const width = pixels('width', options.width ?? '120mm', 60, 20_000);
  const font = pixels('fontSize', options.fontSize ?? '9pt', 4, 200);
  const family =
    options.font === undefined ? 'Inter, system-ui, sans-serif' : `${options.font}, Inter, sans-serif`;
  const palette = new Palette(options.theme, options.colors);
  const look: Look = { font, palette };
  const ink = palette.color('ink');
  const inner = width - 2 * pad;
  const heading = options.titles === true ? headingOf(spec, inner, look) : { svg: '', height: 0 };
  const { columns: placed, height } = layoutOf(spec, options, { width: inner, font, top: heading.height });
  const columns = placed.map((column) => ({ ...column, x: column.x + pad }));
  const letter = `font-size="${hundredth(1.15 * font)}" font-weight="600" fill="${ink}"`;
  const letters =
    options.letters === true
      ? columns.map(({ x, top }, c) => text(x, top - 0.5 * font, letter, letterOf(c)))
      : [];
  const panels = columns.flatMap((column) => column.panels.map((panel) => panelOf(panel, column, look)));
  const size = `width="${hundredth(width)}" height="${hundredth(height)}" viewBox="0 0 ${hundredth(width)} ${hundredth(height)}"`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="${family}" font-size="${hundredth(font)}">`,
    `<title>${escaped(spec.title)}</title><desc>${escaped(spec.caption)}</desc>`,
    !within && options.theme === 'auto' ? `<style>${themeRules()}</style>` : '',
    within ? '' : `<rect width="100%" height="100%" fill="${palette.paper}"/>`,
    heading.svg,
    ...letters,
    ...panels,
    '</svg>',
  ];
  return { svg: svg.filter((part) => part !== '').join('\n'), width, height };
}

function panelOf(placed: PlacedPanel, column: PlacedColumn, look: Look): string {
  const { panel, name, x, y, top, height, above, below } = placed;
  const frame = {
    left: column.x + column.left,
    right: column.x + column.width - column.right,
    top: top + above,
    bottom: top + height - below,
  };
  const pen: Pen = {
    x: scaleOf(x, frame.left, frame.right),
    y: scaleOf(y, frame.bottom, frame.top),
    frame,
    palette: look.palette,
    base: y.scale === 'log' ? Math.min(...y.domain) : 0,
  };
  const marks = panel.marks.map((mark, i) => markSvg(mark, `${name}.marks[${i}]`, pen)).join('');
  const border = `<rect x="${hundredth(frame.left)}" y="${hundredth(frame.top)}" width="${hundredth(frame.right - frame.left)}" height="${hundredth(frame.bottom - frame.top)}" fill="none" stroke="${look.palette.color('grid')}"/>`;
  const axes = panel.bare === true ? '' : acrossOf(x, pen, column, look) + upOf(y, pen, column, look);
  const notes = (panel.notes ?? []).map(({ y: at, text: words, color = 'muted' }) =>
    text(frame.right + 6, pen.y(at), `dy="0.35em" fill="${escaped(look.palette.color(color))}"`, words),
  );
  return `<g>${panel.bare === true ? '' : border}${marks}${axes}${headOf(placed, frame.left, column, look)}${notes.join('')}</g>`;
}

function scaleOf({ domain: [start, end], scale }: Axis, from: number, to: number): (value: number) => number {
  if (scale === 'linear') return (value) => from + ((value - start) / (end - start)) * (to - from);
  const [low, high] = [Math.log10(start), Math.log10(end)];
  return (value) =>
    value > 0 ? from + ((Math.log10(value) - low) / (high - low)) * (to - from) : Number.NaN;
}

/** Ticks, texts and label of an x axis. */
function acrossOf(
  { ticks, texts, spec, upright }: Axis,
  pen: Pen,
  column: PlacedColumn,
  { font, palette }: Look,
): string {
  const { bottom, left, right } = pen.frame;
  const muted = palette.color('muted');
  const positions = ticks.map((tick) => hundredth(pen.x(tick)));
  const strokes = positions.map((at) => `M${at} ${hundredth(bottom)}v4`).join('');
  const d = strokes === '' ? '' : `<path d="${strokes}" stroke="${muted}" fill="none"/>`;
  if (spec.hidden === true) return d;
  const words = texts.map((own, i) =>
    upright
      ? `<text transform="translate(${positions[i]},${hundredth(bottom + 7)}) rotate(-90)" dy="0.35em" text-anchor="end" fill="${muted}">${escaped(own)}</text>`
      : text(positions[i]!, bottom + 7 + 0.8 * font, `fill="${muted}"`, own, 'middle'),
  );
  const under = texts.length === 0 ? 0 : upright ? Math.max(...texts.map(widthOf)) + 0.4 : 1.2;
  const label = fitted(spec.label, column.width / font);
  // Below the middle of the frame, but within the column.
  const half = (widthOf(label) * font) / 2;
  const middle = Math.min(column.x + column.width - half, Math.max(column.x + half, (left + right) / 2));
  return `${d}${words.join('')}${spec.label === '' ? '' : text(middle, bottom + 7 + (under + 1.2) * font, `fill="${muted}"`, label, 'middle')}`;
}

/** Ticks, texts and label of a y axis. */
function upOf({ ticks, texts, spec }: Axis, pen: Pen, column: PlacedColumn, { font, palette }: Look): string {
  const { bottom, top, left } = pen.frame;
  const muted = palette.color('muted');
  const positions = ticks.map((tick) => hundredth(pen.y(tick)));
  const strokes = positions.map((at) => `M${hundredth(left)} ${at}h-4`).join('');
  const available = (column.left - 10 - (spec.label === '' ? 0 : 1.6 * font)) / font + 0.01;
  const words = texts.map((own, i) =>
    text(left - 7, positions[i]!, `dy="0.35em" fill="${muted}"`, fitted(own, available), 'end'),
  );
  const label =
    spec.label === ''
      ? ''
      : `<text transform="translate(${hundredth(column.x + 0.95 * font)},${hundredth((top + bottom) / 2)}) rotate(-90)" text-anchor="middle" fill="${muted}">${escaped(fitted(spec.label, (bottom - top + 3 * font) / font))}</text>`;
  return `${strokes === '' ? '' : `<path d="${strokes}" stroke="${muted}" fill="none"/>`}${words.join('')}${label}`;
}

/** Title, legend and scale of shades above a panel. */
function headOf(
  { legend, panel, title, top }: PlacedPanel,
  left: number,
  column: PlacedColumn,
  look: Look,
): string {
  const { font, palette } = look;
  const [ink, muted] = [palette.color('ink'), palette.color('muted')];
  const parts: string[] = [];
  if (title !== undefined) parts.push(text(left, top + 1.2 * font, `font-weight="600" fill="${ink}"`, title));
  const first = top + (title === undefined ? 1.2 : 2.7) * font;
  for (const { entry, x, row } of legend) {
    const { name, color, dashed, mark = 'line' } = entry;
    const [at, y] = [left + x, first + 1.6 * row * font];
    const dash = palette.dash(color, dashed);
    const fill = escaped(palette.color(color));
    const middle = hundredth(y - 0.35 * font);
    if (mark === 'line')
      parts.push(
        `<path d="M${hundredth(at)} ${middle}h${hundredth(1.6 * font)}" stroke="${fill}" stroke-width="2"${dash === '' ? '' : ` stroke-dasharray="${dash}"`} fill="none"/>`,
      );
    else if (mark === 'point')
      parts.push(`<circle cx="${hundredth(at + 0.8 * font)}" cy="${middle}" r="3" fill="${fill}"/>`);
    else
      parts.push(
        `<rect x="${hundredth(at + 0.3 * font)}" y="${hundredth(y - 0.75 * font)}" width="${hundredth(font)}" height="${hundredth(0.8 * font)}" fill="${fill}"/>`,
      );
    parts.push(text(at + 2 * font, y, `fill="${muted}"`, name));
  }
  if (panel.shades !== undefined) {
    const rows = legend.length === 0 ? 0 : legend.at(-1)!.row + 1;
    parts.push(shadesOf(panel.shades, left, first + 1.6 * rows * font, column.x + column.width - left, look));
  }
  return parts.join('');
}

/** The label, and below it the lightest value, boxes up to the darkest, and its value. */
function shadesOf(
  { label, range, color = 0 }: NonNullable<PlacedPanel['panel']['shades']>,
  left: number,
  top: number,
  width: number,
  { font, palette }: Look,
): string {
  const y = top + 1.4 * font;
  const muted = `fill="${palette.color('muted')}"`;
  const [light, dark] = tickTexts(
    range.map((value) => Number(value.toPrecision(3))),
    'linear',
  ) as [string, string];
  const boxes = 8;
  const available = width - (widthOf(light) + widthOf(dark) + 1) * font;
  const box = Math.max(0, Math.min(0.7 * font, available / boxes));
  const start = left + (widthOf(light) + 0.4) * font;
  const parts = Array.from({ length: boxes }, (_, i) => {
    const opacity = (i + 1) / boxes;
    return `<rect x="${hundredth(start + i * box)}" y="${hundredth(y - 0.75 * font)}" width="${hundredth(box + 0.05)}" height="${hundredth(0.8 * font)}" fill="${escaped(palette.color(color))}" fill-opacity="${hundredth(opacity)}"/>`;
  });
  const end = start + boxes * box + 0.4 * font;
  return `${text(left, top, muted, fitted(label, width / font))}${text(left, y, muted, light)}${parts.join('')}${text(end, y, muted, dark)}`;
}

/** Title and caption above the panels. */
function headingOf({ title, caption }: FigureSpec, width: number, { font, palette }: Look) {
  const titles = wrapped(title, width / (1.4 * font));
  const lines = wrapped(caption, width / font);
  const strong = `font-size="${hundredth(1.4 * font)}" font-weight="600" fill="${palette.color('ink')}"`;
  const below = 1.7 * (titles.length - 1);
  const parts = [
    ...titles.map((line, i) => text(pad, (1.5 + 1.7 * i) * font, strong, line)),
    ...lines.map((line, i) =>
      text(pad, (3.1 + below + 1.4 * i) * font, `fill="${palette.color('muted')}"`, line),
    ),
  ];
  return { svg: parts.join(''), height: (2.6 + below + 1.4 * lines.length) * font };
}

function text(
  x: number | string,
  y: number | string,
  attributes: string,
  words: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  const at = (coordinate: number | string) =>
    typeof coordinate === 'number' ? hundredth(coordinate) : coordinate;
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" ${attributes}>${escaped(words)}</text>`;
}

function letterOf(column: number): string {
  return String.fromCharCode(97 + (column % 26));
}
