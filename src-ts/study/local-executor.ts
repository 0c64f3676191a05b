/** Runs trials of an objective that is a function of this process. */
import { withAttempts } from './attempts.ts';
import type { ArtifactStore, TrialExecutor, TrialHooks, TrialOutcome, TrialRequest } from './executor.ts';
import { type Objective, runTrial, type TrialSetting } from './run-trial.ts';

export class LocalExecutor implements TrialExecutor {
  readonly slots = Number.POSITIVE_INFINITY;
  readonly #objective: Objective;
  readonly #artifacts: ArtifactStore;
  readonly #setting: TrialSetting;

  constructor(objective: Objective, artifacts: ArtifactStore, setting: TrialSetting) {
    this.#objective = objective;
    this.#artifacts = artifacts;
    this.#setting = setting;
  }

  execute(request: TrialRequest, hooks: TrialHooks): Promise<TrialOutcome> {
    return withAttempts(this.#setting.attempts, request, hooks, (again, ofAttempt) =>
      runTrial(this.#objective, again, ofAttempt, this.#artifacts, this.#setting),
    );
  }

  async close(): Promise<void> {}
}
