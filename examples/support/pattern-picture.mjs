// A picture of many small membrane potentials, four in a row.
import { figure } from 'lapicque/figure';

/** `traces`: `{ name, dt, v, input }`, v in mV every dt ms. */
export function patternFigure(traces) {
  return new figure.Figure({
    name: 'izhikevich-patterns',
    title: 'One equation, twenty patterns of firing',
    caption: 'Membrane potential, and input current below it, not to scale, of Izhikevich’s neuron.',
    columns: traces.map((trace) => [panelOf(trace)]),
    perRow: 4,
  });
}

function panelOf({ name, dt, v, input }) {
  const [low, high] = [Math.min(...input), Math.max(...input)];
  const end = (v.length - 1) * dt;
  const times = (list) => Array.from(list, (_, k) => k * dt);
  // The input in a place of its own below the potential.
  const current = Array.from(input, (x) => -112 + (14 * (x - low)) / (high - low || 1));
  return {
    title: name,
    x: { label: 'time (ms)', domain: [0, end], ticks: [0, end / 2, end] },
    y: { label: 'v (mV)', domain: [-116, 34], ticks: [-80, -40, 0] },
    marks: [
      { type: 'line', x: times(input), y: current, color: 1, width: 1.2, steps: true },
      { type: 'line', x: times(v), y: v, width: 1.1 },
    ],
    weight: 0.5,
  };
}
