/** Which neurons and connections of a simulation are meant, by what users name them with. */
import { invalid, unknownName } from '../checks/check.ts';
import type { NeuronRange } from './connections.ts';
import {
  named,
  type Population,
  type Presynaptic,
  rangeOf,
  type SpikeSource,
  whole,
} from './elements/populations.ts';
import { changes, type Setting } from './simulation-setting.ts';
import type { PopulationRange } from './traces.ts';

/** Finds what is meant in one simulation. */
export class Addresses {
  readonly #setting: Setting;
  readonly #populations: Readonly<Record<string, PopulationRange>>;

  constructor(setting: Setting, populations: Readonly<Record<string, PopulationRange>>) {
    this.#setting = setting;
    this.#populations = populations;
  }

  /** Connections with plastic synapses, by the names of their populations. */
  get plastic(): readonly (readonly [from: string, to: string])[] {
    const plastic = (this.#setting.connections ?? []).filter(changes);
    return plastic.map(({ from, to }) => [named(from), named(to)] as const);
  }

  /** The indices of the connections from `from` to `to`, if all are static. */
  still(from: Population | SpikeSource | string, to: Population | string): readonly number[] | undefined {
    const [source, target] = [this.whole('from', from), this.whole('to', to)];
    const fits = (this.#setting.connections ?? []).flatMap((connection, i) =>
      named(connection.from) === source && named(connection.to) === target ? [[i, connection] as const] : [],
    );
    return fits.length === 0 || fits.some(([, connection]) => changes(connection))
      ? undefined
      : fits.map(([i]) => i);
  }

  /** The numbers of the connections from `from` to `to` whose synapses change. @throws LapicqueError `unknown-name` */
  learning(from: Population | SpikeSource | string, to: Population | string): readonly number[] {
    const [source, target] = [this.whole('from', from), this.whole('to', to)];
    const numbers = [...(this.#setting.connections ?? []).entries()].filter(
      ([, connection]) =>
        changes(connection) && named(connection.from) === source && named(connection.to) === target,
    );
    if (numbers.length === 0) {
      const known = this.plastic.map((pair) => pair.join(' to '));
      throw unknownName('plastic connection', `${source} to ${target}`, known);
    }
    return numbers.map(([number]) => number);
  }

  /** The name of a whole population or source. */
  whole(name: string, of: Population | SpikeSource | string): string {
    if (typeof of === 'string') return of;
    const found = typeof of === 'object' && of !== null ? this.#setting.names.get(of) : undefined;
    return found ?? invalid(name, of, 'a whole population or source of this network, or its name');
  }

  /** The neurons of a population, a source or a slice of one. @throws LapicqueError `unknown-name` */
  range(of: Presynaptic | string): NeuronRange {
    if (typeof of !== 'string' && (typeof of !== 'object' || of === null))
      invalid('neurons', of, 'neurons of this network, or their name');
    const name = typeof of === 'string' ? of : this.#setting.names.get(whole(of));
    const neurons = [...Object.keys(this.#populations), ...this.#setting.trains.keys()];
    const names = [...neurons, ...this.#setting.inputs.map((input) => input.name)];
    if (name === undefined) invalid('neurons', of, 'neurons of this network');
    const size = this.#populations[name]?.size ?? this.#setting.trains.get(name);
    if (size === undefined) throw unknownName('population, source or input', name, names);
    return typeof of === 'string' ? { name, from: 0, to: size } : { name, ...rangeOf(of) };
  }
}
