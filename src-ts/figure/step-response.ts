/** A neuron's states and spikes while a current steps on and off. */
import { options as checkOptions, finite, invalid, text, timeStep, unknownName } from '../checks/check.ts';
import { circuit } from '../circuit/circuit.ts';
import { currentSource } from '../circuit/elements/devices.ts';
import { connect } from '../circuit/elements/elements.ts';
import type { Population } from '../circuit/elements/populations.ts';
import { record } from '../circuit/elements/recorders.ts';
import { simulate } from '../circuit/simulate.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { PanelSpec } from './draw/spec.ts';
import { copiesOf, labelOf, oneNeuron, statesOf } from './neuron-run.ts';
import { windowOf } from './time-window.ts';

/** Options of {@link stepResponse}. */
export interface StepResponseOptions extends FigureOptions {
  /** The height of the step, in the unit of the neuron's input. */
  current: number;
  /** When the step begins and ends, in ms; default from 10 % to 80 % of the duration. */
  window?: readonly [number, number];
  /** In ms; default 200. */
  duration?: number;
  /** Length of a step of the simulation, in ms; default 0.1. */
  dt?: number;
  /** The states that are shown; default the first. */
  states?: readonly string[];
  /** The input of a neuron with several; default the model's own choice. */
  port?: string;
  /** Unit of the current, such as `'pA'`, for the label of its axis; default none. */
  unit?: string;
}

const names = ['current', 'window', 'duration', 'dt', 'states', 'port', 'unit'] as const;

export async function stepResponse(neuron: Population, options: StepResponseOptions): Promise<Figure> {
  const {
    current,
    window,
    duration = 200,
    dt = 0.1,
    states,
    port,
    unit,
    ...appearance
  } = checkOptions('figure.stepResponse', options, [...figureOptions, ...names]);
  const cells = oneNeuron(neuron);
  finite('current', current);
  timeStep('dt', dt);
  finite('duration', duration, { min: dt });
  const [from, to] =
    window === undefined ? [0.1 * duration, 0.8 * duration] : windowOf(window, [0, duration]);
  finite('window[0]', from, { min: 0 });
  const known = statesOf(cells);
  const selected = states ?? known.slice(0, 1).map(({ name }) => name);
  if (!Array.isArray(selected) || selected.length === 0) invalid('states', states, 'at least one state');
  for (const name of selected)
    if (!known.some((state) => state.name === name))
      throw unknownName(
        'state',
        String(name),
        known.map((state) => state.name),
      );
  if (unit !== undefined) text('unit', unit);
  const one = copiesOf(cells, 1, {});
  const source = currentSource({ times: [from, to], values: [current, 0] });
  const recording = await simulate(
    circuit(
      one,
      connect(source, one, port === undefined ? undefined : { port }),
      record.traces(one, selected as string[], dt),
    ),
    { duration, dt, precision: 'f64' },
  );
  const panels = selected.map((name, i): PanelSpec => {
    const { times, values } = recording.traces[`neuron.${name}`]!;
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const above = high + 0.08 * (high - low || 1);
    return {
      x: { label: 'time (ms)', domain: [0, duration], hidden: true },
      y: { label: labelOf(name, known.find((state) => state.name === name)!.unit) },
      marks: [
        { type: 'line', x: times, y: values, width: 1.3 },
        ...(i > 0
          ? []
          : [
              {
                type: 'points',
                x: recording.times,
                y: Array.from(recording.times, () => above),
                color: 'accent',
                radius: 2,
              } as const,
            ]),
      ],
      ...(i === 0 && recording.times.length > 0
        ? { legend: [{ name: 'spikes', color: 'accent', mark: 'point' as const }] }
        : {}),
      weight: i === 0 ? 1 : 0.5,
    };
  });
  const input: PanelSpec = {
    x: { label: 'time (ms)', domain: [0, duration] },
    y: { label: unit === undefined ? 'input' : `input (${unit})` },
    marks: [{ type: 'line', x: [0, from, to, duration], y: [0, current, 0, 0], steps: true, color: 'muted' }],
    weight: 0.3,
  };
  const count = recording.times.length;
  const caption = `${selected.join(', ')} of a neuron with a current of ${current}${unit === undefined ? '' : ` ${unit}`} from ${from} to ${to} ms; ${count} ${count === 1 ? 'spike' : 'spikes'}.`;
  return new Figure(
    { name: 'step-response', title: 'Response to a step of current', caption, columns: [[...panels, input]] },
    appearance,
  );
}
