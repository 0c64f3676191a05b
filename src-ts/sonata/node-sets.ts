/** Sets of nodes that a SONATA configuration names: by their population and attributes, or of other sets. */
import { shown } from '../checks/nearest-name.ts';
import type { Turns } from '../engine/turns.ts';
import { type Config, objectOf } from './config.ts';
import { malformed } from './json.ts';
import type { Nodes } from './nodes.ts';

/** Places of nodes, by population. */
export type Chosen = ReadonlyMap<string, ReadonlySet<number>>;

/** Sets within sets. */
const deepest = 100;

export class NodeSets {
  readonly #config: Config;
  readonly #nodes: ReadonlyMap<string, Nodes>;
  readonly #turns: Turns;
  /** Each is looked up once, however many sets name it. */
  readonly #known = new Map<string, Chosen>();

  constructor(config: Config, nodes: ReadonlyMap<string, Nodes>, turns: Turns) {
    this.#config = config;
    this.#nodes = nodes;
    this.#turns = turns;
  }

  /**
   * The nodes of a set.
   *
   * @param set - its name, or what it says
   * @param where - says so, for messages
   * @throws LapicqueError `malformed-file` for what there is not, and a set that contains itself; `aborted`
   */
  async of(set: unknown, where: string, above: readonly string[] = []): Promise<Chosen> {
    if (typeof set !== 'string') return this.#said(set ?? {}, where, above);
    const known = this.#known.get(set);
    if (known !== undefined) return known;
    if (above.includes(set)) throw this.#malformed(`${where}: the node set ${shown(set)} contains itself`);
    if (above.length >= deepest)
      throw this.#malformed(`${where}: node sets are more than ${deepest} deep at ${shown(set)}`);
    const said = Object.hasOwn(this.#config.nodeSets, set) ? this.#config.nodeSets[set] : undefined;
    if (said === undefined && set !== 'all' && !this.#nodes.has(set))
      throw this.#malformed(`${where}: there is no node set ${shown(set)}`);
    const chosen = await this.#said(said ?? (set === 'all' ? {} : { population: set }), where, [
      ...above,
      set,
    ]);
    this.#known.set(set, chosen);
    return chosen;
  }

  async #said(said: unknown, where: string, above: readonly string[]): Promise<Chosen> {
    const chosen = new Map<string, Set<number>>();
    if (Array.isArray(said)) {
      if (above.length >= deepest) throw this.#malformed(`${where}: node sets are more than ${deepest} deep`);
      for (const part of new Set(said)) {
        for (const [population, places] of await this.of(part, where, above)) {
          const all = chosen.get(population) ?? new Set();
          chosen.set(population, all);
          const list = [...places];
          await this.#turns.each(list.length, (i) => {
            all.add(list[i]!);
          });
        }
      }
      return chosen;
    }
    const { population, ...conditions } = objectOf(this.#config.path, where, said);
    const populations = population === undefined ? [...this.#nodes.keys()] : [population].flat();
    for (const name of populations as string[]) {
      const own = this.#nodes.get(name);
      if (own === undefined) throw this.#malformed(`${where}: there is no population ${shown(String(name))}`);
      const columns: { values: ArrayLike<unknown> | undefined; wanted: Set<string> }[] = [];
      for (const [key, wanted] of Object.entries(conditions)) {
        const values = key === 'node_id' ? own.ids : await this.#turns.run(own.elements.values(key));
        columns.push({ values, wanted: new Set([wanted].flat().map(String)) });
      }
      const places = new Set<number>();
      await this.#turns.each(own.ids.length, (i) => {
        if (columns.every(({ values, wanted }) => wanted.has(String(values?.[i])) && values !== undefined))
          places.add(i);
      });
      if (places.size > 0) chosen.set(name, places);
    }
    return chosen;
  }

  #malformed(reason: string): Error {
    return malformed(this.#config.path, reason);
  }
}
