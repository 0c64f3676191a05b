/** What is kept of a long event recording: how many events there are up to some times. */
import type { TimeWindow } from './time-window.ts';

/** Events of one polarity and of both, by bin of time. */
export interface EventActivity {
  /** Events with polarity 1. */
  readonly on: Float64Array;
  /** Events with polarity 0. */
  readonly off: Float64Array;
}

/**
 * Numbers of events by bins of time. The bins begin short and double in length when there are more than `most` of them, so the memory does not depend on the
 * length of the recording. Events come in any order within what was added.
 */
export class EventIndex {
  readonly #most: number;
  #start = Number.NaN;
  #end = Number.NaN;
  #bin: number;
  #on: Float64Array;
  #off: Float64Array;
  #events = 0;
  #onEvents = 0;

  /**
   * @param most - bins, an even number
   * @param bin - length of the first bins in µs
   */
  constructor(most = 1 << 14, bin = 64) {
    this.#most = most;
    this.#bin = bin;
    this.#on = new Float64Array(most);
    this.#off = new Float64Array(most);
  }

  /** Events added so far. */
  get events(): number {
    return this.#events;
  }

  /** Events with polarity 1 so far. */
  get onEvents(): number {
    return this.#onEvents;
  }

  /** From the first event to 1 µs after the last one; empty without events. */
  get extent(): TimeWindow {
    return this.#events === 0 ? { from: 0, to: 0 } : { from: this.#start, to: this.#end };
  }

  /** Adds the events of a batch. An event before the first one of the recording counts as one at its start. */
  add({ t, polarity }: { readonly t: ArrayLike<number>; readonly polarity: ArrayLike<number> }): void {
    for (let i = 0; i < t.length; i++) {
      const time = t[i]!;
      if (this.#events === 0) [this.#start, this.#end] = [time, time + 1];
      this.#events += 1;
      if (time >= this.#end) this.#end = time + 1;
      let at = Math.max(0, Math.floor((time - this.#start) / this.#bin));
      while (at >= this.#most) {
        this.#double();
        at = Math.floor((time - this.#start) / this.#bin);
      }
      const isOn = polarity[i] === 1;
      if (isOn) this.#onEvents += 1;
      (isOn ? this.#on : this.#off)[at]! += 1;
    }
  }

  /** Numbers of events in equal parts of a window; a bin of the index that reaches over several parts is divided evenly. */
  activity({ from, to }: TimeWindow, parts: number): EventActivity {
    const spread = (counts: Float64Array) => {
      const sums = new Float64Array(this.#most + 1);
      for (let i = 0; i < this.#most; i++) sums[i + 1] = sums[i]! + counts[i]!;
      const before = (time: number) => {
        if (time >= this.#end) return sums[this.#most]!;
        const whole = Math.max(0, Math.floor((time - this.#start) / this.#bin));
        const begin = this.#start + whole * this.#bin;
        // The last bin ends with the recording.
        const long = Math.min(this.#bin, this.#end - begin);
        return sums[whole]! + (Math.max(0, time - begin) / long) * counts[whole]!;
      };
      return Float64Array.from({ length: parts }, (_, k) => {
        const [begin, end] = [k, k + 1].map((edge) => before(from + ((to - from) * edge) / parts));
        return end! - begin!;
      });
    };
    return { on: spread(this.#on), off: spread(this.#off) };
  }

  #double(): void {
    this.#bin *= 2;
    for (const counts of [this.#on, this.#off]) {
      for (let i = 0; i < this.#most / 2; i++) counts[i] = counts[2 * i]! + counts[2 * i + 1]!;
      counts.fill(0, this.#most / 2);
    }
  }
}
