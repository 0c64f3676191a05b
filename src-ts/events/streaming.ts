/** Sessions that receive events: in real time or as fast as possible. */
import { callback, options as checkOptions, finite, integer, invalid, oneOf } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { Session } from '../model/session.ts';
import { LiveWindows } from './live-windows.ts';
import {
  type EventPipelineOptions,
  type EventSource,
  type EventStream,
  isRecorded,
  representEvents,
  transformEvents,
} from './pipeline.ts';
import {
  type EventSession,
  type Frames,
  LiveStreaming,
  RecordedStreaming,
  type StreamedStep,
} from './streaming-session.ts';
import { type EventTransform, represent } from './transforms.ts';

/** Options of {@link streamEvents}. */
export interface StreamEventsOptions extends EventPipelineOptions {
  /** Length of a step of the model in µs: the events within it are one input. */
  step: number;
  /** Transforms, applied first in their order. Their result must have as many channels as the model has inputs. */
  transforms?: readonly EventTransform[];
  /**
   * `fast` (default): as fast as possible. `real-time`: each step runs at its time, counted from the arrival of the first
   * event. From a live source (an async iterable that is not a reader) steps also run while no events arrive; an event that
   * arrives after its step is an input of the next one. If the model is too slow, `late` decides.
   */
  pace?: 'fast' | 'real-time';
  /**
   * For events that are late by more than `tolerance` µs, because the model is too slow or the source delivers them late:
   * `keep` (default) uses them anyway, `drop` runs the step without them.
   */
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

/**
 * Feeds a session with a stream of events, in consecutive steps of `step` µs: the events within a step are its input, each
 * channel at most once (`(polarity * height + row) * width + column`). Steps without events run together, and take no time once they change no state
 * ({@link Session.advance}). The source is read only as fast as steps run
 * (back-pressure). The spikes equal those of {@link Session.push} with the same inputs.
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
  const plan = { step, pace, late, tail, tolerance, signal: pipeline.signal, onStep };
  const isLive = pace === 'real-time' && !isRecorded(source);
  const input = isLive
    ? transformEvents(source, transforms, pipeline)
    : representEvents(source, represent.sparse({ window: step, includeIncomplete: true, skipEmpty: true }), {
        ...pipeline,
        transforms,
      });
  const { width, height, polarities } = input.sensor;
  checkChannels(session, width * height * polarities, `${polarities} x ${height} x ${width}`);
  return isLive
    ? new LiveStreaming(session, new LiveWindows(input as EventStream, input.sensor, step), plan)
    : new RecordedStreaming(session, input as Frames, plan);
}

function checkChannels(session: Session, channels: number, shape: string): void {
  if (session.inputs === channels) return;
  throw new LapicqueError('shape-mismatch', {
    layer: 'input',
    expected: `${session.inputs} channels`,
    got: `${channels} (${shape}) of the events; a transform such as eventTransform.downsample changes them`,
  });
}
