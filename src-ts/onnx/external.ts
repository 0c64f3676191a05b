/** Numbers that an ONNX file keeps in a file beside it. */
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invalid } from '../checks/check.ts';
import { ioError, LapicqueError } from '../checks/errors.ts';
import { isKind } from '../checks/typed.ts';
import type { Allowance } from '../files/limits.ts';
import { regularSize } from '../files/regular-file.ts';
import { bytesOfFile } from '../files/source-bytes.ts';
import { malformed } from './errors.ts';

/** Contents of the network's external files, by their names, if the network itself is passed as bytes. */
export type ExternalData = Readonly<Record<string, Uint8Array>>;

/** Reads parts of the files in the folder of one network, and of no others. */
export class ExternalFiles {
  readonly #path: string | undefined;
  readonly #supplied: ExternalData;
  readonly #allowance: Allowance;
  readonly #signal: AbortSignal | undefined;
  readonly #paths = new Map<string, Promise<string>>();
  readonly #sizes = new Map<string, number>();

  /** @param path - of the network, where it is a file */
  constructor(
    path: string | undefined,
    supplied: ExternalData,
    allowance: Allowance,
    signal: AbortSignal | undefined,
  ) {
    this.#path = path;
    this.#supplied = supplied;
    this.#allowance = allowance;
    this.#signal = signal;
  }

  /**
   * The bytes of a tensor.
   *
   * @param reference - the entries of the network about the external data: `location`, `offset`, `length`
   * @param needed - bytes of the tensor
   * @throws LapicqueError `malformed-file` for a location outside the folder or the file, `io`, `too-large`
   */
  async read(
    label: string,
    reference: ReadonlyMap<string, string>,
    needed: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const location = (reference.get('location') ?? '').replace(/^\.\//, '');
    const wrong = (reason: string) => malformed(0, `the tensor ${label}: its external data ${reason}`);
    if (!isFileName(location))
      throw wrong(`are at ${JSON.stringify(location)}, and only a file in the folder of the network is read`);
    const [offset, length] = [
      numberOf(reference.get('offset')),
      numberOf(reference.get('length') ?? `${needed}`),
    ];
    if (offset === undefined || length === undefined)
      throw wrong('have an offset or a length that is not a number');
    if (length !== needed) throw wrong(`have ${length} bytes, and its shape needs ${needed}`);
    const supplied = Object.hasOwn(this.#supplied, location) ? this.#supplied[location] : undefined;
    if (supplied !== undefined) {
      if (!isKind(supplied, Uint8Array)) invalid(`externalData.${location}`, supplied, 'a Uint8Array');
      if (!this.#sizes.has(location)) this.#allowance.add(supplied.length);
      this.#sizes.set(location, supplied.length);
      if (offset + length > supplied.length)
        throw wrong(`end at byte ${offset + length}, and ${location} has ${supplied.length}`);
      this.#allowance.take(`the tensor ${label}`, length);
      return supplied.slice(offset, offset + length) as Uint8Array<ArrayBuffer>;
    }
    if (this.#path === undefined)
      throw new LapicqueError('io', {
        path: location,
        reason: `the network came as bytes: give the bytes of this file, too, with externalData: { ${JSON.stringify(location)}: bytes }`,
      });
    const pending = this.#paths.get(location) ?? beside(this.#path, location);
    this.#paths.set(location, pending);
    const path = await pending;
    const size = await this.#size(path);
    if (offset + length > size) throw wrong(`end at byte ${offset + length}, and ${location} has ${size}`);
    this.#allowance.take(`the tensor ${label}`, length);
    return bytesOfFile(path, this.#signal, { offset, length });
  }

  /** Bytes of a file, which then counts as a part of the network's. */
  async #size(path: string): Promise<number> {
    const cached = this.#sizes.get(path);
    if (cached !== undefined) return cached;
    const size = await regularSize(path);
    this.#sizes.set(path, size);
    this.#allowance.add(size);
    return size;
  }
}

/** A name without folders, under every system. */
function isFileName(location: string): boolean {
  return location !== '' && location !== '.' && location !== '..' && !/[/\\:\0]/.test(location);
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  const number = Number(text);
  return /^\d{1,15}$/.test(text) && Number.isSafeInteger(number) ? number : undefined;
}

/**
 * The file of this name in the folder of the network. A link that leads out of it is refused, unless the network itself is a link to a file in
 * the folder where that leads, as caches of models have them.
 */
async function beside(network: string, location: string): Promise<string> {
  const path = join(dirname(network), location);
  try {
    const [real, own, folder] = await Promise.all([
      realpath(path),
      realpath(network),
      realpath(dirname(network)),
    ]);
    if (dirname(real) !== folder && dirname(real) !== dirname(own))
      throw malformed(0, `its external data ${location} are a link out of the folder of the network`);
    await regularSize(real);
    return real;
  } catch (error) {
    throw error instanceof LapicqueError ? error : ioError(path, error);
  }
}
