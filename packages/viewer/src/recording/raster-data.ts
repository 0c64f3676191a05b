/** The spikes of a recording on the page: all of them, or, of very long recordings, the counts that the plots need. */
import type { RecordingFacts } from '../../../../src-ts/view/kinds/recording.ts';
import { type TimeGrid, unpackTimes } from '../../../../src-ts/view/plots/packed-times.ts';
import { countSpikes, spikesPerBin } from '../../../../src-ts/view/plots/spike-counts.ts';
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { unpack } from '../parts/packed.ts';
import type { NeuronRange } from '../plots/neuron-choice.ts';
import type { CountedBand } from '../plots/paint-band.ts';
import type { ViewSource } from '../view.ts';

/** Spikes that a page holds at most, 12 bytes each. */
const maxStored = 6_000_000;

/** Spikes of one request. */
const maxPerRequest = 2 ** 20;

/** Spikes by bins: of each population, in equal parts of a window. */
interface CountedRates {
  readonly window: TimeWindow;
  readonly bins: number;
  /** `counts[population * bins + bin]` */
  readonly counts: Uint32Array;
}

/** What plots ask for. An answer may be older than the question; then `changed` is called when the right one has come. */
export interface RasterData {
  /** Counts of a population; `undefined` before there are any. */
  counts(
    population: number,
    window: TimeWindow,
    range: NeuronRange,
    columns: number,
    rows: number,
  ): CountedBand | undefined;
  /** @param use - what it is for: each use has an answer of its own */
  rates(use: string, window: TimeWindow, bins: number): CountedRates | undefined;
  /** Time between two steps of the simulation in ms, if the times show it; else 0. */
  readonly resolution: number;
  /** The recording has grown. */
  grown(facts: RecordingFacts): void;
}

/** Data for a recording of this size. @param changed - called when there is something new to draw */
export function rasterData(source: ViewSource, facts: RecordingFacts, changed: () => void): RasterData {
  return totalOf(facts) <= maxStored
    ? new LocalSpikes(source, facts, changed)
    : new RemoteCounts(source, facts, changed);
}

/** Spikes of all populations. */
function totalOf({ populations }: RecordingFacts): number {
  return populations.reduce((sum, { spikes }) => sum + spikes, 0);
}

interface StoredSpikes {
  times: Float64Array;
  ids: Uint32Array;
  length: number;
}

/** All spikes, counted here. */
class LocalSpikes implements RasterData {
  readonly #source: ViewSource;
  readonly #changed: () => void;
  readonly #stored: StoredSpikes[];
  /** Memory of each population's counts, used again for each frame. */
  readonly #memory: Uint32Array[] = [];
  #facts: RecordingFacts;
  #isLoading = false;
  #resolution = 0;
  #remote: RemoteCounts | undefined;

  constructor(source: ViewSource, facts: RecordingFacts, changed: () => void) {
    this.#source = source;
    this.#changed = changed;
    this.#facts = facts;
    this.#stored = facts.populations.map(({ spikes }) => ({
      times: new Float64Array(spikes),
      ids: new Uint32Array(spikes),
      length: 0,
    }));
    void this.#load();
  }

  get resolution(): number {
    return this.#resolution;
  }

  counts(population: number, window: TimeWindow, range: NeuronRange, columns: number, rows: number) {
    if (this.#remote !== undefined) return this.#remote.counts(population, window, range, columns, rows);
    const stored = this.#stored[population]!;
    let memory = this.#memory[population];
    if (memory === undefined || memory.length < columns * rows) {
      memory = new Uint32Array(columns * rows);
      this.#memory[population] = memory;
    }
    return { ...countSpikes(stored, window, range, columns, rows, memory), window, range };
  }

  rates(use: string, window: TimeWindow, bins: number): CountedRates | undefined {
    if (this.#remote !== undefined) return this.#remote.rates(use, window, bins);
    const counts = new Uint32Array(this.#stored.length * bins);
    for (const [k, stored] of this.#stored.entries())
      counts.set(spikesPerBin(stored, window, bins), k * bins);
    return { window, bins, counts };
  }

  grown(facts: RecordingFacts): void {
    this.#facts = facts;
    if (this.#remote !== undefined) {
      this.#remote.grown();
      return;
    }
    if (totalOf(facts) > maxStored) {
      // The server counts from here on.
      this.#stored.length = 0;
      this.#remote = new RemoteCounts(this.#source, facts, this.#changed);
      return;
    }
    void this.#load();
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      for (;;) {
        const missing = this.#stored.findIndex(
          ({ length }, k) => length < this.#facts.populations[k]!.spikes,
        );
        if (missing === -1) return;
        await Promise.all(this.#stored.map((_, k) => this.#more(k)));
        this.#changed();
      }
    } catch {
      // The source tells the reader of a lost connection; the next growth asks again.
    } finally {
      this.#isLoading = false;
    }
  }

  async #more(population: number): Promise<void> {
    const stored = this.#stored[population]!;
    const total = this.#facts.populations[population]!.spikes;
    const [begin, end] = [stored.length, Math.min(total, stored.length + maxPerRequest)];
    if (begin >= end) return;
    const { arrays, meta } = unpack<TimeGrid | null>(
      await this.#source.bytes(`spikes?population=${population}&begin=${begin}&end=${end}`),
    );
    const times =
      meta === null ? (arrays.times as Float64Array) : unpackTimes(meta, arrays.steps as Uint16Array);
    if (meta !== null) this.#resolution = meta.divides ? 1 / meta.factor : meta.factor;
    const ids = arrays.ids as Uint32Array | Uint16Array;
    if (begin + times.length > stored.times.length) {
      const capacity = Math.max(begin + times.length, 2 * stored.times.length);
      const [moreTimes, moreIds] = [new Float64Array(capacity), new Uint32Array(capacity)];
      moreTimes.set(stored.times);
      moreIds.set(stored.ids);
      [stored.times, stored.ids] = [moreTimes, moreIds];
    }
    stored.times.set(times, begin);
    stored.ids.set(ids, begin);
    stored.length = begin + times.length;
  }
}

/** Counts that the server makes, of recordings that are too long for the page. */
class RemoteCounts implements RasterData {
  readonly resolution = 0;
  readonly #source: ViewSource;
  readonly #changed: () => void;
  readonly #counted: LatestAnswer<CountedBand>[];
  readonly #rates = new Map<string, LatestAnswer<CountedRates>>();
  #version = 0;

  constructor(source: ViewSource, facts: RecordingFacts, changed: () => void) {
    this.#source = source;
    this.#changed = changed;
    this.#counted = facts.populations.map(() => new LatestAnswer(changed));
  }

  counts(population: number, window: TimeWindow, range: NeuronRange, columns: number, rows: number) {
    const query = `population=${population}&from=${window.from}&to=${window.to}&first=${range.first}&last=${range.last}&columns=${columns}&rows=${rows}`;
    return this.#counted[population]!.latest(`${query} ${this.#version}`, async () => {
      const { arrays, meta } = unpack<{ spikes: number; most: number }>(
        await this.#source.bytes(`counts?${query}`),
      );
      return { ...meta, counts: arrays.counts as Uint32Array, columns, rows, window, range };
    });
  }

  rates(use: string, window: TimeWindow, bins: number): CountedRates | undefined {
    const rates = this.#rates.get(use) ?? new LatestAnswer<CountedRates>(this.#changed);
    this.#rates.set(use, rates);
    const query = `from=${window.from}&to=${window.to}&bins=${bins}`;
    return rates.latest(`${query} ${this.#version}`, async () => {
      const { arrays } = unpack(await this.#source.bytes(`rates?${query}`));
      return { window, bins, counts: arrays.counts as Uint32Array };
    });
  }

  grown(): void {
    this.#version += 1;
    this.#changed();
  }
}

/** The newest answer to a question that changes faster than it is answered: one request at a time, and always the last question. */
export class LatestAnswer<T> {
  readonly #changed: () => void;
  #answer: T | undefined;
  #answered = '';
  #isAsking = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The latest answer; sends a request if it answers another question. */
  latest(question: string, ask: () => Promise<T>): T | undefined {
    if (question !== this.#answered && !this.#isAsking) void this.#ask(question, ask);
    return this.#answer;
  }

  async #ask(question: string, ask: () => Promise<T>): Promise<void> {
    this.#isAsking = true;
    try {
      this.#answer = await ask();
    } catch {
      // The answer before stays; the source tells the reader of a lost connection.
    }
    this.#answered = question;
    this.#isAsking = false;
    // Draws, which asks again if the question has changed meanwhile.
    this.#changed();
  }
}
