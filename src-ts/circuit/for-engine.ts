/** A network's description on its way to the engine. */
import { invalid } from '../check.ts';
import { isKind } from '../typed.ts';
import { type SynapseValues, valuesOf } from './distribution.ts';
import type { CircuitDescription } from './network.ts';
import { jsonOf } from './network-file.ts';
import type { Rule } from './rule.ts';

/** A list of numbers as the engine takes it beside the JSON; nothing where it is another value. */
function listed(values: unknown): Float64Array | undefined {
  if (isKind(values, Float64Array)) return values;
  const isNumbers = isKind(values, Float32Array) || (Array.isArray(values) && values.every(Number.isFinite));
  return isNumbers && values.length > 1 ? Float64Array.from(values) : undefined;
}

/** The same of all the values by name, which get empty lists in their place. */
function beside<T>(values: T, take: (name: string, list: Float64Array) => void): T | Record<string, unknown> {
  if (typeof values !== 'object' || values === null) return values;
  const short = Object.entries(values).map(([name, value]) => {
    const list = listed(value);
    if (list === undefined) return [name, value];
    take(name, list);
    return [name, []];
  });
  return Object.fromEntries(short);
}

/** The description for the engine: what is long in connections and for each neuron goes beside the JSON. @internal */
export function forEngine(description: CircuitDescription, dt: number) {
  const { version: _, ...parts } = description;
  const lists: { connection: number; [key: string]: number | Float64Array | Uint32Array }[] = [];
  const given = parts.connections ?? [];
  if (!Array.isArray(given)) invalid('network.connections', given, 'a list of connections');
  const connections = given.map((connection: NonNullable<typeof parts.connections>[number], i) => {
    if (typeof connection?.rule !== 'object' || connection.rule === null)
      invalid(`network.connections[${i}]`, connection, 'a connection with a rule');
    const own: (typeof lists)[number] = { connection: i };
    const { weight, delay, rule } = connection;
    const numbers = (name: 'weight' | 'delay', values: SynapseValues): SynapseValues => {
      const checked = Array.isArray(values) ? valuesOf(`connections[${i}].${name}`, values) : values;
      if (!ArrayBuffer.isView(checked)) return checked;
      own[name] = checked as Float64Array;
      return [];
    };
    const short = { ...connection, weight: numbers('weight', weight), delay: numbers('delay', delay) };
    const { sources, targets } = rule as Rule;
    if (isKind(sources, Uint32Array) && isKind(targets, Uint32Array)) {
      Object.assign(own, { sources, targets });
      short.rule = { ...rule, sources: [], targets: [] } as never;
    }
    if (Object.keys(own).length > 1) lists.push(own);
    return short;
  });
  const neurons: { population: number; kind: string; name: string; values: Float64Array }[] = [];
  const populations = parts.populations.map((population, i) => {
    if (typeof population !== 'object' || population === null) return population;
    const { neuron, initial } = population as { neuron?: { params?: unknown }; initial?: unknown };
    const take = (kind: string) => (name: string, values: Float64Array) => {
      neurons.push({ population: i, kind, name, values });
    };
    return {
      ...population,
      ...(neuron?.params === undefined
        ? {}
        : { neuron: { ...neuron, params: beside(neuron.params, take('params')) } }),
      ...(initial === undefined ? {} : { initial: beside(initial, take('initial')) }),
    };
  });
  const json = jsonOf({ ...parts, dt, populations, connections });
  return { json, lists, neurons };
}
