/** The viewer's server: HTTP on 127.0.0.1, without a framework. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LapicqueError } from '../checks/errors.ts';
import { answerBytes, answerError, answerFailure, answerValue } from './answers.ts';
import { stream } from './event-stream.ts';
import { Guard, safeHeaders } from './guard.ts';
import type { Items } from './items.ts';
import { ViewQuery } from './kinds/query.ts';
import type { PageFile } from './page-files.ts';

/** Bytes of the headers of a request; longer ones are refused with 431. */
const headerSize = 16 << 10;
/** Maximum times in ms for the headers of a request and for an idle connection. */
const headerTime = 5_000;
const idleTime = 30_000;
const maxConnections = 100;

/** A running server. */
export class ViewServer {
  /** The page, with the token. */
  readonly url: string;
  readonly #http: Server;
  readonly #guard: Guard;
  readonly #title: string;
  readonly #items: Items;
  readonly #files: ReadonlyMap<string, PageFile>;

  private constructor(http: Server, title: string, items: Items, files: ReadonlyMap<string, PageFile>) {
    const { port } = http.address() as AddressInfo;
    this.#http = http;
    this.#guard = new Guard(port);
    this.#title = title;
    this.#items = items;
    this.#files = files;
    this.url = `http://127.0.0.1:${port}/?token=${this.#guard.token}`;
    http.on('request', (request, response) => void this.#answer(request, response));
  }

  /** @param port - 0 for a free one @throws LapicqueError `io` if the port is in use */
  static async start(
    port: number,
    title: string,
    items: Items,
    files: ReadonlyMap<string, PageFile>,
  ): Promise<ViewServer> {
    const http = createServer({
      maxHeaderSize: headerSize,
      headersTimeout: headerTime,
      requestTimeout: headerTime,
      keepAliveTimeout: headerTime,
      connectionsCheckingInterval: 1_000,
    });
    http.maxConnections = maxConnections;
    http.timeout = idleTime;
    await new Promise<void>((resolve, reject) => {
      http.once('error', (error: NodeJS.ErrnoException) => {
        const reason =
          error.code === 'EADDRINUSE' ? 'the port is in use; choose another one, or 0' : error.message;
        reject(new LapicqueError('io', { path: `127.0.0.1:${port}`, reason }, { cause: error }));
      });
      http.listen(port, '127.0.0.1', resolve);
    });
    return new ViewServer(http, title, items, files);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refusal = this.#guard.refusal(request);
      if (refusal !== undefined) {
        // What else this client sends is not read.
        response.setHeader('Connection', 'close');
        return answerError(request, response, refusal.status, refusal.message);
      }
      const { pathname, searchParams } = new URL(request.url!, 'http://127.0.0.1');
      if (pathname === '/' && this.#guard.isToken(searchParams.get('token'))) {
        response.writeHead(303, { ...safeHeaders, 'Set-Cookie': this.#guard.cookie, Location: '/' });
        response.end();
        return;
      }
      if (!this.#guard.admits(request)) {
        const message = 'open the address with the token that lapicque printed';
        return answerError(request, response, 403, message);
      }
      const file = this.#files.get(pathname);
      if (file !== undefined) return answerBytes(request, response, file.bytes, file.type);
      await this.#route(request, response, pathname, searchParams);
    } catch (error) {
      answerFailure(request, response, error);
    }
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
    parameters: URLSearchParams,
  ): Promise<void> {
    if (pathname === '/api/items')
      return answerValue(request, response, { title: this.#title, items: await this.#items.list() });
    const [, follows, name] = /^\/api\/(follow\/)?([a-z0-9-]+)$/.exec(pathname) ?? [];
    if (name === undefined) return answerError(request, response, 404, 'there is nothing at this address');
    const opened = await this.#items.opened(parameters.get('item') ?? '');
    const query = new ViewQuery(parameters);
    if (follows === undefined) {
      const route = Object.hasOwn(opened.routes, name) ? opened.routes[name] : undefined;
      if (route === undefined) return answerError(request, response, 404, `the item has no ${name}`);
      return answerValue(request, response, await route(query));
    }
    const follow =
      opened.follows !== undefined && Object.hasOwn(opened.follows, name) ? opened.follows[name] : undefined;
    if (follow === undefined) return answerError(request, response, 404, `the item has no stream ${name}`);
    if (request.method === 'HEAD') return answerError(request, response, 400, 'a stream has no HEAD');
    stream(request, response, follow, query);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    await closed;
    await this.#items.close();
  }
}
