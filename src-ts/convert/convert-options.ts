/** The options of a conversion, with defaults. */
import { options as checkOptions, finite, flag, integer, invalid, oneOf } from '../checks/check.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { ConversionSchedule } from './converted-network.ts';
import type { CalibrationData } from './data.ts';
import { type ConversionMethod, methods } from './thresholds.ts';

/** Options of {@link convert}. */
export interface ConvertOptions extends TaskOptions {
  /**
   * Samples like those that the network was trained on; labels are not needed. Some hundred suffice for most networks. One array
   * `{ x, shape: [samples, …] }`, or batches of them, read once.
   */
  data: CalibrationData;
  /**
   * The method that chooses thresholds for activations without one ({@link qcfs} has its own):
   *
   * - `'least-error'` (default): per channel, the threshold with the least mean squared error in `steps` steps
   * - `'ltb'`: per channel, local threshold balancing (T. Bu, M. Li, Z. Yu, arXiv:2409.03368)
   * - `'channel-wise'`: per channel, the `percentile` of the activations
   * - `'percentile'`: one for the layer, robust normalization (B. Rueckauer et al., Front. Neurosci. 2017)
   * - `'max'`: one for the layer, the largest activation (P. Diehl et al., IJCNN 2015)
   */
  method?: ConversionMethod;
  /** T: steps of a run, from 1 to 65,536. With `'streaming'` other numbers may be run later. Default 16. */
  steps?: number;
  /**
   * `'streaming'` (default): all layers fire in every step; results come from the first step on and improve. `'accumulate'`: a layer first
   * integrates all T steps of its input, then fires; a unit's spike count is then exactly ⌊T x/θ + 1/2⌋, between 0 and T, as in a network with {@link
   * qcfs} of T levels. A run takes T more steps for each layer.
   */
  schedule?: ConversionSchedule;
  /** In percent, for `'percentile'` and `'channel-wise'`. Default 99.9. */
  percentile?: number;
  /** Iterations of `'ltb'`; default 80. */
  iterations?: number;
  /** Potential at the start as a share of the threshold, from 0 to 1. Default 0.5, which rounds to the nearest count. */
  initial?: number;
  /**
   * For `'streaming'`: chooses the initial potential of each channel, layer by layer, by the least error of its spike counts in `steps` steps on the
   * first 200 samples. This takes seven runs of these samples per layer. Default false.
   */
  offsets?: boolean;
  /**
   * For `'streaming'`: number of first steps whose output is not read (delayed readout), in runs of at least twice this number, because later layers
   * start with few and uneven spikes. Default 3 for each layer of neurons after the first, on the longest path.
   */
  readoutDelay?: number;
  /** Names of layers without a spiking counterpart that are kept unchanged and run at every step. Default none: such a layer throws an error. */
  keep?: readonly string[];
}

const known = [
  'data',
  'method',
  'steps',
  'schedule',
  'percentile',
  'iterations',
  'initial',
  'offsets',
  'readoutDelay',
  'keep',
  'signal',
  'onProgress',
] as const;

/** The options with every default. */
export type Settings = ReturnType<typeof settled>;

export function settled(options: ConvertOptions) {
  const checked = checkOptions('convert', options, known);
  const { signal, onProgress } = checked;
  checkTask({ signal, onProgress });
  const {
    data,
    method = 'least-error',
    steps = 16,
    schedule = 'streaming',
    percentile = 99.9,
    iterations = 80,
    initial = 0.5,
    offsets = false,
    readoutDelay,
    keep = [],
  } = checked;
  oneOf('method', method, methods);
  oneOf('schedule', schedule, ['streaming', 'accumulate']);
  integer('steps', steps, { min: 1, max: 2 ** 16 });
  finite('percentile', percentile, { above: 0, max: 100 });
  integer('iterations', iterations, { min: 1, max: 2 ** 20 });
  finite('initial', initial, { min: 0, max: 1 });
  flag('offsets', offsets);
  if (readoutDelay !== undefined) integer('readoutDelay', readoutDelay, { min: 0, max: 2 ** 16 });
  if (!Array.isArray(keep) || keep.some((name) => typeof name !== 'string'))
    invalid('keep', keep, 'a list of names of layers');
  if (schedule === 'accumulate') {
    if (offsets)
      invalid('offsets', offsets, "no value, because with 'accumulate' there is nothing to correct");
    if (readoutDelay !== undefined && readoutDelay > 0)
      invalid('readoutDelay', readoutDelay, "0, because 'accumulate' reads the sum of all steps");
  }
  return {
    data,
    method,
    steps,
    schedule,
    percentile,
    iterations,
    initial,
    offsets,
    readoutDelay,
    keep,
    signal,
    onProgress,
  };
}
