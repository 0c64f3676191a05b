/** Names of a study's keys in Redis. */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { TrialOutcome } from '../executor.ts';
import { resultText } from '../trial-log.ts';

/** Name of the queue in BullMQ. */
export const queueName = 'trials';

/** Keys of one study. A study with another seed, space or search has other keys. */
export interface StudyKeys {
  /** Prefix of BullMQ's keys. */
  readonly prefix: string;
  /** Results: id → the outcome, until the coordinator has acknowledged it. */
  readonly results: string;
  /** id → hash of the first outcome; kept, so that a second one can be compared. */
  readonly digests: string;
  /** Ids with news for the coordinator. */
  readonly arrived: string;
  /** Second outcomes that differ from the first. */
  readonly conflicts: string;
  /** Results that were refused, the last ones, for people who look for the reason. */
  readonly rejected: string;
  /** id → number of starts by workers. */
  readonly starts: string;
  /** The coordinator's key, which expires. */
  readonly coordinator: string;
  /** `running`, or {@link doneState} when the coordinator has all results. */
  readonly state: string;
  /** Worker → its capacity in trials, by the time of its last heartbeat. */
  readonly workers: string;
  /** List of a trial's reports. */
  reports(id: string): string;
  /** Set of the reported steps. */
  steps(id: string): string;
  /** name → bytes of a trial's checkpoint or other artifact. */
  artifacts(id: string): string;
}

/** @param fingerprint - of the study, hexadecimal */
export function studyKeys(fingerprint: string): StudyKeys {
  // The braces put all keys of a study into one hash slot of a Redis cluster.
  const prefix = `lapicque:{${fingerprint.slice(0, 32)}}`;
  const key = (name: string) => `${prefix}:${name}`;
  return {
    prefix,
    results: key('results'),
    digests: key('digests'),
    arrived: key('arrived'),
    conflicts: key('conflicts'),
    rejected: key('rejected'),
    starts: key('starts'),
    coordinator: key('coordinator'),
    state: key('state'),
    workers: key('workers'),
    reports: (id) => key(`reports:${id}`),
    steps: (id) => key(`steps:${id}`),
    artifacts: (id) => key(`artifacts:${id}`),
  };
}

/** The state of a finished study, with a mark that distinguishes this end from an earlier one. */
export function doneState(): string {
  return `done ${randomUUID()}`;
}

/** Whether a state is one of {@link doneState}. */
export function isDone(state: string | null | undefined): boolean {
  return state?.startsWith('done') === true;
}

/** Where the coordinators of studies of this name are found: fingerprint → key of the coordinator. */
export function nameKey(name: string): string {
  return `lapicque:study:${name}`;
}

/** The identity of a trial in the queue: two requests for a trial give one job. */
export function trialId(fingerprint: string, number: number): string {
  return createHash('sha256').update(`${fingerprint} ${number}`).digest('hex').slice(0, 32);
}

/**
 * A hash of the part of a result in which two runs of a trial must agree: without times, worker and messages of errors.
 */
export function digestOf(outcome: TrialOutcome): string {
  return createHash('sha256').update(resultText(outcome)).digest('hex');
}

/** Name of this process in results and messages. */
export function processName(): string {
  return `${hostname()}:${process.pid}`;
}
