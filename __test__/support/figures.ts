// Checks of figures by their structure: texts and units of axes, and that nothing is cut or lies on something else.
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';
import type { figure } from '../../src-ts/doors/figure.ts';

const fonts = new Map<string, (code: number) => number>();

/** The width of a text in Inter, in units of the font size: read from the tables of the font itself. */
function widthIn(weight: string, text: string): number {
  const made = fonts.get(weight) ?? advances(readFileSync(`packages/report/dist/Inter-${weight}.ttf`));
  fonts.set(weight, made);
  // Letters written as numbers, as in SVG.
  const plain = text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  return [...plain].reduce((sum, letter) => sum + made(letter.codePointAt(0)!), 0);
}

/** The advance of a character, by the tables head, hhea, hmtx and cmap (format 4) of a TrueType font. */
function advances(font: Buffer): (code: number) => number {
  const table = (tag: string) => {
    for (let i = 0; i < font.readUInt16BE(4); i++)
      if (font.toString('latin1', 12 + 16 * i, 16 + 16 * i) === tag)
        return font.subarray(font.readUInt32BE(20 + 16 * i));
    throw new Error(`no table ${tag}`);
  };
  const [head, hhea, hmtx, cmap] = ['head', 'hhea', 'hmtx', 'cmap'].map(table) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const [unit, last] = [head.readUInt16BE(18), hhea.readUInt16BE(34) - 1];
  const offsets = Array.from({ length: cmap.readUInt16BE(2) }, (_, i) => cmap.readUInt32BE(8 + 8 * i));
  const map = cmap.subarray(offsets.find((offset) => cmap.readUInt16BE(offset) === 4)!);
  const segments = map.readUInt16BE(6) / 2;
  const at = (list: number, i: number) =>
    map.readUInt16BE(14 + 2 * (list * segments + i) + (list > 0 ? 2 : 0));
  const glyphOf = (code: number) => {
    for (let i = 0; i < segments; i++) {
      if (at(0, i) < code) continue;
      const [start, delta, offset] = [at(1, i), at(2, i), at(3, i)];
      if (start > code) return 0;
      if (offset === 0) return (code + delta) & 0xffff;
      const glyph = map.readUInt16BE(16 + 2 * (3 * segments + i) + offset + 2 * (code - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
  return (code) => hmtx.readUInt16BE(4 * Math.min(last, glyphOf(code))) / unit;
}

export interface Box {
  text: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The place of every text: positions are added over nested elements, widths are those of the font. */
export function textsOf(svg: string): { texts: Box[]; width: number; height: number } {
  const texts: Box[] = [];
  const stack: { x: number; y: number; size: number; anchor: string }[] = [
    { x: 0, y: 0, size: 12, anchor: 'start' },
  ];
  let [width, height] = [0, 0];
  for (const [, closing, name, attributes, self, content] of svg.matchAll(
    /<(\/?)(\w+)([^>]*?)(\/?)>([^<]*)/g,
  )) {
    if (closing === '/') {
      stack.pop();
      continue;
    }
    const at = (key: string) => new RegExp(`(?:^|\\s)${key}="([^"]*)"`).exec(attributes!)?.[1];
    const inherited = stack.at(-1)!;
    const [, tx = '0', ty = '0'] = /translate\(([-\d.]+),([-\d.]+)\)/.exec(at('transform') ?? '') ?? [];
    const size = Number(at('font-size') ?? inherited.size);
    const anchor = at('text-anchor') ?? inherited.anchor;
    const own = (key: string): number => {
      const value = at(key) ?? '0';
      return value.endsWith('em')
        ? Number(value.slice(0, -2)) * size
        : value.endsWith('%')
          ? 0
          : Number(value);
    };
    // Turned by 90 degrees, what is below in the text is to the right in the figure.
    const isRotated = /rotate\(-90\)/.test(attributes!);
    const [dx, dy] = [
      own(isRotated ? 'y' : 'x') + (isRotated ? own('dy') : 0),
      own(isRotated ? 'x' : 'y') + (isRotated ? 0 : own('dy')),
    ];
    const [x, y] = [inherited.x + Number(tx) + dx, inherited.y + Number(ty) + dy];
    if (name === 'svg' && stack.length === 1) [width, height] = [Number(at('width')), Number(at('height'))];
    // A halo lies behind a text of the same letters.
    if (name === 'text' && content !== '' && at('aria-hidden') === undefined) {
      const long =
        widthIn(attributes!.includes('font-weight="600"') ? 'SemiBold' : 'Regular', content!) * size;
      const before = anchor === 'middle' ? long / 2 : anchor === 'end' ? long : 0;
      const rise = 0.72 * size;
      texts.push(
        isRotated
          ? { text: content!, left: x - rise, right: x, top: y - long + before, bottom: y + before }
          : { text: content!, left: x - before, right: x - before + long, top: y - rise, bottom: y },
      );
    }
    if (self !== '/') stack.push({ x, y, size, anchor });
  }
  return { texts, width, height };
}

export const appearances: Record<string, figure.FigureOptions> = {
  'by default': {},
  'of a column of a journal': { width: '85mm', fontSize: '8pt', theme: 'print' },
  'with titles and letters, in the dark': { titles: true, letters: true, theme: 'dark', fontSize: 15 },
};

/** Axes of numbers without a dimension. */
const withoutUnit = new Set(
  `neuron, intervals, pairs of spikes, count, weight, epoch, batch, loss, accuracy, steps, step, trial, spike, predicted class, true class, input current,
  operations per sample, spikes per sample, v, w, u, input, change of weight, v − threshold, d spike / d v, CV of intervals, value, error, learning rate, beta, hidden,
  optimizer, I`
    .split(',')
    .map((label) => label.trim()),
);

/** Every axis has a label with a unit if it has a dimension; texts lie inside the figure and apart; no line and no text is cut at the border. */
export async function checkFigure(
  t: ExecutionContext,
  made: figure.Figure,
  appearance: figure.FigureOptions,
): Promise<void> {
  const how = `${made.spec.name} ${JSON.stringify(appearance)}`;
  const styled = made.with(appearance);
  const svg = await styled.svg();
  const { texts, width, height } = textsOf(svg);
  t.true(texts.length >= 2, how);
  for (const { text, left, right, top, bottom } of texts)
    if (left < -1 || right > width + 1 || top < -1 || bottom > height + 1)
      t.fail(`${how}: "${text}" at ${left} to ${right}, ${top} to ${bottom} of ${width} × ${height}`);
  for (const [i, a] of texts.entries())
    for (const b of texts.slice(i + 1))
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        t.fail(`${how}: "${a.text}" and "${b.text}" overlap`);
  const labels = [made.options.x?.label, made.options.y?.label];
  for (const panel of made.spec.columns.flat()) {
    if (panel.bare === true) continue;
    for (const [i, axis] of [panel.x, panel.y].entries()) {
      const label = labels[i] ?? axis.label;
      // Names need no label, and panels above each other share one.
      if (label === '')
        t.true(axis.tickLabels !== undefined || made.spec.name === 'weights', `${how}: no label`);
      else t.true(/\(.+\)$/.test(label) || withoutUnit.has(label), `${how}: no unit in "${label}"`);
      if (label !== '' && axis.hidden !== true)
        t.true(
          texts.some(
            ({ text }) => text === label || (text.endsWith('…') && label.startsWith(text.slice(0, -1))),
          ),
          `${how}: ${label}`,
        );
    }
  }
  t.notRegex(svg, /NaN|undefined|Infinity|var\(/, how);
  // Pixels only once: that takes longer than all else.
  if (appearance.titles !== true) return;
  const { pixels, columns, rows } = pixelsOf(await styled.png({ dpi: 96 }));
  const paper = pixels.subarray(0, 4);
  const isPaper = (x: number, y: number) =>
    pixels.subarray(4 * (y * columns + x), 4 * (y * columns + x) + 4).equals(paper);
  for (let x = 0; x < columns; x++)
    t.true(isPaper(x, 0) && isPaper(x, rows - 1), `${how}: cut at column ${x}`);
  for (let y = 0; y < rows; y++) t.true(isPaper(0, y) && isPaper(columns - 1, y), `${how}: cut at row ${y}`);
}

/** The pixels of a PNG of 8 bits with red, green, blue and opacity, as resvg writes it. */
export function pixelsOf(png: Uint8Array): { pixels: Buffer; columns: number; rows: number } {
  const bytes = Buffer.from(png);
  const [columns, rows] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const data = inflateSync(Buffer.concat(parts));
  const [stride, pixels] = [4 * columns, Buffer.alloc(4 * columns * rows)];
  for (let y = 0; y < rows; y++)
    for (let i = 0; i < stride; i++) {
      const at = y * stride + i;
      const [left, up, corner] = [
        i < 4 ? 0 : pixels[at - 4]!,
        y === 0 ? 0 : pixels[at - stride]!,
        i < 4 || y === 0 ? 0 : pixels[at - stride - 4]!,
      ];
      const guess = left + up - corner;
      const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
      const paeth = a <= b && a <= c ? left : b <= c ? up : corner;
      const before = [0, left, up, (left + up) >> 1, paeth][data[y * (stride + 1)]!]!;
      pixels[at] = (data[y * (stride + 1) + 1 + i]! + before) & 255;
    }
  return { pixels, columns, rows };
}

/** 30 neurons over 200 ms; neuron n fires every 5 + n ms, first after n + 0.5 ms. */
export const clocks = (() => {
  const spikes: [number, number][] = [];
  for (let n = 0; n < 30; n++) for (let time = n + 0.5; time < 200; time += 5 + n) spikes.push([time, n]);
  spikes.sort(([a], [b]) => a - b);
  const times = Float64Array.from(spikes, ([time]) => time);
  const ids = Uint32Array.from(spikes, ([, n]) => n);
  return { times, ids, neurons: 30, start: 0, stop: 200 };
})();

/** An edge that moves to the right by a column each 100 µs: ON in front of it, OFF behind it. */
export const moving = (() => {
  const [t, x, y, polarity]: number[][] = [[], [], [], []];
  for (let step = 0; step < 10; step++)
    for (let row = 0; row < 8; row++)
      for (const on of [0, 1]) {
        t!.push(100 * step + row);
        x!.push(step + on);
        y!.push(row);
        polarity!.push(on);
      }
  return { t: t!, x: x!, y: y!, polarity: polarity!, sensor: { width: 16, height: 12 } };
})();
