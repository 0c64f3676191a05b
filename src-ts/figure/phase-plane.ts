/** The plane of two states of a neuron, with their nullclines and directions. */
import { options as checkOptions, finite, flag, invalid, text, unknownName } from '../checks/check.ts';
import { circuit } from '../circuit/circuit.ts';
import { currentSource } from '../circuit/elements/devices.ts';
import { connect } from '../circuit/elements/elements.ts';
import type { Population } from '../circuit/elements/populations.ts';
import { record } from '../circuit/elements/recorders.ts';
import type { Recording } from '../circuit/recording.ts';
import { simulate } from '../circuit/simulate.ts';
import { extent } from '../numbers/extent.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { MarkSpec, PanelSpec } from './draw/spec.ts';
import { copiesOf, labelOf, oneNeuron, statesOf } from './neuron-run.ts';
import { isRecording } from './populations.ts';
import { zeroLines } from './zero-lines.ts';

/** A way through the plane. A gap is a value that is not finite. */
export interface Trajectory {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Options of {@link phasePlane}. */
export interface PhasePlaneOptions extends FigureOptions {
  /** The states on the x and the y axis; default the first two of the neuron. */
  states?: readonly [string, string];
  /** A constant input, in the unit of the neuron's input; default 0. */
  current?: number;
  /** The input of a neuron with several; default the model's own choice. */
  port?: string;
  /** The values of all other states; default those at the start. */
  others?: Readonly<Record<string, number>>;
  /** Whether arrows show how the states change; default true. */
  field?: boolean;
  /** A way on top: a recording with traces of both states, whose first neuron is shown with gaps at its spikes; or points. */
  trajectory?: Recording | Trajectory;
}

const names = ['states', 'current', 'port', 'others', 'field', 'trajectory'] as const;

/** Points of the grid along an axis: of the nullclines, and of the arrows; ms of the step by which the change is measured. */
const [points, arrows, step] = [161, 17, 1e-6];

export async function phasePlane(neuron: Population, options: PhasePlaneOptions = {}): Promise<Figure> {
  const {
    states,
    current = 0,
    port,
    others = {},
    field = true,
    trajectory,
    ...appearance
  } = checkOptions('figure.phasePlane', options, [...figureOptions, ...names]);
  const cells = oneNeuron(neuron);
  finite('current', current);
  flag('field', field);
  const known = statesOf(cells);
  const [first, second] = chosenStates(
    states,
    known.map(({ name }) => name),
  );
  const path = trajectory === undefined ? undefined : trajectoryOf(trajectory, first, second);
  const across = domainOf('x', appearance.x?.domain, path?.x);
  const up = domainOf('y', appearance.y?.domain, path?.y);
  const grid = (count: number) => {
    const along = ([from, to]: readonly [number, number]) =>
      Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
    return { xs: along(across), ys: along(up) };
  };
  const change = (count: number) => changeOn(cells, [first, second], grid(count), { current, port, others });
  const fine = await change(points);
  const lines = [fine.dx, fine.dy].map((values) => zeroLines(values, fine.xs, fine.ys));
  const marks: MarkSpec[] = [];
  if (field) {
    const { x, y, dx, dy } = await change(arrows);
    marks.push({ type: 'vectors', x, y, u: dx, v: dy, color: 'muted' });
  }
  marks.push(...lines.map((line, color): MarkSpec => ({ type: 'line', ...line, color, width: 1.8 })));
  if (path !== undefined) marks.push({ type: 'line', ...path, color: 'ink', width: 1.2 });
  const unit = (name: string) => labelOf(name, known.find((state) => state.name === name)!.unit);
  const panel: PanelSpec = {
    x: { label: unit(first), domain: across },
    y: { label: unit(second), domain: up },
    marks,
    legend: [
      { name: `d${first}/dt = 0`, color: 0 },
      { name: `d${second}/dt = 0`, color: 1 },
      ...(path === undefined ? [] : [{ name: 'trajectory', color: 'ink' }]),
    ],
    weight: 1.35,
  };
  const arrowed = field ? ' Arrows show the direction in which the states change.' : '';
  const caption = `${first} and ${second} of a neuron with a constant input of ${current}: nullclines, where a state does not change, from its equations.${arrowed}`;
  return new Figure({ name: 'phase-plane', title: 'Phase plane', caption, columns: [[panel]] }, appearance);
}

function chosenStates(states: unknown, known: readonly string[]): readonly [string, string] {
  const chosen = states ?? known.slice(0, 2);
  if (!Array.isArray(chosen) || chosen.length !== 2 || chosen[0] === chosen[1])
    invalid('states', states ?? known, 'two states of the neuron');
  for (const [i, name] of chosen.entries())
    if (!known.includes(text(`states[${i}]`, name))) throw unknownName('state', name, known);
  return chosen as [string, string];
}

/** An end of the plane that is given, or where the trajectory goes with some room around it. */
function domainOf(
  name: 'x' | 'y',
  range: readonly [number, number] | undefined,
  values: ArrayLike<number> | undefined,
): readonly [number, number] {
  if (range !== undefined) return range;
  const [low, high] = extent(Array.from(values ?? []).filter(Number.isFinite));
  if (!(low <= high))
    invalid(`${name}.domain`, range, '[start, end] of the state, because there is no trajectory');
  const margin = 0.1 * (high - low) || 0.5;
  return [low - margin, high + margin];
}

interface Change {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** All points, `[ys, xs]`. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** By how much the states change in a step; NaN where the neuron spikes. */
  readonly dx: Float64Array;
  readonly dy: Float64Array;
}

/** Runs one neuron for each point of a grid for a step of its equations. */
async function changeOn(
  cells: Population,
  [first, second]: readonly [string, string],
  { xs, ys }: { xs: Float64Array; ys: Float64Array },
  {
    current,
    port,
    others,
  }: { current: number; port: string | undefined; others: Readonly<Record<string, number>> },
): Promise<Change> {
  const size = xs.length * ys.length;
  const x = Float64Array.from({ length: size }, (_, i) => xs[i % xs.length]!);
  const y = Float64Array.from({ length: size }, (_, i) => ys[Math.floor(i / xs.length)]!);
  const fixed = Object.entries(others).map(([name, value]): [string, Float64Array] => [
    name,
    new Float64Array(size).fill(finite(`others.${name}`, value)),
  ]);
  const all = copiesOf(cells, size, { ...Object.fromEntries(fixed), [first]: x, [second]: y });
  const recording = await simulate(
    circuit(
      all,
      connect(currentSource(current), all, port === undefined ? undefined : { port }),
      record.traces(all, [first, second], step),
    ),
    { duration: step, dt: step, precision: 'f64' },
  );
  const [after, beyond] = [first, second].map((name) => recording.traces[`neuron.${name}`]!.values) as [
    Float64Array,
    Float64Array,
  ];
  const [dx, dy] = [after.map((value, i) => value - x[i]!), beyond.map((value, i) => value - y[i]!)];
  // A spike resets the states: that is no change by the equations.
  for (const id of recording.ids) [dx[id], dy[id]] = [Number.NaN, Number.NaN];
  return { xs, ys, x, y, dx, dy };
}

/** The first neuron with both states in a recording, with gaps where it spikes. */
function trajectoryOf(source: Recording | Trajectory, first: string, second: string): Trajectory {
  if (typeof source !== 'object' || source === null)
    invalid('trajectory', source, 'a recording with traces of both states, or { x, y }');
  if (!isRecording(source)) {
    if (source.x?.length !== source.y?.length)
      invalid(
        'trajectory',
        `${source.x?.length} and ${source.y?.length} values`,
        '{ x, y } of the same length',
      );
    return source;
  }
  const population = Object.keys(source.traces)
    .filter((name) => name.endsWith(`.${first}`))
    .map((name) => name.slice(0, -first.length - 1))
    .find((name) => `${name}.${second}` in source.traces);
  if (population === undefined)
    invalid(
      'trajectory',
      Object.keys(source.traces).join(', ') || 'a recording without traces',
      `a recording with traces of ${first} and ${second} of a population`,
    );
  const [a, b] = [source.traces[`${population}.${first}`]!, source.traces[`${population}.${second}`]!];
  // Recordings of some neurons need not begin with neuron 0, and two states may be of different ones.
  const neuron = Array.from(a.neurons).find((one) => b.neurons.includes(one));
  if (neuron === undefined)
    invalid(
      'trajectory',
      `traces of ${first} and ${second} of different neurons`,
      `traces of both of one neuron of ${population}`,
    );
  const [columnA, columnB] = [a.neurons.indexOf(neuron), b.neurons.indexOf(neuron)];
  const ranges = source.recordedRanges[population] ?? [];
  if (!ranges.some(({ from, to }) => neuron >= from && neuron < to))
    invalid(
      'trajectory',
      `a recording without the spikes of ${population} ${neuron}, where the trajectory has gaps`,
      'record.spikes() in the network',
    );
  const id = source.populations[population]!.first + neuron;
  const own = source.times.filter((_, i) => source.ids[i] === id);
  const [x, y]: [number[], number[]] = [[], []];
  let next = 0;
  for (const [k, time] of Array.from(a.times).entries()) {
    // The state at the time of a spike is the one after the reset.
    if (next < own.length && time >= own[next]! - 1e-9) {
      x.push(Number.NaN);
      y.push(Number.NaN);
      while (next < own.length && time >= own[next]! - 1e-9) next += 1;
    }
    x.push(a.values[k * a.neurons.length + columnA]!);
    y.push(b.values[k * b.neurons.length + columnB]!);
  }
  return { x, y };
}
