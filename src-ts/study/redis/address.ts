/** Where Redis is and what it is told to let us in: read from the URL, the options and the environment, and never shown. */
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { invalid } from '../../checks/check.ts';
import { ioError, LapicqueError } from '../../checks/errors.ts';

/** Where a study meets its workers, and how they prove who they are. */
export interface RedisOptions {
  /**
   * `redis://host:port/db` or, with TLS, `rediss://…`; a user name and a password may stand in it. Default: the environment variable
   * `LAPICQUE_REDIS_URL`.
   */
  url?: string;
  /** Default: that of the URL, then `LAPICQUE_REDIS_USERNAME`. */
  username?: string;
  /** Default: that of the URL, then `LAPICQUE_REDIS_PASSWORD`. The command line of a process is seen by all users of a machine, its environment is not. */
  password?: string;
  /**
   * Paths of PEM files for `rediss://`: the authority that signed the server's certificate, and a certificate and key of the client.
   * Default: `LAPICQUE_REDIS_CA`, `LAPICQUE_REDIS_CERT`, `LAPICQUE_REDIS_KEY`, then what Node trusts.
   */
  tls?: { ca?: string; cert?: string; key?: string };
  /** Allows another machine's Redis without TLS or without a password. Default `false`. */
  insecure?: boolean;
}

/** What a client of Redis is opened with. */
export interface RedisAddress {
  /** Without user, password and query: what messages, logs and journals may show. */
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly servername?: string; ca?: string; cert?: string; key?: string };
}

/** Parameters that are reported by this name. */
const name = 'redis';

/**
 * Reads and checks an address. Passwords are in no message.
 *
 * @throws LapicqueError `invalid-parameter` for what is no URL of Redis, and for another machine's without TLS or password; `io` where a PEM file
 * cannot be read
 */
export function redisAddress(
  options: RedisOptions,
  environment: NodeJS.ProcessEnv = process.env,
): RedisAddress {
  const given = options.url ?? environment.LAPICQUE_REDIS_URL;
  if (given === undefined || given === '')
    invalid(
      name,
      given,
      'redis://host:port, rediss://host:port or the environment variable LAPICQUE_REDIS_URL',
    );
  const url = parsed(given);
  const { hostname, port, pathname } = url;
  const host = hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1';
  const encrypted = url.protocol === 'rediss:';
  const shown = `${url.protocol}//${hostname || host}:${port || 6379}${pathname.length > 1 ? pathname : ''}`;
  const database = pathname.replace(/^\//, '');
  if (!/^\d*$/.test(database)) invalid(name, shown, 'the number of a database after the port, such as /0');
  const username = decoded(url.username) || options.username || environment.LAPICQUE_REDIS_USERNAME;
  const password = decoded(url.password) || options.password || environment.LAPICQUE_REDIS_PASSWORD;
  const tls = encrypted ? certificates(options, environment, host) : undefined;
  if (options.insecure !== true && !isLoopback(host)) {
    const identified = (password !== undefined && password !== '') || tls?.cert !== undefined;
    const missing = [encrypted ? [] : 'TLS (rediss://)', identified ? [] : 'a password'].flat();
    if (missing.length > 0)
      invalid(
        name,
        shown,
        `${missing.join(' and ')} for another machine (LAPICQUE_REDIS_PASSWORD holds a password); --redis-insecure or insecure: true allows it without`,
      );
  }
  return {
    shown,
    host,
    port: Number(port || 6379),
    db: Number(database || 0),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** What went wrong with Redis, without what it was told: errors of the client have the command and its arguments with them. */
export function redisError(address: RedisAddress, error: unknown): LapicqueError {
  return new LapicqueError('io', {
    path: address.shown,
    reason: redisReason(address, error),
  }) as LapicqueError;
}

/** The sentence of an error of the client, without secrets. */
export function redisReason({ password, username }: RedisAddress, error: unknown): string {
  const {
    message = String(error),
    code,
    errors,
  } = Object(error) as NodeJS.ErrnoException & { errors?: Error[] };
  // Of a host with several addresses.
  const told = message || errors?.map((each) => each.message).join(', ') || code || 'unknown';
  if (/NOAUTH/.test(told))
    return 'NOAUTH: it wants a password, which stands in the URL or in LAPICQUE_REDIS_PASSWORD';
  return [password, username].reduce<string>(
    (text, secret) => (secret !== undefined && secret.length > 3 ? text.replaceAll(secret, '***') : text),
    told,
  );
}

function parsed(given: string): URL {
  const expected = 'redis://[user:password@]host[:port][/database] or rediss://…';
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    // Not the cause: it has what was given.
    invalid(name, 'not a URL', expected);
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') invalid(name, `${url.protocol}…`, expected);
  return url;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return invalid(name, 'a user name or password with a lone %', '%25 for a % in it');
  }
}

function isLoopback(host: string): boolean {
  const lower = host.toLowerCase();
  return lower === 'localhost' || lower === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function certificates(options: RedisOptions, environment: NodeJS.ProcessEnv, host: string) {
  const files = {
    ca: options.tls?.ca ?? environment.LAPICQUE_REDIS_CA,
    cert: options.tls?.cert ?? environment.LAPICQUE_REDIS_CERT,
    key: options.tls?.key ?? environment.LAPICQUE_REDIS_KEY,
  };
  const read: { servername?: string; ca?: string; cert?: string; key?: string } = isIPv4(host)
    ? {}
    : { servername: host };
  for (const [kind, path] of Object.entries(files) as [keyof typeof files, string | undefined][]) {
    if (path === undefined || path === '') continue;
    try {
      read[kind] = readFileSync(path, 'utf8');
    } catch (error) {
      throw ioError(path, error);
    }
  }
  return read;
}
