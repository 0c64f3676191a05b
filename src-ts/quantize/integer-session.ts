/** The streaming form of an integer network. */
import { attached, invalid, typedArray } from '../checks/check.ts';
import { isKind } from '../checks/typed.ts';
import { type addon, unwrap } from '../engine/native.ts';
import type { IntegerDescription } from './description.ts';
import { layerNumber } from './recordings.ts';

type NativeIntegerSession = InstanceType<typeof addon.NativeIntegerSession>;

/**
 * A stream through an integer network, made by {@link IntegerNetwork.session}. Each `push` is one time step. Its results equal those of {@link
 * IntegerNetwork.run}. It uses no floating-point arithmetic.
 */
export class IntegerSession implements Disposable {
  readonly #native: NativeIntegerSession;
  readonly #description: IntegerDescription;
  readonly #out: Uint32Array;

  /** @internal */
  constructor(native: NativeIntegerSession, description: IntegerDescription) {
    this.#native = native;
    this.#description = description;
    this.#out = new Uint32Array(description.layers.at(-1)!.neurons);
  }

  /**
   * One time step.
   *
   * @param input - the channels that spike once, ascending (`Uint32Array`), or a count for each channel (`Uint8Array`, or `Int16Array` if counts may
   * be negative). Counts above `input.maxCount` are clipped
   * @returns the output neurons that spiked, ascending; {@link IntegerSession.counts} returns their numbers of spikes
   * @throws LapicqueError `invalid-parameter` for a channel out of range or out of order and for a negative count of an unsigned input,
   * `shape-mismatch`, `disposed`. After an error the state is unchanged
   */
  push(input: Uint32Array | Uint8Array | Int16Array): Uint32Array {
    return this.#out.slice(0, unwrap(this.#step(input)));
  }

  #step(input: Uint32Array | Uint8Array | Int16Array) {
    if (ArrayBuffer.isView(input) && input.length === 0) attached('input', input);
    if (isKind(input, Uint32Array)) return this.#native.push(input, this.#out);
    if (isKind(input, Uint8Array)) return this.#native.pushBytes(input, this.#out);
    if (isKind(input, Int16Array)) return this.#native.pushWords(input, this.#out);
    return invalid('input', input, 'a Uint32Array of channels, or a Uint8Array or Int16Array of counts');
  }

  /** The spikes of each neuron of a layer (default the last) in the last step. @throws LapicqueError `unknown-name` */
  counts(layer = this.#last): Uint8Array {
    const number = layerNumber(this.#description, layer);
    const out = new Uint8Array(this.#description.layers[number]!.neurons);
    unwrap(this.#native.counts(number, out));
    return out;
  }

  /** v of each neuron of a layer (default the last); with `out` it is written there. @throws LapicqueError `unknown-name` */
  v(layer = this.#last, out?: Int32Array): Int32Array {
    const number = layerNumber(this.#description, layer);
    const { neurons } = this.#description.layers[number]!;
    const values =
      out === undefined ? new Int32Array(neurons) : typedArray('out', out, [Int32Array], neurons);
    unwrap(this.#native.v(number, values));
    return values;
  }

  /** The synaptic currents of a layer (default the last), `[neurons, currents]`. @throws LapicqueError `unknown-name` */
  currents(layer = this.#last): Int32Array {
    const number = layerNumber(this.#description, layer);
    const { neurons, rules } = this.#description.layers[number]!;
    const out = new Int32Array(neurons * rules.currents);
    unwrap(this.#native.currents(number, out));
    return out;
  }

  get #last(): string {
    return this.#description.layers.at(-1)!.name;
  }

  /** Time steps since the session started or was reset. */
  get steps(): number {
    return unwrap(this.#native.steps());
  }

  /** Sets every neuron to its rest state. */
  reset(): void {
    unwrap(this.#native.reset());
  }

  /** Another stream on the same weights, at rest. */
  fork(): IntegerSession {
    return new IntegerSession(unwrap(this.#native.fork()), this.#description);
  }

  /** Frees the native memory; using the session afterwards throws `disposed`. */
  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
// Bundlers rename a class that refers to itself; this keeps the public name.
Object.defineProperty(IntegerSession, 'name', { value: 'IntegerSession' });
