/**
 * Which requests are answered: those that name this server, come from its own page, and know the token. A page of another site, another user of the machine
 * or another program that reaches the port cannot read anything.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused. */
export interface Refusal {
  readonly status: 400 | 403 | 405;
  readonly message: string;
}

/** The longest address. */
const maxAddressLength = 4096;

/** An address has plain names only: nothing is decoded, so no encoding of `..` can mean anything. */
const address = /^\/(?:[a-z0-9-]+(?:\.[a-z]+)?)?(?:\/[a-z0-9-]+)*(?:\?[^#\s]*)?$/;

export class Guard {
  readonly token = randomBytes(32).toString('base64url');
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Cookies of a host are the same for all its ports, so the name has the port. */
  get #cookieName(): string {
    return `lapicque-${this.#port}`;
  }

  /** The cookie that the page sends from then on, instead of the token in its address. */
  get cookie(): string {
    return `${this.#cookieName}=${this.token}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Refuses a request that is not from the page of this server; the token is checked by {@link admits}. */
  refusal(request: IncomingMessage): Refusal | undefined {
    const { method, url = '', headers, rawHeaders } = request;
    const hosts = [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`];
    const given = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
    if (given.length !== 1 || !hosts.includes(headers.host ?? ''))
      return { status: 403, message: `the Host is not ${hosts[0]}` };
    const { origin } = headers;
    if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`))
      return { status: 403, message: 'the request comes from another origin' };
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      return { status: 403, message: 'the request comes from another site' };
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, message: 'only GET is answered' };
    if (headers.upgrade !== undefined) return { status: 400, message: 'there are no WebSockets here' };
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined)
      return { status: 400, message: 'a request has no body' };
    if (url.length > maxAddressLength || !address.test(url))
      return { status: 400, message: 'the address is not one of this server' };
    return undefined;
  }

  /** Whether the request has the token: as cookie, or in the header `x-lapicque-token`. */
  admits({ headers }: IncomingMessage): boolean {
    const cookies = (headers.cookie ?? '').split(/;\s*/);
    const prefix = `${this.#cookieName}=`;
    const found = cookies.find((one) => one.startsWith(prefix))?.slice(prefix.length);
    return this.isToken(found ?? headers['x-lapicque-token']);
  }

  /** Compares in constant time. */
  isToken(token: unknown): boolean {
    if (typeof token !== 'string') return false;
    const digest = (text: string) => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(token), digest(this.token));
  }
}

/** Headers of every answer. */
export const safeHeaders = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
} as const;
