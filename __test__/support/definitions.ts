/** What the engine's registries say of neurons, surrogates, synapses and losses. */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const registry = createRequire(import.meta.url)(resolve('native/load.cjs')) as {
  addon: Record<string, () => string>;
};
export interface Described {
  key: string;
  title: string;
  equation: string;
  update: string;
  spiking: boolean;
  states: { name: string }[];
  params: { name: string; default: unknown }[];
  ports: string[];
  wiring: { entering: string[] };
}
export const { models, surrogates } = JSON.parse(registry.addon.describeModels!()) as {
  models: Described[];
  surrogates: { name: string; formula: string; params: { name: string; default: number }[] }[];
};
export const { synapses } = JSON.parse(registry.addon.describeSynapses!()) as { synapses: Described[] };
export const { losses } = JSON.parse(registry.addon.describeTraining!()) as {
  losses: { kinds: { name: string; reads: string }[] };
};
export const camel = (key: string) => key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
/** The name of the function of a neuron. */
export const factory = (key: string) => (key === 'if' ? 'integrateAndFire' : camel(key));
