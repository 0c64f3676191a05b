/** What the engine counts while a batch runs, and the sums over batches. */
import type { JsInput } from '#native';
import type { BatchShape, InputTensor } from '../description/input-tensor.ts';

/** Counts of a population over the samples and steps of a batch. */
interface PopulationCounts {
  readonly name: string;
  readonly neurons: number;
  readonly spiking: boolean;
  readonly spikes: number;
  /** Outputs that are not zero: the spikes, or the state of neurons that do not spike. */
  readonly nonZero: number;
  readonly membraneUpdates: number;
  /** Neurons and steps whose surrogate derivative is not zero; absent where it vanishes nowhere. */
  readonly active?: number;
}

/** The same of a layer without neurons. */
interface MapCounts {
  readonly name: string;
  readonly elements: number;
  readonly nonZero: number;
  /** Of a traced layer: the operations of its function apart from those of its {@link ConnectionCounts}. */
  readonly effectiveMacs: number;
  readonly effectiveAcs: number;
  readonly dense: number;
}

/** The same of weights. `weights` and `zeroWeights` are those of the network, not sums. */
interface ConnectionCounts {
  readonly name: string;
  readonly weights: number;
  readonly zeroWeights: number;
  /** Inputs that are not zero. */
  readonly events: number;
  readonly effectiveMacs: number;
  readonly effectiveAcs: number;
  readonly dense: number;
}

/** The answer of the engine for a batch. */
export interface BatchCounts {
  readonly samples: number;
  readonly steps: number;
  readonly populations: readonly PopulationCounts[];
  readonly maps: readonly MapCounts[];
  readonly connections: readonly ConnectionCounts[];
}

/** Sums over batches; `rows` are samples × steps. */
export interface Counts extends Omit<BatchCounts, 'steps'> {
  readonly rows: number;
}

/** Adds the counts of a batch; `undefined` is no batch yet. */
export function added(sum: Counts | undefined, batch: BatchCounts): Counts {
  const rows = batch.samples * batch.steps;
  if (sum === undefined) return { ...batch, rows };
  return {
    samples: sum.samples + batch.samples,
    rows: sum.rows + rows,
    populations: sum.populations.map((one, i) => {
      const sums = one.active === undefined ? populationSums : ([...populationSums, 'active'] as const);
      return plus(one, batch.populations[i]!, sums);
    }),
    maps: sum.maps.map((one, i) => plus(one, batch.maps[i]!, mapSums)),
    connections: sum.connections.map((one, i) => plus(one, batch.connections[i]!, connectionSums)),
  };
}

const populationSums = ['spikes', 'nonZero', 'membraneUpdates'] as const;
const mapSums = ['nonZero', 'effectiveMacs', 'effectiveAcs', 'dense'] as const;
const connectionSums = ['events', 'effectiveMacs', 'effectiveAcs', 'dense'] as const;

function plus<T extends object, K extends keyof T>(one: T, other: T, keys: readonly K[]): T {
  const sums = keys.map((key) => [key, Number(one[key]) + Number(other[key])]);
  return { ...one, ...Object.fromEntries(sums) };
}

/** Divides a checked input into batches of `size` samples, the last one with the rest. */
export function* divided(
  input: InputTensor,
  { steps, batch, channels, constant }: JsInput & BatchShape,
  size: number,
): Generator<InputTensor> {
  const rows = constant ? 1 : steps;
  for (let first = 0; first < batch; first += size) {
    const samples = Math.min(size, batch - first);
    if (samples === batch) {
      yield input;
      continue;
    }
    const width = samples * channels;
    const x = input.x.slice(0, rows * width);
    for (let row = 0; row < rows; row++) {
      const from = (row * batch + first) * channels;
      x.set(input.x.subarray(from, from + width), row * width);
    }
    yield { x, shape: constant ? [samples, channels] : [rows, samples, channels] };
  }
}
