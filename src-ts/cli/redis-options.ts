/** The options of commands that use Redis. */
import type { Command } from 'commander';
import { type RedisOptions, redisAddress } from '../study/redis/address.ts';
import { asUsageError } from './failure.ts';

export interface RedisFlags {
  redis?: string;
  redisInsecure?: true;
}

/** Adds `--redis` and `--redis-insecure`. */
export function withRedis(command: Command, description: string): Command {
  return command
    .option('--redis <url>', `${description}; a password is better in LAPICQUE_REDIS_PASSWORD`)
    .option('--redis-insecure', 'allow the Redis of another machine without TLS or without a password');
}

/** The address from the options. A refused address is a usage error. */
export function redisOptions({ redis, redisInsecure }: RedisFlags): RedisOptions {
  const options = {
    ...(redis === undefined ? {} : { url: redis }),
    ...(redisInsecure === undefined ? {} : { insecure: redisInsecure }),
  };
  asUsageError(() => redisAddress(options));
  return options;
}
