/** The numbers of a network's description that the axes of a sweep change. */
import { invalid, text, unknownName } from '../checks/check.ts';
import { inputsOf } from '../circuit/between-runs.ts';
import type { CircuitDescription } from '../circuit/description.ts';
import { isDistribution } from '../circuit/elements/distribution.ts';
import { named } from '../circuit/elements/populations.ts';

/** The location of a number in the description, as the engine reads it. */
interface NumberLocation {
  readonly of: 'populations' | 'connections' | 'inputs';
  readonly index: number;
  readonly path: readonly string[];
}

/** An axis with the locations that it changes. @internal */
export interface ResolvedAxis {
  readonly name: string;
  readonly places: readonly NumberLocation[];
}

type Connection = NonNullable<CircuitDescription['connections']>[number];

/** An element by one of its names, with the names of its numbers and their paths. */
interface NamedElement {
  readonly name: string;
  readonly of: NumberLocation['of'];
  readonly index: number;
  readonly path: (numbers: readonly string[]) => readonly string[] | undefined;
  readonly numbers: readonly string[];
}

/** The numbers of an element; if one is a distribution, also the numbers of the distribution: `weight.mean`. */
function pathOf(direct: Readonly<Record<string, readonly string[]>>, others?: readonly string[]) {
  return ([first, ...rest]: readonly string[]): readonly string[] | undefined => {
    if (first === undefined) return undefined;
    if (Object.hasOwn(direct, first)) return [...direct[first]!, ...rest];
    return others === undefined ? undefined : [...others, first, ...rest];
  };
}

function ofPopulation(population: CircuitDescription['populations'][number], index: number): NamedElement {
  const { params = {} } = population.neuron as { params?: object };
  const direct = {
    size: ['size'],
    initial: ['initial'],
    ...(population.intrinsic === undefined ? {} : { intrinsic: ['intrinsic'] }),
  };
  return {
    name: population.name,
    of: 'populations',
    index,
    // The engine knows which parameters a model has.
    path: pathOf(direct, ['neuron', 'params']),
    numbers: [...Object.keys(params), 'size', 'initial'],
  };
}

function ofConnection(connection: Connection, index: number, name: string): NamedElement {
  const ruled = Object.entries(connection.rule).filter(([, value]) => typeof value === 'number');
  const rule = Object.fromEntries(ruled.map(([key]) => [key, ['rule', key]]));
  const direct: Record<string, readonly string[]> = {
    ...rule,
    weight: ['weight'],
    delay: ['delay'],
    ...(connection.dendriticDelay === undefined ? {} : { dendriticDelay: ['dendriticDelay'] }),
    ...(connection.structural === undefined ? {} : { structural: ['structural'] }),
  };
  const others = connection.synapse === undefined ? undefined : ['synapse', 'params'];
  return { name, of: 'connections', index, path: pathOf(direct, others), numbers: Object.keys(direct) };
}

function ofInput(name: string, kind: 'poisson' | 'normal' | 'current', index: number): NamedElement {
  const numbers = { poisson: ['rate', 'weight'], normal: ['mean', 'sd'], current: ['current'] }[kind];
  const direct = Object.fromEntries(numbers.map((key) => [key, [key]]));
  return { name, of: 'inputs', index, path: pathOf(direct), numbers };
}

/** All names by which axes refer to elements. */
function elementsOf(description: CircuitDescription): readonly NamedElement[] {
  const connections = (description.connections ?? []).flatMap((connection, i) => {
    const [from, to] = [named(connection.from), named(connection.to)];
    const names = connection.name === undefined ? [`${from}>${to}`, `${from}${to}`] : [connection.name];
    return names.map((name) => ofConnection(connection, i, name));
  });
  return [
    ...description.populations.map(ofPopulation),
    ...connections,
    ...inputsOf(description).map(({ name, kind }, i) => ofInput(name, kind, i)),
  ];
}

/**
 * The locations that each axis changes.
 *
 * @throws LapicqueError `unknown-name` for elements and numbers that the network does not have
 * @internal
 */
export function resolved(names: readonly string[], description: CircuitDescription): readonly ResolvedAxis[] {
  const known = elementsOf(description);
  return names.map((name) => {
    text('axes', name);
    const fit = known.filter((element) => name.startsWith(`${element.name}.`));
    const longest = Math.max(...fit.map((element) => element.name.length));
    const elements = fit.filter((element) => element.name.length === longest);
    const first = elements[0];
    if (first === undefined)
      throw unknownName('element of the network, of an axis', name.split('.')[0]!, [
        ...new Set(known.map((element) => element.name)),
      ]);
    if (elements.some(({ of }) => of !== first.of))
      invalid('axes', name, 'a name that one kind of element has: populations, connections or inputs');
    const numbers = name.slice(longest + 1).split('.');
    const places = elements.map(({ of, index, path, numbers: all }): NumberLocation => {
      const found = path(numbers);
      if (found === undefined || found.includes(''))
        throw unknownName(`number of ${first.name}`, numbers.join('.'), all);
      return { of, index, path: found };
    });
    // Connections with the same source and target but without a common name are not changed together.
    if (first.of === 'connections' && places.length > 1) {
      const own = (description.connections ?? [])[first.index]!;
      if (own.name === undefined)
        invalid(
          'axes',
          name,
          `one connection, but there are ${places.length} from ${named(own.from)} to ${named(own.to)}: give them names`,
        );
    }
    for (const { of, index, path } of places)
      checkDistributionNumber(name, of, description[of]?.[index], path);
    return { name, places };
  });
}

/** Checks that a number of a distribution exists. */
function checkDistributionNumber(
  name: string,
  of: NumberLocation['of'],
  element: unknown,
  path: readonly string[],
): void {
  const base = of === 'populations' ? (path[0] === 'neuron' ? 3 : 2) : path[0] === 'synapse' ? 3 : 1;
  const field = path[base];
  if (field === undefined || ['rule', 'structural', 'intrinsic'].includes(path[0]!)) return;
  let value: unknown = element;
  for (const key of path.slice(0, base)) {
    const at = key === 'current' ? 'values' : key;
    value = (value as Record<string, unknown> | undefined)?.[at];
  }
  const numbers = isDistribution(value) ? Object.keys(value).filter((key) => key !== 'kind') : [];
  if (!numbers.includes(field) || path.length > base + 1)
    throw unknownName(`number of ${name.slice(0, name.lastIndexOf('.'))}`, field, numbers);
}
