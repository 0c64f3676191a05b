/** Figures of event recordings. */
import { options as checkOptions, eachFinite, integer, invalid } from '../checks/check.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { MarkSpec, PanelSpec } from './draw/spec.ts';
import { interval } from './time-window.ts';

/** Events of a camera, such as `await readEvents(path)` or the result of `collect()` of an event stream. */
export interface FigureEvents {
  /** µs */
  readonly t: ArrayLike<number>;
  /** Column. */
  readonly x: ArrayLike<number>;
  /** Row. */
  readonly y: ArrayLike<number>;
  /** 0 (OFF) or 1 (ON). */
  readonly polarity: ArrayLike<number>;
  /** Size of the sensor; default: as large as the events need. */
  readonly sensor?: { readonly width: number; readonly height: number };
}

/** Options of {@link eventFrame} and {@link eventCloud}. */
export interface EventFigureOptions extends FigureOptions {
  /** The time that is shown, `[start, end]` in µs, the end not included; default all. */
  window?: readonly [number, number];
}

/** Points of an event cloud at most. */
const maxPoints = 20_000;

const names = ['OFF', 'ON'] as const;
/** OFF events have the second color of the theme, ON events the first. */
const colors = [1, 0] as const;

export async function eventFrame(events: FigureEvents, options: EventFigureOptions = {}): Promise<Figure> {
  const { window, ...appearance } = checkOptions('figure.eventFrame', options, [...figureOptions, 'window']);
  const { width, height, start, end } = extentOf(events, window);
  const counts = [new Float64Array(width * height), new Float64Array(width * height)] as const;
  const totals = [0, 0];
  for (let i = 0; i < events.t.length; i++) {
    if (!isVisible(events, i, start, end)) continue;
    const polarity = events.polarity[i] === 1 ? 1 : 0;
    counts[polarity][events.y[i]! * width + events.x[i]!]! += 1;
    totals[polarity]! += 1;
  }
  const columns = [1, 0].map((polarity): PanelSpec[] => [
    {
      title: `${names[polarity]}, ${totals[polarity]!.toLocaleString('en')} events`,
      x: { label: 'column (px)', domain: [-0.5, width - 0.5] },
      y: { label: 'row (px)', domain: [height - 0.5, -0.5] },
      marks: [
        {
          type: 'cells',
          values: counts[polarity as 0 | 1],
          columns: width,
          rows: height,
          x: [-0.5, width - 0.5],
          y: [-0.5, height - 0.5],
          color: colors[polarity]!,
        },
      ],
      ...(totals[polarity]! === 0
        ? {}
        : {
            shades: {
              label: 'events per pixel',
              range: [0, counts[polarity as 0 | 1].reduce((max, count) => Math.max(max, count), 0)] as const,
              color: colors[polarity]!,
            },
          }),
      aspect: height / width,
    },
  ]);
  const caption = `Events by pixel from ${start} to ${end} µs. The darkness is the number of events, up to the largest of each panel.`;
  return new Figure({ name: 'event-frame', title: 'Events by pixel', caption, columns }, appearance);
}

export async function eventCloud(events: FigureEvents, options: EventFigureOptions = {}): Promise<Figure> {
  const { window, ...appearance } = checkOptions('figure.eventCloud', options, [...figureOptions, 'window']);
  const { width, height, start, end } = extentOf(events, window);
  const visible: [number[], number[]] = [[], []];
  for (let i = 0; i < events.t.length; i++)
    if (isVisible(events, i, start, end)) visible[events.polarity[i] === 1 ? 1 : 0].push(i);
  const total = visible[0].length + visible[1].length;
  const every = Math.max(1, Math.ceil(total / maxPoints));
  // An oblique projection: time has the full width, depth goes up and to the right.
  const [depthX, depthY, rise] = [0.3, 0.28, 0.62];
  const project = (time: number, column: number, row: number): [number, number] => {
    const depth = column / Math.max(1, width - 1);
    const along = (time - start) / (end - start);
    return [
      along * (1 - depthX) + depthX * depth,
      rise * (1 - row / Math.max(1, height - 1)) + depthY * depth,
    ];
  };
  const points = [0, 1].map((polarity): MarkSpec => {
    const [x, y]: [number[], number[]] = [[], []];
    const own = visible[polarity as 0 | 1];
    for (let k = 0; k < own.length; k += every) {
      const i = own[k]!;
      const at = project(events.t[i]!, events.x[i]!, events.y[i]!);
      x.push(at[0]);
      y.push(at[1]);
    }
    return { type: 'points', x, y, radius: 0.9, color: colors[polarity]! };
  });
  const [right, bottom] = [Math.max(1, width - 1), Math.max(1, height - 1)];
  const corners = [
    [start, 0, 0],
    [start, right, 0],
    [start, right, bottom],
    [start, 0, bottom],
    [start, 0, 0],
    [end, 0, 0],
    [end, right, 0],
    [end, right, bottom],
    [end, 0, bottom],
    [end, 0, 0],
  ] as const;
  const edges = [corners, [corners[1], corners[6]], [corners[2], corners[7]], [corners[3], corners[8]]].map(
    (ends): MarkSpec => {
      const at = ends.map(([time, column, row]) => project(time, column, row));
      return { type: 'line', x: at.map(([x]) => x), y: at.map(([, y]) => y), color: 'grid', width: 1 };
    },
  );
  const middle = project((start + end) / 2, 0, bottom);
  const textAt = (x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end'): MarkSpec => ({
    type: 'text',
    x: [x],
    y: [y],
    texts: [text],
    anchor,
    color: 'muted',
  });
  const texts = [
    textAt(middle[0], middle[1] - 0.05, `time, ${((end - start) / 1000).toLocaleString('en')} ms`, 'middle'),
    textAt(0, rise + 0.06, `rows, ${height} px`, 'start'),
    textAt(1.05, middle[1] - 0.05, `columns, ${width} px`, 'end'),
  ];
  const panel: PanelSpec = {
    x: { label: '', domain: [-0.06, 1.06] },
    y: { label: '', domain: [-0.1, rise + depthY + 0.06] },
    marks: [...edges, ...points, ...texts],
    legend: [1, 0].map((polarity) => ({
      name: names[polarity]!,
      color: colors[polarity]!,
      mark: 'point' as const,
    })),
    aspect: 0.55,
    bare: true,
  };
  const part =
    every === 1 ? '' : ` One of ${every} events is drawn; there are ${total.toLocaleString('en')}.`;
  const caption = `Events over time, column and row, from ${start} to ${end} µs.${part}`;
  return new Figure(
    { name: 'event-cloud', title: 'Events in space and time', caption, columns: [[panel]] },
    appearance,
  );
}

/** Size of the sensor and time that is shown, checked. */
function extentOf(events: FigureEvents, window: readonly [number, number] | undefined) {
  if (typeof events !== 'object' || events === null) invalid('events', events, '{ t, x, y, polarity }');
  const { t, x, y, polarity, sensor } = events;
  for (const [name, array] of Object.entries({ x, y, polarity }))
    if (array?.length !== t?.length)
      invalid(`events.${name}`, `${array?.length} values`, `${t?.length} values, one per event`);
  for (const [name, array] of Object.entries({ t, x, y, polarity })) eachFinite(`events.${name}`, array);
  if (t.length === 0) invalid('events', 'no event', 'at least one event');
  let [width, height, first, last] = [1, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < t.length; i++) {
    width = Math.max(width, x[i]! + 1);
    height = Math.max(height, y[i]! + 1);
    first = Math.min(first, t[i]!);
    last = Math.max(last, t[i]!);
  }
  if (sensor !== undefined) {
    integer('events.sensor.width', sensor.width, { min: width, max: 65_536 });
    integer('events.sensor.height', sensor.height, { min: height, max: 65_536 });
    [width, height] = [sensor.width, sensor.height];
  }
  const [start, end] = window === undefined ? [first, last + 1] : interval(window);
  return { width, height, start, end };
}

function isVisible({ t }: FigureEvents, i: number, start: number, end: number): boolean {
  return t[i]! >= start && t[i]! < end;
}
