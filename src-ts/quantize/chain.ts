/** The populations of a model with what leads to each: the form that is quantized. */
import { LapicqueError } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import type { Description, NodeSpec } from '../description/description.ts';
import type { IntegerProjection } from './description.ts';

/** A node of neurons. */
export type PopulationNode = Extract<NodeSpec, { kind: 'dynamics' }>;
type ProjectionNode = Extract<NodeSpec, { kind: 'dense' | 'conv' }>;

/** A projection into a population. */
export interface ChainConnection {
  readonly node: ProjectionNode;
  /** `'input'` or a population. */
  readonly from: string;
  readonly delay: 0 | 1;
  readonly projection: IntegerProjection;
  /** What each weight is multiplied by: 1 / pixels of an average pool. */
  readonly factor: number;
}

/** A population with its projections. */
export interface ChainLayer {
  readonly node: PopulationNode;
  readonly shape?: readonly [number, number, number];
  readonly connections: readonly ChainConnection[];
}

const refuse = (feature: string): never => {
  throw new LapicqueError('unsupported', { feature, format: 'quantize' });
};

/**
 * The populations of a network of dense and convolutional layers, in the order of a step.
 *
 * @param shapes - of the neurons of each population, as `info.layers` has them
 * @throws LapicqueError `unsupported`, which names the layer
 */
export function chainOf(
  { nodes, edges, input, output }: Description,
  shapes: ReadonlyMap<string, readonly number[]>,
): ChainLayer[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const into = (name: string) => edges.filter(([, to]) => to === name);
  const image = (shape: readonly number[] | undefined) => {
    if (shape === undefined || shape.length < 2) return undefined;
    return shape.length === 3
      ? (shape as [number, number, number])
      : ([shape[0]!, 1, elementCount(shape.slice(1))] as [number, number, number]);
  };
  const populations = nodes.filter((node): node is PopulationNode => node.kind === 'dynamics');
  const position = new Map(populations.map(({ name }, i) => [name, i]));

  const connection = (to: PopulationNode, name: string, delayed: boolean): ChainConnection => {
    const node = byName.get(name);
    if (node?.kind !== 'dense' && node?.kind !== 'conv')
      return refuse(
        `${to.name}: what leads to it is ${node?.kind ?? name}, and not a dense or convolutional layer`,
      );
    if (node.kind === 'dense' && node.delay !== undefined) refuse(`${name}: delays of synapses`);
    let late = delayed;
    let pool: number | undefined;
    let at: string = node.name;
    for (;;) {
      const edgesIn = into(at);
      const [edge] = edgesIn;
      if (edge === undefined || edgesIn.length > 1) return refuse(`${at}: ${edgesIn.length} inputs`);
      late ||= edge[2]?.delayed === true;
      if (edge[2]?.state !== undefined && edge[2].state !== 'spikes')
        refuse(`${at}: the state ${edge[2].state} as input`);
      at = edge[0];
      const source = byName.get(at);
      if (source === undefined || source.kind === 'dynamics') break;
      if (source.kind === 'flatten') continue;
      const [size = 0] = source.kind === 'pool' ? source.kernel : [];
      const plain =
        source.kind === 'pool' &&
        source.pooling !== 'max' &&
        source.kernel.every((extent) => extent === size) &&
        source.stride.every((extent) => extent === size) &&
        source.padding.every((extent) => extent === 0) &&
        pool === undefined;
      if (!plain)
        refuse(
          `${at}: ${source.kind === 'pool' ? 'this pool' : `a ${source.kind} layer`} between populations`,
        );
      pool = size;
      if (source.kind === 'pool' && source.pooling === 'sum') continue;
      averages.add(node.name);
    }
    const from = at === 'input' ? 'input' : at;
    if (from === to.name || (position.get(from) ?? -1) >= position.get(to.name)!) late = true;
    const pooled = pool === undefined ? {} : { pool };
    const shape = image(from === 'input' ? input.shape : shapes.get(from));
    if (pool !== undefined && shape === undefined) refuse(`${name}: a pool of what is no image`);
    const factor = pool !== undefined && averages.has(node.name) ? 1 / (pool * pool) : 1;
    if (node.kind === 'dense')
      return { node, from, delay: late ? 1 : 0, projection: { kind: 'dense', ...pooled }, factor };
    if (node.groups !== 1 || node.dilation.some((extent) => extent !== 1) || node.outputPadding !== undefined)
      refuse(`${name}: groups, dilation and transposed convolutions`);
    const pair = (sizes: readonly number[], missing: number): [number, number] =>
      sizes.length === 1 ? [missing, sizes[0]!] : [sizes[0]!, sizes[1]!];
    const projection = {
      kind: 'conv',
      kernel: pair(node.kernel, 1),
      stride: pair(node.stride, 1),
      padding: pair(node.padding, 0),
      ...pooled,
    } as const;
    return { node, from, delay: late ? 1 : 0, projection, factor };
  };
  const averages = new Set<string>();

  if (populations.at(-1)?.name !== output) refuse(`the output ${output}, which is not the last population`);
  return populations.map((node) => {
    const connections = into(node.name).map(([from, , how]) => {
      if (how?.port !== undefined && how.port !== 'current') refuse(`${node.name}: the port ${how.port}`);
      return connection(node, from, how?.delayed === true);
    });
    const shape = image(shapes.get(node.name));
    // Only a convolution orders its neurons as an image.
    const isImage = shape !== undefined && connections.some(({ projection }) => projection.kind === 'conv');
    return { node, ...(isImage ? { shape } : {}), connections };
  });
}
