/** Sessions that receive events: in real time or as fast as possible. */
import { callback, options as checkOptions, finite, integer, invalid, oneOf } from '../checks/check.ts';
import { LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { Session } from '../model/session.ts';
import { type EventPipelineOptions, type EventSource, representEvents } from './pipeline.ts';
import { type EventTransform, represent } from './transforms.ts';

/** Options of {@link streamEvents}. */
export interface StreamEventsOptions extends EventPipelineOptions {
  /** Length of a step of the model in µs: the events within it are one input. */
  step: number;
  /** Transforms, applied first in their order. Their result must have as many channels as the model has inputs. */
  transforms?: readonly EventTransform[];
  /**
   * `fast` (default): as fast as possible. `real-time`: each step runs at its time, counted from the first one; if the model
   * is too slow, `late` decides.
   */
  pace?: 'fast' | 'real-time';
  /** For a step that is late by more than `tolerance` µs: `keep` (default) runs it anyway, `drop` runs it without its events. */
  late?: 'keep' | 'drop';
  /** In µs. Default 5 steps. */
  tolerance?: number;
  /** Number of steps without input after the last event. Default 0. */
  tail?: number;
  /**
   * Is called after every step, including those without input and output, and before the next: for example to read the session's
   * membrane.
   */
  onStep?: (step: StreamedStep) => void;
}

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
  /** Computing time of steps with input, and of steps without. */
  readonly busyLatency: Percentiles;
  readonly idleLatency: Percentiles;
  /** In real time: the time from the end of a step's window to its completion. */
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

/**
 * Feeds a session with a stream of events, in consecutive steps of `step` µs: the events within a step are its input, each
 * channel at most once (`(polarity * height + row) * width + column`). The source is read only as fast as steps run
 * (back-pressure). The spikes are those of {@link Session.push} with the same inputs.
 *
 * @example
 * ```ts
 * using session = await model.session();
 * const stream = streamEvents(session, await openEvents('recording.raw'), { step: 1000, transforms: [eventTransform.downsample({ width: 34, height: 34 })] });
 * for await (const { t, spikes } of stream) if (spikes.length > 0) console.log(t, spikes);
 * console.log(stream.statistics.busyLatency.p99, 'µs');
 * ```
 * @throws LapicqueError `shape-mismatch` if the channels are not the model's inputs; as {@link transformEvents} and {@link
 * Session.push}
 */
export function streamEvents(
  session: Session,
  source: EventSource,
  options: StreamEventsOptions,
): EventSession {
  if (!(session instanceof Session)) invalid('session', session, 'a session (await model.session())');
  const checked = checkOptions('streamEvents', options, [
    'step',
    'transforms',
    'pace',
    'late',
    'tolerance',
    'tail',
    'onStep',
    'sensor',
    'seed',
    'stream',
    'signal',
  ]);
  const { step, transforms = [], pace = 'fast', late = 'keep', tail = 0, onStep, ...others } = checked;
  if (onStep !== undefined) callback('onStep', onStep);
  finite('step', step, { above: 0 });
  oneOf('pace', pace, ['fast', 'real-time']);
  oneOf('late', late, ['keep', 'drop']);
  integer('tail', tail, { min: 0 });
  const tolerance = finite('tolerance', others.tolerance ?? 5 * step, { min: 0 });
  const { tolerance: _, ...pipeline } = others;
  const frames = representEvents(source, represent.sparse({ window: step, includeIncomplete: true }), {
    ...pipeline,
    transforms,
  });
  const { width, height, polarities } = frames.sensor;
  checkChannels(session, width * height * polarities, `${polarities} x ${height} x ${width}`);
  return new Streaming(session, frames, {
    step,
    pace,
    late,
    tail,
    tolerance,
    signal: pipeline.signal,
    onStep,
  });
}

function checkChannels(session: Session, channels: number, shape: string): void {
  if (session.inputs === channels) return;
  throw new LapicqueError('shape-mismatch', {
    layer: 'input',
    expected: `${session.inputs} channels`,
    got: `${channels} (${shape}) of the events; a transform such as eventTransform.downsample changes them`,
  });
}

interface Plan {
  step: number;
  pace: 'fast' | 'real-time';
  late: 'keep' | 'drop';
  tail: number;
  tolerance: number;
  signal: AbortSignal | undefined;
  onStep: ((step: StreamedStep) => void) | undefined;
}

type Frames = ReturnType<typeof representEvents<'sparse'>>;

const none = new Uint32Array(0);

class Streaming implements EventSession {
  readonly #session: Session;
  readonly #frames: Frames;
  readonly #plan: Plan;
  readonly #busy = new Sample();
  readonly #quiet = new Sample();
  readonly #delay = new Sample();
  #steps = 0;
  #idle = 0;
  #inputs = 0;
  #outputs = 0;
  #dropped = 0;
  #began = Number.NaN;
  #ended = Number.NaN;

  constructor(session: Session, frames: Frames, plan: Plan) {
    this.#session = session;
    this.#frames = frames;
    this.#plan = plan;
  }

  get statistics(): StreamStatistics {
    const end = Number.isNaN(this.#ended) ? performance.now() : this.#ended;
    const seconds = Number.isNaN(this.#began) ? 0 : (end - this.#began) / 1000;
    return {
      steps: this.#steps,
      idle: this.#idle,
      inputs: this.#inputs,
      outputs: this.#outputs,
      dropped: this.#dropped,
      busyLatency: this.#busy.percentiles(),
      idleLatency: this.#quiet.percentiles(),
      delay: this.#delay.percentiles(),
      seconds,
      speed: (this.#steps * this.#plan.step * 1e-6) / seconds,
    };
  }

  async count(outputs: number) {
    const counts = new Uint32Array(integer('outputs', outputs, { min: 1 }));
    for await (const { spikes } of this) for (const neuron of spikes) counts[neuron]! += 1;
    return { counts, statistics: this.statistics };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamedStep, void, undefined> {
    const { step, tail, signal } = this.#plan;
    let [since, t] = [performance.now(), 0];
    try {
      for await (const { channels, starts } of this.#frames) {
        for (const [i, input] of channels.entries()) {
          throwIfAborted(signal);
          if (Number.isNaN(this.#began)) this.#began = performance.now();
          t = starts[i]!;
          const taken = this.#plan.pace === 'fast' ? input : await this.#inTime(input);
          const streamed = this.#step(t, taken);
          if (streamed !== undefined) yield streamed;
          if (performance.now() - since > 4) {
            await new Promise((resolve) => setImmediate(resolve));
            since = performance.now();
          }
        }
      }
      for (let i = 1; i <= tail; i++) {
        throwIfAborted(signal);
        if (this.#plan.pace === 'real-time') await this.#inTime(none);
        const streamed = this.#step(t + i * step, none);
        if (streamed !== undefined) yield streamed;
      }
    } finally {
      this.#ended = performance.now();
    }
  }

  /** Waits for the end of the step's window; returns its input, or an empty input if the step is too late. */
  async #inTime(input: Uint32Array): Promise<Uint32Array> {
    const { step, late, tolerance } = this.#plan;
    const due = this.#began + ((this.#steps + 1) * step) / 1000;
    const wait = due - performance.now();
    // A timer may be about a millisecond late, so the rest is spent polling the event loop.
    if (wait > 2) await new Promise((resolve) => setTimeout(resolve, wait - 1));
    while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
    const behind = (performance.now() - due) * 1000;
    if (late === 'keep' || behind <= tolerance || input.length === 0) return input;
    this.#dropped += 1;
    return none;
  }

  #step(t: number, input: Uint32Array): StreamedStep | undefined {
    const number = this.#steps;
    const before = performance.now();
    const spikes = this.#session.push(input);
    const after = performance.now();
    (input.length > 0 ? this.#busy : this.#quiet).add((after - before) * 1000);
    this.#steps += 1;
    if (this.#plan.pace === 'real-time')
      this.#delay.add((after - this.#began) * 1000 - this.#steps * this.#plan.step);
    this.#idle += Number(input.length === 0);
    this.#inputs += input.length;
    this.#outputs += spikes.length;
    const streamed = { step: number, t, input, spikes };
    this.#plan.onStep?.(streamed);
    return input.length === 0 && spikes.length === 0 ? undefined : streamed;
  }
}
