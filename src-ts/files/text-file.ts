/** Text files of unknown origin, read in pieces within a limit of memory. */
import { ioError, LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { parseJson } from './json.ts';
import { Allowance } from './limits.ts';
import { openRegular } from './regular-file.ts';

/** Options of readers of text. */
export interface TextOptions {
  /** Bytes that the content may take, from `limitOf`. */
  limit: number;
  signal?: AbortSignal | undefined;
}

/** A text as a stream of pieces, with the memory counter of its content. */
export interface TextPieces {
  readonly allowance: Allowance;
  readonly pieces: AsyncIterable<string>;
}

/**
 * Opens a text in UTF-8.
 * @throws LapicqueError `io`, also if the path is not a regular file; `aborted`
 */
export async function textPieces(path: string, { limit, signal }: TextOptions): Promise<TextPieces> {
  const { handle, size } = await openRegular(path, signal);
  const refuse = (error: unknown): never => {
    throw error instanceof LapicqueError ? error : ioError(path, error);
  };
  async function* pieces(): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    try {
      for await (const piece of handle.createReadStream({ highWaterMark: 2 ** 17 })) {
        throwIfAborted(signal);
        yield decoder.decode(piece as Uint8Array, { stream: true });
      }
      yield decoder.decode();
    } catch (error) {
      refuse(error);
    }
  }
  return { allowance: new Allowance(limit, size), pieces: pieces() };
}

/**
 * Reads a JSON file whose value is an object.
 *
 * @param malformed - makes the error of a text that is not a JSON object
 * @throws the error that `malformed` makes; LapicqueError `io`, `too-large`, `aborted`
 */
export async function readJsonObject(
  path: string,
  malformed: (reason: string) => Error,
  options: TextOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const { allowance, pieces } = await textPieces(path, options);
  const what = `${path}: its JSON`;
  const texts: string[] = [];
  for await (const piece of pieces) {
    allowance.take(what, 2 * piece.length);
    texts.push(piece);
  }
  const value = await parseJson(texts.join(''), { what, allowance, malformed, signal: options.signal });
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw malformed('it should be a JSON object');
}
