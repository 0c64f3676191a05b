/** The populations of a model with what leads to each: the form that is quantized. */
import type { Weights } from '../compiled/compiled-model.ts';
import type { Description, NodeSpec } from '../description/description.ts';
import { normMap } from '../description/norm-map.ts';
import {
  convProjection,
  denseProjection,
  type ImageShape,
  identityProjection,
  imageOf,
  type Projected,
} from './projections.ts';
import { refuse } from './refusal.ts';
import { type PopulationNode, type Route, Routes } from './routes.ts';

/** A projection into a population, in numbers of the model. */
export interface ChainConnection extends Projected {
  /** Of its weights. */
  readonly name: string;
  /** `'input'` or a population. */
  readonly from: string;
  readonly delay: 0 | 1;
}

/** A population with its projections. */
export interface ChainLayer {
  readonly node: PopulationNode;
  readonly shape?: ImageShape;
  readonly connections: readonly ChainConnection[];
}

type Edge = Description['edges'][number];

/** A factor and a constant for each output, by a batch norm behind a projection. */
interface Norm {
  readonly factor: Float64Array;
  readonly constant: Float64Array;
}

/**
 * The populations of a network of dense and convolutional layers, in the order of a step.
 *
 * @param shapes - of the neurons of each population, as `info.layers` has them
 * @param weights - by the names of the model
 * @throws LapicqueError `unsupported`, which names the layer
 */
export function chainOf(
  description: Description,
  shapes: ReadonlyMap<string, readonly number[]>,
  weights: Readonly<Record<string, Weights>>,
): ChainLayer[] {
  const { input, output, readout } = description;
  if (readout !== undefined) refuse('readout: a function of the outputs of all steps');
  const routes = new Routes(description, weights);
  const { populations } = routes;
  const position = new Map(populations.map(({ name }, i) => [name, i]));
  const sizes = new Map<string, number>([
    ['input', input.size],
    ...populations.map(({ name, neurons }) => [name, neurons] as const),
  ]);
  const names = new Set<string>();
  const unique = (preferred: string) => {
    let name = preferred;
    for (let i = 2; names.has(name); i++) name = `${preferred}.${i}`;
    names.add(name);
    return name;
  };

  const connection = (
    to: PopulationNode,
    node: NodeSpec | undefined,
    route: Route,
    isFirst: boolean,
    norm: Norm | undefined,
  ): ChainConnection => {
    const { from } = route;
    const own = `${to.name}.from.${from}`;
    const preferred = node === undefined ? own : isFirst ? node.name : `${node.name}.from.${from}`;
    const image = imageOf(from === 'input' ? input.shape : shapes.get(from));
    if (route.pool !== undefined && image === undefined)
      refuse(`${preferred}: a pool of a layer that is not an image`);
    const start = { route, neurons: sizes.get(from)!, image };
    const projected =
      node?.kind === 'dense'
        ? denseProjection(node, start, weights)
        : node?.kind === 'conv'
          ? convProjection(node, start, weights)
          : identityProjection(preferred, start, node === undefined ? [1] : weights[`${node.name}.weight`]!);
    const { projection, rows, values, bias } = normed(projected, norm, preferred);
    const perNeuron =
      projection.kind === 'dense' && route.pool === undefined ? values.length / rows : undefined;
    const factors = route.channelFactors?.length;
    if (factors !== undefined && factors !== image?.[0] && factors !== perNeuron)
      refuse(`${preferred}: factors that differ within a channel in front of it`);
    const isLate = route.late || from === to.name || (position.get(from) ?? -1) >= position.get(to.name)!;
    return {
      name: unique(preferred),
      from,
      delay: isLate ? 1 : 0,
      projection,
      rows,
      values: scaled(values, route, rows),
      // The bias of a layer that several populations lead to counts once.
      ...(bias === undefined || !isFirst ? {} : { bias }),
    };
  };

  const arriving = (to: PopulationNode, edge: Edge, late: boolean, norm?: Norm): ChainConnection[] => {
    const [from, , how] = edge;
    const isLate = late || how?.delayed === true;
    const node = routes.node(from);
    const behind = (name: string) => routes.into(name);
    switch (node?.kind) {
      case 'add':
      case 'dropout':
        if (norm !== undefined && behind(from).length > 1) refuse(`${from}: a batch norm after a sum`);
        return behind(from).flatMap((edge) => arriving(to, edge, isLate, norm));
      case 'batch-norm': {
        if (norm !== undefined) refuse(`${from}: a batch norm in front of another`);
        if (node.steps !== undefined || node.statistics === 'batch')
          refuse(`${from}: a batch norm with statistics of the batch or of each step`);
        const channels = weights[`${from}.runningMean`]!.length;
        const read = (part: string, otherwise: number) =>
          weights[`${from}.${part}`] ?? new Float64Array(channels).fill(otherwise);
        const own = normMap(node, read);
        return behind(from).flatMap((edge) => arriving(to, edge, isLate, own));
      }
      case 'dense':
      case 'conv':
      case 'one-to-one': {
        if (node.kind === 'one-to-one' && (node.parts ?? 1) !== 1)
          refuse(`${from}: it leads to several ports`);
        const ways = behind(from).flatMap((edge) => routes.along(edge, { late: isLate, factor: 1 }));
        return ways.map((route, i) => connection(to, node, route, i === 0, norm));
      }
      default:
        return routes
          .along(edge, { late, factor: 1 })
          .map((route, i) => connection(to, undefined, route, i === 0, norm));
    }
  };

  if (populations.at(-1)?.name !== output) refuse(`the output ${output}, which is not the last population`);
  return populations.map((node) => {
    const connections = routes.into(node.name).flatMap((edge) => {
      const [, , how] = edge;
      if (how?.port !== undefined && how.port !== 'current') refuse(`${node.name}: the port ${how.port}`);
      return arriving(node, edge, false);
    });
    const shape = imageOf(shapes.get(node.name));
    // Only a convolution orders its neurons as an image.
    const isImage = shape !== undefined && connections.some(({ projection }) => projection.kind === 'conv');
    return { node, ...(isImage ? { shape } : {}), connections };
  });
}

/** Weights with the factors of what leads to them. */
function scaled(
  values: Float64Array,
  { factor, channelFactors = Float64Array.of(1) }: Route,
  rows: number,
): Float64Array {
  const width = values.length / rows;
  const inputs = width / channelFactors.length;
  return values.map((value, i) => value * factor * channelFactors[Math.floor((i % width) / inputs)]!);
}

/** A projection with the batch norm behind it. */
function normed(projected: Projected, norm: Norm | undefined, name: string): Projected {
  if (norm === undefined) return projected;
  const { factor, constant } = norm;
  const { rows } = projected;
  if (factor.length !== rows) refuse(`${name}: a batch norm of ${factor.length} channels behind ${rows}`);
  const width = projected.values.length / rows;
  return {
    projection: projected.projection,
    rows,
    values: projected.values.map((value, i) => value * factor[Math.floor(i / width)]!),
    bias: constant.map((value, c) => value + factor[c]! * (projected.bias?.[c] ?? 0)),
  };
}
