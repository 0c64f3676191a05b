/** Sends the reports of a trial in order. */
import type { Job } from 'bullmq';
import type { TrialRequest } from '../executor.ts';
import { encodeRecord } from '../record-text.ts';
import type { TrialReport } from '../search/trials.ts';
import type { StudyScripts } from './scripts.ts';

/** Milliseconds between two updates of a trial's progress. */
const progressInterval = 1000;

/** Sends the reports of one trial. */
export class SentReports {
  readonly #scripts: StudyScripts;
  readonly #job: Job<TrialRequest>;
  #sent: Promise<void> = Promise.resolve();
  #lastSent = 0;

  constructor(scripts: StudyScripts, job: Job<TrialRequest>) {
    this.#scripts = scripts;
    this.#job = job;
  }

  report(report: TrialReport): void {
    const { step } = report;
    this.#sent = this.#sent.then(() => this.#scripts.report(this.#job.id!, step, encodeRecord(report)));
    // The error reaches the callers that wait for the reports.
    this.#sent.catch(() => {});
    if (Date.now() - this.#lastSent < progressInterval) return;
    this.#lastSent = Date.now();
    // Shown in tools that display the queue.
    this.#job.updateProgress({ step, at: this.#lastSent }).catch(() => {});
  }

  /** Resolves when all reports are in Redis. */
  async flushed(): Promise<void> {
    await this.#sent;
  }
}

/** By step: reports that were sent, and reports that the coordinator already had. */
export function mergedReports(stored: readonly TrialReport[], sent: readonly TrialReport[]): TrialReport[] {
  const bySteps = new Map([...stored, ...sent].map((report) => [report.step, report]));
  return [...bySteps.values()].sort((a, b) => a.step - b.step);
}
