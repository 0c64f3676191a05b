/** Configuration files of SONATA: of a circuit, of a simulation, or one that names both. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ioError, LapicqueError } from '../errors.ts';

/** An object as JSON has it. */
export type Json = Readonly<Record<string, unknown>>;

/** Where the datasets of nodes or edges are, and what their types share. */
export interface Files {
  readonly elements: string;
  readonly types?: string;
}

export interface Config {
  readonly path: string;
  readonly nodes: readonly Files[];
  readonly edges: readonly Files[];
  /** Folders by what they hold. */
  readonly components: Readonly<Record<string, string>>;
  readonly run: Json;
  readonly inputs: Readonly<Record<string, Json>>;
  readonly nodeSets: Json;
}

/** What is wrong with a file of a SONATA network. */
export function malformed(path: string, reason: string): LapicqueError {
  return new LapicqueError('malformed-file', { format: 'SONATA', offset: 0, reason: `${path}: ${reason}` });
}

export function unsupported(path: string, feature: string): LapicqueError {
  return new LapicqueError('unsupported', { feature: `${feature} (${path})`, format: 'loadSonata' });
}

export async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error) => {
    throw ioError(path, error);
  });
}

export async function readJson(path: string): Promise<Json> {
  const text = await readText(path);
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Json;
  } catch (error) {
    throw malformed(path, (error as Error).message);
  }
  throw malformed(path, 'it should be a JSON object');
}

export async function readConfig(path: string): Promise<Config> {
  const own = await configAt(path);
  const parts = [own];
  for (const key of ['network', 'simulation']) {
    const part = own[key];
    if (typeof part === 'string') parts.push(await configAt(part));
  }
  // A simulation that is named by the given file may name its circuit.
  for (const { network } of parts.slice(1))
    if (typeof network === 'string') parts.push(await configAt(network));
  const all: Json = Object.assign({}, ...parts.toReversed());
  const { networks, components, run, inputs, node_sets_file: sets } = all;
  if (networks === undefined) throw malformed(path, 'it names no "networks" and no "network"');
  const files = (kind: 'nodes' | 'edges') => {
    const entries = objectOf(path, 'networks', networks)[kind] ?? [];
    if (!Array.isArray(entries)) throw malformed(path, `networks.${kind} should be a list`);
    return entries
      .map((entry, i) => objectOf(path, `networks.${kind}[${i}]`, entry))
      .filter(({ enabled }) => enabled !== false)
      .map((entry, i) => {
        const [elements, types] = [entry[`${kind}_file`], entry[`${kind.slice(0, -1)}_types_file`]];
        if (typeof elements !== 'string') throw malformed(path, `networks.${kind}[${i}] has no ${kind}_file`);
        return { elements, ...(typeof types === 'string' ? { types } : {}) };
      });
  };
  return {
    path,
    nodes: files('nodes'),
    edges: files('edges'),
    components: objectOf(path, 'components', components ?? {}) as Record<string, string>,
    run: objectOf(path, 'run', run ?? {}),
    inputs: objectOf(path, 'inputs', inputs ?? {}) as Record<string, Json>,
    nodeSets: typeof sets === 'string' ? await readJson(sets) : {},
  };
}

export function objectOf(path: string, name: string, value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(path, `${name} should be an object`);
  return value as Json;
}

/** Keys whose values are no paths although they may have a slash. */
const plain = new Set(['manifest', 'run', 'conditions', 'target_simulator', 'output']);

/** The file's content, its paths whole: with the variables of its manifest, and from its folder. */
async function configAt(path: string): Promise<Json> {
  const config = await readJson(path);
  const folder = dirname(path);
  const said = objectOf(path, 'manifest', config.manifest ?? {});
  const variables = new Map(
    Object.entries(said).map(([name, value]) => [name.replace(/^\$/, ''), String(value)]),
  );
  variables.set('configdir', folder);
  const filled = (text: string, depth = 0): string => {
    if (depth > variables.size) throw malformed(path, `the manifest never ends: ${text}`);
    const next = text.replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced, bare) => {
      const value = variables.get(braced ?? bare);
      if (value === undefined) throw malformed(path, `the manifest has no ${whole}`);
      return value;
    });
    return next === text ? text : filled(next, depth + 1);
  };
  const isPath = (key: string) => /_(file|dir)$/.test(key) || key === 'network' || key === 'simulation';
  const walked = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return isPath(key) ? resolve(folder, filled(value)) : value;
    if (Array.isArray(value)) return value.map((one) => walked(one, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walked(one, name)]));
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, plain.has(key) ? value : walked(value, key)]),
  );
}
