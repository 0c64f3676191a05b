/** The recorders of a network as its description has them. */
import { invalid } from '../checks/check.ts';
import type { CircuitDescription } from './description.ts';
import type { Connection } from './elements/connection.ts';
import type { NeuronsSpec, Postsynaptic } from './elements/populations.ts';
import type { Recorder } from './elements/recorders.ts';

/** A recording is found by its name. */
function once(what: string, recorders: readonly { readonly name: string }[]): void {
  const names = recorders.map(({ name }) => name);
  const again = names.find((name, i) => names.indexOf(name) < i);
  if (again !== undefined) invalid(what, again, 'each name once; name the values of slices, { name: value }');
}

/** Recorders of the networks that become parts of one come first, theirs of weights with the numbers that connections have now. */
export function recorded({
  parts,
  recorders,
  connections: all,
  named,
  neurons,
}: {
  parts: readonly CircuitDescription[];
  recorders: readonly Recorder[];
  connections: readonly (Connection | undefined)[];
  named: (node: Postsynaptic) => string;
  neurons: (node: Postsynaptic) => NeuronsSpec;
}): NonNullable<CircuitDescription['record']> {
  let first = 0;
  const before = parts.map(({ record = {}, connections = [] }) => {
    const weights = record.weights?.map(({ connection, every }) => ({
      connection: first + connection,
      every,
    }));
    first += connections.length;
    return { ...record, weights: weights ?? [] };
  });
  const spikes = recorders.filter((recorder) => recorder.element === 'record-spikes');
  const chosen = [
    ...before.flatMap((part) => part.spikes ?? []),
    ...[...new Set(spikes.flatMap(({ populations }) => populations))].map((cells) => neurons(cells)),
  ];
  const everything = chosen.length === 0 || spikes.some(({ populations }) => populations.length === 0);
  const traces = recorders
    .filter((recorder) => recorder.element === 'record-traces')
    .flatMap(({ population, states, every, neurons: chosen }) =>
      states.map((state) => ({
        population: named(population),
        state,
        ...(every === undefined ? {} : { every }),
        ...(chosen === undefined ? {} : { neurons: chosen }),
      })),
    );
  traces.unshift(...before.flatMap((part) => (part.traces ?? []) as typeof traces));
  const seen = new Set<string>();
  for (const { population, state } of traces) {
    const name = `${population}.${state}`;
    if (seen.has(name)) invalid('record.traces', name, 'each state of a population once');
    seen.add(name);
  }
  const weights = recorders
    .filter((recorder) => recorder.element === 'record-weights')
    .map(({ connection, every }) => {
      const number = all.indexOf(connection);
      if (number < 0) invalid('record.weights', connection, 'a connection of the network');
      return { connection: number, every };
    });
  weights.unshift(...before.flatMap((part) => part.weights));
  const means = before.flatMap((part) => part.means ?? []);
  const fields = before.flatMap((part) => part.fields ?? []);
  for (const recorder of recorders) {
    if (recorder.element === 'record-means') {
      const { population, values, every } = recorder;
      for (const [name, value] of Object.entries(values)) {
        means.push({
          name: `${named(population)}.${name}`,
          of: neurons(population),
          value,
          ...(every === undefined ? {} : { every }),
        });
      }
    } else if (recorder.element === 'record-lfp') {
      const { element: _, population, name = named(population), ...options } = recorder;
      fields.push({ name, of: neurons(population), ...options });
    }
  }
  once('record.mean', means);
  once('record.lfp', fields);
  return {
    ...(everything ? {} : { spikes: chosen }),
    traces,
    ...(weights.length === 0 ? {} : { weights }),
    ...(means.length === 0 ? {} : { means }),
    ...(fields.length === 0 ? {} : { fields }),
  };
}
