/** The streaming form of a model: events in, spikes out, state carried. */

import {
  attached,
  options as checkOptions,
  integer,
  invalid,
  typedArray,
  unknownName,
} from '../checks/check.ts';
import { LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { isKind } from '../checks/typed.ts';
import { isWhole, unsigned, type WholeNumbers } from '../checks/whole-numbers.ts';
import { isState, ModelState } from '../compiled/state.ts';
import { untilAborted } from '../engine/abort.ts';
import { Listener } from '../engine/listener.ts';
import { type addon, checkTask, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { checkNames, type InputPart } from './named-inputs.ts';
import type { RunOptions } from './run.ts';
import type { ReadoutHistory } from './session-readout.ts';

type NativeSession = InstanceType<typeof addon.NativeSession>;

/** The input of a {@link Session} in one step: the channels that fire, ascending, or a value for each channel. */
export type StepEvents =
  | Exclude<WholeNumbers, Uint8Array | Int8Array>
  | Float32Array
  | Float64Array
  | readonly number[];

/** For a network with named inputs ({@link graph}): the events of each, with channels counted from the start of this input. */
export type NamedStepEvents = Readonly<Record<string, StepEvents>>;

const noEvents = new Uint32Array(0);

/** Options of {@link Model.session}. */
export interface SessionOptions extends Pick<RunOptions, 'record'> {
  /** Whether {@link Session.readout} returns the model's read-out; the session then keeps what it reads of all steps. Default false. */
  readout?: boolean;
}

/** What a session is made of. @internal */
export interface SessionSource {
  readonly native: NativeSession;
  readonly inputs: number;
  readonly outputs: number;
  readonly recorded: readonly string[];
  readonly parts: readonly InputPart[];
  readonly readout: ReadoutHistory | undefined;
}

/**
 * A stream through a trained model, made by `model.session()`. Each `push` is one time step and takes microseconds:
 * its cost is proportional to its input events. Pushing a sequence gives bit-identical spikes to `model.run` on it. The session keeps the weights
 * that the model had when the session was created.
 */
export class Session implements Disposable {
  readonly #native: NativeSession;
  readonly #out: Uint32Array;
  /** Channels of the model's input. */
  readonly inputs: number;
  readonly #outputs: number;
  readonly #recorded: readonly string[];
  readonly #parts: readonly InputPart[];
  readonly #readout: ReadoutHistory | undefined;
  /** Calls of `pushAsync` whose promise has not settled, and the end of the last of them. */
  #pending = 0;
  #last: Promise<void> = Promise.resolve();

  /** @internal */
  constructor({ native, inputs, outputs, recorded, parts, readout }: SessionSource) {
    this.#native = native;
    this.#parts = parts;
    this.inputs = inputs;
    this.#outputs = outputs;
    this.#recorded = recorded;
    this.#readout = readout;
    this.#out = new Uint32Array(outputs);
  }

  /**
   * One time step.
   *
   * @param events - the input channels that fire in this step, ascending, each once (a `Uint32Array`; a list is copied),
   * or a `Float32Array` or `Float64Array` with a value for each channel, which an f32 model rounds. For a network with named inputs also an
   * object with the events of each input
   * @returns the output neurons that fired, ascending; a new array
   * @throws LapicqueError `invalid-parameter` for a channel out of range or out of order, or while a `pushAsync`
   * runs; `shape-mismatch`; `non-finite` for such a value, or for a state that becomes non-finite in this step (`run` checks
   * the states only after its last step); `disposed`. After an error the state is unchanged
   */
  push(events: StepEvents | NamedStepEvents): Uint32Array {
    if (this.#pending > 0) this.#refuseIfPending('push');
    return this.#push(events);
  }

  #push(given: StepEvents | NamedStepEvents): Uint32Array {
    const events = isNamed(given, this.#parts) ? joinEvents(this.#parts, given) : given;
    if (ArrayBuffer.isView(events) && events.length === 0) attached('events', events);
    const fired = unwrap(this.#step(events));
    this.#readout?.add((name) => this.recorded(name));
    return this.#out.slice(0, fired);
  }

  #step(events: StepEvents) {
    if (isKind(events, Uint32Array)) return this.#native.push(events, this.#out);
    if (isKind(events, Float32Array)) return this.#native.pushValues(events, this.#out);
    if (isKind(events, Float64Array)) return this.#native.pushDoubles(events, this.#out);
    // Bytes may be meant as spikes of each channel, other whole numbers are channels.
    if (isWhole(events) && events.BYTES_PER_ELEMENT > 1)
      return this.#native.push(unsigned('events', events), this.#out);
    return this.#native.push(channels(events as readonly number[]), this.#out);
  }

  /**
   * Time steps without input, as `push([])` in each. Stops after the first step in which output neurons fire, and after about 2 ms, so as not to block the
   * event loop: call it again for the rest. Once a step changes no state, the others take no time.
   *
   * @param steps - how many at most, from 0
   * @returns how many steps ran, and the output neurons that fired in the last of them, ascending
   * @throws LapicqueError as {@link Session.push}; the state is then that before the step that failed
   */
  advance(steps: number): { steps: number; spikes: Uint32Array } {
    integer('steps', steps, { min: 0 });
    if (this.#pending > 0) this.#refuseIfPending('advance');
    if (this.#readout === undefined) {
      const [ran, fired] = unwrap(this.#native.advance(steps, this.#out)) as [number, number];
      return { steps: ran, spikes: this.#out.slice(0, ran === 0 ? 0 : fired) };
    }
    // A read-out may read every step.
    const began = performance.now();
    let ran = 0;
    let spikes: Uint32Array = noEvents;
    while (ran < steps && spikes.length === 0 && performance.now() - began < 2) {
      spikes = this.#push(noEvents);
      ran += 1;
    }
    return { steps: ran, spikes };
  }

  /**
   * Many time steps; yields to the event loop regularly. A call waits for earlier calls, so the results are those of
   * consecutive calls. Until all have ended, `push`, `reset` and `restore` throw an error, and reads (`save`,
   * `membrane`, `steps`) return the values of the current step.
   *
   * @param steps - the events of each step
   * @param options - `signal` ends it between two steps, `onProgress` receives the number of finished steps (`total` is only a lower bound if `steps`
   * is not an array)
   * @returns the output spikes of each step
   * @throws LapicqueError as `push`, and `aborted`; the state is then the state after the last finished step
   */
  async pushAsync(
    steps: Iterable<StepEvents | NamedStepEvents>,
    options: TaskOptions = {},
  ): Promise<Uint32Array[]> {
    if (typeof steps?.[Symbol.iterator] !== 'function') invalid('steps', steps, 'the events of each step');
    const { signal, onProgress } = checkTask(checkOptions('pushAsync', options, ['signal', 'onProgress']));
    throwIfAborted(signal);
    const before = this.#last;
    let end!: () => void;
    const own = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last = before.then(() => own);
    this.#pending += 1;
    try {
      if (this.#pending > 1) await untilAborted(signal, before);
      return await this.#pushAll(steps, signal, onProgress);
    } finally {
      this.#pending -= 1;
      end();
    }
  }

  async #pushAll(
    steps: Iterable<StepEvents | NamedStepEvents>,
    signal: AbortSignal | undefined,
    onProgress: TaskOptions['onProgress'],
  ): Promise<Uint32Array[]> {
    const out: Uint32Array[] = [];
    const listener = new Listener(onProgress);
    const report = () =>
      listener.hear({ done: out.length, total: Array.isArray(steps) ? steps.length : out.length });
    let [since, reported] = [performance.now(), performance.now()];
    for (const events of steps) {
      throwIfAborted(signal);
      out.push(this.#push(events));
      const now = performance.now();
      if (now - since <= 1) continue;
      listener.check();
      if (now - reported >= 50) {
        report();
        reported = now;
      }
      await new Promise((resolve) => setImmediate(resolve));
      since = performance.now();
    }
    report();
    listener.end();
    return out;
  }

  /** Refuses a call between the steps of a `pushAsync`. */
  #refuseIfPending(what: string): void {
    if (this.#pending > 0) {
      const fields = {
        name: what,
        value: 'a call during a pushAsync()',
        expected: 'no pushAsync() under way',
      };
      const message = `${what}: the session is busy with a pushAsync(); await it first`;
      throw new LapicqueError('invalid-parameter', fields, { message });
    }
  }

  /**
   * The current membrane potential of the output population, `[neurons]`. With `out` it is written there; a `Float64Array` receives the
   * values of an f64 model without rounding.
   */
  membrane(): Float32Array;
  membrane<A extends Float32Array | Float64Array>(out: A): A;
  membrane(out: Float32Array | Float64Array = new Float32Array(this.#outputs)): Float32Array | Float64Array {
    typedArray('out', out, [Float32Array, Float64Array], this.#outputs);
    if (isKind(out, Float64Array)) unwrap(this.#native.membraneDoubles(out));
    else unwrap(this.#native.membrane(out as Float32Array));
    return out;
  }

  /**
   * The recording of the last step, by its name in `record` of {@link Model.session}; a new array, `[neurons]` or of the layer's
   * values. Spikes are 0 and 1. Before the first step, states are at rest, and the inputs of ports and the outputs of layers are 0.
   * @throws LapicqueError `unknown-name` for anything that is not recorded
   */
  recorded(name: string): Float32Array | Float64Array | Uint8Array {
    const i = this.#recorded.indexOf(name);
    if (i < 0) throw unknownName('recording of this session', name, this.#recorded);
    return unwrap(this.#native.recorded(i));
  }

  /**
   * The scores of the model's read-out over all steps since the session began, was reset or restored, `[classes]`: after the last step of a sequence those
   * of {@link Model.run}. It reads all these steps again at each call. Only for a session with the option `readout`.
   *
   * @throws LapicqueError `invalid-parameter` without this option, and before the first step
   */
  readout(): Float64Array {
    // A session that was disposed of says so.
    unwrap(this.#native.steps());
    if (this.#readout === undefined) invalid('readout', false, 'model.session({ readout: true })');
    return this.#readout!.value();
  }

  /** Time steps since the session started or was reset. */
  get steps(): number {
    return unwrap(this.#native.steps());
  }

  /** Sets every neuron to its rest state. Throws `invalid-parameter` while a `pushAsync` runs. */
  reset(): void {
    this.#refuseIfPending('reset');
    unwrap(this.#native.reset());
    this.#readout?.clear();
  }

  /** The current state. */
  save(): ModelState {
    return new ModelState(unwrap(this.#native.save()));
  }

  /** Continues from a state (of a batch of one). Throws `invalid-parameter` while a `pushAsync` runs. */
  restore(state: ModelState): void {
    this.#refuseIfPending('restore');
    if (!isState(state)) invalid('state', state, 'a ModelState');
    unwrap(this.#native.restore(state.native));
    this.#readout?.clear();
  }

  /** Another stream on the same weights, at rest; needs only memory for its state. */
  fork(): Session {
    const native = unwrap(this.#native.fork());
    return new Session({
      native,
      inputs: this.inputs,
      outputs: this.#outputs,
      recorded: this.#recorded,
      parts: this.#parts,
      readout: this.#readout?.fresh(),
    });
  }

  /** Frees the native memory; using the session afterwards throws `disposed`. */
  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
// A bundler renames classes that mention themselves.
Object.defineProperty(Session, 'name', { value: 'Session' });

/** Whether the events are an object with those of each named input. */
function isNamed(
  events: StepEvents | NamedStepEvents,
  parts: readonly InputPart[],
): events is NamedStepEvents {
  return parts.length > 0 && !ArrayBuffer.isView(events) && !Array.isArray(events);
}

/** The events of the whole input: channels if all inputs have channels, else values. */
function joinEvents(parts: readonly InputPart[], given: NamedStepEvents): Uint32Array | Float64Array {
  checkNames(parts, given);
  const isValues = (events: StepEvents) => isKind(events, Float32Array) || isKind(events, Float64Array);
  const ofPart = parts.map((part) => {
    const events = given[part.name]!;
    if (isValues(events)) return typedArray(part.name, events, [Float32Array, Float64Array], part.size);
    const own = isKind(events, Uint32Array)
      ? events
      : isWhole(events) && events.BYTES_PER_ELEMENT > 1
        ? unsigned(part.name, events)
        : channels(events as readonly number[]);
    const wrong = own.findIndex((channel, i) => channel >= part.size || (i > 0 && channel <= own[i - 1]!));
    if (wrong >= 0) {
      const expected = `channels below ${part.size}, ascending, each once`;
      invalid(`events.${part.name}[${wrong}]`, own[wrong], expected);
    }
    return own;
  });
  if (!Object.values(given).some(isValues)) {
    return Uint32Array.from(
      parts.flatMap(({ from }, i) => Array.from(ofPart[i]!, (channel) => from + channel)),
    );
  }
  const values = new Float64Array(parts.at(-1)!.from + parts.at(-1)!.size);
  for (const [i, { from }] of parts.entries()) {
    const events = ofPart[i]!;
    if (isKind(events, Uint32Array)) for (const channel of events) values[from + channel] = 1;
    else values.set(events, from);
  }
  return values;
}

function channels(events: readonly number[]): Uint32Array {
  if (!Array.isArray(events))
    invalid(
      'events',
      events,
      'a Uint32Array or a list of channels, or a Float32Array or Float64Array of values',
    );
  const out = new Uint32Array(events.length);
  for (let i = 0; i < out.length; i++) {
    const event: unknown = events[i];
    // A Uint32Array wraps what is not a channel number; the comparison finds it.
    if (typeof event === 'number') out[i] = event;
    if (event !== out[i]) invalid(`events[${i}]`, event, 'a channel number');
  }
  return out;
}
