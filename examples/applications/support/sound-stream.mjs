// Sound that arrives in pieces: samples of a WAV file or of a pipe, cut into words by their power, with a gain that needs no future.
import { Cochlea, channels, rate, stepSamples } from './cochlea.mjs';
import { tail } from './digit-words.mjs';

/** Samples from -1 to 1 at 8 kHz of a WAV file of 16-bit PCM, mono. */
export function readWav(bytes) {
  const text = (at) => bytes.toString('latin1', at, at + 4);
  if (bytes.length < 12 || text(0) !== 'RIFF' || text(8) !== 'WAVE')
    throw new TypeError('--wav: not a WAV file');
  let format;
  for (
    let at = 12;
    at + 8 <= bytes.length;
    at += 8 + bytes.readUInt32LE(at + 4) + (bytes.readUInt32LE(at + 4) % 2)
  ) {
    const size = Math.min(bytes.readUInt32LE(at + 4), bytes.length - at - 8);
    if (text(at) === 'fmt ' && size >= 16)
      format = [
        bytes.readUInt16LE(at + 8),
        bytes.readUInt16LE(at + 10),
        bytes.readUInt32LE(at + 12),
        bytes.readUInt16LE(at + 22),
      ];
    if (text(at) !== 'data') continue;
    if (String(format) !== `1,1,${rate},16`)
      throw new TypeError(
        `--wav: format, channels, rate, bits are ${format}; expected 1,1,${rate},16 (16-bit PCM, mono, 8 kHz)`,
      );
    return samplesOf(bytes.subarray(at + 8, at + 8 + size));
  }
  throw new TypeError('--wav: the file has no part "data"');
}

/** Samples of 16-bit little-endian PCM. */
export const samplesOf = (bytes) =>
  Float64Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i) / 32768);

const silence = Math.round((0.25 * rate) / stepSamples); // steps that end a word

/** Cuts a stream into words and asks the network, step by step. */
export class Listener {
  #words;
  #cochlea;
  #step = [];
  #floor = 1e-3;
  #squares = 0;
  #samples = 0;
  #quiet = 0;
  #digit;
  #steps = 0;

  /** @param words - a `WordStream` */
  constructor(words) {
    this.#words = words;
  }

  /** Takes a sample. At the end of a step within a word it returns `{ digit, ended, step }`, `step` from the start of the word. */
  push(sample) {
    this.#step.push(sample);
    if (this.#step.length < stepSamples) return undefined;
    const step = this.#step;
    this.#step = [];
    const squares = step.reduce((sum, x) => sum + x * x, 0);
    const power = Math.sqrt(squares / stepSamples);
    const loud = power > Math.max(2e-3, 3 * this.#floor);
    this.#floor += (power < this.#floor ? 0.3 : 0.002) * (power - this.#floor);
    if (this.#cochlea === undefined) {
      if (!loud) return undefined;
      this.#cochlea = new Cochlea();
      this.#words.reset();
      [this.#squares, this.#samples, this.#quiet, this.#steps] = [0, 0, 0, 0];
    }
    this.#quiet = loud ? 0 : this.#quiet + 1;
    if (this.#quiet < 5) {
      this.#squares += squares;
      this.#samples += stepSamples;
    }
    const loudness = Math.sqrt(this.#squares / this.#samples) + 1e-9;
    const counts = new Uint8Array(channels);
    for (const x of step) this.#cochlea.push(x / loudness, counts);
    const heard = this.#words.push(counts);
    if (this.#quiet <= tail) this.#digit = heard;
    this.#steps += 1;
    const ended = this.#quiet >= silence;
    if (ended) this.#cochlea = undefined;
    return { digit: this.#digit, ended, step: this.#steps };
  }
}
