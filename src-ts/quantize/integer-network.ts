/** Integer networks: small integer weights, saturating integer state. */
import { options as checkOptions, invalid, unknownName } from '../checks/check.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { type FileSource, type FileTarget, isStreamTarget, type LoadOptions } from '../files/file-source.ts';
import { fileBytes, writeFile } from '../files/tensor-file.ts';
import { concatenated, type IntegerDescription, type IntegerTensors } from './description.ts';
import { type CExport, cOf } from './export-c.ts';
import { integerFileContent, readIntegerFile } from './integer-file.ts';
import { type IntegerInput, nativeCounts } from './integer-input.ts';
import { IntegerSession } from './integer-session.ts';
import { recordedShape } from './recordings.ts';
import { clippedShare, type IntegerSaturation, saturated, saturatedStates } from './saturation.ts';
import { type IntegerSummary, summaryOf } from './summary.ts';
import { type IntegerTables, tablesOf } from './tables.ts';

type NativeIntegerNetwork = InstanceType<typeof addon.NativeIntegerNetwork>;

/** Options of {@link IntegerNetwork.run}. */
export interface IntegerRunOptions extends TaskOptions {
  /** Number of time steps of a constant input `[batch, channels]`. */
  steps?: number;
  /** Values to record besides the output: `NAME.spikes` (counts), `NAME.v`, `NAME.currents` of layers. */
  record?: readonly string[];
}

/** The result of {@link IntegerNetwork.run}. */
export interface IntegerRunResult {
  /** Spikes of each output neuron in each step (counts), `[time, batch, neurons]`; absent if the last layer does not spike. */
  spikes?: Uint8Array;
  /** v of the output after each step, `[time, batch, neurons]`. One unit of v corresponds to `network.tensors.units` in the model. */
  v: Int32Array;
  /** `[time, batch, neurons]` of the output. */
  shape: [number, number, number];
  /** By the requested names, `[time, batch, neurons]`; currents `[time, batch, neurons, currents]`. */
  recordings: Record<string, Uint8Array | Int32Array>;
}

/**
 * A network of integer weights and states. It follows its arithmetic rules exactly, on every machine. {@link quantize} makes one from a model, {@link
 * integerNetwork} from tables.
 */
export class IntegerNetwork implements Disposable {
  readonly #native: NativeIntegerNetwork;
  readonly description: IntegerDescription;
  readonly tensors: IntegerTensors;

  /** @internal */
  constructor(native: NativeIntegerNetwork, description: IntegerDescription, tensors: IntegerTensors) {
    this.#native = native;
    this.description = description;
    this.tensors = tensors;
  }

  /**
   * Runs a batch from rest, its samples in parallel.
   *
   * @param input - counts, or values in units of `description.input.scale`, `[time, batch, channels]`; with `steps` `[batch, channels]`
   * @throws LapicqueError `shape-mismatch`, `invalid-parameter`, `unknown-name` for a recording, `too-large`, `aborted`, `disposed`
   */
  async run(input: IntegerInput, options: IntegerRunOptions = {}): Promise<IntegerRunResult> {
    const known = ['steps', 'record', 'signal', 'onProgress'] as const;
    const { steps: given, record = [], ...rest } = checkOptions('run', options, known);
    if (!Array.isArray(record)) invalid('record', record, "a list of names such as 'lif1.v'");
    const native = nativeCounts(input, this.description, given);
    for (const name of record) recordedShape(this.description, name);
    const output = this.description.layers.at(-1)!;
    const own = [`${output.name}.v`, ...(output.rules.spiking ? [`${output.name}.spikes`] : [])];
    const names = [...new Set([...own, ...record])];
    const { counts, steps, batch, constant } = native;
    const [bytes, words] = counts instanceof Uint8Array ? [counts] : [undefined, counts];
    const arrays = await task(rest, (handle) =>
      this.#native.run(bytes, words, steps, batch, constant, names, handle),
    );
    const all = Object.fromEntries(names.map((name, i) => [name, arrays[i]!]));
    return {
      ...(output.rules.spiking ? { spikes: all[own[1]!] as Uint8Array } : {}),
      v: all[own[0]!] as Int32Array,
      shape: [steps, batch, output.neurons],
      recordings: Object.fromEntries(record.map((name) => [name, all[name]!])),
    };
  }

  /**
   * The fractions of inputs and states that saturate on a batch. Values beyond the range of the calibration data are clipped.
   *
   * @throws LapicqueError as {@link IntegerNetwork.run}
   */
  async saturation(
    input: IntegerInput,
    options: Omit<IntegerRunOptions, 'record'> = {},
  ): Promise<IntegerSaturation> {
    const checked = checkOptions('saturation', options, ['steps', 'signal', 'onProgress']);
    const { recordings } = await this.run(input, { ...checked, record: saturatedStates(this.description) });
    return {
      input: clippedShare(input, this.description),
      layers: this.description.layers.map(({ name, rules }) => ({
        name,
        ...saturated(name, rules, [recordings]),
      })),
    };
  }

  /** A streaming session at rest. Sessions share the weights. @throws LapicqueError `disposed`, `too-large` */
  session(): IntegerSession {
    return new IntegerSession(unwrap(this.#native.session()), this.description);
  }

  /** Bytes of weights and parameters in the engine's memory, and of the state of a session. */
  get bytes(): { readonly network: number; readonly session: number } {
    const [network, session] = unwrap(this.#native.bytes());
    return { network: network!, session: session! };
  }

  /** Sizes, bits and ranges of all layers. */
  summary(): IntegerSummary {
    return summaryOf(this.description, this.tensors);
  }

  /**
   * The network as C99 without dependencies: a header, and a source with the tables and a step function. Its spikes equal those of {@link
   * IntegerNetwork.session}.
   *
   * @param options - `name`: prefix of all names in C, a C identifier; default `network`
   * @throws LapicqueError `invalid-parameter` for a name that is not a C identifier
   */
  toC(options: { readonly name?: string } = {}): CExport {
    const { name = 'network' } = checkOptions('toC', options, ['name']);
    return cOf(this.description, this.tensors, name);
  }

  /** Description, weights and parameters as plain JSON data: arrays of numbers. */
  toTables(): IntegerTables {
    return tablesOf(this.description, this.tensors);
  }

  /**
   * Writes the network to a `.safetensors` file, atomically.
   *
   * @param target - a path or a `file:` URL, or a `WritableStream`
   * @throws LapicqueError `io`, `aborted`
   */
  async save(target: FileTarget, options: TaskOptions = {}): Promise<void> {
    isStreamTarget('target', target);
    const { tensors, metadata } = integerFileContent(this.description, this.tensors);
    await writeFile('target', target, tensors, metadata, options);
  }

  /** The bytes of the file that {@link IntegerNetwork.save} writes. @throws LapicqueError `too-large`, `aborted` */
  async toBytes(options: TaskOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { tensors, metadata } = integerFileContent(this.description, this.tensors);
    return fileBytes(tensors, metadata, options);
  }

  /**
   * Reads a network that {@link IntegerNetwork.save} wrote.
   *
   * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
   * @param options - `limits`: the memory that the network may take
   * @throws LapicqueError `malformed-file`, `unsupported` for a newer version, `too-large`, `io`, `aborted`
   */
  static async load(source: FileSource, options: LoadOptions = {}): Promise<IntegerNetwork> {
    const { description, tensors, malformed } = await readIntegerFile(source, options);
    try {
      return await builtNetwork(description, tensors, options.signal ? { signal: options.signal } : {});
    } catch (error) {
      throw malformed(error);
    }
  }

  /** Frees the native memory; using the network afterwards throws `disposed`. */
  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
// Bundlers rename a class that refers to itself; this keeps the public name.
Object.defineProperty(IntegerNetwork, 'name', { value: 'IntegerNetwork' });

/** Builds a network of a description and its numbers. The engine checks both. @internal */
export async function builtNetwork(
  description: IntegerDescription,
  tensors: IntegerTensors,
  options: TaskOptions = {},
): Promise<IntegerNetwork> {
  const names = description.layers.flatMap(({ connections }) => connections.map(({ name }) => name));
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) invalid('connections', `"${twice}" twice`, 'different names');
  for (const name of names)
    if (tensors.weights[name] === undefined) throw unknownName('weights', name, Object.keys(tensors.weights));
  const { scale: _, ...input } = description.input;
  const { weights, parameters } = concatenated(description, tensors);
  const json = JSON.stringify({ ...description, input });
  const native = await task(options, (handle) => addon.integerNetwork(json, weights, parameters, handle));
  return new IntegerNetwork(native, description, tensors);
}
