/** An integer network as JSON tables. */
import {
  type IntegerDescription,
  type IntegerParameters,
  type IntegerTensors,
  parameterNames,
  weightShape,
} from './description.ts';

/** The result of {@link IntegerNetwork.toTables}: everything that another program needs to run the network. */
export interface IntegerTables {
  readonly description: IntegerDescription;
  /** By connection; row-major. */
  readonly weights: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>
  >;
  /** By layer; currents `[currents, neurons]`. */
  readonly parameters: Readonly<Record<string, Readonly<Record<keyof IntegerParameters, readonly number[]>>>>;
}

export function tablesOf(description: IntegerDescription, tensors: IntegerTensors): IntegerTables {
  const connections = description.layers.flatMap((layer) =>
    layer.connections.map((connection) => [layer, connection] as const),
  );
  const weights = connections.map(([layer, connection]) => {
    const shape = weightShape(description, layer, connection);
    return [connection.name, { shape, data: [...tensors.weights[connection.name]!] }] as const;
  });
  const parameters = description.layers.map(({ name }) => {
    const fields = parameterNames.map((field) => [field, [...tensors.parameters[name]![field]]] as const);
    return [name, Object.fromEntries(fields) as Record<keyof IntegerParameters, number[]>] as const;
  });
  return { description, weights: Object.fromEntries(weights), parameters: Object.fromEntries(parameters) };
}
