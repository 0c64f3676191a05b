/** Accuracy of converted networks against the number of steps, with the artificial network's own as a line. */
import { extent } from '../numbers/extent.ts';
import { type Draw, type Figure, type Panel, type Plot, shortened, titled } from './canvas.ts';
import type { AccuracyCurve } from './data.ts';
import { colour } from './theme.ts';

const tones = ['first', 'second', 'third'] as const;

export function drawSteps(plot: Plot, draw: Draw, curves: readonly AccuracyCurve[]): Figure {
  const hasAnn = curves.some(({ ann }) => ann !== undefined);
  return {
    ...titled('Accuracy', accuracyPanel(plot, draw, curves, { width: 620, height: 300, marginRight: 130 })),
    name: 'steps',
    title: 'Accuracy against steps',
    caption: `Share of samples with the right label after each number of steps.${hasAnn ? ' The dashed line is the artificial network.' : ''}`,
  };
}

/** Accuracies against steps on a logarithmic axis, with the accuracy of the artificial network as a dashed line. */
export function accuracyPanel(
  plot: Plot,
  draw: Draw,
  curves: readonly Pick<AccuracyCurve, 'name' | 'steps' | 'accuracy' | 'ann'>[],
  size: { width: number; height: number; marginRight: number },
): Panel {
  const points = curves.map(({ steps, accuracy }) =>
    Array.from(steps, (x, i) => ({ x, y: accuracy[i]! })).filter(({ y }) => Number.isFinite(y)),
  );
  const anns = [...new Set(curves.flatMap(({ ann }) => (ann === undefined ? [] : [ann.accuracy])))];
  const [lowest] = extent([...points.flat().map(({ y }) => y), ...anns], 1);
  const [, last] = extent(
    points.flat().map(({ x }) => x),
    1,
    1,
  );
  const ticks = [...new Set(curves.flatMap(({ steps }) => Array.from(steps)))].sort((a, b) => a - b);
  const tone = (i: number) => colour(tones[i % tones.length]!);
  const label = { textAnchor: 'start', dx: 8, fontWeight: 600 } as const;
  return draw({
    ...size,
    marginLeft: 52,
    marginTop: 10,
    marginBottom: 38,
    x: {
      type: 'log',
      base: 2,
      label: 'steps',
      labelArrow: 'none',
      labelAnchor: 'center',
      ticks: ticks.length > 12 ? 8 : ticks,
      tickFormat: 'd',
      inset: 6,
    },
    y: {
      label: null,
      ticks: 5,
      // Down to the next multiple of 5 % with a little room.
      domain: [Math.max(0, Math.floor(lowest * 20 - 0.5) / 20), 1],
      tickFormat: (v: number) => `${Math.round(1000 * v) / 10} %`,
    },
    marks: [
      plot.gridY({ stroke: colour('grid'), strokeOpacity: 1, ticks: 5 }),
      plot.ruleY(anns, { stroke: colour('muted'), strokeDasharray: '5 4' }),
      plot.text(
        anns.slice(0, 1).map((y) => ({ x: last, y })),
        { x: 'x', y: 'y', text: () => 'ANN', fill: colour('muted'), ...label, dy: -9 },
      ),
      ...points.flatMap((own, i) => [
        plot.line(own, { x: 'x', y: 'y', stroke: tone(i), strokeWidth: 2 }),
        plot.dot(own, { x: 'x', y: 'y', fill: tone(i), r: 2.8 }),
        plot.text(curves.length > 1 ? own.slice(-1) : [], {
          x: 'x',
          y: 'y',
          text: () => shortened(curves[i]!.name ?? `network ${i + 1}`, 18),
          fill: tone(i),
          ...label,
          dy: 8 + 15 * i,
        }),
      ]),
    ],
  });
}
