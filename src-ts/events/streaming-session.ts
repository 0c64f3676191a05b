/** Runs the steps of a stream through a session, from a recording or live, and measures them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { integer } from '../checks/check.ts';
import { abortError, throwIfAborted } from '../checks/errors.ts';
import type { Session } from '../model/session.ts';
import type { LiveWindows } from './live-windows.ts';
import type { representEvents } from './pipeline.ts';

/** A step of a stream that had input or output. */
export interface StreamedStep {
  /** Number of the step, from 0. */
  readonly step: number;
  /** Its start, in µs of the recording. */
  readonly t: number;
  /** Channels with events in the step. */
  readonly input: Uint32Array;
  /** Output neurons that fired, ascending. */
  readonly spikes: Uint32Array;
}

/** Statistics of a stream so far. Times in µs. */
export interface StreamStatistics {
  readonly steps: number;
  /** Number of steps without input. */
  readonly idle: number;
  /** Number of input channels with events, over all steps; several events of a channel in one step count once. */
  readonly inputs: number;
  readonly outputs: number;
  /** Number of steps whose events were dropped because they were late. */
  readonly dropped: number;
  /** Number of events of a live source that arrived after their step had run. */
  readonly lateEvents: number;
  /** Computing time of steps with input, and of steps without. Steps without input that ran together are one value, their mean. */
  readonly busyLatency: Percentiles;
  readonly idleLatency: Percentiles;
  /**
   * In real time: the lag, from the end of a window to the completion of the step that used its events. For a step with late
   * events, the lag of the oldest.
   */
  readonly delay: Percentiles;
  /** Wall-clock seconds, and recorded seconds per wall-clock second. */
  readonly seconds: number;
  readonly speed: number;
}

/** Percentiles of the last 65,536 values; NaN if there are none. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** A stream through a session. It can be iterated once, and yields the steps that had input or output. */
export interface EventSession extends AsyncIterable<StreamedStep> {
  /** Statistics so far; final when the iteration has ended. */
  readonly statistics: StreamStatistics;
  /** Runs to the end; returns the number of output spikes of each neuron. */
  count(outputs: number): Promise<{ readonly counts: Uint32Array; readonly statistics: StreamStatistics }>;
}

/** How steps run: the checked options of `streamEvents`. */
export interface StreamPlan {
  readonly step: number;
  readonly pace: 'fast' | 'real-time';
  readonly late: 'keep' | 'drop';
  readonly tail: number;
  readonly tolerance: number;
  readonly signal: AbortSignal | undefined;
  readonly onStep: ((step: StreamedStep) => void) | undefined;
}

export type Frames = ReturnType<typeof representEvents<'sparse'>>;

const none = new Uint32Array(0);

/** Number of values kept for percentiles. */
const maxStored = 1 << 16;

class Sample {
  #values = new Float64Array(1024);
  #count = 0;
  #max = Number.NaN;

  add(value: number): void {
    if (this.#count === this.#values.length && this.#values.length < maxStored) {
      const more = new Float64Array(2 * this.#values.length);
      more.set(this.#values);
      this.#values = more;
    }
    this.#values[this.#count % this.#values.length] = value;
    this.#count += 1;
    if (!(value <= this.#max)) this.#max = value;
  }

  percentiles(): Percentiles {
    const sorted = this.#values.slice(0, Math.min(this.#count, this.#values.length)).sort();
    const at = (share: number) =>
      sorted.length === 0
        ? Number.NaN
        : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: this.#max };
  }
}

/** The steps, their clock and their statistics. */
abstract class Streaming implements EventSession {
  protected readonly plan: StreamPlan;
  /** `performance.now()` at the start of the first window. */
  protected began = Number.NaN;
  protected steps = 0;
  protected lateEvents = 0;
  readonly #session: Session;
  readonly #busy = new Sample();
  readonly #quiet = new Sample();
  readonly #delay = new Sample();
  #idle = 0;
  #inputs = 0;
  #outputs = 0;
  #dropped = 0;
  #ended = Number.NaN;
  #lastTurn = performance.now();

  constructor(session: Session, plan: StreamPlan) {
    this.#session = session;
    this.plan = plan;
  }

  get statistics(): StreamStatistics {
    const end = Number.isNaN(this.#ended) ? performance.now() : this.#ended;
    const seconds = Number.isNaN(this.began) ? 0 : (end - this.began) / 1000;
    return {
      steps: this.steps,
      idle: this.#idle,
      inputs: this.#inputs,
      outputs: this.#outputs,
      dropped: this.#dropped,
      lateEvents: this.lateEvents,
      busyLatency: this.#busy.percentiles(),
      idleLatency: this.#quiet.percentiles(),
      delay: this.#delay.percentiles(),
      seconds,
      speed: (this.steps * this.plan.step * 1e-6) / seconds,
    };
  }

  async count(outputs: number) {
    const counts = new Uint32Array(integer('outputs', outputs, { min: 1 }));
    for await (const { spikes } of this) for (const neuron of spikes) counts[neuron]! += 1;
    return { counts, statistics: this.statistics };
  }

  abstract [Symbol.asyncIterator](): AsyncGenerator<StreamedStep, void, undefined>;

  /** Called when the last step has run. */
  protected ended(): void {
    this.#ended = performance.now();
  }

  /** Whether the event loop should have a turn. Asked after each step, because a promise per step would cost more. */
  protected get isTurnDue(): boolean {
    return performance.now() - this.#lastTurn > 4;
  }

  protected async turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#lastTurn = performance.now();
  }

  /** When a window ends, as `performance.now()`. */
  protected due(window: number): number {
    return this.began + ((window + 1) * this.plan.step) / 1000;
  }

  /** Waits for the end of the next step's window, without blocking the event loop. @throws LapicqueError `aborted` */
  protected async untilDue(): Promise<void> {
    const { signal } = this.plan;
    const due = this.due(this.steps);
    const wait = due - performance.now();
    // A timer may be about a millisecond late, so the rest is spent polling the event loop.
    if (wait > 2)
      await sleep(Math.min(wait - 1, 2 ** 31 - 1), undefined, { signal }).catch(() => {
        throw abortError(signal!);
      });
    while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(signal);
  }

  /** The input of a step that runs now, or an empty one if its events are too late. */
  protected notTooLate(input: Uint32Array, oldest = this.steps): Uint32Array {
    const { late, tolerance } = this.plan;
    const behind = (performance.now() - this.due(oldest)) * 1000;
    if (late === 'keep' || behind <= tolerance || input.length === 0) return input;
    this.#dropped += 1;
    return none;
  }

  /**
   * Runs the next step.
   *
   * @param t - the start of its window
   * @param oldest - number of the window of its oldest event
   */
  protected step(t: number, input: Uint32Array, oldest = this.steps): StreamedStep | undefined {
    const number = this.steps;
    const before = performance.now();
    const spikes = this.#session.push(input);
    const after = performance.now();
    (input.length > 0 ? this.#busy : this.#quiet).add((after - before) * 1000);
    this.steps += 1;
    if (this.plan.pace === 'real-time') this.#delay.add((after - this.due(oldest)) * 1000);
    this.#idle += Number(input.length === 0);
    this.#inputs += input.length;
    this.#outputs += spikes.length;
    const streamed = { step: number, t, input, spikes };
    this.plan.onStep?.(streamed);
    return input.length === 0 && spikes.length === 0 ? undefined : streamed;
  }

  /** Runs up to `most` steps without input, until one has output. `origin`: the time of step 0. */
  protected advance(origin: number, most: number): StreamedStep | undefined {
    const before = performance.now();
    const { steps, spikes } = this.#session.advance(most);
    this.#quiet.add(((performance.now() - before) * 1000) / steps);
    this.steps += steps;
    this.#idle += steps;
    this.#outputs += spikes.length;
    const last = this.steps - 1;
    return spikes.length === 0
      ? undefined
      : { step: last, t: origin + last * this.plan.step, input: none, spikes };
  }
}

/** A stream whose events exist already: each window has exactly its events, however slow they are read. */
export class RecordedStreaming extends Streaming {
  readonly #frames: Frames;

  constructor(session: Session, frames: Frames, plan: StreamPlan) {
    super(session, plan);
    this.#frames = frames;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamedStep, void, undefined> {
    const { step, tail, signal, pace } = this.plan;
    let origin = Number.NaN;
    try {
      for await (const { channels, starts } of this.#frames) {
        if (Number.isNaN(this.began)) {
          origin = starts[0]!;
          this.began = performance.now();
        }
        for (const [i, input] of channels.entries()) {
          const t = starts[i]!;
          yield* this.#silence(origin, Math.round((t - origin) / step));
          throwIfAborted(signal);
          if (pace === 'real-time') await this.untilDue();
          const streamed = this.step(t, pace === 'fast' ? input : this.notTooLate(input));
          if (streamed !== undefined) yield streamed;
          if (this.isTurnDue) await this.turn();
        }
      }
      yield* this.#silence(origin, this.steps + tail);
    } finally {
      this.ended();
    }
  }

  /** The steps before step number `end`, without input. */
  async *#silence(origin: number, end: number): AsyncGenerator<StreamedStep, void, undefined> {
    const { step, signal, pace, onStep } = this.plan;
    while (this.steps < end) {
      throwIfAborted(signal);
      if (pace === 'real-time') await this.untilDue();
      const streamed =
        pace === 'fast' && onStep === undefined
          ? this.advance(origin, end - this.steps)
          : this.step(origin + this.steps * step, none);
      if (streamed !== undefined) yield streamed;
      if (this.isTurnDue) await this.turn();
    }
  }
}

/** A live stream in real time: each step runs when its time has come, with the events that have arrived. */
export class LiveStreaming extends Streaming {
  readonly #windows: LiveWindows;

  constructor(session: Session, windows: LiveWindows, plan: StreamPlan) {
    super(session, plan);
    this.#windows = windows;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamedStep, void, undefined> {
    const { step, tail, signal } = this.plan;
    const windows = this.#windows;
    try {
      if (!(await windows.start(signal))) return;
      this.began = windows.began;
      for (let left = tail; ; ) {
        windows.receive();
        await this.untilDue();
        // Events that arrived while the thread was busy are in this window, too.
        await this.turn();
        if (windows.isDone) {
          if (left === 0) return;
          left -= 1;
        }
        const { channels, oldest, late } = windows.take();
        this.lateEvents += late;
        const input = this.notTooLate(channels, oldest);
        const t = windows.origin + this.steps * step;
        const streamed = this.step(t, input, input.length === 0 ? undefined : oldest);
        if (streamed !== undefined) yield streamed;
      }
    } finally {
      this.ended();
      windows.close();
    }
  }
}
