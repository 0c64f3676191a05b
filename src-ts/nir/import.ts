/** Converts a NIR file to a model. */
import { options as checkOptions, invalid, oneOf, timeStep } from '../checks/check.ts';
import type { Weights } from '../compiled/compiled-model.ts';
import type { Description, Precision } from '../description/description.ts';
import { checkTask } from '../engine/native.ts';
import { type FileSource, type LoadOptions, loadOptions } from '../files/file-source.ts';
import { compileWith } from '../model/compile.ts';
import type { Model } from '../model/model.ts';
import { assumedConventions } from './assumptions.ts';
import { conventionsOver, type NirConventions } from './conventions.ts';
import { flatten } from './flat.ts';
import { detectFramework, frameworks, type NirFramework } from './frameworks.ts';
import type { NirGraph } from './graph.ts';
import { type LoweredGraph, lower } from './lower.ts';
import { type OwnMetadata, ownMetadata } from './own-metadata.ts';
import { implausible } from './plausible.ts';
import { readNirGraph } from './read-graph.ts';
import type { NirReport } from './report.ts';
import { shapesOf } from './shapes.ts';

/** Options for converting a NIR graph to a model. */
export interface NirOptions {
  /** Length of a step, ms. Default: 0.1 for snnTorch and SpikingJelly, 1 for the others. */
  dt?: number;
  /**
   * The framework that wrote the file: its conventions are used. `'nir'` solves the equations as written by forward Euler. Default `'auto'`: the
   * detected framework, or `'nir'`.
   */
  framework?: NirFramework | 'auto';
  /** Conventions that replace those of the framework. */
  conventions?: Partial<NirConventions>;
  /** Default `'f32'`, or `'f64'` if a time constant is shorter than a step, because such states can grow without bound. */
  precision?: Precision;
  /** The seed of random numbers in training; default 0. */
  seed?: number;
}

/** Options of {@link readNir}. */
export interface ReadNirOptions extends LoadOptions, NirOptions {}

/** The result of {@link readNir}. */
export interface NirImport {
  /** An ordinary model, which can run, stream, train and be saved. */
  readonly model: Model;
  /** Findings and assumptions of the reader. */
  readonly report: NirReport;
  /** The content of the file as plain data. */
  readonly graph: NirGraph;
}

const nirOptions = ['dt', 'framework', 'conventions', 'precision', 'seed'] as const;

/** See `readNir` in functions.ts. */
export async function readNir(source: FileSource, options: ReadNirOptions = {}): Promise<NirImport> {
  const { limits, signal, onProgress, ...rest } = checkOptions('readNir', options, [
    ...loadOptions,
    ...nirOptions,
  ]);
  checkTask({ signal, onProgress });
  const graph = await readNirGraph(source, { limits, signal });
  const { model, report } = await modelOfNir(graph, rest, signal);
  return { model, report, graph };
}

/** Converts a graph that is already read to a model. */
export async function modelOfNir(
  graph: NirGraph,
  options: NirOptions = {},
  signal?: AbortSignal,
): Promise<{ model: Model; report: NirReport }> {
  const { description, weights, report } = networkOfNir(graph, options);
  const model = await compileWith('unset', description, { signal });
  try {
    await model.setWeights(weights);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { model, report };
}

/** A network with separate weights, and the report. */
interface NirNetwork {
  readonly description: Description;
  readonly weights: Readonly<Record<string, { readonly data: Weights; readonly shape: readonly number[] }>>;
  readonly report: NirReport;
}

/** @internal */
function networkOfNir(graph: NirGraph, options: NirOptions = {}): NirNetwork {
  const { framework: requested = 'auto', seed = 0 } = checkOptions('nir', options, nirOptions);
  oneOf('framework', requested, ['auto', 'lapicque', ...Object.keys(frameworks)]);
  const flat = flatten(graph);
  const assumptions: string[] = [];
  const warnings: string[] = [];
  // Chosen conventions apply to the equations of the graph, so the network in the metadata is not used.
  const usesMetadata =
    options.conventions === undefined && (requested === 'auto' || requested === 'lapicque');
  const own = usesMetadata ? ownMetadata(graph) : undefined;
  if (requested === 'lapicque' && own === undefined)
    invalid(
      'framework',
      requested,
      'another framework (the file has no lapicque metadata, or conventions are given)',
    );
  if (own?.changed !== undefined) warnings.push(own.changed);
  const detection =
    own === undefined
      ? detectFramework(flat)
      : { framework: 'lapicque' as const, evidence: 'the file has lapicque metadata' };
  const detected = requested === 'auto' && detection.framework !== undefined;
  const framework = requested === 'auto' ? (detection.framework ?? 'nir') : requested;
  const profile = frameworks[framework === 'lapicque' ? 'nir' : framework];
  const dt = timeStep('dt', options.dt ?? own?.dt ?? profile.dt);
  const conventions = conventionsOver(profile.conventions(dt / 1000), options.conventions);
  if (options.dt === undefined && own === undefined)
    assumptions.push(`dt is ${dt} ms: a NIR file does not record it`);
  if (requested === 'auto' && !detected)
    assumptions.push(`forward Euler solves the equations as written: ${detection.evidence}`);
  if (framework !== 'lapicque')
    assumptions.push(...assumedConventions(flat, conventions, profile.title, options.conventions));
  const shapes = shapesOf(flat);
  assumptions.push(...shapes.assumptions);
  for (const [name, { unknown }] of flat.nodes)
    if (unknown !== undefined)
      warnings.push(`${name}: ignored fields that are not part of NIR: ${unknown.join(', ')}`);
  const lowered = lower(flat, shapes, conventions, dt);
  if (own?.changed !== undefined || own === undefined) {
    warnings.push(...lowered.warnings, ...implausible(flat, conventions.tauScale, dt));
  }
  if (lowered.delayed.length > 0) {
    const edges = lowered.delayed.map(([from, to]) => `${from} → ${to}`).join(', ');
    assumptions.push(`in a cycle these edges carry the value of the previous step: ${edges}`);
  }
  const exact = own?.description;
  const precision = options.precision ?? (lowered.unstable ? 'f64' : 'f32');
  const description =
    exact === undefined
      ? describe(lowered, dt, precision, seed)
      : { ...exact, dt, precision: options.precision ?? exact.precision, seed: options.seed ?? exact.seed };
  const report: NirReport = {
    ...(graph.version === undefined ? {} : { version: graph.version }),
    framework,
    detected,
    evidence: requested === 'auto' ? detection.evidence : 'the options',
    dt,
    conventions,
    nodes: [...flat.nodes].map(([name, { type }]) => {
      const layer = lowered.layers.get(name);
      return { name, type, shape: shapes.output.get(name) ?? [], ...(layer === undefined ? {} : { layer }) };
    }),
    outputs: lowered.outputs,
    delayed: lowered.delayed,
    assumptions,
    quirks: framework === 'lapicque' ? [] : profile.quirks(flat),
    warnings,
  };
  return {
    description,
    weights: Object.fromEntries(weightsFor(lowered, exact === undefined ? undefined : own)),
    report,
  };
}

function describe(lowered: LoweredGraph, dt: number, precision: Precision, seed: number): Description {
  return Object.freeze({
    schema: 1,
    dt,
    precision: oneOf('precision', precision, ['f32', 'f64']),
    seed,
    input: Object.freeze(lowered.input),
    nodes: Object.freeze([...lowered.nodes]),
    edges: Object.freeze([...lowered.edges]),
    output: lowered.outputs[0]!.layer,
  });
}

type NamedWeights = [name: string, value: { data: Weights; shape: readonly number[] }];

/** Weights by their names in the compiled network: with metadata, those of the original layers. */
function weightsFor(lowered: LoweredGraph, own: OwnMetadata | undefined): NamedWeights[] {
  const all = [...lowered.weights] as NamedWeights[];
  if (own === undefined) return all;
  const nodeOf = new Map([...lowered.layers].map(([node, layer]) => [layer, node]));
  return all.flatMap(([name, value]) => {
    const dot = name.lastIndexOf('.');
    const layer = own.layers.get(nodeOf.get(name.slice(0, dot)) ?? '');
    if (layer === undefined) return [];
    if (name.endsWith('.bias') && isUnbiased(own, layer)) {
      if (value.data.some((x) => x !== 0))
        invalid(
          `${layer}.bias`,
          'numbers of another program',
          "zeros, because the network has no bias there (framework: 'nir' reads the equations of the file)",
        );
      return [];
    }
    return [[`${layer}${name.slice(dot)}`, value]];
  });
}

/** Whether a layer has no bias: an importer without Linear got an Affine with zeros. */
function isUnbiased({ description }: OwnMetadata, layer: string): boolean {
  const node = description?.nodes.find(({ name }) => name === layer);
  return node !== undefined && 'bias' in node && node.bias === false;
}
