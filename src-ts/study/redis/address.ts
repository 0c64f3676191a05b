/** The address of Redis and the credentials: read from the URL, the options and the environment, and never shown. */
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { invalid } from '../../checks/check.ts';
import { ioError, LapicqueError } from '../../checks/errors.ts';

/** The Redis server that a study and its workers use, and their credentials. */
export interface RedisOptions {
  /**
   * `redis://host:port/db` or, with TLS, `rediss://…`; it may contain a user name and a password. Default: the
   * environment variable `LAPICQUE_REDIS_URL`.
   */
  url?: string;
  /** Default: that of the URL, then `LAPICQUE_REDIS_USERNAME`. */
  username?: string;
  /**
   * Default: that of the URL, then `LAPICQUE_REDIS_PASSWORD`. All users of a machine can see the command line of a
   * process, but not its environment.
   */
  password?: string;
  /**
   * Paths of PEM files for `rediss://`: the certificate authority of the server's certificate, and a certificate and
   * key of the client. Default: `LAPICQUE_REDIS_CA`, `LAPICQUE_REDIS_CERT`, `LAPICQUE_REDIS_KEY`, then the authorities
   * that Node trusts.
   */
  tls?: { ca?: string; cert?: string; key?: string };
  /** Allows a Redis on another machine without TLS or without a password. Default `false`. */
  insecure?: boolean;
}

/** Options of a Redis client. */
export interface RedisAddress {
  /** The URL without user, password and query, for messages, logs and journals. */
  readonly display: string;
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly servername?: string; ca?: string; cert?: string; key?: string };
}

/** Parameters by their names in errors. */
const name = 'redis';

/**
 * Reads and checks an address. No message contains a password.
 *
 * @throws LapicqueError `invalid-parameter` for a value that is not a URL of Redis, and for a server on another machine
 * without TLS or password; `io` if a PEM file cannot be read
 */
export function redisAddress(
  options: RedisOptions,
  environment: NodeJS.ProcessEnv = process.env,
): RedisAddress {
  const text = options.url ?? environment.LAPICQUE_REDIS_URL;
  if (text === undefined || text === '')
    invalid(
      name,
      text,
      'redis://host:port, rediss://host:port or the environment variable LAPICQUE_REDIS_URL',
    );
  const url = parsed(text);
  const { hostname, port, pathname } = url;
  const host = hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1';
  const encrypted = url.protocol === 'rediss:';
  const display = `${url.protocol}//${hostname || host}:${port || 6379}${pathname.length > 1 ? pathname : ''}`;
  const database = pathname.replace(/^\//, '');
  if (!/^\d*$/.test(database)) invalid(name, display, 'the number of a database after the port, such as /0');
  const username = decoded(url.username) || options.username || environment.LAPICQUE_REDIS_USERNAME;
  const password = decoded(url.password) || options.password || environment.LAPICQUE_REDIS_PASSWORD;
  const tls = encrypted ? certificates(options, environment, host) : undefined;
  if (options.insecure !== true && !isLoopback(host)) {
    const identified = (password !== undefined && password !== '') || tls?.cert !== undefined;
    const missing = [encrypted ? [] : 'TLS (rediss://)', identified ? [] : 'a password'].flat();
    if (missing.length > 0)
      invalid(
        name,
        display,
        `${missing.join(' and ')} for another machine (LAPICQUE_REDIS_PASSWORD holds a password); --redis-insecure or insecure: true allows it without`,
      );
  }
  return {
    display,
    host,
    port: Number(port || 6379),
    db: Number(database || 0),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** The reason of an error of Redis without secrets: errors of the client contain the command and its arguments. */
export function redisError(address: RedisAddress, error: unknown): LapicqueError {
  return new LapicqueError('io', {
    path: address.display,
    reason: redisReason(address, error),
  }) as LapicqueError;
}

/** The message of a client's error, without secrets. */
export function redisReason({ password, username }: RedisAddress, error: unknown): string {
  const {
    message = String(error),
    code,
    errors,
  } = Object(error) as NodeJS.ErrnoException & { errors?: Error[] };
  // For a host with several addresses.
  const text = message || errors?.map((each) => each.message).join(', ') || code || 'unknown';
  if (/NOAUTH/.test(text)) return 'NOAUTH: it needs a password, from the URL or from LAPICQUE_REDIS_PASSWORD';
  return [password, username].reduce<string>(
    (text, secret) => (secret !== undefined && secret.length > 3 ? text.replaceAll(secret, '***') : text),
    text,
  );
}

function parsed(text: string): URL {
  const expected = 'redis://[user:password@]host[:port][/database] or rediss://…';
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // No `cause`: it would contain the given URL.
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
