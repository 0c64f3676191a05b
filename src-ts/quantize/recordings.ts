/** The names of layers and of what a run records. */
import { unknownName } from '../checks/check.ts';
import type { IntegerDescription } from './description.ts';

/** The number of a layer. @throws LapicqueError `unknown-name` */
export function layerNumber({ layers }: IntegerDescription, name: string): number {
  const number = layers.findIndex((layer) => layer.name === name);
  if (number < 0)
    throw unknownName(
      'layer',
      name,
      layers.map((layer) => layer.name),
    );
  return number;
}

/** The shape of one sample in a recording at one step. @throws LapicqueError `unknown-name` */
export function recordedShape({ layers }: IntegerDescription, name: string): number[] {
  const known = layers.flatMap((layer) =>
    ['spikes', 'v', 'currents'].map((what) => [`${layer.name}.${what}`, layer] as const),
  );
  const found = known.find(([recording]) => recording === name);
  if (found === undefined)
    throw unknownName(
      'recording',
      name,
      known.map(([recording]) => recording),
    );
  const { neurons, rules } = found[1];
  return name.endsWith('.currents') ? [neurons, rules.currents] : [neurons];
}
