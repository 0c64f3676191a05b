/** Runs trials that compute without a pause, each in a thread, with a report and a checkpoint at each step. */
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type {
  ArtifactStore,
  TrialExecutor,
  TrialHooks,
  TrialOutcome,
  TrialRequest,
} from '../../src-ts/study/executor.ts';

export const steps = 8;

/** What a step makes of the value before it. */
function next(x: number, step: number, seed: number): number {
  return Math.sin(1.1 * x + seed * 1e-9) + Math.cos(step);
}

/** The value of a trial whose parameter is `x`. */
export function expected(x: number, seed: number, until = steps): number {
  let value = x;
  for (let step = 0; step < until; step++) value = next(value, step, seed);
  return value;
}

const script = `
const { parentPort, workerData: { request: { number, seed, parameters }, work, steps, from } } = require('node:worker_threads');
const next = ${next.toString()};
let { step = 0, x = parameters.x } = from ?? {};
for (; step < steps; ) {
  const end = performance.now() + work;
  while (performance.now() < end);
  x = next(x, step, seed);
  step += 1;
  parentPort.postMessage({ report: { step, value: x }, checkpoint: { step, x } });
}
parentPort.postMessage({ value: x });
`;

interface Message {
  report?: { step: number; value: number };
  checkpoint?: { step: number; x: number };
  value?: number;
}

export class ThreadExecutor implements TrialExecutor {
  readonly slots: number;
  readonly #artifacts: ArtifactStore;
  readonly #work: number;

  /** @param work - milliseconds that a step computes */
  constructor(slots: number, artifacts: ArtifactStore, work: number) {
    this.slots = slots;
    this.#artifacts = artifacts;
    this.#work = work;
  }

  async execute(request: TrialRequest, hooks: TrialHooks): Promise<TrialOutcome> {
    const started = Date.now();
    const { number } = request;
    const saved = await this.#artifacts.read(number, 'checkpoint');
    const from = saved === undefined ? undefined : JSON.parse(Buffer.from(saved).toString());
    hooks.signal.throwIfAborted();
    const workerData = { request, work: this.#work, steps, from };
    const thread = new Worker(script, { eval: true, workerData });
    try {
      return await new Promise<TrialOutcome>((resolve, reject) => {
        hooks.signal.addEventListener('abort', () => reject(hooks.signal.reason));
        thread.on('error', reject);
        let handled = Promise.resolve();
        const handle = async ({ report, checkpoint, value }: Message) => {
          const end = () => ({ started, ended: Date.now(), worker: `resumed at ${from?.step ?? 0}` });
          if (report !== undefined) hooks.report(report);
          if (checkpoint !== undefined) {
            await hooks.flushed();
            await this.#artifacts.write(number, 'checkpoint', Buffer.from(JSON.stringify(checkpoint)));
          }
          if (value === undefined) return;
          await this.#artifacts.remove(number, 'checkpoint');
          resolve({ state: 'complete', values: [value], ...end() });
        };
        thread.on('message', (message: Message) => {
          handled = handled.then(() => handle(message));
          handled.catch(reject);
        });
      });
    } finally {
      void thread.terminate();
      await pause(0);
    }
  }

  async close(): Promise<void> {}
}
