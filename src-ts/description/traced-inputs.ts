/** The edges onto a traced layer with several inputs. */
import { invalid, unknownName } from '../checks/check.ts';
import type { Port } from './description-writer.ts';

/** Its sources in the order of its inputs: as their edges name these in `port`, otherwise in the order of the edges. */
export function inOrderOfInputs(
  name: string,
  inputs: readonly string[],
  sources: readonly Port[],
): readonly Port[] {
  const ports = sources.map(({ how }) => how?.port);
  if (ports.every((port) => port === undefined)) return sources;
  const where = `graph.edges onto ${name}`;
  const unnamed = ports.indexOf(undefined);
  if (unnamed >= 0) {
    invalid(where, `${sources[unnamed]!.name} without a port`, 'a port for each of these edges, or for none');
  }
  for (const port of ports) {
    if (typeof port !== 'string') invalid(where, port, 'the name of one input as port');
    if (!inputs.includes(port)) throw unknownName(`input of ${name}`, port, inputs);
  }
  return inputs.map((input) => {
    const found = sources.filter(({ how }) => how?.port === input);
    const [source] = found;
    if (source === undefined || found.length > 1) {
      return invalid(where, `${found.length} edges onto its input ${input}`, 'one edge for each input');
    }
    const { port: _, ...how } = source.how!;
    return { ...source, how };
  });
}
