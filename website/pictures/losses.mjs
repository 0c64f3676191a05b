// A picture of every loss: its value while the output of one sample goes from wrong to right. The output is the input: neurons pass it on.
import { loss, sequential, threshold } from 'lapicque';
import { figure } from 'lapicque/figure';
import { li } from 'lapicque/neurons';

const steps = 20;
const label = 0;
/** Spikes of the other two outputs in all, and their potential. */
const [others, rest] = [8, 0.5];

/** The steps of `count` spikes, spread evenly. */
const evenly = (count) => Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) * steps) / count));

function spikesAt(times) {
  const x = new Float64Array(steps * 3);
  for (const [neuron, list] of times.entries()) for (const time of list) x[time * 3 + neuron] = 1;
  return x;
}

/** The values along the axis, what it is called, and the output at one of them. */
const sweeps = {
  count: {
    name: `spikes of the label's output in ${steps} steps`,
    values: Array.from({ length: steps + 1 }, (_, i) => i),
    output: (count) => spikesAt([evenly(count), evenly(others), evenly(others)]),
    note: `The other two outputs fire ${others} times.`,
  },
  first: {
    name: "first spike of the label's output (step)",
    values: Array.from({ length: steps }, (_, i) => i),
    output: (step) => spikesAt([[step], [10], [10]]),
    note: 'The other two outputs fire at step 10.',
  },
  membrane: {
    name: "membrane of the label's output",
    values: Array.from({ length: 41 }, (_, i) => -2 + i / 10),
    output: (v) => Float64Array.from({ length: steps * 3 }, (_, i) => (i % 3 === label ? v : rest)),
    note: `The membranes of the other two outputs are ${rest}.`,
  },
};

/** The values of a loss of the registry along its axis. */
export async function lossCurve({ name, reads }) {
  const sweep = sweeps[/FirstSpike/.test(name) ? 'first' : reads === 'v' ? 'membrane' : 'count'];
  const passOn = reads === 'v' ? li({ beta: 0 }) : threshold({ vThreshold: 0.5 });
  const model = await sequential(passOn).compile({ inputs: 3, precision: 'f64' });
  const y = [];
  for (const value of sweep.values) {
    const batch = { x: sweep.output(value), y: Uint32Array.of(label), shape: [steps, 1, 3] };
    y.push((await model.evaluate([batch], { loss: loss[name]() })).loss);
  }
  return { x: sweep.values, y, sweep };
}

/** The figure of a loss. */
export async function lossFigure(kind) {
  const { x, y, sweep } = await lossCurve(kind);
  return new figure.Figure({
    name: kind.name,
    title: kind.name,
    caption: `The loss of one sample of three classes by the ${sweep.name}. ${sweep.note}`,
    columns: [
      [
        {
          x: { label: sweep.name, domain: [x[0], x.at(-1)] },
          y: { label: 'loss', domain: [0, 1.08 * Math.max(...y)] },
          marks: [{ type: 'line', x, y, color: 0 }],
        },
      ],
    ],
  });
}
