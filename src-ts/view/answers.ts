/** Answers of the server. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LapicqueError } from '../checks/errors.ts';
import { safeHeaders } from './guard.ts';

/** The largest answer in bytes: a page asks for what it can show. */
const maxAnswerBytes = 256 << 20;

/** Answers with bytes. */
export function answerBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  type = 'application/octet-stream',
  status = 200,
): void {
  response.writeHead(status, { ...safeHeaders, 'Content-Type': type, 'Content-Length': bytes.byteLength });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Answers with what a route returned: bytes as they are, anything else as JSON. */
export function answerValue(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  const isBytes = value instanceof Uint8Array;
  const bytes = isBytes ? value : Buffer.from(jsonText(value));
  if (bytes.byteLength > maxAnswerBytes)
    throw new LapicqueError('too-large', {
      what: 'the answer of the viewer',
      needed: bytes.byteLength,
      allowed: maxAnswerBytes,
    });
  answerBytes(request, response, bytes, isBytes ? undefined : 'application/json');
}

/** Numbers that are not finite are null. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** Answers with an error. */
export function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  code = 'unsupported',
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(jsonText({ error: { code, message } }));
  answerBytes(request, response, body, 'application/json', status);
}

const statuses: Partial<Record<string, number>> = {
  'invalid-parameter': 400,
  'unknown-name': 400,
  'malformed-file': 422,
  'too-large': 413,
  unsupported: 422,
  io: 404,
};

/** Answers with what a route threw. */
export function answerFailure(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  if (thrown instanceof LapicqueError)
    answerError(request, response, statuses[thrown.code] ?? 500, thrown.message, thrown.code);
  else answerError(request, response, 500, `the viewer failed: ${String(thrown)}`, 'internal');
}
