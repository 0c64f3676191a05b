/** Traced functions as read-outs: their form, and the inputs that they read. */
import { frozenCopy, invalid } from '../checks/check.ts';
import { checkedGraph } from './graph-builder.ts';
import type { TracedLoss } from './traced-loss.ts';

/** The function as plain data; the engine checks its content. @internal */
export function checkedReadout(name: string, readout: unknown): TracedLoss {
  if ((readout as TracedLoss | null | undefined)?.kind !== 'traced') {
    return invalid(name, readout, 'a function as loss.trace(…) returns it');
  }
  const { graph, parameters } = readout as TracedLoss;
  return Object.freeze({
    kind: 'traced' as const,
    graph: checkedGraph(`${name}.graph`, graph),
    ...(parameters === undefined
      ? {}
      : { parameters: frozenCopy(`${name}.parameters`, parameters) as NonNullable<typeof parameters> }),
  });
}

/** The names of what a function reads, each once. @internal */
export function inputsOfTraced({ graph }: Pick<TracedLoss, 'graph'>): string[] {
  return [...new Set(graph.nodes.filter(({ op }) => op === 'input').map(({ name }) => String(name)))];
}
