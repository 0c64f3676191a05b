/** From an artificial network to a spiking one. */
import { invalid, unknownName } from '../checks/check.ts';
import { throwIfAborted } from '../checks/errors.ts';
import { isModel, type Model } from '../model/model.ts';
import { notConverted } from './ann-graph.ts';
import { artificial, assembled, describe } from './assemble.ts';
import { type Calibration, calibrate } from './calibrate.ts';
import { type ConvertOptions, type Settings, settled } from './convert-options.ts';
import { type ConversionSchedule, ConvertedNetwork, labelsOf } from './converted-network.ts';
import { type Expected, expectedOf } from './expected.ts';
import { fidelity } from './layer-report.ts';
import { calibratedStarts } from './offsets.ts';
import { withCounters } from './populations.ts';
import { type PreparedGraph, prepare } from './prepare.ts';
import type { ConversionReport } from './report.ts';
import { foldScales } from './scales.ts';
import { accumulating, depthsOf, type Scaled, streaming } from './schedules.ts';
import { spikeCounts } from './spike-counts.ts';
import { thresholdsOf, withoutGaps } from './thresholds.ts';

/** Share of the activations beyond thresholds that were trained from which on the data are not those of the training. */
const maxSaturated = 0.9;

/** Steps that the readout waits for each layer after the first: the best of 0 to 10 on a network with two layers (docs/benchmarks/conversion.md). */
const delayPerLayer = 3;

/** See `convert` in functions.ts. */
export async function convert(ann: Model, options: ConvertOptions): Promise<ConvertedNetwork> {
  if (!isModel(ann)) invalid('ann', ann, 'a compiled model: await network.compile()');
  const settings = settled(options);
  const { signal } = settings;
  const names = ann.description.nodes.map(({ name }) => name);
  for (const name of settings.keep)
    if (!names.includes(name)) throw unknownName('layer of keep', name, names);
  const prepared = await prepare(ann, new Set(settings.keep));
  const { graph, activations } = prepared;
  const of = ann.description;
  const spiking = [...graph.ordered()].filter(
    (name) => (activations.get(name)?.kind ?? 'identity') !== 'identity',
  );
  if (spiking.length === 0)
    throw notConverted('the network', 'it has no activation that could become spikes');
  checkSchedule(prepared, settings.schedule);
  using reference = await assembled(graph, describe(graph, artificial(prepared), of), { signal });
  const calibration = await calibrate(reference, graph, ceilings(prepared, spiking), settings.data, settings);
  throwIfAborted(signal);
  checkSaturation(calibration);
  const expected = await expectedOf(ann, reference, spiking, calibration, signal);
  const thresholds = await chosenThresholds(prepared, spiking, calibration, settings);
  foldScales(prepared, thresholds);
  const counters = withCounters(prepared, spiking);
  const summed = activations.get(graph.output)?.kind === 'identity' ? graph.output : undefined;
  const scaled: Scaled = { graph, spiking, counters, summed, frame: of };
  const network = await scheduled(scaled, settings, { calibration, thresholds, expected });
  const report = await reported(network, prepared, spiking, { calibration, thresholds, expected }, settings);
  const { schedule, steps, totalSteps, readoutDelay } = network;
  network.model.metadata = { ...ann.metadata, conversion: { schedule, steps, totalSteps, readoutDelay } };
  return new ConvertedNetwork({ ...network, report });
}

/** What the conversion goes by. */
interface Basis {
  readonly calibration: Calibration;
  readonly thresholds: ReadonlyMap<string, Float64Array>;
  readonly expected: Expected;
}

async function scheduled(scaled: Scaled, settings: Settings, basis: Basis): Promise<ConvertedNetwork> {
  const { schedule, steps, initial, signal } = settings;
  const depth = Math.max(...depthsOf(scaled.graph, scaled.spiking).values());
  const byDefault = schedule === 'accumulate' ? 0 : delayPerLayer * (depth - 1);
  const readoutDelay = settings.readoutDelay ?? byDefault;
  const network = (model: Model, totalSteps: number) =>
    new ConvertedNetwork({ model, totalSteps, schedule, steps, readoutDelay, report: undefined as never });
  if (schedule === 'accumulate') {
    const { model, totalSteps } = await accumulating(scaled, settings);
    return network(model, totalSteps);
  }
  const starts = new Map(
    scaled.spiking.map((name) => [name, new Float64Array(scaled.graph.channels(name)).fill(initial)]),
  );
  const calibrated = settings.offsets ? await calibratedStarts(scaled, starts, settings, basis) : starts;
  return network(await streaming(scaled, calibrated, signal), steps);
}

/** Runs both networks on the first samples, and says how near they are. */
async function reported(
  network: ConvertedNetwork,
  { graph, layers, activations }: PreparedGraph,
  spiking: readonly string[],
  { calibration, thresholds, expected }: Basis,
  { method, schedule, steps, signal }: Settings,
): Promise<ConversionReport> {
  const { compared } = calibration;
  const counts = await spikeCounts(network, spiking, compared, signal);
  const populations = spiking.map((name) => {
    const { histogram, active, positive, capped } = calibration.layers.get(name)!;
    const bounds = thresholds.get(name)!;
    const isCapped = activations.get(name)!.kind !== 'relu';
    const saturated = isCapped ? capped / Math.max(1, positive) : histogram.above(bounds);
    const both = { counts: counts.get(name)!, activations: expected.activations.get(name)! };
    return fidelity(name, bounds, both, active, saturated, steps);
  });
  const { outputs } = network.model;
  const sums = await network.outputs(compared, { signal });
  const read = schedule === 'accumulate' ? steps : steps - network.readoutStart(steps);
  const scale = thresholds.get(graph.output) ?? Float64Array.of(1);
  const pixels = outputs / scale.length;
  const logits = sums.map((sum, i) => (sum / read) * scale[Math.floor((i % outputs) / pixels)]!);
  const [own, ann] = [labelsOf(logits, outputs), labelsOf(expected.outputs, outputs)];
  const learned = spiking.every((name) => activations.get(name)!.kind === 'quantized');
  const notes = spiking.flatMap((name) => {
    const activation = activations.get(name)!;
    return activation.kind === 'quantized' && activation.levels !== steps
      ? [`${name} was trained with ${activation.levels} levels and is converted for ${steps} steps`]
      : [];
  });
  return Object.freeze({
    method: learned ? 'learned' : method,
    schedule,
    steps,
    samples: calibration.samples,
    compared: compared.samples,
    layers,
    populations,
    output: {
      error: relativeError(logits, expected.outputs),
      agreement: own.filter((label, i) => label === ann[i]).length / own.length,
    },
    folding: expected.folding,
    notes,
  });
}

/** What is kept runs on the values of a step, and with `'accumulate'` those are not there in every step. */
function checkSchedule({ graph, kept }: PreparedGraph, schedule: ConversionSchedule): void {
  const [first] = kept;
  if (schedule === 'accumulate' && first !== undefined)
    throw notConverted(graph.label(first), "it is kept unchanged, which the schedule 'accumulate' cannot do");
}

async function chosenThresholds(
  { activations }: PreparedGraph,
  spiking: readonly string[],
  { layers }: Calibration,
  settings: Settings,
): Promise<Map<string, Float64Array>> {
  const thresholds = new Map<string, Float64Array>();
  for (const name of spiking) {
    const activation = activations.get(name)!;
    if (activation.kind === 'quantized') {
      thresholds.set(name, activation.theta);
      continue;
    }
    const chosen = withoutGaps(await thresholdsOf(layers.get(name)!.histogram, settings, settings.signal));
    const ceiling = activation.kind === 'clipped-relu' ? activation.ceiling : undefined;
    thresholds.set(
      name,
      chosen.map((theta, c) => Math.min(theta, ceiling?.[c] ?? theta)),
    );
  }
  return thresholds;
}

/** The largest activations of populations that have some. */
function ceilings({ activations }: PreparedGraph, spiking: readonly string[]) {
  return new Map(
    spiking.map((name) => {
      const activation = activations.get(name)!;
      if (activation.kind === 'quantized') return [name, activation.theta];
      return [name, activation.kind === 'clipped-relu' ? activation.ceiling : undefined];
    }),
  );
}

/** Refuses data of another scale than those of the training: most activations are at a ceiling that was trained. */
function checkSaturation({ layers, samples }: Calibration): void {
  for (const [name, { positive, capped }] of layers)
    if (capped > maxSaturated * positive)
      invalid(
        'data',
        `${samples} samples that saturate ${name}: ${Math.round((100 * capped) / positive)} % of its activations above 0 are at its ceiling`,
        'data of the scale that the network was trained on',
      );
}

/** Root of the mean squared difference over the root of the mean square. */
function relativeError(values: Float64Array, reference: Float64Array): number {
  let [squares, all] = [0, 0];
  reference.forEach((y, i) => {
    squares += (values[i]! - y) ** 2;
    all += y ** 2;
  });
  return all === 0 ? 0 : Math.sqrt(squares / all);
}
