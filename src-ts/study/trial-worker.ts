/** The program of a child process that runs trials. The process of the study forks it. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { invalid } from '../checks/check.ts';
import { fromNative, isAbort } from '../checks/errors.ts';
import { importScript } from '../files/script-module.ts';
import { FolderArtifacts } from './artifacts.ts';
import type { ArtifactStore, TrialRequest } from './executor.ts';
import { type Objective, runTrial, type TrialSetting } from './run-trial.ts';
import {
  type FromTrials,
  type ObjectiveModule,
  plainError,
  type ToTrials,
  type TrialCall,
} from './trial-messages.ts';

/**
 * An objective may block the event loop, so a separate thread checks whether the study's process still exists. After a
 * kill of the study, its trial would otherwise run beside the resumed one.
 */
const watchdog = `
const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);
`;

/** Time between two reports of the used memory in ms, where the study cannot read it itself. */
const memoryPause = 250;

function send(message: FromTrials): void {
  process.send?.(message, undefined, undefined, () => {});
}

let calls = 0;
const answers = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();

function call(method: TrialCall, ...args: unknown[]): Promise<unknown> {
  const id = calls++;
  return new Promise((resolve, reject) => {
    answers.set(id, { resolve, reject });
    send({ kind: 'call', id, method, args });
  });
}

/** Artifacts of a study that stores them elsewhere than in a folder. */
const remote: ArtifactStore = {
  path: () => undefined,
  read: (trial, name) => call('read', trial, name) as Promise<Uint8Array<ArrayBuffer> | undefined>,
  write: (trial, name, bytes) => call('write', trial, name, bytes) as Promise<void>,
  remove: (trial, name) => call('remove', trial, name) as Promise<void>,
  list: (trial) => call('list', trial) as Promise<string[]>,
};

async function objectiveOf({ module, exports, seed }: ObjectiveModule): Promise<Objective> {
  const { default: exported } = await importScript(fileURLToPath(module), 'objectives');
  if (exports === 'objective') {
    return typeof exported === 'function'
      ? (exported as Objective)
      : invalid('objective', exported, `a function as the default export of ${fileURLToPath(module)}`);
  }
  const value: unknown = typeof exported === 'function' ? await exported({ seed: seed ?? 0 }) : exported;
  const found = value as { objective?: unknown; setting?: { objective?: unknown } } | null;
  const objective = found?.setting?.objective ?? found?.objective;
  return typeof objective === 'function'
    ? (objective as Objective)
    : invalid('objective', objective, `a function, in the study of ${fileURLToPath(module)}`);
}

interface Setup {
  objective: Objective;
  artifacts: ArtifactStore;
  setting: TrialSetting;
}

const guard = new Worker(watchdog, { eval: true });
guard.unref();
/** Started first: an objective that blocks this thread could keep the new one from starting. */
const guarded = once(guard, 'online');

let setup: Promise<Setup> | undefined;
let stop = new AbortController();

async function prepare({ objective, setting, folder }: ToTrials & { kind: 'setup' }): Promise<Setup> {
  await guarded;
  const artifacts = folder === undefined ? remote : new FolderArtifacts(folder);
  return { objective: await objectiveOf(objective), artifacts, setting };
}

async function run(request: TrialRequest): Promise<void> {
  const ready = await setup!.catch(() => undefined);
  // `broken` says why. A rejection that nobody handles would end the process before its message has left.
  if (ready === undefined) return;
  const { objective, artifacts, setting } = ready;
  const hooks = {
    signal: stop.signal,
    report: (report: (FromTrials & { kind: 'report' })['report']) => send({ kind: 'report', report }),
    flushed: () => call('flushed') as Promise<void>,
  };
  try {
    send({ kind: 'outcome', outcome: await runTrial(objective, request, hooks, artifacts, setting) });
  } catch (error) {
    send(isAbort(error) ? { kind: 'aborted' } : { kind: 'stopped', error: plainError(error) });
  }
}

function broken(error: unknown): void {
  send({ kind: 'broken', error: plainError(error) });
}

process.on('message', (message: ToTrials) => {
  if (message.kind === 'setup') {
    setup = prepare(message);
    setup.then(() => send({ kind: 'ready' }), broken);
  } else if (message.kind === 'trial') {
    stop = new AbortController();
    void run(message.request);
  } else if (message.kind === 'abort') stop.abort(new Error('the study ends'));
  else {
    const waiting = answers.get(message.id);
    answers.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(fromNative(message.error));
  }
});

// The study has ended or was killed.
process.on('disconnect', () => process.exit());
// Ctrl-C in a terminal reaches all processes. The study decides what happens to its trials.
process.on('SIGINT', () => {});

if (process.platform !== 'linux')
  setInterval(() => send({ kind: 'memory', bytes: process.memoryUsage.rss() }), memoryPause).unref();
