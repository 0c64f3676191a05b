/** Surrogate gradients over the distance to the threshold. */
import { options as checkOptions, finite, invalid } from '../checks/check.ts';
import { surrogateDerivative } from '../neurons/custom-surrogate.ts';
import type { Surrogate } from '../neurons/surrogate-node.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { MarkSpec, PanelSpec } from './draw/spec.ts';

/** Options of {@link surrogate}. */
export interface SurrogateFigureOptions extends FigureOptions {
  /** The distances `v - vThreshold` that are shown, `[from, to]`; default -2 to 2. */
  range?: readonly [number, number];
}

const points = 401;

export async function surrogate(
  surrogates: Surrogate | Readonly<Record<string, Surrogate>>,
  options: SurrogateFigureOptions = {},
): Promise<Figure> {
  const { range = [-2, 2], ...appearance } = checkOptions('figure.surrogate', options, [
    ...figureOptions,
    'range',
  ]);
  if (!Array.isArray(range) || range.length !== 2) invalid('range', range, '[from, to]');
  const [from, to] = [
    finite('range[0]', range[0]),
    finite('range[1]', range[1], { above: range[0] as number }),
  ];
  if (typeof surrogates !== 'object' || surrogates === null)
    invalid('surrogates', surrogates, 'a surrogate, such as surrogate.atan(), or surrogates by name');
  const { name: kind, derivative: own } = surrogates as { name?: unknown; derivative?: unknown };
  const isOne = typeof kind === 'string' || typeof own === 'string';
  const named = isOne
    ? [['', surrogates as Surrogate] as const]
    : Object.entries(surrogates as Record<string, Surrogate>);
  if (named.length === 0) invalid('surrogates', surrogates, 'at least one surrogate');
  const x = Float64Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));
  const all = named.map(([, one]) => surrogateDerivative(one, x));
  const legend = isOne ? {} : { legend: named.map(([name], color) => ({ name, color })) };
  const axis = { label: 'v − threshold', domain: [from, to] } as const;
  const line = (y: ArrayLike<number> | undefined, color: number): MarkSpec[] =>
    y === undefined ? [] : [{ type: 'line', x, y, color, width: 1.8 }];
  const step: MarkSpec = {
    type: 'line',
    x: [from, Math.min(to, Math.max(from, 0)), to],
    y: [from >= 0 ? 1 : 0, to >= 0 ? 1 : 0, to >= 0 ? 1 : 0],
    steps: true,
    color: 'muted',
    width: 1,
    dashed: true,
  };
  const hasCurve = all.some(({ primitive }) => primitive !== undefined);
  const curve: PanelSpec = {
    title: 'smoothed spike',
    x: axis,
    y: { label: 'spike' },
    marks: [step, ...all.flatMap(({ primitive }, color) => line(centered(primitive, x), color))],
    ...legend,
  };
  const derivative: PanelSpec = {
    title: 'derivative',
    x: axis,
    y: { label: 'd spike / d v' },
    marks: all.flatMap(({ derivative: y }, color) => line(y, color)),
    ...legend,
  };
  const missing = all.some(({ primitive }) => primitive === undefined)
    ? ' A curve is missing where the antiderivative is not known.'
    : '';
  const caption = `Surrogate of a spike over the distance of the potential to the threshold: the curve whose slope is the gradient, 0.5 at the threshold, with the spike as a dashed line; and the gradient.${hasCurve ? missing : ''}`;
  return new Figure(
    {
      name: 'surrogate',
      title: 'Surrogate gradient',
      caption,
      columns: hasCurve ? [[curve], [derivative]] : [[derivative]],
    },
    appearance,
  );
}

/** An antiderivative is known up to a constant: here it is 0.5 at the threshold, or next to it. */
function centered(primitive: Float64Array | undefined, x: Float64Array): Float64Array | undefined {
  if (primitive === undefined) return undefined;
  const middle = x.reduce((nearest, at, i) => (Math.abs(at) < Math.abs(x[nearest]!) ? i : nearest), 0);
  return primitive.map((value) => value - primitive[middle]! + 0.5);
}
