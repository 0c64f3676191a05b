/** ONNX files of feed-forward networks as graphs of layers. */
import { options as checkOptions, invalid, oneOf, unknownName } from '../checks/check.ts';
import type { Description } from '../description/description.ts';
import { describeGraph } from '../description/graph-description.ts';
import type { NetworkOptions } from '../description/network-options.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { Yielder } from '../engine/yielder.ts';
import type { FileSource } from '../files/file-source.ts';
import { Allowance, type LimitOptions, limitOf } from '../files/limits.ts';
import { sourceBytes } from '../files/source-bytes.ts';
import type { GraphSpec } from '../layers/branches.ts';
import { compileWith } from '../model/compile.ts';
import { graph } from '../model/graph.ts';
import type { Model } from '../model/model.ts';
import type { Network } from '../model/network.ts';
import { rateUnit } from '../neurons/models.generated.ts';
import { type BuilderOptions, GraphBuilder, type TranslatedNode } from './builder.ts';
import { malformed, nodeLabel, unsupportedFeature } from './errors.ts';
import { type ExternalData, ExternalFiles } from './external.ts';
import { type GraphProto, Messages, type ModelProto, type NodeProto, type ValueInfo } from './messages.ts';
import { type Context, operators } from './operators.ts';
import { Part } from './protobuf.ts';
import { type ConstantTensor, constantOf } from './tensor.ts';
import type { SignalValue, Value } from './values.ts';

/** Versions of the operators that are read: the oldest, and the newest that is known. */
const opsets = [13, 28] as const;

/** Options of {@link readOnnx}. */
export interface OnnxOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
  /** Which of several outputs the network has. */
  output?: string;
  /** Shape of the input without the batch, `[channels, height, width]`, if the file does not determine it. */
  inputs?: readonly number[];
  /**
   * The gradient of Floor: `'straight-through'` (default) is 1, as quantized networks are trained; `'exact'` is 0, and nothing in front of
   * it is trained.
   */
  floor?: 'straight-through' | 'exact';
  /** Initializers that are trained although they are operands of arithmetic and do not have the name of a torch parameter (`act.theta` has one). */
  trained?: readonly string[];
  /** Initializers that are not trained; of a layer its weights. */
  fixed?: readonly string[];
  /** Bytes of the files with external data by their names, where the network itself comes as bytes. */
  externalData?: ExternalData;
}

/** How an ONNX file was translated. */
export interface OnnxReport {
  readonly irVersion: number;
  readonly opset: number;
  readonly producer: string;
  readonly input: string;
  readonly output: string;
  /** The nodes in their order, with the layers that they are now. */
  readonly nodes: readonly TranslatedNode[];
  /** Assumptions, and differences from the file. */
  readonly notes: readonly string[];
}

/** A network from an ONNX file. */
export interface OnnxNetwork extends Network {
  /** The graph as {@link graph} takes it. */
  readonly spec: GraphSpec;
  /** The numbers of the file by the names that the model's parameters have. */
  readonly weights: ReadonlyMap<
    string,
    { readonly data: Float32Array | Float64Array; readonly shape: readonly number[] }
  >;
  readonly report: OnnxReport;
}

/** See `readOnnx` in read-onnx.ts. */
export async function readOnnx(source: FileSource, options: OnnxOptions = {}): Promise<OnnxNetwork> {
  const known = [
    'output',
    'inputs',
    'floor',
    'trained',
    'fixed',
    'externalData',
    'limits',
    'signal',
  ] as const;
  const {
    output,
    inputs,
    floor = 'straight-through',
    trained = [],
    fixed = [],
    externalData = {},
    ...reading
  } = checkOptions('readOnnx', options, known);
  oneOf('floor', floor, ['straight-through', 'exact']);
  for (const [name, list] of Object.entries({ trained, fixed }))
    if (!Array.isArray(list)) invalid(name, list, 'a list of names of initializers');
  if (typeof externalData !== 'object' || externalData === null)
    invalid('externalData', externalData, 'an object from names of files to bytes');
  const { signal } = checkTask({ signal: reading.signal });
  const file = await sourceBytes('source', source, reading);
  const allowance = new Allowance(limitOf(reading.limits), file.bytes.length);
  const yielder = new Yielder(signal);
  const bytes = Buffer.from(file.bytes.buffer);
  const model = await yielder.run(new Messages(allowance).model(new Part(bytes)));
  const proto = checked(model, file.name);
  const names = proto.initializers.map(({ name }) => name);
  for (const requested of [...trained, ...fixed])
    if (!names.includes(requested)) throw unknownName('initializer', requested, names);
  const files = new ExternalFiles(file.path, externalData, allowance, signal);
  const outputName = outputOf(proto, output);
  const needed = neededNodes(proto, outputName);
  const uses = usesOf(needed, outputName);
  const initializers = new Map<string, ConstantTensor>();
  for (const tensor of proto.initializers)
    if (uses.has(tensor.name)) {
      if (yielder.isDue) await yielder.yieldNow();
      initializers.set(tensor.name, await constantOf(tensor, tensor.name, files, allowance, yielder));
    }
  const constants = new Map<NodeProto, ConstantTensor>();
  for (const node of needed) {
    const tensor = node.operator === 'Constant' ? node.attributes.get('value')?.tensor : undefined;
    if (tensor !== undefined)
      constants.set(node, await constantOf(tensor, nodeLabel(node), files, allowance, yielder));
  }
  const builderOptions = { floor, trained, fixed };
  return translated(model, proto, needed, {
    initializers,
    constants,
    uses,
    inputs,
    output: outputName,
    builderOptions,
  });
}

/** The graph of a file of a version that is read. */
function checked({ graph: proto, opsets: versions, irVersion }: ModelProto, name: string): GraphProto {
  if (proto === undefined || irVersion < 1) throw malformed(0, `${name}: it holds no graph`);
  const opset = versions.get('') ?? 0;
  if (opset < opsets[0])
    throw unsupportedFeature(`opset ${opset} (${name}); export the network with opset ${opsets[0]} or later`);
  if (proto.sparse > 0) throw unsupportedFeature(`sparse initializers (${name})`);
  return proto;
}

/** The requested output, or the only one. */
function outputOf({ outputs }: GraphProto, requested: string | undefined): string {
  const names = outputs.map(({ name }) => name);
  if (requested === undefined) {
    if (names.length !== 1)
      invalid('output', requested, `one of the outputs of the file: ${names.join(', ')}`);
    return names[0]!;
  }
  return oneOf('output', requested, names);
}

/** The nodes that an output follows from, in their order. */
function neededNodes({ nodes }: GraphProto, output: string): NodeProto[] {
  const required = new Set([output]);
  const needed: NodeProto[] = [];
  // A node stands behind all that it reads.
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (!node.outputs.some((name) => name !== '' && required.has(name))) continue;
    needed.push(node);
    for (const name of node.inputs) required.add(name);
  }
  return needed.reverse();
}

/** The number of readers of each value; the network's output counts as read. */
function usesOf(nodes: readonly NodeProto[], output: string): Map<string, number> {
  const uses = new Map([[output, 1]]);
  for (const name of nodes.flatMap((node) => node.inputs)) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

interface Parts {
  readonly initializers: ReadonlyMap<string, ConstantTensor>;
  readonly constants: ReadonlyMap<NodeProto, ConstantTensor>;
  readonly uses: ReadonlyMap<string, number>;
  readonly inputs: readonly number[] | undefined;
  readonly output: string;
  readonly builderOptions: BuilderOptions;
}

function translated(
  model: ModelProto,
  proto: GraphProto,
  needed: readonly NodeProto[],
  parts: Parts,
): OnnxNetwork {
  const { initializers, constants, uses, output, builderOptions } = parts;
  const fed = proto.inputs.filter(({ name }) => !proto.initializers.some((tensor) => tensor.name === name));
  const own = fed.filter(({ name }) => uses.has(name));
  if (own.length !== 1)
    throw unsupportedFeature(
      `${own.length} inputs (${own.map(({ name }) => name).join(', ')}); a network has one`,
    );
  const [input] = own as [ValueInfo];
  const { shape, batch } = inputShape(input, parts.inputs);

  const builder = new GraphBuilder(builderOptions, uses);
  const context: Context = { builder, batch, constants };
  const values = new Map<string, Value>();
  const define = (name: string, value: Value) => {
    values.set(name, value);
    builder.named(name, value);
  };
  for (const [name, tensor] of initializers) define(name, { kind: 'constant', tensor, isInitializer: true });
  define(input.name, { kind: 'signal', layer: 'input', shape });
  for (const node of needed) {
    const operator =
      node.domain === '' && Object.hasOwn(operators, node.operator) ? operators[node.operator] : undefined;
    if (operator === undefined) {
      const domain = node.domain === '' ? '' : ` of ${node.domain}`;
      throw unsupportedFeature(`the operator ${nodeLabel(node)}${domain}`);
    }
    const entering = node.inputs.map((name) => {
      if (name === '') return undefined;
      const value = values.get(name);
      if (value === undefined)
        throw malformed(0, `${nodeLabel(node)} reads ${name}, which nothing before it gives`);
      return value;
    });
    const before = builder.translated.length;
    const value = operator(node, entering, context);
    const [leaving] = node.outputs;
    if (leaving !== undefined) {
      const isCarried = value.kind === 'signal' && entering.includes(value);
      if (isCarried) builder.layerOf(value);
      // The same value under two names is read so many times under each.
      define(leaving, isCarried ? { ...value } : value);
    }
    const isPending = value.kind === 'signal' && value.layer === undefined;
    if (builder.translated.length === before && !isPending)
      builder.translated.push({ node: node.name, operator: node.operator });
  }
  const last = values.get(output);
  if (last?.kind !== 'signal')
    throw malformed(0, `the output ${output} is not a value that the network computes`);
  return network(model, builder, input, { name: output, last, shape });
}

/** The shape of an input without its batch, and the batch, where the file fixes it. */
function inputShape({ name, shape = [] }: ValueInfo, declared: readonly number[] | undefined) {
  const [first, ...sizes] = shape;
  const batch = typeof first === 'number' ? first : undefined;
  const dimensions = declared ?? sizes;
  const isShape =
    dimensions.length >= 1 &&
    dimensions.length <= 3 &&
    dimensions.every((size) => Number.isSafeInteger(size) && Number(size) > 0);
  if (!isShape)
    invalid(
      'inputs',
      declared,
      `the shape of ${name} without the batch, one to three sizes; the file says [${shape.join(', ')}]`,
    );
  const fits =
    declared === undefined ||
    sizes.length === 0 ||
    (sizes.length === dimensions.length &&
      sizes.every((size, axis) => typeof size === 'string' || size === dimensions[axis]));
  if (!fits) invalid('inputs', declared, `a shape that fits [${shape.join(', ')}], which the file says`);
  return { shape: dimensions as number[], batch };
}

interface Ends {
  readonly name: string;
  readonly last: SignalValue;
  readonly shape: readonly number[];
}

/** The graph, which ends with a population. */
function network(
  model: ModelProto,
  builder: GraphBuilder,
  input: ValueInfo,
  { name, last, shape }: Ends,
): OnnxNetwork {
  let output = builder.layerOf(last);
  if (builder.nodes.get(output)?.layer !== 'population') {
    // The output of a model is that of a population; this one passes its input on.
    const own = builder.nodes.has('output') ? 'output_' : 'output';
    builder.nodes.set(own, rateUnit());
    builder.edges.push([output, own]);
    output = own;
  }
  const spec: GraphSpec = Object.freeze({
    inputs: Object.freeze([...shape]),
    nodes: Object.freeze(Object.fromEntries(builder.nodes)),
    edges: Object.freeze(builder.edges),
    output,
  });
  const opset = model.opsets.get('')!;
  const notes = [...builder.notes];
  if (opset > opsets[1]) notes.push(`opset ${opset} is newer than those known here, up to ${opsets[1]}`);
  const { irVersion, producer } = model;
  const report: OnnxReport = {
    irVersion,
    opset,
    producer,
    input: input.name,
    output: name,
    nodes: builder.translated,
    notes,
  };
  const plain = graph(spec);
  return Object.freeze({
    spec,
    weights: builder.weights,
    report,
    get description(): Description {
      return plain.description;
    },
    compile: (options: NetworkOptions & TaskOptions = {}) => compiled(spec, builder.weights, options),
  });
}

/** The model with the weights of the file: drawing others first would be for nothing. */
async function compiled(
  spec: GraphSpec,
  weights: OnnxNetwork['weights'],
  { signal, onProgress, ...options }: NetworkOptions & TaskOptions,
): Promise<Model> {
  const model = await compileWith('unset', describeGraph(spec, options), { signal, onProgress });
  await model.setWeights(weights);
  return model;
}
