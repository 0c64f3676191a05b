/** The streaming form of a model: events in, spikes out, state carried. */
import { attached, invalid, typedArray } from './check.ts';
import { type addon, unwrap } from './native.ts';
import { isState, NetworkState } from './state.ts';

type NativeSession = InstanceType<typeof addon.NativeSession>;

/**
 * A stream through a trained model, made by `model.session()`. Each `push` is one time step and takes microseconds:
 * its cost is proportional to the events that enter it. Pushing a sequence gives the spikes of `model.run` on it, bit
 * for bit. The session keeps the weights that the model had when it was made.
 */
export class Session implements Disposable {
  readonly #native: NativeSession;
  readonly #out: Uint32Array;
  readonly #outputs: number;

  /** @internal */
  constructor(native: NativeSession, outputs: number) {
    this.#native = native;
    this.#outputs = outputs;
    this.#out = new Uint32Array(outputs);
  }

  /**
   * One time step.
   *
   * @param events - the input channels that fire in this step, ascending, each once (a `Uint32Array`; a list is copied),
   * or a `Float32Array` with a value for each channel
   * @returns the output neurons that fired, ascending; a new array
   * @throws LapicqueError `invalid-parameter` for a channel out of range or out of order, `shape-mismatch`, `non-finite`,
   * `disposed`; the state is then as it was
   */
  push(events: Uint32Array | Float32Array | readonly number[]): Uint32Array {
    if (ArrayBuffer.isView(events) && events.length === 0) attached('events', events);
    const count =
      events instanceof Float32Array
        ? unwrap(this.#native.pushValues(events, this.#out))
        : unwrap(this.#native.push(events instanceof Uint32Array ? events : channels(events), this.#out));
    return this.#out.slice(0, count);
  }

  /**
   * Many time steps, handing the event loop its turn now and then.
   *
   * @param steps - the events of each step
   * @returns the output spikes of each step
   */
  async pushAsync(steps: Iterable<Uint32Array | Float32Array | readonly number[]>): Promise<Uint32Array[]> {
    if (typeof steps?.[Symbol.iterator] !== 'function') invalid('steps', steps, 'the events of each step');
    const out: Uint32Array[] = [];
    let since = performance.now();
    for (const events of steps) {
      out.push(this.push(events));
      if (performance.now() - since > 1) {
        await new Promise((resolve) => setImmediate(resolve));
        since = performance.now();
      }
    }
    return out;
  }

  /** The output population's membrane potential now, `[neurons]`; with `out` it is written there. */
  membrane(out: Float32Array = new Float32Array(this.#outputs)): Float32Array {
    typedArray('out', out, [Float32Array], this.#outputs);
    unwrap(this.#native.membrane(out));
    return out;
  }

  /** Time steps since the session began or was reset. */
  get steps(): number {
    return unwrap(this.#native.steps());
  }

  /** Puts every neuron at rest. */
  reset(): void {
    unwrap(this.#native.reset());
  }

  /** The state now. */
  save(): NetworkState {
    return new NetworkState(unwrap(this.#native.save()));
  }

  /** Goes on from a state (of a batch of one). */
  restore(state: NetworkState): void {
    if (!isState(state)) invalid('state', state, 'a NetworkState');
    unwrap(this.#native.restore(state.native));
  }

  /** Another stream on the same weights, at rest; costs only its state. */
  fork(): Session {
    return new Session(unwrap(this.#native.fork()), this.#outputs);
  }

  /** Frees the native memory; using the session afterwards throws `disposed`. */
  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function channels(events: readonly number[]): Uint32Array {
  if (!Array.isArray(events))
    invalid('events', events, 'a Uint32Array, a Float32Array or a list of channels');
  const out = Uint32Array.from(events);
  // A Uint32Array wraps what is not a channel number; the comparison finds it.
  const wrong = events.findIndex((event, i) => event !== out[i]);
  if (wrong >= 0) invalid(`events[${wrong}]`, events[wrong], 'a channel number');
  return out;
}
