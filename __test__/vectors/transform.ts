/** Transforms of events and what is made of them, as tonic gives it. */
import {
  binaryNumbers,
  eventTransform,
  represent,
  representEvents,
  transformEvents,
} from '../../src-ts/doors/events.ts';
import { BadCase, type Json, list, number, object, type SideCar, Skip, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

type Batch = Parameters<typeof transformEvents>[0] & { t: Float64Array };
type Setup = { sensor: { width: number; height: number; polarities: 1 | 2 } };

/** `check: 'transform'`: `params.sensor_size` is [width, height, polarities], `args` are those of tonic's class. */
export async function transform(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const { sensor_size } = object(entry.params, 'params');
  const [width, height, polarities = 2] = list(sensor_size, 'sensor_size').map((size) =>
    number(size, 'sensor_size'),
  );
  const setup: Setup = { sensor: { width: width!, height: height!, polarities: polarities === 1 ? 1 : 2 } };
  const batch = eventsOf(car, entry);
  const name = text(entry.transform, 'transform');
  const args = object(entry.args ?? {}, 'args');
  const expected = object(entry.expected, 'expected');
  const events = transforms[name];
  if (events !== undefined) {
    const { t, x, y, polarity } = await transformEvents(batch, [events(args, setup)], setup).collect();
    for (const [key, column] of Object.entries({ t, x, y, p: polarity }))
      if (expected[key] !== undefined)
        comparison.expected(expected[key], Float64Array.from(column), [column.length]);
    return;
  }
  const { x, shape } = await framesOf(name, args, batch, setup);
  // A long result is kept in part.
  const rows = Math.min(shape[0]!, optional(entry.first_n_rows, 'first_n_rows') ?? shape[0]!);
  comparison.expected(expected.out, x.subarray(0, (x.length / shape[0]!) * rows), [rows, ...shape.slice(1)]);
}

function eventsOf(car: SideCar, entry: Json): Batch {
  const inputs = object(entry.inputs, 'inputs');
  const column = (key: string) => car.tensor(inputs[key]).data;
  return {
    t: Float64Array.from(column('t')),
    x: Uint16Array.from(column('x')),
    y: Uint16Array.from(column('y')),
    polarity: Uint8Array.from(column('p')),
  };
}

const optional = (value: unknown, what: string) => (value === undefined ? undefined : number(value, what));

function pair(value: unknown, what: string): [number, number] {
  if (typeof value === 'number') return [value, value];
  const [a, b] = list(value, what).map((part) => number(part, what));
  return [a!, b!];
}

type Event = ReturnType<(typeof eventTransform)['align']>;

/** tonic's classes as transforms of ours. */
const transforms: Readonly<Record<string, (args: Json, setup: Setup) => Event>> = {
  CenterCrop: ({ size }) => {
    const [width, height] = pair(size, 'size');
    return eventTransform.crop({ width, height });
  },
  CropTime: ({ min, max }) => {
    const [from, to] = [optional(min, 'min') ?? 0, optional(max, 'max')];
    return eventTransform.cropTime({ from, ...(to === undefined ? {} : { to }) });
  },
  Decimation: ({ n }) => eventTransform.decimate({ n: number(n, 'n') }),
  Denoise: ({ filter_time }) =>
    eventTransform.denoise({ time: number(filter_time ?? 10_000, 'filter_time'), like: 'tonic' }),
  Downsample: ({ time_factor, spatial_factor, target_size }, { sensor }) => {
    const timeFactor = number(time_factor ?? 1, 'time_factor');
    if (target_size !== undefined) {
      const [width, height] = pair(target_size, 'target_size');
      return eventTransform.downsample({ width, height, timeFactor });
    }
    const [x, y] = pair(spatial_factor ?? 1, 'spatial_factor');
    if (x === y) return eventTransform.downsample({ factor: x, timeFactor });
    const [width, height] = [sensor.width * x, sensor.height * y];
    if (!Number.isInteger(width) || !Number.isInteger(height))
      throw new Skip('factors that leave no whole number of pixels are not built');
    return eventTransform.downsample({ width, height, timeFactor });
  },
  DropPixel: ({ coordinates, hot_pixel_frequency }) => {
    if (hot_pixel_frequency !== undefined)
      return eventTransform.hotPixels({ frequency: number(hot_pixel_frequency, 'hot_pixel_frequency') });
    return eventTransform.dropPixels({
      pixels: list(coordinates, 'coordinates').map((at) => pair(at, 'coordinates')),
    });
  },
  MergePolarities: () => eventTransform.mergePolarities(),
  RandomFlipLR: (args) => certain(args, 'x'),
  RandomFlipUD: (args) => certain(args, 'y'),
  RandomFlipPolarity: (args) => certain(args, 'polarity'),
  RandomTimeReversal: ({ p, flip_polarities }) => {
    if (p !== 1) throw new Skip('a reversal that is drawn cannot be compared');
    return eventTransform.reverse({ flipPolarity: flip_polarities !== false });
  },
  RefractoryPeriod: ({ delta }) => eventTransform.refractory({ time: number(delta, 'delta'), like: 'tonic' }),
  TimeAlignment: () => eventTransform.align(),
};

function certain({ p }: Json, axis: string): Event {
  if (p !== 1) throw new Skip('a flip that is drawn cannot be compared');
  return eventTransform.flip({ [axis]: 1 });
}

const schedule = ({
  time_window,
  event_count,
  n_time_bins,
  n_event_bins,
  overlap,
  include_incomplete,
  start_time,
  end_time,
}: Json) => {
  const fields = {
    window: optional(time_window, 'time_window'),
    count: optional(event_count, 'event_count'),
    timeBins: optional(n_time_bins, 'n_time_bins'),
    eventBins: optional(n_event_bins, 'n_event_bins'),
    overlap: optional(overlap, 'overlap'),
    start: optional(start_time, 'start_time'),
    end: optional(end_time, 'end_time'),
  };
  const defined = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { ...defined, includeIncomplete: include_incomplete === true, like: 'tonic' } as const;
};

async function framesOf(name: string, args: Json, batch: Batch, setup: Setup) {
  const make = (representation: ReturnType<typeof represent.frames>) =>
    representEvents(batch, representation, setup).collect();
  switch (name) {
    case 'ToFrame':
    case 'ToSparseTensor':
      return make(represent.frames(schedule(args)));
    case 'ToImage': {
      const image = await make(represent.image());
      return { x: image.x, shape: image.shape.slice(1) };
    }
    case 'ToVoxelGrid': {
      const voxels = await make(represent.voxelGrid({ bins: number(args.n_time_bins, 'n_time_bins') }));
      const [, bins, height, width] = voxels.shape;
      return { x: voxels.x, shape: [bins!, 1, height!, width!] };
    }
    case 'ToTimesurface':
      return make(represent.timeSurface({ window: number(args.dt, 'dt'), tau: number(args.tau, 'tau') }));
    case 'ToAveragedTimesurface': {
      const { surface_size = 5, cell_size = 10, time_window = 1000, tau = 100, decay = 'exp' } = args;
      if (decay !== 'exp' && decay !== 'lin') throw new BadCase(`decay is ${JSON.stringify(decay)}`);
      const averaged = await make(
        represent.averagedTimeSurface({
          surface: number(surface_size, 'surface_size'),
          cell: number(cell_size, 'cell_size'),
          time: number(time_window, 'time_window'),
          tau: number(tau, 'tau'),
          decay,
        }),
      );
      return { x: averaged.x, shape: averaged.shape.slice(1) };
    }
    case 'ToBinaRep': {
      const { transform: of, ...own } = object(args.frames, 'frames');
      if (of !== 'ToFrame') throw new Skip(`ToBinaRep of ${of} is not built`);
      const frames = await make(represent.frames({ ...schedule(own), binary: true }));
      const bits = number(args.n_bits, 'n_bits');
      if (frames.shape[0] !== bits * number(args.n_frames, 'n_frames'))
        throw new BadCase('n_frames x n_bits frames');
      return binaryNumbers(frames, bits);
    }
    default:
      throw new Skip(`the transform ${name} is not built`);
  }
}
