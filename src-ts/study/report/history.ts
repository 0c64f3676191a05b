/** The value of each trial, in the order of their numbers, with the best so far. */
import type { ScaleOptions } from '@observablehq/plot';
import { below, type Figure, type Panel, titled } from '../../report/canvas.ts';
import { colour } from '../../report/theme.ts';
import { valueScale } from './scales.ts';
import {
  aim,
  everyFew,
  type FigureSource,
  isMaximized,
  objectiveOf,
  shareSaid,
  valueLabel,
} from './source.ts';

const width = 876;
const sides = { marginLeft: 64, marginRight: 20 };
const [mostDots, mostTicks, rowHeight] = [4000, 1500, 17];

/** Draws nothing without trials. */
export function drawHistory(source: FigureSource): Figure | undefined {
  const { results } = source;
  const { trials } = results.table;
  if (trials.length === 0) return undefined;
  const last = trials.at(-1)!.number;
  const rest = unfinished(source, last);
  const objectives = results.directions.map((_, objective) => objective);
  const panels = objectives.map((objective) =>
    titled(
      valueLabel(source, objective),
      values(source, objective, trialScale(last, rest === undefined && objective === objectives.at(-1))),
    ),
  );
  const aims = objectives.map((objective) => aim(source, objective)).join('; ');
  const words = [
    `Each dot is a complete trial, the line the best so far (${aims}).`,
    rest === undefined ? '' : ' Ticks below are trials without a value.',
    shareSaid(everyFew(results.complete.trials, mostDots).length, results.complete.length),
  ];
  return {
    ...below(rest === undefined ? panels : [...panels, rest], 4),
    name: 'history',
    title: 'History',
    caption: words.join(''),
  };
}

function values(source: FigureSource, objective: number, x: ScaleOptions): Panel {
  const { plot, draw, results } = source;
  const complete = results.complete.trials;
  const scale = valueScale(
    complete.map((trial) => objectiveOf(trial, objective)),
    isMaximized(source, objective),
  );
  const points = everyFew(complete, mostDots)
    .map((trial) => ({ x: trial.number, y: objectiveOf(trial, objective) }))
    .filter(({ y }) => Number.isFinite(y));
  const { number, best } = results.history(objective);
  // The best value changes seldom: one step per change, and one to the end.
  const steps = Array.from(number, (at, i) => ({ x: at, y: best[i]! })).filter(
    ({ y }, i) => i === 0 || y !== best[i - 1],
  );
  if (steps.length > 0) steps.push({ x: (x.domain as number[])[1]!, y: steps.at(-1)!.y });
  return draw({
    width,
    height: (results.directions.length === 1 ? 256 : 190) + (x.label === null ? 6 : 42),
    ...sides,
    marginTop: 8,
    marginBottom: x.label === null ? 6 : 42,
    x,
    y: { label: null, ...scale.options },
    marks: [
      plot.gridY({ stroke: colour('grid'), strokeOpacity: 1, ticks: scale.options.ticks as number }),
      plot.dot(
        points.filter(({ y }) => !scale.beyond(y)),
        { x: 'x', y: 'y', r: 2.8, fill: colour('first'), fillOpacity: 0.55 },
      ),
      plot.dot(
        points.filter(({ y }) => scale.beyond(y)),
        { x: 'x', y: scale.edge, r: 3, symbol: 'triangle2', stroke: colour('first'), strokeOpacity: 0.7 },
      ),
      plot.line(steps, { x: 'x', y: 'y', stroke: colour('second'), strokeWidth: 2.2, curve: 'step-after' }),
    ],
  });
}

/** One row of ticks for each state without a value. */
function unfinished({ plot, draw, results }: FigureSource, last: number): Panel | undefined {
  const { trials } = results.table;
  const colours = { pruned: colour('muted'), failed: colour('wrong'), running: colour('third') };
  const states = (['pruned', 'failed', 'running'] as const).filter((state) =>
    trials.some((trial) => trial.state === state),
  );
  if (states.length === 0) return undefined;
  return draw({
    width,
    height: rowHeight * states.length + 46,
    ...sides,
    marginTop: 4,
    marginBottom: 42,
    x: trialScale(last, true),
    y: { type: 'band', domain: [...states], label: null, tickSize: 0, padding: 0.25 },
    marks: states.map((state) =>
      plot.tickX(
        everyFew(
          trials.filter((trial) => trial.state === state),
          mostTicks,
        ),
        { x: 'number', y: 'state', stroke: colours[state], strokeOpacity: 0.75 },
      ),
    ),
  });
}

function trialScale(last: number, labelled: boolean): ScaleOptions {
  const ticks = Math.min(10, Math.max(1, last));
  return {
    label: labelled ? 'trial' : null,
    labelArrow: 'none',
    labelAnchor: 'center',
    domain: [0, Math.max(1, last)],
    ticks: labelled ? ticks : [],
    tickFormat: 'd',
    inset: 6,
  };
}
