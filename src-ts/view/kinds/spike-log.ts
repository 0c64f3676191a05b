/** Spikes by population, which grow while a simulation runs. */
import type { PopulationRange } from '../../circuit/traces.ts';
import type { SortedSpikes } from '../plots/spike-counts.ts';

/** Spikes of one population: arrays that are longer than their content, and the `length` of the content. */
class GrowingSpikes implements SortedSpikes {
  times = new Float64Array(0);
  ids = new Uint32Array(0);
  length = 0;

  /** Memory for this many more spikes. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.times.length) return;
    // The first spikes get exactly their memory: most recordings come at once.
    const capacity = this.length === 0 ? needed : Math.max(needed, 2 * this.times.length);
    const [times, ids] = [new Float64Array(capacity), new Uint32Array(capacity)];
    times.set(this.times.subarray(0, this.length));
    ids.set(this.ids.subarray(0, this.length));
    [this.times, this.ids] = [times, ids];
  }
}

/** A population of a log. */
export interface LoggedPopulation extends PopulationRange {
  readonly name: string;
}

/** Spikes of a recording, divided by population; ids count from 0 within each. */
export class SpikeLog {
  readonly populations: readonly LoggedPopulation[];
  readonly #spikes: readonly GrowingSpikes[];

  constructor(populations: readonly LoggedPopulation[]) {
    this.populations = populations;
    this.#spikes = populations.map(() => new GrowingSpikes());
  }

  /** The spikes of a population so far. */
  of(population: number): SortedSpikes {
    return this.#spikes[population]!;
  }

  /** Spikes of all populations. */
  get total(): number {
    return this.#spikes.reduce((sum, { length }) => sum + length, 0);
  }

  /** Adds spikes that come after those so far. Spikes of neurons of no population are left out. */
  append(times: Float64Array, ids: Uint32Array): void {
    const counts = new Uint32Array(this.populations.length);
    const of = this.#populationOf();
    for (let i = 0; i < ids.length; i++) {
      const k = of(ids[i]!);
      if (k >= 0) counts[k]! += 1;
    }
    for (const [k, spikes] of this.#spikes.entries()) spikes.reserve(counts[k]!);
    for (let i = 0; i < ids.length; i++) {
      const k = of(ids[i]!);
      if (k < 0) continue;
      const spikes = this.#spikes[k]!;
      spikes.times[spikes.length] = times[i]!;
      spikes.ids[spikes.length++] = ids[i]! - this.populations[k]!.first;
    }
  }

  /** The population of a neuron by bisection, -1 for none. */
  #populationOf(): (id: number) => number {
    const order = [...this.populations.keys()].sort(
      (a, b) => this.populations[a]!.first - this.populations[b]!.first,
    );
    const firsts = order.map((k) => this.populations[k]!.first);
    const ends = order.map((k) => this.populations[k]!.first + this.populations[k]!.size);
    // Neurons of one population follow each other in a step: the last answer is often the next one.
    let last = 0;
    return (id) => {
      if (id < (firsts[last] ?? 0) || id >= (ends[last] ?? 0)) {
        let [low, high] = [0, order.length];
        while (low < high) {
          const middle = (low + high) >>> 1;
          if (firsts[middle]! <= id) low = middle + 1;
          else high = middle;
        }
        if (low === 0 || id >= ends[low - 1]!) return -1;
        last = low - 1;
      }
      return order[last]!;
    };
  }
}
