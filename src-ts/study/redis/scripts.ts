/** Operations that must be atomic in Redis, as Lua scripts. */
import type { Redis } from 'ioredis';
import type { StudyKeys } from './keys.ts';

/**
 * Stores the first outcome of a trial with its hash and compares any other with it. Deletes reports and checkpoints,
 * which are no longer needed. Returns `first`, `same` or `other`.
 */
const record = `
local id, digest, outcome = ARGV[1], ARGV[2], ARGV[3]
if redis.call('HSETNX', KEYS[2], id, digest) == 1 then
  redis.call('HSETNX', KEYS[1], id, outcome)
  redis.call('RPUSH', KEYS[3], id)
  return 'first'
end
if redis.call('HGET', KEYS[2], id) == digest then return 'same' end
redis.call('RPUSH', KEYS[4], outcome)
redis.call('RPUSH', KEYS[3], id)
return 'other'`;

/** Adds a report, unless the trial has its outcome or an earlier attempt has reported this step. */
const report = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
if redis.call('SADD', KEYS[4], ARGV[2]) == 0 then return 0 end
redis.call('RPUSH', KEYS[2], ARGV[3])
redis.call('RPUSH', KEYS[3], ARGV[1])
return 1`;

/** Stores an artifact, unless the trial has its outcome: a late worker must not leave anything behind. */
const artifact = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1`;

/** Acquires or renews the coordinator's key. Returns its holder. */
const lead = `
local now = redis.call('GET', KEYS[1])
if not now or now == ARGV[1] or now == ARGV[2] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
  return ARGV[1]
end
return now`;

/** Releases the key. */
const resign = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;

/** The scripts of one study. */
export class StudyScripts {
  readonly #client: Redis;
  readonly #keys: StudyKeys;

  constructor(client: Redis, keys: StudyKeys) {
    this.#client = client;
    this.#keys = keys;
  }

  async record(id: string, digest: string, outcome: string): Promise<'first' | 'same' | 'other'> {
    const { results, digests, arrived, conflicts } = this.#keys;
    return (await this.#run(record, [results, digests, arrived, conflicts], [id, digest, outcome])) as never;
  }

  async report(id: string, step: number, content: string): Promise<void> {
    const { digests, arrived, reports, steps } = this.#keys;
    await this.#run(report, [digests, reports(id), arrived, steps(id)], [id, String(step), content]);
  }

  async artifact(id: string, name: string, bytes: Uint8Array): Promise<boolean> {
    const { digests, artifacts } = this.#keys;
    return (await this.#run(artifact, [digests, artifacts(id)], [id, name, Buffer.from(bytes)])) === 1;
  }

  /** @param over - a holder that may be replaced: its process is known to have ended */
  async lead(own: string, over: string, milliseconds: number): Promise<string> {
    return String(await this.#run(lead, [this.#keys.coordinator], [own, over, String(milliseconds)]));
  }

  async resign(own: string): Promise<void> {
    await this.#run(resign, [this.#keys.coordinator], [own]);
  }

  // Sent as source each time: Redis forgets scripts on a restart, and they are short.
  async #run(script: string, keys: string[], values: (string | Buffer)[]): Promise<unknown> {
    return await this.#client.eval(script, keys.length, ...keys, ...values);
  }
}
