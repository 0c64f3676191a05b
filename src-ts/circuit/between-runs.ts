/** What of a network can be set between two runs, beside parameters and states of neurons: its inputs, and its connections. */
import { options as checkOptions, finite, invalid, unknownName } from '../checks/check.ts';
import type { CircuitDescription } from './description.ts';
import { type Course, currentSource, poisson } from './elements/devices.ts';
import { type Distribution, isDistribution } from './elements/distribution.ts';
import { type NeuronsSpec, named } from './elements/populations.ts';

/** New values of an input; omitted values stay unchanged. */
export interface InputValues {
  /** Rate of a Poisson input in Hz: one for all neurons, one per neuron, or over time, as in `poisson`. */
  rate?: Exclude<Course, Distribution>;
  /** Weight of a Poisson input, in the unit of the port. */
  weight?: number;
  /** Value of a current, as in `currentSource`. */
  current?: Exclude<Course, Distribution>;
  /** Mean of noise. */
  mean?: number;
  sd?: number;
}

/** A rate or current over time. */
export interface InputCourse {
  /** In ms. */
  readonly times: Float64Array;
  /** One for each time, or `[times, neurons]`. */
  readonly values: Float64Array;
}

/** An input as a simulation lists it. */
export interface Input {
  /** The given name, otherwise the input's kind and a number. `set` and `get` take it if only one input has it. */
  readonly name: string;
  readonly kind: 'poisson' | 'normal' | 'current';
  readonly to: NeuronsSpec;
}

/** Inputs in the order of the description, each with a name, which several of one kind may share. */
export function inputsOf(description: CircuitDescription): readonly Input[] {
  // What is none, the engine refuses.
  const named = (all: unknown): { name?: string; kind: Input['kind']; to: NeuronsSpec }[] =>
    Array.isArray(all) ? all.map((one) => Object(one)) : [];
  const inputs = named(description.inputs);
  const taken = new Set(
    [...named(description.populations), ...named(description.sources)].map(({ name }) => name),
  );
  const kinds = new Map<string, Input['kind']>();
  inputs.forEach(({ name, kind }, i) => {
    if (name === undefined) return;
    if (taken.has(name))
      invalid(`circuit.inputs[${i}].name`, name, 'a name that no population or source has');
    const shared = kinds.get(name) ?? kind;
    if (shared !== kind)
      invalid(
        `circuit.inputs[${i}].name`,
        name,
        `a unique name, because another input of that name is ${shared}`,
      );
    kinds.set(name, kind);
  });
  for (const name of kinds.keys()) taken.add(name);
  const ownName = (kind: string, i: number): string => {
    let own = `${kind}${i + 1}`;
    while (taken.has(own)) own = `${own}'`;
    taken.add(own);
    return own;
  };
  return Object.freeze(
    inputs.map(({ name, kind, to }, i) => Object.freeze({ name: name ?? ownName(kind, i), kind, to })),
  );
}

/** What was found of a name or element. */
export type Found = { readonly input: number } | { readonly connection: number } | undefined;

/** The number of an input or connection; none of neurons. */
export function found(
  of: unknown,
  inputs: readonly Input[],
  elements: { inputs: readonly unknown[]; connections: readonly unknown[] },
): Found {
  if (typeof of === 'string') {
    const input = inputs.findIndex(({ name }) => name === of);
    const count = inputs.filter(({ name }) => name === of).length;
    if (count > 1)
      invalid(
        'input',
        of,
        `one input, but ${count} have this name: give the results of connect(…), one after another`,
      );
    return input < 0 ? undefined : { input };
  }
  const element = (of as { element?: unknown } | null | undefined)?.element;
  if (element !== 'input' && element !== 'connection') return undefined;
  const all = element === 'input' ? elements.inputs : elements.connections;
  const number = all.indexOf(of);
  if (number < 0) invalid(element, of, 'a result of connect(…) in this network');
  return element === 'input' ? { input: number } : { connection: number };
}

/** As the engine takes new values of an input. */
export function inputValues(
  kind: Input['kind'],
  given: InputValues,
): { times?: Float64Array; values?: Float64Array; numbers: { name: string; value: number }[] } {
  const known = { poisson: ['rate', 'weight'], normal: ['mean', 'sd'], current: ['current'] } as const;
  const values = checkOptions('values', given, known[kind] as never) as InputValues;
  const course = values.rate ?? values.current;
  if (isDistribution(course))
    invalid('values', course, 'numbers; distribution.draw draws them from a distribution');
  const numbers = (['weight', 'mean', 'sd'] as const).flatMap((name) =>
    values[name] === undefined ? [] : [{ name, value: finite(`values.${name}`, values[name]) }],
  );
  if (course === undefined) return { numbers };
  if (kind === 'poisson') {
    const { rate } = poisson(course);
    if (typeof rate === 'number') return { values: Float64Array.of(rate), numbers };
    if (!('times' in rate)) return { values: Float64Array.from(rate as readonly number[]), numbers };
    return { times: Float64Array.from(rate.times), values: Float64Array.from(rate.values), numbers };
  }
  const { times, values: amplitudes } = currentSource(course);
  const flat = Float64Array.from(amplitudes as readonly number[]);
  const overTime = typeof course === 'object' && 'times' in course;
  return { ...(overTime ? { times: Float64Array.from(times) } : {}), values: flat, numbers };
}

/** One value of an input, from what the engine says of it. */
export function inputValue(
  { name, kind }: Input,
  value: string,
  has: { times?: Float64Array; values?: Float64Array; numbers: { name: string; value: number }[] },
): Float64Array | InputCourse {
  const series = kind === 'poisson' ? 'rate' : kind === 'current' ? 'current' : undefined;
  if (series !== undefined && value === series) {
    return has.times === undefined ? has.values! : { times: has.times, values: has.values! };
  }
  const number = has.numbers.find((one) => one.name === value);
  if (number !== undefined) return Float64Array.of(number.value);
  const known = [...(series === undefined ? [] : [series]), ...has.numbers.map((one) => one.name)];
  throw unknownName(`value of ${name}`, value, known);
}

/** What a connection leads from and to, for messages. */
export function ends(connection: NonNullable<CircuitDescription['connections']>[number]): string {
  return `${named(connection.from)} to ${named(connection.to)}`;
}
