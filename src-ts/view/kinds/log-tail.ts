/** Reads a JSON log and what is added to it. */
import { type FileHandle, stat } from 'node:fs/promises';
import { ioError, LapicqueError } from '../../checks/errors.ts';
import { openRegular } from '../../files/regular-file.ts';

/** Bytes that are read at a time: parsing them takes some milliseconds. */
const bytesPerRead = 1 << 20;

/** A longer line is no entry. */
const maxLineLength = 16 << 20;

/** Gives each complete line of a file to a function, once. */
export class LogTail {
  readonly #path: string;
  readonly #line: (text: string) => void;
  readonly #restarted: () => void;
  /** The file that is being read: another one may take its name. */
  #inode: number | undefined;
  #read = 0;
  #partialLine = '';
  #isCut = false;
  #reading: Promise<void> | undefined;
  #decoder = new TextDecoder();

  /** @param restarted - called when the file was written anew, before its lines */
  constructor(path: string, line: (text: string) => void, restarted: () => void) {
    this.#path = path;
    this.#line = line;
    this.#restarted = restarted;
  }

  /** Reads what is new. @throws LapicqueError `io` */
  catchUp(): Promise<void> {
    this.#reading ??= this.#catchUp().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #catchUp(): Promise<void> {
    let file: FileHandle | undefined;
    try {
      const { size, ino } = await stat(this.#path);
      if (size < this.#read || (this.#inode !== undefined && ino !== this.#inode)) this.#restart();
      this.#inode = ino;
      if (size <= this.#read) return;
      file = (await openRegular(this.#path)).handle;
      const buffer = new Uint8Array(bytesPerRead);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, bytesPerRead, this.#read);
        if (bytesRead === 0) return;
        this.#read += bytesRead;
        this.#take(this.#decoder.decode(buffer.subarray(0, bytesRead), { stream: true }));
        // Others have their turn between two pieces: a training, for example.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      throw error instanceof LapicqueError ? error : ioError(this.#path, error);
    } finally {
      await file?.close();
    }
  }

  #restart(): void {
    [this.#read, this.#partialLine, this.#isCut] = [0, '', false];
    this.#decoder = new TextDecoder();
    this.#restarted();
  }

  #take(text: string): void {
    const lines = (this.#partialLine + text).split('\n');
    this.#partialLine = lines.pop()!;
    for (const line of lines) {
      // The rest of a line whose beginning was dropped.
      if (this.#isCut) this.#isCut = false;
      else if (line.trim() !== '') this.#line(line);
    }
    if (this.#partialLine.length > maxLineLength) [this.#partialLine, this.#isCut] = ['', true];
  }
}
