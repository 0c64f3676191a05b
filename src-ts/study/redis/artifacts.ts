/** Checkpoints and other artifacts of trials that run elsewhere. Redis holds them until the trial has its outcome. */
import type { Redis } from 'ioredis';
import { LapicqueError } from '../../checks/errors.ts';
import type { ArtifactStore } from '../executor.ts';
import type { Note } from './connection.ts';
import { type StudyKeys, trialId } from './keys.ts';
import type { StudyScripts } from './scripts.ts';

/** Maximum bytes of an artifact, because Redis keeps it in memory. */
const artifactLimit = 64 * 2 ** 20;

/** The checkpoints of a worker's trials. Any worker that takes over a trial finds them. */
export class RedisArtifacts implements ArtifactStore {
  readonly #client: Redis;
  readonly #scripts: StudyScripts;
  readonly #keys: StudyKeys;
  readonly #fingerprint: string;
  readonly #limit: number;
  readonly #note: Note;
  #hasWarned = false;

  constructor(
    client: Redis,
    scripts: StudyScripts,
    keys: StudyKeys,
    fingerprint: string,
    note: Note = () => {},
    limit = artifactLimit,
  ) {
    this.#client = client;
    this.#scripts = scripts;
    this.#keys = keys;
    this.#fingerprint = fingerprint;
    this.#limit = limit;
    this.#note = note;
  }

  /** @throws LapicqueError `too-large` */
  async read(trial: number, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    // Checked before the bytes are in the memory of this process: other programs may write to Redis.
    const needed = await this.#client.hstrlen(this.#key(trial), name);
    if (needed > this.#limit) throw this.#tooLarge(trial, name, needed);
    const bytes = await this.#client.hgetBuffer(this.#key(trial), name);
    return bytes === null ? undefined : new Uint8Array(bytes);
  }

  /**
   * Omits a checkpoint that does not fit: the trial would then continue from the one before.
   *
   * @throws LapicqueError `too-large`
   */
  async write(trial: number, name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength > this.#limit) {
      const error = this.#tooLarge(trial, name, bytes.byteLength);
      if (!name.startsWith('checkpoint')) throw error;
      this.#warnOmitted(error.message);
      return;
    }
    try {
      await this.#scripts.artifact(trialId(this.#fingerprint, trial), name, bytes);
    } catch (error) {
      // Redis has reached its memory limit.
      if (!name.startsWith('checkpoint') || !String(error).includes('OOM')) throw error;
      this.#warnOmitted('Redis has no memory left');
    }
  }

  #tooLarge(trial: number, name: string, needed: number): LapicqueError {
    const what = `${name} of trial ${trial} in Redis`;
    return new LapicqueError('too-large', { what, needed, allowed: this.#limit }) as LapicqueError;
  }

  #warnOmitted(reason: string): void {
    if (!this.#hasWarned)
      this.#note(
        `a checkpoint was left out (${reason}): a trial that is killed continues from an earlier one`,
      );
    this.#hasWarned = true;
  }

  async remove(trial: number, name: string): Promise<void> {
    await this.#client.hdel(this.#key(trial), name);
  }

  path(): undefined {
    return undefined;
  }

  /** Reads from another store if Redis has nothing of that name. */
  async take(trial: number, name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength <= this.#limit)
      await this.#client.hsetnx(this.#key(trial), name, Buffer.from(bytes));
  }

  async list(trial: number): Promise<string[]> {
    return await this.#client.hkeys(this.#key(trial));
  }

  #key(trial: number): string {
    return this.#keys.artifacts(trialId(this.#fingerprint, trial));
  }
}
