/** Sets of nodes that a SONATA configuration names: by their population and attributes, or of other sets. */
import { shortName } from '../checks/nearest-name.ts';
import type { Yielder } from '../engine/yielder.ts';
import { type Config, objectOf } from './config.ts';
import { malformed } from './json.ts';
import type { Nodes } from './nodes.ts';

/** Positions of nodes, by population. */
export type Chosen = ReadonlyMap<string, ReadonlySet<number>>;

/** Sets within sets. */
const maxDepth = 100;

export class NodeSets {
  readonly #config: Config;
  readonly #nodes: ReadonlyMap<string, Nodes>;
  readonly #yielder: Yielder;
  /** Each is looked up once, however many sets name it. */
  readonly #resolved = new Map<string, Chosen>();

  constructor(config: Config, nodes: ReadonlyMap<string, Nodes>, yielder: Yielder) {
    this.#config = config;
    this.#nodes = nodes;
    this.#yielder = yielder;
  }

  /**
   * The nodes of a set.
   *
   * @param set - its name, or its definition
   * @param where - says so, for messages
   * @throws LapicqueError `malformed-file` for what there is not, and a set that contains itself; `aborted`
   */
  async of(set: unknown, where: string, above: readonly string[] = []): Promise<Chosen> {
    if (typeof set !== 'string') return this.#resolve(set ?? {}, where, above);
    const cached = this.#resolved.get(set);
    if (cached !== undefined) return cached;
    if (above.includes(set))
      throw this.#malformed(`${where}: the node set ${shortName(set)} contains itself`);
    if (above.length >= maxDepth)
      throw this.#malformed(`${where}: node sets are more than ${maxDepth} deep at ${shortName(set)}`);
    const definition = Object.hasOwn(this.#config.nodeSets, set) ? this.#config.nodeSets[set] : undefined;
    if (definition === undefined && set !== 'all' && !this.#nodes.has(set))
      throw this.#malformed(`${where}: there is no node set ${shortName(set)}`);
    const chosen = await this.#resolve(definition ?? (set === 'all' ? {} : { population: set }), where, [
      ...above,
      set,
    ]);
    this.#resolved.set(set, chosen);
    return chosen;
  }

  async #resolve(definition: unknown, where: string, above: readonly string[]): Promise<Chosen> {
    const chosen = new Map<string, Set<number>>();
    if (Array.isArray(definition)) {
      if (above.length >= maxDepth)
        throw this.#malformed(`${where}: node sets are more than ${maxDepth} deep`);
      for (const part of new Set(definition)) {
        for (const [population, positions] of await this.of(part, where, above)) {
          const all = chosen.get(population) ?? new Set();
          chosen.set(population, all);
          const list = [...positions];
          await this.#yielder.each(list.length, (i) => {
            all.add(list[i]!);
          });
        }
      }
      return chosen;
    }
    const { population, ...conditions } = objectOf(this.#config.path, where, definition);
    const populations = population === undefined ? [...this.#nodes.keys()] : [population].flat();
    for (const name of populations as string[]) {
      const own = this.#nodes.get(name);
      if (own === undefined)
        throw this.#malformed(`${where}: there is no population ${shortName(String(name))}`);
      const columns: { values: ArrayLike<unknown> | undefined; accepted: Set<string> }[] = [];
      for (const [key, value] of Object.entries(conditions)) {
        if ([value].flat().some((one) => typeof one === 'object' && one !== null))
          throw this.#malformed(
            `${where}: ${key} should be a value or a list of values, not ${shortName(JSON.stringify(value))}`,
          );
        const values = key === 'node_id' ? own.ids : await this.#yielder.run(own.elements.values(key));
        columns.push({ values, accepted: new Set([value].flat().map(String)) });
      }
      const positions = new Set<number>();
      await this.#yielder.each(own.ids.length, (i) => {
        if (
          columns.every(({ values, accepted }) => accepted.has(String(values?.[i])) && values !== undefined)
        )
          positions.add(i);
      });
      if (positions.size > 0) chosen.set(name, positions);
    }
    return chosen;
  }

  #malformed(reason: string): Error {
    return malformed(this.#config.path, reason);
  }
}
