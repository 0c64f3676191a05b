/** A simulation within a trial of a study: it keeps its state on the way, and continues from there after a kill. */

import type { TaskProgress } from '../engine/task-options.ts';
import type { TrialContext } from '../engine/trial-context.ts';
import { readTensors } from '../files/tensor-file.ts';
import type { Recording } from './recording.ts';
import { recordingBytes, recordingIn } from './recording-file.ts';
import { joinedParts, type RecordingParts } from './recording-parts.ts';
import type { Simulation } from './simulation.ts';
import { readState, stateBytes } from './state.ts';

/** How long a piece of the run is to take, in ms: checkpoints are between pieces. */
const chunkTime = 250;

interface Kept {
  /** Steps done. */
  readonly step: number;
  /** Pieces that are kept. */
  readonly pieces: number;
}

/** Runs from the start to the end, or from the last checkpoint of this trial. */
export async function runInTrial(
  trial: TrialContext,
  simulation: Simulation,
  total: number,
  {
    signal,
    onProgress,
  }: { signal: AbortSignal; onProgress?: ((progress: TaskProgress) => void) | undefined },
): Promise<Recording> {
  const name = trial.nameOf('simulate');
  const kept = await restored(trial, name, simulation);
  let { step, pieces: keptPieces } = kept;
  /** What has been recorded since the last checkpoint. */
  let pieces: RecordingParts[] = [];
  let last: Recording | undefined;
  // A beginning tells how long a piece of some steps takes.
  let steps = Math.max(1, Math.ceil(total / 64));
  while (step < total || last === undefined) {
    const now = Math.min(steps, total - step);
    const began = performance.now();
    const before = step;
    const onDone = onProgress && (({ done }: TaskProgress) => onProgress({ done: before + done, total }));
    last = await simulation.run(now * simulation.dt, { signal, onProgress: onDone });
    pieces.push(last);
    step += now;
    const took = Math.max(0.01, performance.now() - began);
    steps = Math.max(1, Math.min(4 * Math.max(1, now), Math.floor((now * chunkTime) / took)));
    if (step < total && trial.isDue()) {
      await trial.write(`${name}-piece-${keptPieces}`, await recordingBytes(partsOf(pieces)));
      [pieces, keptPieces] = [[], keptPieces + 1];
      // Last: what it counts is there.
      const state = await stateBytes(await simulation.save());
      await trial.write(name, withCount(state, { step, pieces: keptPieces }));
    }
  }
  const earlier: RecordingParts[] = [];
  for (let i = 0; i < keptPieces; i++) {
    const bytes = await trial.read(`${name}-piece-${i}`);
    earlier.push(recordingIn(await readTensors(bytes!)));
  }
  return last.asWhole(joinedParts([...earlier, ...pieces], total * simulation.dt));
}

/** Some pieces as one, as long as they are together. */
function partsOf(pieces: readonly RecordingParts[]): RecordingParts {
  return joinedParts(
    pieces,
    pieces.reduce((sum, { duration }) => sum + duration, 0),
  );
}

async function restored(trial: TrialContext, name: string, simulation: Simulation): Promise<Kept> {
  const bytes = await trial.read(name);
  if (bytes === undefined) return { step: 0, pieces: 0 };
  const [state, kept] = countIn(bytes);
  await simulation.restore(await readState(state));
  return kept;
}

/** The state, behind it what is counted: one file, so that they are of one moment. */
function withCount(state: Uint8Array, kept: Kept): Uint8Array {
  const bytes = new Uint8Array(state.length + 16);
  bytes.set(state);
  const view = new DataView(bytes.buffer, state.length);
  view.setFloat64(0, kept.step, true);
  view.setFloat64(8, kept.pieces, true);
  return bytes;
}

function countIn(bytes: Uint8Array<ArrayBuffer>): [state: Uint8Array<ArrayBuffer>, kept: Kept] {
  const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 16);
  const kept = { step: view.getFloat64(0, true), pieces: view.getFloat64(8, true) };
  return [bytes.slice(0, -16), kept];
}
