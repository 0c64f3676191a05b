/** Ensures one coordinator per study: the process that holds an expiring key. */
import { hostname } from 'node:os';
import { LapicqueError, throwIfAborted } from '../../checks/errors.ts';
import type { RedisAddress } from './address.ts';
import { processName } from './keys.ts';
import { pause } from './pause.ts';
import type { StudyScripts } from './scripts.ts';

/** Milliseconds after which the key of a coordinator without a heartbeat expires. */
const expiry = 15_000;

export class Leadership {
  readonly #scripts: StudyScripts;
  readonly #address: RedisAddress;
  readonly #study: string;
  readonly #own =
    `${processName()}:${Date.now().toString(36)}${Math.floor(performance.now() * 1000).toString(36)}`;
  #timer: NodeJS.Timeout | undefined;

  constructor(scripts: StudyScripts, address: RedisAddress, study: string) {
    this.#scripts = scripts;
    this.#address = address;
    this.#study = study;
  }

  /** Waits for the key of a coordinator that was killed; a live one keeps its key. */
  async take(signal: AbortSignal | undefined): Promise<void> {
    const began = Date.now();
    let over = '';
    for (;;) {
      throwIfAborted(signal);
      const leader = await this.#scripts.lead(this.#own, over, expiry);
      if (leader === this.#own) return;
      over = hasEnded(leader) ? leader : '';
      if (over === '' && (isAlive(leader) || Date.now() - began > expiry + 2000)) throw this.#taken(leader);
      if (over === '') await pause(500, signal);
    }
  }

  /** Renews the key, and reports when another process holds it. */
  keep(lost: (error: unknown) => void): void {
    const renew = async () => {
      try {
        const leader = await this.#scripts.lead(this.#own, '', expiry);
        if (leader !== this.#own) lost(this.#taken(leader));
      } catch {
        // Redis is unreachable: the next renewal is sent when it is back.
      }
    };
    this.#timer = setInterval(() => void renew(), expiry / 3);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async resign(): Promise<void> {
    await this.#scripts.resign(this.#own);
  }

  #taken(leader: string): LapicqueError {
    const [host, process] = leader.split(':');
    return new LapicqueError('io', {
      path: this.#address.display,
      reason: `the study ${this.#study} is coordinated by process ${process} on ${host}; a study has one coordinator and any number of workers`,
    }) as LapicqueError;
  }
}

/** Whether a coordinator is known to have ended, for processes of this machine. */
function hasEnded(leader: string): boolean {
  const [host, pid] = leader.split(':');
  return host === hostname() && Number(pid) !== process.pid && !exists(Number(pid));
}

function isAlive(leader: string): boolean {
  const [host, pid] = leader.split(':');
  return host === hostname() && exists(Number(pid));
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
