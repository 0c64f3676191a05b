// The curve of every surrogate gradient, from a backward pass of the engine: neurons with biases from -2 to 2 and no input.
import { dense, sequential, threshold } from 'lapicque';
import { figure } from 'lapicque/figure';
import { customSurrogate, surrogate } from 'lapicque/neurons';

const points = 401;
const reach = 2;

/** The derivative by the distance to the threshold, and its parameters. */
export async function surrogateCurve(node) {
  const x = Float64Array.from({ length: points }, (_, i) => -reach + (2 * reach * i) / (points - 1));
  const model = await sequential(
    dense(1, points, {
      name: 'x',
      initial: { kind: 'zeros' },
      initialBias: { kind: 'values', values: [...x] },
    }),
    threshold({ name: 'spike', vThreshold: 0, surrogate: node }),
  ).compile({ precision: 'f64' });
  const pass = await model.forward({ x: new Float64Array(1), shape: [1, 1, 1] });
  await pass.backward({ spikes: new Float64Array(points).fill(1) });
  const { 'x.bias': gradient } = await model.gradients();
  return { x, y: Float64Array.from(gradient) };
}

/** The figure of one surrogate with its default parameters. */
export async function surrogateFigure(name, options) {
  const { x, y } = await surrogateCurve(surrogate[name](options));
  return curve(`surrogate-${name}`, `surrogate.${name}`, x, y);
}

/** The figure of a custom surrogate. */
export async function customSurrogateFigure(formula, parameters) {
  const { x, y } = await surrogateCurve(customSurrogate(formula, parameters));
  return curve('surrogate-custom', formula, x, y);
}

function curve(name, title, x, y) {
  const high = Math.max(...y);
  const low = Math.min(0, ...y);
  return new figure.Figure({
    name,
    title,
    caption: `The derivative that ${title} gives a spike, by the distance x of the potential to the threshold.`,
    columns: [
      [
        {
          x: { label: 'x = v − vThreshold' },
          y: { label: 'ds/dv', domain: [low - 0.05 * (high - low || 1), high + 0.08 * (high - low || 1)] },
          marks: [
            { type: 'rule', x: 0, dashed: true },
            { type: 'line', x, y, color: 0 },
          ],
        },
      ],
    ],
  });
}
