// Defaults of other libraries (fixtures/peer-defaults), and how a neuron's options are compared with them.
import { readFileSync } from 'node:fs';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import * as lapicque from './library.ts';

const { dense, sequential } = lapicque;

export type Value = number | boolean | string | null | { [name: string]: Value };
export type Defaults = Record<string, Value>;
export type Classes = Record<string, Defaults>;
export const peers = JSON.parse(
  readFileSync(
    new URL('../../../__test__/neurons/fixtures/peer-defaults/defaults.json', import.meta.url),
    'utf8',
  ),
) as Record<string, Record<string, Classes>>;

export interface Described {
  key: string;
  name: string;
  params: { name: string; default: Value; like?: Record<string, number> }[];
  options: { name: string; default: Value }[];
  presets: { name: string; params: Defaults; options: Defaults }[];
}
export const registry = JSON.parse(unwrap(addon.describeModels())) as {
  models: Described[];
  surrogates: Described[];
};
export const synapses = JSON.parse(unwrap(addon.describeSynapses())) as
  | Described[]
  | { synapses: Described[] };

export const camel = (key: string) => key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const factories = lapicque as unknown as Record<string, (options: object) => lapicque.Neuron>;
const factoryOf = (key: string) => factories[key === 'if' ? 'integrateAndFire' : camel(key)]!;

/** A neuron as the engine resolves it. */
export interface Dynamics {
  params: Record<string, number | readonly number[]>;
  options: Record<string, string | boolean>;
  learn: readonly string[];
  surrogate?: Record<string, number | string>;
}

export async function resolved(key: string, options: object): Promise<Dynamics> {
  const { ports } = registry.models.find((model) => model.key === key)! as never as { ports: string[] };
  const cell = factoryOf(key)({ name: 'cell', ...options });
  using model = await sequential(
    dense(1, ports.length),
    cell,
    dense(1, 1),
    lapicque.li({ beta: 0.5 }),
  ).compile();
  const node = model.description.nodes.find(({ name }) => name === 'cell') as never as { dynamics: Dynamics };
  return { ...node.dynamics, learn: node.dynamics.learn ?? [] };
}

/** How a default is compared; a text says why there is nothing to compare. */
export type Check = string | ((own: Dynamics, theirs: Value) => void);
class Differs extends Error {}
export const same = (name: string, own: unknown, expected: unknown) => {
  const near =
    typeof own === 'number' && typeof expected === 'number'
      ? Math.abs(own - expected) <= 1e-6 * Math.max(1, Math.abs(expected))
      : own === expected;
  if (!near) throw new Differs(`${name} is ${String(own)}, not ${String(expected)}`);
};
export const param = (name: string, of: (theirs: number) => number = (x) => x): Check => {
  return (own, theirs) => same(name, own.params[name], of(theirs as number));
};
export const option = (name: string, of: (theirs: Value) => unknown): Check => {
  return (own, theirs) => same(name, own.options[name], of(theirs));
};
export const learned =
  (name: string): Check =>
  (own, theirs) =>
    same(`learn ${name}`, own.learn.includes(name), theirs);
export const all =
  (...checks: Check[]): Check =>
  (own, theirs) => {
    for (const check of checks) if (typeof check !== 'string') check(own, theirs);
  };
/** None, as of a parameter that this model does not have. */
export const absent = (name: string, ourDefault: Value): Check => {
  return (own, theirs) => {
    same('theirs', theirs, ourDefault);
    same(name, own.params[name] ?? own.options[name], undefined);
  };
};
export const theirs =
  (expected: Value): Check =>
  (_, actual) =>
    same('theirs', actual, expected);
