// A picture of many small membrane potentials, four in a row, as PNG. Drawn with Observable Plot, like the reports.
import { fileURLToPath } from 'node:url';
import * as plot from '@observablehq/plot';
import { Resvg } from '@resvg/resvg-js';
import { parseHTML } from 'linkedom';

const [width, height, columns, margin] = [270, 132, 4, 28];
const colours = { ink: '#1b2130', muted: '#667085', grid: '#e4e7ec', first: '#2563c9', second: '#e0700c' };

/** `traces`: `{ name, dt, v, input }`, v in mV every dt ms; resolves to the bytes of the PNG. */
export async function patternPicture(traces) {
  const rows = Math.ceil(traces.length / columns);
  const [w, h] = [columns * width + 2 * margin, rows * height + 2 * margin + 34];
  const panels = traces.map((trace, i) => {
    const [x, y] = [margin + (i % columns) * width, margin + 46 + Math.floor(i / columns) * height];
    return panel(trace).replace('<svg', `<svg x="${x}" y="${y}"`);
  });
  const heading = text(margin, margin + 8, 17, 600, colours.ink, 'One equation, twenty patterns of firing');
  const caption =
    'Membrane potential from -90 to 30 mV (blue) and input current, not to scale (orange), of Izhikevich’s neuron.';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" font-family="Inter">
<rect width="100%" height="100%" fill="#ffffff"/>${heading}
${text(margin, margin + 28, 12, 400, colours.muted, caption)}${panels.join('\n')}</svg>`;
  const fontFiles = ['Regular', 'SemiBold'].map((weight) =>
    fileURLToPath(new URL(`../../dist/assets/Inter-${weight}.ttf`, import.meta.url)),
  );
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: 'Inter' };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: 2 } }).render().asPng();
}

function panel({ name, dt, v, input }) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const [low, high] = [Math.min(...input), Math.max(...input)];
  const points = Array.from(v, (y, k) => ({ t: k * dt, y }));
  // The input in a lane of its own below the potential.
  const current = Array.from(input, (x, k) => ({
    t: k * dt,
    y: -112 + (14 * (x - low)) / (high - low || 1),
  }));
  const end = (v.length - 1) * dt;
  const drawn = plot.plot({
    document,
    width: width - 16,
    height: height - 26,
    marginLeft: 1,
    marginRight: 1,
    marginTop: 2,
    marginBottom: 16,
    x: { domain: [0, end], ticks: [0, end], tickSize: 0, label: null, tickFormat: (t) => `${t} ms` },
    y: { domain: [-114, 32], axis: null },
    marks: [
      plot.ruleY([-114], { stroke: colours.grid }),
      plot.axisX([end], {
        anchor: 'bottom',
        tickSize: 0,
        label: null,
        textAnchor: 'end',
        color: colours.muted,
        tickFormat: (t) => `${t} ms`,
      }),
      plot.lineY(current, { x: 't', y: 'y', stroke: colours.second, strokeWidth: 1.2, curve: 'step-after' }),
      plot.lineY(points, { x: 't', y: 'y', stroke: colours.first, strokeWidth: 1.1 }),
    ],
  });
  const svg = String(drawn)
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace('<svg', '<svg y="18"')
    .replace(/font-family="[^"]*"/g, 'font-family="Inter"');
  return `<svg width="${width}" height="${height}">${text(0, 12, 11.5, 600, colours.ink, name)}${svg}</svg>`;
}

function text(x, y, size, weight, fill, words) {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}">${words}</text>`;
}
