/** Streams of server-sent events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonText } from './answers.ts';
import { safeHeaders } from './guard.ts';
import type { ViewFollow } from './kinds/kind.ts';
import type { ViewQuery } from './kinds/query.ts';

/** Between two signs of life, in ms: a stream without events is not a lost connection. */
const heartbeat = 15_000;

/** A client with more unread bytes is disconnected; it can resume from its last event. */
const maxWaiting = 4 << 20;

/** Streams the events of `follow` until the page closes the stream. */
export function stream(
  request: IncomingMessage,
  response: ServerResponse,
  follow: ViewFollow,
  query: ViewQuery,
): void {
  const last = Number(request.headers['last-event-id'] ?? Number.NaN);
  const after = Number.isSafeInteger(last) ? last : query.whole('after', -1);
  response.writeHead(200, { ...safeHeaders, 'Content-Type': 'text/event-stream' });
  // The delay in ms after which the browser reconnects.
  response.write('retry: 1000\n\n');
  const write = (text: string) => {
    if (response.writableEnded || response.destroyed) return;
    response.write(text);
    if (response.writableLength > maxWaiting) response.destroy();
  };
  const stop = follow(query, after, (id, data) => write(`id: ${id}\ndata: ${jsonText(data)}\n\n`));
  const beat = setInterval(() => write(': \n\n'), heartbeat);
  beat.unref();
  response.on('close', () => {
    clearInterval(beat);
    stop();
  });
}
