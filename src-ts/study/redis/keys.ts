/** What a study's keys in Redis are called. */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { TrialOutcome } from '../executor.ts';
import { resultText } from '../trial-log.ts';

/** The queue's name in BullMQ. */
export const queueName = 'trials';

/** Keys of one study. Of a study with another seed, space or search they are others. */
export interface StudyKeys {
  /** Prefix of BullMQ's keys. */
  readonly prefix: string;
  /** Of results: id → the outcome, until the coordinator has acknowledged it. */
  readonly results: string;
  /** id → hash of the first outcome; stays, so that a second one can be compared. */
  readonly digests: string;
  /** Ids that have something new for the coordinator. */
  readonly arrived: string;
  /** Second outcomes that are not the first. */
  readonly conflicts: string;
  /** id → how many times a worker began it. */
  readonly starts: string;
  /** Who coordinates, as long as it lives. */
  readonly coordinator: string;
  /** `running`, or {@link doneState} when the coordinator has all results it wants. */
  readonly state: string;
  /** Worker → how many trials it takes, by when it was last alive. */
  readonly workers: string;
  /** List of a trial's reports. */
  reports(id: string): string;
  /** Set of the steps that were reported. */
  steps(id: string): string;
  /** name → bytes of a trial's checkpoint or other artifact. */
  artifacts(id: string): string;
}

/** @param fingerprint - of the study, hexadecimal */
export function studyKeys(fingerprint: string): StudyKeys {
  // The braces keep the keys of a study together in what distributes keys.
  const prefix = `lapicque:{${fingerprint.slice(0, 32)}}`;
  const key = (name: string) => `${prefix}:${name}`;
  return {
    prefix,
    results: key('results'),
    digests: key('digests'),
    arrived: key('arrived'),
    conflicts: key('conflicts'),
    starts: key('starts'),
    coordinator: key('coordinator'),
    state: key('state'),
    workers: key('workers'),
    reports: (id) => key(`reports:${id}`),
    steps: (id) => key(`steps:${id}`),
    artifacts: (id) => key(`artifacts:${id}`),
  };
}

/** That a study is done, with a mark by which this time is told from the one before. */
export function doneState(): string {
  return `done ${randomUUID()}`;
}

/** Whether a state is one of {@link doneState}. */
export function isDone(state: string | null | undefined): boolean {
  return state?.startsWith('done') === true;
}

/** Where coordinators of studies of this name are found: fingerprint → key of the coordinator. */
export function nameKey(name: string): string {
  return `lapicque:study:${name}`;
}

/** The identity of a trial for everybody: whoever asks for it twice gets one job. */
export function trialId(fingerprint: string, number: number): string {
  return createHash('sha256').update(`${fingerprint} ${number}`).digest('hex').slice(0, 32);
}

/** A hash of what two runs of a trial must agree in: neither times, nor who it was, nor the words of an error. */
export function digestOf(outcome: TrialOutcome): string {
  return createHash('sha256').update(resultText(outcome)).digest('hex');
}

/** This process, as results and messages name it. */
export function processName(): string {
  return `${hostname()}:${process.pid}`;
}
