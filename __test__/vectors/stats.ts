/** Statistics of spike trains against elephant's and PySpike's. */
import * as analysis from '../../src-ts/doors/analysis.ts';
import { BadCase, isObject, type Json, list, number, object, type SideCar, Skip, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** What a measure gives: numbers with their shape, by the side-car's names where there are several. */
type Answer = Got | Readonly<Record<string, Got>>;
type Got = readonly [values: ArrayLike<number>, shape: readonly number[]];

type Measure = (trains: analysis.SpikeTrains, args: Json) => Promise<Answer>;

const flat = (values: ArrayLike<number>): Got => [values, [values.length]];
const perTrain =
  (of: (trains: analysis.SpikeTrains) => Promise<Float64Array>): Measure =>
  async (trains) =>
    flat(await of(trains));
const matrix =
  (of: (trains: analysis.SpikeTrains, args: Json) => Promise<analysis.PairMatrix>): Measure =>
  async (trains, args) => {
    const { values, shape } = await of(trains, args);
    return [values, shape];
  };
const mean =
  (of: (trains: analysis.SpikeTrains) => Promise<analysis.PairMatrix>): Measure =>
  async (trains) =>
    flat([(await of(trains)).mean]);
/** Those without a time of their own: in the side-car's unit, in which ties between distances are its reference's. */
const scaleFree: Readonly<Record<string, Measure>> = {
  isi_distance_matrix: matrix((trains) => analysis.isiDistance(trains)),
  spike_distance_matrix: matrix((trains) => analysis.spikeDistance(trains)),
  spike_sync_matrix: matrix((trains) => analysis.spikeSynchronization(trains)),
  isi_distance_multivariate: mean(analysis.isiDistance),
  spike_distance_multivariate: mean(analysis.spikeDistance),
  spike_sync_multivariate: mean(analysis.spikeSynchronization),
  spike_profile: async (trains) => profile(await analysis.spikeProfile(trains, { pair: [0, 1] })),
  isi_profile: async (trains) => profile(await analysis.isiProfile(trains, { pair: [0, 1] })),
};
const bin = (args: Json) => number(args.bin_ms, 'args.bin_ms');

const measures: Readonly<Record<string, Measure>> = {
  cv: perTrain(analysis.cv),
  cv2: perTrain(analysis.cv2),
  lv: perTrain(analysis.lv),
  lvr: async (trains, args) =>
    flat(await analysis.lvr(trains, { refractory: number(args.R_ms, 'args.R_ms') })),
  mean_rate_hz: perTrain(analysis.rates),
  fano_factor: async (trains) => flat([await analysis.fanoFactor(trains)]),
  van_rossum: matrix((trains, args) =>
    analysis.vanRossum(trains, { tau: 1000 * number(args.tau_s, 'args.tau_s') }),
  ),
  victor_purpura: matrix((trains, args) =>
    analysis.victorPurpura(trains, { q: number(args.q_hz, 'args.q_hz') / 1000 }),
  ),
  binned: async (trains, args) => {
    const { values, shape } = await analysis.binned(trains, { bin: bin(args), binary: args.clip === true });
    return [values, shape];
  },
  corrcoef: async (trains, args) => {
    const { values, shape } = await analysis.correlation(trains, { bin: bin(args) });
    return [values, shape];
  },
  psth: async (trains, args) => flat((await analysis.psth(trains, { bin: bin(args) })).counts),
  cross_correlation_histogram: async (trains, args) => {
    const [first, last] = list(args.window_bins, 'args.window_bins').map((lag) => number(lag, 'a lag'));
    const width = bin(args);
    const window = [first! * width, last! * width] as const;
    const { counts, lags } = await analysis.crossCorrelogram(trains, { pair: [0, 1], bin: width, window });
    return { counts: flat(counts), lags: flat(lags.map((lag) => Math.round(lag / width))) };
  },
};

function profile({ x, y }: analysis.DistanceProfile): Answer {
  return { x: flat(x), y: flat(y) };
}

/** `check: 'stats'`, `model: 'stats.*'` */
export async function stats(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const name = text(entry.model, 'model');
  const quantity = name.replace(/^stats\./, '');
  const measure = scaleFree[quantity] ?? measures[quantity];
  if (measure === undefined) throw new Skip(`the measure ${name} is not built yet`);
  const args = object(entry.args, 'args');
  const answer = await measure(chosen(car, entry, args, quantity in scaleFree ? 1 : 1000), args);
  if (!isObject(entry.expected) || entry.expected.json !== undefined) {
    if (!Array.isArray(answer)) throw new BadCase(`${name} gives several quantities`);
    const [values, shape] = answer as unknown as Got;
    comparison.expected(entry.expected, values, shape);
    return;
  }
  for (const [quantity, reference] of Object.entries(entry.expected)) {
    const got = (answer as Readonly<Record<string, Got>>)[quantity];
    if (got === undefined) throw new BadCase(`${name} gives no ${quantity}`);
    comparison.expected(reference, ...got);
  }
}

/** The trains of an entry: all, those that a tensor lists, or two of these. */
function chosen(car: SideCar, entry: Json, args: Json, perSecond: number): analysis.SpikeTrains {
  const inputs = object(entry.inputs, 'inputs');
  const params = object(entry.params, 'params');
  const trains: analysis.SpikeTrains = {
    times: car.tensor(inputs.times_s).data.map((time) => perSecond * time),
    ids: Uint32Array.from(car.tensor(inputs.train).data),
    neurons: number(params.n_trains, 'params.n_trains'),
    start: perSecond * number(params.t_start_s, 'params.t_start_s'),
    stop: perSecond * number(params.t_stop_s, 'params.t_stop_s'),
  };
  const listed = (name: unknown) => (name === 'all' ? trains : analysis.select(trains, ids(name)));
  const ids = (name: unknown) => Array.from(car.tensor(inputs[text(name, 'args.trains')] ?? name).data);
  if (args.pair === undefined) return listed(args.trains);
  const { of, indices } = object(args.pair, 'args.pair');
  return analysis.select(
    listed(of),
    list(indices, 'args.pair.indices').map((i) => number(i, 'an index')),
  );
}
