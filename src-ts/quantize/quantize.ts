/** Post-training quantization: an integer network of a model. */
import { options as checkOptions, integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { isModel, type Model } from '../model/model.ts';
import { type ChainLayer, chainOf } from './chain.ts';
import type { IntegerDescription, IntegerLayer, IntegerParameters, IntegerTensors } from './description.ts';
import { builtNetwork, type IntegerNetwork, type IntegerRunResult } from './integer-network.ts';
import { layerReport, type QuantizationReport } from './quantization-report.ts';
import { quantizedLayer } from './quantized-layer.ts';
import { batchesOf, type Calibration, type Ranges, rangesOf } from './ranges.ts';
import type { IntegerDecay } from './rules.ts';
import type { WeightScale } from './scales.ts';
import type { Setting } from './setting.ts';
import type { TargetRules } from './target-rules.ts';
import { type IntegerTarget, integerTarget } from './targets.ts';

/** Options of {@link quantize}. */
export interface QuantizeOptions extends TaskOptions {
  /** Default `'int8'`. */
  readonly target?: IntegerTarget;
  /** 2 to 8; default the target's. */
  readonly weightBits?: number;
  /** 8 to 24; default the target's; for `'int8'` and `'int4'` more if the range needs it. */
  readonly vBits?: number;
  /** As `vBits`. */
  readonly currentBits?: number;
  /** Default the target's. */
  readonly scale?: WeightScale;
  /**
   * How states decay: by `'multiplier'`, or by `'shift'`, x - (x >> n) with the n that is nearest to the model's factor (the report's `decayError` is
   * the difference). Default the target's.
   */
  readonly decay?: 'multiplier' | 'shift';
  /** Batches that determine the ranges of the states, `[time, batch, channels]`. */
  readonly calibration: Calibration;
  /** Number of time steps of constant inputs `[batch, channels]`. */
  readonly steps?: number;
}

/** The result of {@link quantize}. */
export interface Quantized {
  readonly network: IntegerNetwork;
  readonly report: QuantizationReport;
}

/** See `quantize` in functions.ts. */
export async function quantize(model: Model, options: QuantizeOptions): Promise<Quantized> {
  if (!isModel(model)) invalid('model', model, 'a Model');
  const { calibration, steps, signal, onProgress, setting, name } = checked(options);
  const task = {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  };
  const batches = batchesOf(calibration);
  const described = await model.currentDescription();
  const shapes = new Map(model.info.layers.map((layer) => [layer.name, layer.shape]));
  const chain = chainOf(described, shapes, await model.weights());
  const ranges = await rangesOf(model, batches, steps, task, setting.target.layer.currents > 0);
  const input = inputOf(described.input, ranges, setting.target);
  const layers: IntegerLayer[] = [];
  const tensors = {
    weights: Object.create(null) as Record<string, Int8Array>,
    parameters: Object.create(null) as Record<string, IntegerParameters>,
    units: Object.create(null) as Record<string, Float64Array>,
  };
  const counts = new Map([['input', input.maxCount]]);
  const quantizedLayers = chain.map((layer: ChainLayer, i) => {
    const chainContext = {
      isLast: i === chain.length - 1,
      scaleOf: (from: string) => (from === 'input' ? (input.scale ?? 1) : 1),
      counts,
    };
    const quantized = quantizedLayer(layer, {
      dt: described.dt,
      range: ranges.layers.get(layer.node.name)!,
      setting,
      ...chainContext,
    });
    counts.set(layer.node.name, quantized.layer.rules.maxSpikes);
    layers.push(quantized.layer);
    Object.assign(tensors.weights, quantized.weights);
    tensors.parameters[layer.node.name] = quantized.parameters;
    tensors.units[layer.node.name] = quantized.units;
    return quantized;
  });
  const description: IntegerDescription = { target: name, input, layers };
  const network = await builtNetwork(
    description,
    tensors satisfies IntegerTensors,
    signal === undefined ? {} : { signal },
  );
  try {
    const record = layers.flatMap((layer) => [
      `${layer.name}.v`,
      ...(layer.rules.spiking ? [`${layer.name}.spikes`] : []),
    ]);
    const runs: IntegerRunResult[] = [];
    for (const batch of batches)
      runs.push(
        await network.run(batch as never, {
          record,
          ...(steps === undefined ? {} : { steps }),
          ...(signal ? { signal } : {}),
        }),
      );
    const reports = quantizedLayers.map((quantized) =>
      layerReport(
        quantized,
        ranges,
        runs.map(({ recordings }) => recordings),
      ),
    );
    const { scale = 1, maxCount, signed } = input;
    const warnings = [
      ...inputWarnings(name, input, ranges.input),
      ...reports.flatMap(({ name: layer, replaced }) =>
        replaced.map(
          ({ rule, model, target }) =>
            `${layer}: ${rule} of the target ${name} replaces the model's: ${target}; the model: ${model}`,
        ),
      ),
    ];
    return {
      network,
      report: { target: name, input: { scale, maxCount, signed }, layers: reports, warnings },
    };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

function checked(options: QuantizeOptions) {
  const known = [
    'target',
    'weightBits',
    'vBits',
    'currentBits',
    'scale',
    'decay',
    'calibration',
    'steps',
    'signal',
    'onProgress',
  ] as const;
  const given = checkOptions('quantize', options, known);
  const { target: name = 'int8', calibration, steps, signal, onProgress } = given;
  const target = withDecay(integerTarget(name), given.decay);
  const { layer } = target;
  const isOwn = target.fromModel.length > 0;
  const bits = (option: 'vBits' | 'currentBits'): [number, number] => {
    const own = given[option];
    if (own !== undefined) return [integer(option, own, { min: 8, max: 24 }), own];
    return [layer[option], isOwn ? 24 : layer[option]];
  };
  const { weightBits = layer.weightBits, scale = target.scale } = given;
  integer('weightBits', weightBits, { min: 2, max: 8 });
  oneOfOption('scale', scale, ['tensor', 'channel', 'power-of-two']);
  if (steps !== undefined) integer('steps', steps, { min: 1 });
  const setting: Setting = {
    target,
    weightBits,
    vBits: bits('vBits'),
    currentBits: bits('currentBits'),
    coarsens: {
      vBits: isOwn && given.vBits === undefined,
      currentBits: isOwn && given.currentBits === undefined,
    },
    scale,
  };
  return { calibration, steps, signal, onProgress, setting, name };
}

/** The rules of a target with another decay. A state that would stay moves by 1, so that it comes to rest. */
function withDecay(target: TargetRules, decay: 'multiplier' | 'shift' | undefined): TargetRules {
  if (decay === undefined) return target;
  oneOfOption('decay', decay, ['multiplier', 'shift']);
  const own = (given: IntegerDecay): IntegerDecay => {
    if (given.kind === decay) return given;
    return decay === 'shift'
      ? { kind: 'shift', atLeastOne: true }
      : { kind: 'multiplier', fractionBits: 15, rounding: 'nearest' };
  };
  const { layer } = target;
  return { ...target, layer: { ...layer, vDecay: own(layer.vDecay), currentDecay: own(layer.currentDecay) } };
}

/** What the largest count of the target makes of whole numbers. */
function inputWarnings(
  target: string,
  { scale = 1, maxCount }: IntegerDescription['input'],
  { whole, largest }: Ranges['input'],
): readonly string[] {
  if (!whole || scale === 1) return [];
  return [
    `input: inputMaxCount of the target ${target} is ${maxCount}: whole numbers up to ${largest} become ${maxCount === 1 ? '0 or 1' : `0 to ${maxCount}`}, in steps of ${Number(scale.toPrecision(4))}`,
  ];
}

/** Counts where the data are counts; else values in units of their largest over the largest count. */
function inputOf(
  { size, shape }: { readonly size: number; readonly shape?: readonly number[] },
  { input: { largest, negative, whole } }: Ranges,
  { inputMaxCount, inputSigned }: TargetRules,
): IntegerDescription['input'] {
  if (negative && !inputSigned)
    throw new LapicqueError('unsupported', { feature: 'negative inputs', format: 'this target' });
  const isCounts = whole && largest <= inputMaxCount;
  const image =
    shape === undefined || shape.length < 2
      ? {}
      : { shape: (shape.length === 3 ? shape : [shape[0]!, 1, shape[1]!]) as [number, number, number] };
  const maxCount = isCounts ? Math.max(1, largest) : inputMaxCount;
  const scale = isCounts ? {} : { scale: largest / inputMaxCount };
  return { size, ...image, maxCount, signed: negative, ...scale };
}
