/** What the synapses of a population of edges are: model and parameters, weight and delay, by what edges and their types say. */
import { resolve } from 'node:path';
import type { Yielder } from '../engine/yielder.ts';
import type { Config } from './config.ts';
import type { Elements } from './elements.ts';
import type { SonataFiles } from './files.ts';
import { malformed, unsupported } from './json.ts';
import { type SonataSynapse, synapseParams } from './synapses.ts';

/** For NEST's models these are numbers only. */
type Params = Readonly<Record<string, number | string>>;

type Synapses = Readonly<Record<string, SonataSynapse>>;

/** Synapses that are one connection of ours: of one model, with the same parameters, and weights of one sign if they change. */
export interface SynapseKind {
  readonly template: string;
  readonly params: Params;
  /** An edge of this kind and its type, for messages. */
  readonly edge: number;
  readonly typeId: number;
}

export interface EdgeSynapses {
  readonly kinds: readonly SynapseKind[];
  /** Of each edge: its kind, weight, and delay in ms, a whole number of steps. */
  readonly kindOf: Uint32Array;
  readonly weights: Float64Array;
  readonly delays: Float64Array;
}

/** What NEST gives a synapse that says neither. */
const [defaultWeight, defaultDelay] = [1, 1];

/** Most combinations of single edges' parameters in a population of edges: each becomes a connection with its own tables in the engine. */
const maxKinds = 256;

const own = 'dynamics_params/';

/** A parameter of single edges by name, NaN where an edge has none. */
type Columns = ReadonlyMap<string, Float64Array>;

/**
 * @param models - the caller's, by their `model_template`
 * @param warnings - receives attributes that have the name of a parameter but are none
 * @throws LapicqueError `malformed-file`, `unsupported`, with the edge and its type
 */
export async function synapsesOf(
  edges: Elements,
  config: Config,
  dt: number,
  path: string,
  reader: SonataFiles,
  yielder: Yielder,
  models: Synapses,
  warnings: string[],
): Promise<EdgeSynapses> {
  const other = edges.stored.find((name) => name === 'dynamics_params' || name === 'weight_function');
  if (other !== undefined) throw unsupported(path, `${other} of each edge`);
  for (const [id, attributes] of edges.types)
    if (attributes.weight_function !== undefined)
      throw unsupported(path, `the weight_function ${attributes.weight_function} of edge_type_id ${id}`);

  const files = await parameterFiles(edges, config, reader);
  const columns = new Map<string, Float64Array>();
  for (const name of edges.stored.filter((name) => name.startsWith(own)))
    columns.set(name.slice(own.length), (await yielder.run(edges.numbers(name)))!);
  for (const [name, values] of columns)
    await yielder.each(values.length, (i) => {
      if (Math.abs(values[i]!) === Number.POSITIVE_INFINITY)
        throw edges.error(`edge ${i} has the ${own}${name} ${values[i]}; expected a finite number`);
    });
  const { weights, delays } = await weightsAndDelays(edges, columns, files, dt, yielder);

  const templates = await yielder.run(edges.values('model_template'));
  const parameters = [...columns].filter(([name]) => name !== 'weight' && name !== 'delay');
  const kinds: SynapseKind[] = [];
  // By the statements of an edge, and by the parameters that result.
  const [byStatement, byParameters] = [new Map<string, number>(), new Map<string, number>()];
  let ofEdges = 0;
  const kindOf = await yielder.filled(new Uint32Array(edges.size), (i) => {
    const typeId = edges.typeId(i);
    const template = templateOf(templates?.[i], edges.types.get(typeId)?.model_template);
    const overrides = parameters.flatMap(([name, values]): [string, number][] =>
      Number.isNaN(values[i]) ? [] : [[name, values[i]!]],
    );
    const values = overrides.map(([name, value]) => `${name}=${value}`);
    const sign = template === 'static_synapse' ? 0 : Math.sign(weights[i]!);
    const key = JSON.stringify([template, files.nameOf(i), sign, ...values]);
    const found = byStatement.get(key);
    if (found !== undefined) return found;
    const edge = { template, given: overrides, i, typeId };
    const changes = checkedNames(path, edge, files, models);
    const { weight: _, delay: __, ...fileParameters } = files.of(i);
    const params = changes ? { ...fileParameters, ...Object.fromEntries(overrides) } : {};
    // Files that differ in weight or delay alone, and synapses that do not change, are of one kind.
    const whole = JSON.stringify([template, sign, params]);
    const kind = byParameters.get(whole);
    if (kind !== undefined) {
      byStatement.set(key, kind);
      return kind;
    }
    if (overrides.length > 0 && ++ofEdges > maxKinds)
      throw unsupported(
        path,
        `more than ${maxKinds} combinations of parameters (edge ${i} of edge_type_id ${typeId}: ${values.join(', ')}); ` +
          `the parameters of a ${template} belong to a connection`,
      );
    byStatement.set(key, kinds.length);
    byParameters.set(whole, kinds.length);
    return kinds.push({ template, params, edge: i, typeId }) - 1;
  });
  warnings.push(...misplaced(edges, path, kinds, models));
  return { kinds, kindOf, weights, delays };
}

function templateOf(template: string | number | undefined, ofType: string | undefined): string {
  const chosen = template === undefined || template === 'NULL' || template === '' ? ofType : template;
  return chosen === undefined ? 'static_synapse' : String(chosen).replace(/^nest:/, '');
}

/** Whether a synapse changes. @throws LapicqueError `unsupported` for a model that there is not, and parameters that it has not */
function checkedNames(
  path: string,
  {
    template,
    given,
    i,
    typeId,
  }: { template: string; given: readonly [string, number][]; i: number; typeId: number },
  files: ParameterFiles,
  models: Synapses,
): boolean {
  const allowed = synapseParams(template, models);
  if (template !== 'static_synapse' && allowed === undefined)
    throw unsupported(path, `the synapse ${template} of edge_type_id ${typeId}`);
  if (allowed === 'any') return true;
  for (const [name] of given)
    if (allowed?.has(name) !== true)
      throw unsupported(
        path,
        `${own}${name} of each edge: edge ${i} of edge_type_id ${typeId} is a ${template}, which has ` +
          `${allowed === undefined ? 'only weight and delay' : `weight, delay, ${[...allowed].join(', ')}`}`,
      );
  for (const [name, value] of Object.entries(files.of(i))) {
    if (name !== 'weight' && name !== 'delay' && allowed?.has(name) !== true)
      throw unsupported(
        path,
        `the parameter ${name} of ${files.nameOf(i)} (${template} of edge_type_id ${typeId})`,
      );
    if (typeof value !== 'number')
      throw malformed(files.nameOf(i), `${name} should be a number, not ${value}`);
  }
  return allowed !== undefined;
}

interface ParameterFiles {
  /** The file that the type of an edge names. */
  nameOf(edge: number): string;
  of(edge: number): Params;
}

/** The files of parameters that types name. */
async function parameterFiles(edges: Elements, config: Config, reader: SonataFiles): Promise<ParameterFiles> {
  const { synaptic_models_dir: folder = '.' } = config.components;
  const files = new Map<string, Params>();
  for (const { dynamics_params: file } of edges.types.values()) {
    if (file === undefined || files.has(file)) continue;
    const params = await reader.json(resolve(folder, file));
    for (const [key, value] of Object.entries(params)) {
      // Options of our models are texts.
      const isText = typeof value === 'string' && key !== 'weight' && key !== 'delay';
      if (!isText && !Number.isFinite(value))
        throw malformed(resolve(folder, file), `${key} should be a number, not ${value}`);
    }
    files.set(file, params as Params);
  }
  const nameOf = (edge: number) => edges.types.get(edges.typeId(edge))?.dynamics_params ?? '';
  return { nameOf, of: (edge) => files.get(nameOf(edge)) ?? {} };
}

async function weightsAndDelays(
  edges: Elements,
  columns: Columns,
  files: ParameterFiles,
  dt: number,
  yielder: Yielder,
): Promise<{ weights: Float64Array; delays: Float64Array }> {
  const numbers = (name: string) => yielder.run(edges.numbers(name));
  const [weight, count, delay] = [
    await numbers('syn_weight'),
    await numbers('nsyns'),
    await numbers('delay'),
  ];
  const valueAt = (values: Float64Array | undefined, i: number) => {
    const value = values?.[i];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  const weights = await yielder.filled(new Float64Array(edges.size), (i) => {
    const [attribute, parameter] = [valueAt(weight, i), valueAt(columns.get('weight'), i)];
    if (attribute !== undefined && parameter !== undefined && attribute !== parameter)
      throw edges.error(
        `edge ${i} has a syn_weight of ${attribute} and a ${own}weight of ${parameter}; expected one of them`,
      );
    const one = attribute ?? parameter ?? (files.of(i).weight as number | undefined) ?? defaultWeight;
    const all = (valueAt(count, i) ?? 1) * one;
    if (!Number.isFinite(all))
      throw edges.error(`edge ${i} has a weight of ${all}; expected a finite number`);
    return all;
  });
  const delays = await yielder.filled(new Float64Array(edges.size), (i) => {
    const [attribute, parameter] = [valueAt(delay, i), valueAt(columns.get('delay'), i)];
    if (attribute !== undefined && parameter !== undefined && attribute !== parameter)
      throw edges.error(
        `edge ${i} has a delay of ${attribute} and a ${own}delay of ${parameter}; expected one of them`,
      );
    const ms = attribute ?? parameter ?? (files.of(i).delay as number | undefined) ?? defaultDelay;
    if (!(ms >= dt / 2)) throw edges.error(`edge ${i} has a delay of ${ms} ms, less than a step of ${dt} ms`);
    if (ms === Number.POSITIVE_INFINITY) throw edges.error(`edge ${i} has a delay that is not finite`);
    // NEST rounds delays to steps.
    return Math.max(1, Math.round(ms / dt)) * dt;
  });
  return { weights, delays };
}

/** Attributes with the name of a parameter: SONATA leaves them to users, so that they change nothing. */
function misplaced(edges: Elements, path: string, kinds: readonly SynapseKind[], models: Synapses): string[] {
  const templateByName = new Map<string, string>();
  for (const { template } of kinds) {
    const names = synapseParams(template, models);
    if (names !== undefined && names !== 'any') for (const name of names) templateByName.set(name, template);
  }
  return edges.names
    .filter((name) => templateByName.has(name))
    .map(
      (name) =>
        `${path}: the attribute ${name} of edges is not a parameter of ${templateByName.get(name)}: put it into dynamics_params`,
    );
}
