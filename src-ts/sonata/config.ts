/** Configuration files of SONATA: of a circuit, of a simulation, or one that names both. */
import { dirname, resolve } from 'node:path';
import { shortName } from '../checks/nearest-name.ts';
import { Yielder } from '../engine/yielder.ts';
import type { SonataFiles } from './files.ts';
import { type Json, malformed } from './json.ts';

/** Where the datasets of nodes or edges are, and what their types share. */
interface Files {
  readonly elements: string;
  readonly types?: string;
}

export interface Config {
  readonly path: string;
  readonly nodes: readonly Files[];
  readonly edges: readonly Files[];
  /** Folders by their content. */
  readonly components: { readonly [name in (typeof folderNames)[number]]?: string };
  readonly run: Json;
  /** Temperature and initial voltage of cells with a morphology. */
  readonly conditions: Json;
  readonly inputs: Readonly<Record<string, Json>>;
  /** Where outputs are written; `output_dir` is a whole path, the variables of other names are filled in. */
  readonly output: Json;
  readonly reports: Readonly<Record<string, Json>>;
  readonly nodeSets: Json;
}

export async function readConfig(path: string, reader: SonataFiles): Promise<Config> {
  const own = await configAt(path, reader);
  const parts = [own];
  for (const key of ['network', 'simulation']) {
    const part = optionalText(path, key, own[key]);
    if (part !== undefined) parts.push(await configAt(part, reader));
  }
  // A simulation that is named by the given file may name its circuit.
  for (const { network } of parts.slice(1)) {
    const part = optionalText(path, 'network', network);
    if (part !== undefined) parts.push(await configAt(part, reader));
  }
  const all: Json = Object.assign({}, ...parts.toReversed());
  const { networks, components, run, conditions, inputs, output, reports, node_sets_file: sets } = all;
  const file = optionalText(path, 'node_sets_file', sets);
  if (networks === undefined) throw malformed(path, 'it names no "networks" and no "network"');
  const files = (kind: 'nodes' | 'edges') => {
    const entries = objectOf(path, 'networks', networks)[kind] ?? [];
    if (!Array.isArray(entries)) throw malformed(path, `networks.${kind} should be a list`);
    return entries
      .map((entry, i) => objectOf(path, `networks.${kind}[${i}]`, entry))
      .filter((entry, i) => isEnabled(path, `networks.${kind}[${i}]`, entry))
      .map((entry, i) => {
        const [elements, types] = [entry[`${kind}_file`], entry[`${kind.slice(0, -1)}_types_file`]];
        if (typeof elements !== 'string') throw malformed(path, `networks.${kind}[${i}] has no ${kind}_file`);
        const table = optionalText(path, `networks.${kind}[${i}].${kind.slice(0, -1)}_types_file`, types);
        return { elements, ...(table === undefined ? {} : { types: table }) };
      });
  };
  return {
    path,
    nodes: files('nodes'),
    edges: files('edges'),
    components: folders(path, components),
    run: objectOf(path, 'run', run ?? {}),
    conditions: objectOf(path, 'conditions', conditions ?? {}),
    inputs: sections(path, 'inputs', inputs),
    output: objectOf(path, 'output', output ?? {}),
    reports: sections(path, 'reports', reports),
    nodeSets: file === undefined ? {} : await reader.json(file),
  };
}

/** The folders of components that are read. */
const folderNames = [
  'point_neuron_models_dir',
  'synaptic_models_dir',
  'biophysical_neuron_models_dir',
  'morphologies_dir',
] as const;

function folders(path: string, components: unknown): Config['components'] {
  const all = objectOf(path, 'components', components ?? {});
  const named = folderNames.map((name) => [
    name,
    optionalText(path, `components.${name}`, all[name], 'the path of a folder'),
  ]);
  return Object.fromEntries(named.filter(([, folder]) => folder !== undefined));
}

/** Objects by their names, such as inputs; `enabled` of each is a boolean. */
function sections(path: string, name: string, value: unknown): Record<string, Json> {
  const all = Object.entries(objectOf(path, name, value ?? {})).map(([key, one]): [string, Json] => {
    const section = objectOf(path, `${name}.${key}`, one);
    isEnabled(path, `${name}.${key}`, section);
    return [key, section];
  });
  return Object.fromEntries(all);
}

function isEnabled(path: string, name: string, { enabled }: Json): boolean {
  return optionalFlag(path, `${name}.enabled`, enabled) ?? true;
}

/** A value that is true, false or absent; null is absent. */
export function optionalFlag(path: string, name: string, value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean')
    throw malformed(path, `${name} should be true or false, not ${shown(value)}`);
  return value;
}

/** A value that is a text or absent; null is absent. */
function optionalText(
  path: string,
  name: string,
  value: unknown,
  what = 'the path of a file',
): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw malformed(path, `${name} should be ${what}, not ${shown(value)}`);
  return value;
}

const shown = (value: unknown) => shortName(JSON.stringify(value));

export function objectOf(path: string, name: string, value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(path, `${name} should be an object`);
  return value as Json;
}

/** Keys whose values are no paths although they may have a slash. */
const plain = new Set(['manifest', 'run', 'conditions', 'target_simulator', 'output', 'reports']);

/** Characters of a path, its variables filled in: more than any system takes. */
const maxPathLength = 2 ** 15;

/** The file's content, its paths whole: with the variables of its manifest, and from its folder. */
async function configAt(path: string, files: SonataFiles): Promise<Json> {
  const config = await files.json(path);
  const folder = dirname(path);
  const manifest = objectOf(path, 'manifest', config.manifest ?? {});
  const variables = new Map(
    Object.entries(manifest).map(([name, value]) => [
      name.replace(/^\$/, ''),
      optionalText(path, `manifest.${name}`, value, 'a text') ?? '',
    ]),
  );
  variables.set('configdir', folder);
  const allowance = files.allowance();
  const filled = (text: string, depth = 0): string => {
    if (depth > variables.size) throw malformed(path, `the manifest never ends: ${shortName(text)}`);
    // Variables that name others several times grow without bound.
    let length = text.length;
    const next = text.replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced, bare) => {
      const value = variables.get(braced ?? bare);
      if (value === undefined) throw malformed(path, `the manifest has no ${shortName(whole)}`);
      length += value.length - whole.length;
      if (length > maxPathLength)
        throw malformed(path, `a path of more than ${maxPathLength} characters: ${shortName(text)}`);
      return value;
    });
    allowance.take(`${path}: its paths`, 2 * length);
    return next === text ? text : filled(next, depth + 1);
  };
  const isPath = (key: string) => /_(file|dir)$/.test(key) || key === 'network' || key === 'simulation';
  const yielder = new Yielder(files.signal);
  const resolveValue = async (value: unknown, key: string): Promise<unknown> => {
    if (yielder.isDue) await yielder.yieldNow();
    if (typeof value === 'string') return isPath(key) ? resolve(folder, filled(value)) : value;
    if (Array.isArray(value)) {
      // Numbers are no paths: a list of a node set may have millions.
      if (value.every((one) => typeof one === 'number')) return value;
      const list: unknown[] = [];
      for (const one of value) list.push(await resolveValue(one, key));
      return list;
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries: [string, unknown][] = [];
    for (const [name, one] of Object.entries(value)) entries.push([name, await resolveValue(one, name)]);
    return Object.fromEntries(entries);
  };
  // Files of outputs are in the folder of outputs; those that begin with a variable are where it says, from here.
  const named = (value: string) => (value.startsWith('$') ? resolve(folder, filled(value)) : filled(value));
  const withNames = (section: unknown, keys: readonly string[]): unknown => {
    if (typeof section !== 'object' || section === null || Array.isArray(section)) return section;
    const names = Object.entries(section).map(([key, value]) =>
      keys.includes(key) && typeof value === 'string' ? [key, named(value)] : [key, value],
    );
    return Object.fromEntries(names);
  };
  const all: [string, unknown][] = [];
  for (const [key, value] of Object.entries(config))
    all.push([key, plain.has(key) ? value : await resolveValue(value, key)]);
  const whole = Object.fromEntries(all);
  if (whole.output !== undefined && whole.output !== null) {
    const output = withNames(whole.output, ['output_dir', 'spikes_file', 'spikes_file_csv']);
    const { output_dir: to } = objectOf(path, 'output', output);
    if (to !== undefined && typeof to !== 'string')
      throw malformed(path, 'output.output_dir should be the path of a folder');
    whole.output = { ...(output as Json), output_dir: resolve(folder, to ?? 'output') };
  }
  if (whole.reports !== undefined && whole.reports !== null) {
    const reports = Object.entries(objectOf(path, 'reports', whole.reports));
    whole.reports = Object.fromEntries(reports.map(([name, one]) => [name, withNames(one, ['file_name'])]));
  }
  return whole;
}
