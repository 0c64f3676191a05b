/** A network's description on its way to the engine. */
import { invalid, tree } from '../checks/check.ts';
import { isKind } from '../checks/typed.ts';
import { jsonOf } from './circuit-file.ts';
import type { CircuitDescription } from './description.ts';
import { type SynapseValues, valuesOf } from './elements/distribution.ts';
import type { Rule } from './elements/rule.ts';

function isNumbers(values: unknown): values is Float64Array | Float32Array | number[] {
  if (isKind(values, Float64Array) || isKind(values, Float32Array)) return true;
  return Array.isArray(values) && values.every(Number.isFinite);
}

/** A copy; of a frozen list the constructor of the array asks for each number by name. */
function copied(values: Float64Array | Float32Array | number[]): Float64Array {
  if (!Array.isArray(values)) return new Float64Array(values);
  const copy = new Float64Array(values.length);
  for (let i = 0; i < copy.length; i++) copy[i] = values[i]!;
  return copy;
}

/** A list of numbers as the engine takes it apart from the JSON; `undefined` for another value. */
function listed(values: unknown): Float64Array | undefined {
  if (isKind(values, Float64Array)) return values;
  return isNumbers(values) && values.length > 1 ? copied(values) : undefined;
}

/** The same for values by name; empty lists replace them. */
function extractNumbers<T>(
  values: T,
  take: (name: string, list: Float64Array) => void,
): T | Record<string, unknown> {
  if (typeof values !== 'object' || values === null) return values;
  const short = Object.entries(values).map(([name, value]) => {
    const list = listed(value);
    if (list === undefined) return [name, value];
    take(name, list);
    return [name, []];
  });
  return Object.fromEntries(short);
}

/** The trains of sources that consist of numbers only, apart from the JSON, where empty lists replace them. */
function extractTrains(value: unknown) {
  const trains: { source: number; counts: Uint32Array; times: Float64Array }[] = [];
  if (!Array.isArray(value)) return { sources: value, trains };
  const sources = value.map((source: { trains?: unknown } | null, i) => {
    if (!Array.isArray(source?.trains) || source.trains.length === 0) return source;
    const lists = source.trains.map((train) => (isNumbers(train) ? train : undefined));
    if (lists.includes(undefined)) return source;
    const counts = Uint32Array.from(lists, (train) => train!.length);
    const times = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
    lists.reduce((at, train) => {
      times.set(train!, at);
      return at + train!.length;
    }, 0);
    trains.push({ source: i, counts, times });
    return { ...source, trains: [] };
  });
  return { sources, trains };
}

/** The same for the time courses of inputs. */
function extractInputs(value: unknown) {
  const lists: { input: number; times: Float64Array; values: Float64Array }[] = [];
  if (!Array.isArray(value)) return { inputs: value, lists };
  const inputs = value.map((input: { kind?: unknown; rate?: unknown } | null, i) => {
    if (input?.kind === 'poisson' && isNumbers(input.rate)) {
      lists.push({ input: i, times: new Float64Array(0), values: copied(input.rate) });
      return { ...input, rate: [] };
    }
    const holder = (input?.kind === 'current' ? input : input?.rate) as
      | { times?: unknown; values?: unknown }
      | undefined;
    const { times, values } = holder ?? {};
    if (!isNumbers(times) || !isNumbers(values) || values.length < 2) return input;
    lists.push({ input: i, times: copied(times), values: copied(values) });
    const short = { ...holder, times: [], values: [] };
    return input?.kind === 'current' ? short : { ...input, rate: short };
  });
  return { inputs, lists };
}

/** Of recorders the engine knows the order, not the names. */
function recordOf(record: CircuitDescription['record']) {
  if (typeof record !== 'object' || record === null) return record;
  const unnamed = (all: unknown) =>
    Array.isArray(all)
      ? all.map((one) => {
          if (typeof one !== 'object' || one === null) return one;
          const { name: _, ...rest } = one as { name?: unknown };
          return rest;
        })
      : all;
  const { means, fields, ...others } = record;
  return {
    ...others,
    ...(means === undefined ? {} : { means: unnamed(means) }),
    ...(fields === undefined ? {} : { fields: unnamed(fields) }),
  };
}

/** The description for the engine: long lists are passed apart from the JSON. @internal */
export function forEngine(description: CircuitDescription, dt: number) {
  tree('circuit', description);
  const { version: _, ...parts } = description;
  const lists: { connection: number; [key: string]: number | Float64Array | Uint32Array }[] = [];
  const given = parts.connections ?? [];
  if (!Array.isArray(given)) invalid('circuit.connections', given, 'a list of connections');
  const connections = given.map((connection: NonNullable<typeof parts.connections>[number], i) => {
    if (typeof connection?.rule !== 'object' || connection.rule === null)
      invalid(`circuit.connections[${i}]`, connection, 'a connection with a rule');
    const own: (typeof lists)[number] = { connection: i };
    const { weight, delay, rule, name: _, ...others } = connection;
    const numbers = (name: 'weight' | 'delay', values: SynapseValues): SynapseValues => {
      const checked = Array.isArray(values) ? valuesOf(`connections[${i}].${name}`, values) : values;
      if (!ArrayBuffer.isView(checked)) return checked;
      own[name] = checked as Float64Array;
      return [];
    };
    const short = { ...others, rule, weight: numbers('weight', weight), delay: numbers('delay', delay) };
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
        : { neuron: { ...neuron, params: extractNumbers(neuron.params, take('params')) } }),
      ...(initial === undefined ? {} : { initial: extractNumbers(initial, take('initial')) }),
    };
  });
  const { sources, trains } = extractTrains(parts.sources);
  const { inputs, lists: inputLists } = extractInputs(parts.inputs);
  const json = jsonOf({
    ...parts,
    dt,
    populations,
    connections,
    sources,
    inputs,
    record: recordOf(parts.record),
  });
  return { json, lists: { connections: lists, neurons, sources: trains, inputs: inputLists } };
}
