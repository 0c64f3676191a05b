// A picture of many small membrane potentials, four in a row, as PNG.
import { plot } from '@lapicque/report';
import { colours, drawn, figure, text } from './figure.mjs';

const [width, height, columns] = [270, 132, 4];

/** `traces`: `{ name, dt, v, input }`, v in mV every dt ms; the bytes of the PNG. */
export function patternPicture(traces) {
  const rows = Math.ceil(traces.length / columns);
  return figure({
    width: columns * width,
    height: rows * height,
    title: 'One equation, twenty patterns of firing',
    caption:
      'Membrane potential from -90 to 30 mV (blue) and input current, not to scale (orange), of Izhikevich’s neuron.',
    panels: traces.map((trace, i) => ({
      x: (i % columns) * width,
      y: Math.floor(i / columns) * height,
      svg: panel(trace),
    })),
  });
}

function panel({ name, dt, v, input }) {
  const [low, high] = [Math.min(...input), Math.max(...input)];
  const points = Array.from(v, (y, k) => ({ t: k * dt, y }));
  // The input in a lane of its own below the potential.
  const current = Array.from(input, (x, k) => ({
    t: k * dt,
    y: -112 + (14 * (x - low)) / (high - low || 1),
  }));
  const end = (v.length - 1) * dt;
  const svg = drawn({
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
  const below = svg.replace('<svg', '<svg y="18"');
  return `<svg width="${width}" height="${height}">${text(0, 12, 11.5, 600, colours.ink, name)}${below}</svg>`;
}
