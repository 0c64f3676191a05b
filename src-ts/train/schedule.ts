/** Learning-rate schedules as plain data; the engine runs them. */

/**
 * A learning-rate schedule. It gives a factor on the learning rate, with the formulas and defaults of torch's schedulers of these names
 * (`minFactor` is torch's `eta_min` or `min_lr` divided by the learning rate). Schedules count epochs, or steps with `scheduleBy: 'step'`.
 * `reduce-on-plateau` reads the metric of `earlyStopping`, or its default. `warm-up` rises linearly from `startFactor` (default 0)
 * to 1, as torch's LinearLR, and continues with `then`. A function of the number of finished epochs (or steps), as torch's
 * LambdaLR, is an {@link OwnSchedule}.
 */
export type Schedule = Readonly<
  | { kind: 'constant' }
  | { kind: 'step'; stepSize: number; gamma?: number }
  | { kind: 'multi-step'; milestones: readonly number[]; gamma?: number }
  | { kind: 'exponential'; gamma: number }
  | { kind: 'cosine'; period: number; minFactor?: number }
  | { kind: 'cosine-restarts'; period: number; periodGrowth?: number; minFactor?: number }
  | { kind: 'warm-up'; steps: number; startFactor?: number; then: Schedule }
  | {
      kind: 'one-cycle';
      totalSteps: number;
      pctStart?: number;
      divFactor?: number;
      finalDivFactor?: number;
      anneal?: 'cosine' | 'linear';
      threePhase?: boolean;
    }
  | {
      kind: 'reduce-on-plateau';
      factor?: number;
      patience?: number;
      threshold?: number;
      thresholdMode?: 'relative' | 'absolute';
      mode?: 'min' | 'max';
      cooldown?: number;
      minFactor?: number;
    }
>;

/**
 * A custom schedule: the factor on the learning rate, at least 0, as a function of the number of finished epochs (or, with `scheduleBy: 'step'`,
 * steps).
 */
export type OwnSchedule = (done: number) => number;
