/** Networks: the populations and connections of large ones, the layers of models; of files, of programs, of simulations that run. */
import { basename, extname } from 'node:path';
import { invalid, unknownName } from '../../checks/check.ts';
import { Circuit, loadCircuit } from '../../circuit/circuit.ts';
import { Simulation } from '../../circuit/simulation.ts';
import { Model } from '../../model/model.ts';
import { readNir } from '../../nir/functions.ts';
import { histogramOf } from '../../numbers/histogram.ts';
import { CircuitGraph } from './circuit-graph.ts';
import { headOf } from './file-head.ts';
import type { NamedTarget, OpenedView, ViewKind } from './kind.ts';
import { ModelGraph } from './model-graph.ts';
import type { GraphFacts, ViewedGraph } from './network-facts.ts';
import { SimulationGraph } from './simulation-graph.ts';

/** Bins of a distribution. */
const bins = 48;

async function graphOf(name: string, target: NamedTarget['target']): Promise<ViewedGraph> {
  const { path, object } = target;
  if (object instanceof Simulation) return new SimulationGraph(object);
  if (object instanceof Circuit) return new CircuitGraph(object.description);
  if (object instanceof Model) return new ModelGraph(object);
  if (path === undefined) return invalid(name, object, 'a network, a simulation or a model');
  if (extname(path).toLowerCase() === '.nir') return new ModelGraph((await readNir(path)).model);
  const head = await headOf(path);
  if (head?.metadata.network !== undefined) return new CircuitGraph((await loadCircuit(path)).description);
  return new ModelGraph(await Model.load(path));
}

function opened(name: string, graph: ViewedGraph): OpenedView {
  return {
    routes: {
      describe: (): GraphFacts => ({ name, ...graph.facts() }),
      async distribution(query) {
        const quantity = query.text('of');
        const edge = query.whole('edge', -1, { min: -1, max: graph.facts().edges.length - 1 });
        const values = await (edge >= 0
          ? graph.edgeValues(edge, quantity)
          : graph.nodeValues(query.text('node'), quantity));
        if (values === undefined)
          throw unknownName(
            'quantity',
            quantity,
            (edge >= 0
              ? graph.facts().edges[edge]!.quantities
              : (graph.facts().nodes.find((node) => node.name === query.text('node'))?.quantities ?? [])
            ).map(({ id }) => id),
          );
        const { count, sum, sumOfSquares, min, max, edges, counts } = histogramOf(values.values, bins);
        const mean = sum / count;
        return {
          edges: Array.from(edges),
          counts: Array.from(counts),
          ...{ count, min, max, mean, notFinite: values.values.length - count },
          sd: Math.sqrt(Math.max(0, sumOfSquares / count - mean * mean)),
          note: values.note ?? '',
        };
      },
    },
    ...(graph.onChange === undefined
      ? {}
      : { follows: { changes: (_query, _after, send) => graph.onChange!((number) => send(number, null)) } }),
    close: () => graph.close?.(),
  };
}

export const network: ViewKind = {
  kind: 'network',
  beside: true,
  async opens({ path, object }) {
    if (object !== undefined)
      return object instanceof Simulation || object instanceof Circuit || object instanceof Model;
    if (extname(path).toLowerCase() === '.nir') return true;
    const head = await headOf(path);
    return head?.metadata.network !== undefined || head?.metadata.description !== undefined;
  },
  async open([{ name, target }]: readonly [NamedTarget]) {
    return opened(target.path === undefined ? name : basename(target.path), await graphOf(name, target));
  },
};
