/** Reads a JSON log and what is added to it. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { ioError } from '../../checks/errors.ts';

/** Bytes that are read at a time: parsing them takes some milliseconds. */
const atOnce = 1 << 20;

/** A longer line is no entry. */
const longestLine = 16 << 20;

/** Gives each complete line of a file to a function, once. */
export class LogTail {
  readonly #path: string;
  readonly #line: (text: string) => void;
  #read = 0;
  #rest = '';
  #isCut = false;
  #reading: Promise<void> | undefined;
  readonly #decoder = new TextDecoder();

  constructor(path: string, line: (text: string) => void) {
    this.#path = path;
    this.#line = line;
  }

  /** Reads what is new. A file that has become shorter was written anew, and is not read again. @throws LapicqueError `io` */
  catchUp(): Promise<void> {
    this.#reading ??= this.#catchUp().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #catchUp(): Promise<void> {
    let file: FileHandle | undefined;
    try {
      if ((await stat(this.#path)).size <= this.#read) return;
      file = await open(this.#path, 'r');
      const buffer = new Uint8Array(atOnce);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, atOnce, this.#read);
        if (bytesRead === 0) return;
        this.#read += bytesRead;
        this.#take(this.#decoder.decode(buffer.subarray(0, bytesRead), { stream: true }));
        // Others have their turn between two pieces: a training, for example.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      throw ioError(this.#path, error);
    } finally {
      await file?.close();
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      // The rest of a line whose beginning was dropped.
      if (this.#isCut) this.#isCut = false;
      else if (line.trim() !== '') this.#line(line);
    }
    if (this.#rest.length > longestLine) [this.#rest, this.#isCut] = ['', true];
  }
}
