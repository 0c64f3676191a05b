/** A soma with a dendrite, and the values of numpy files. */
import { readFileSync } from 'node:fs';
import * as morphology from '../../src-ts/doors/morphology.ts';

/** The values of a numpy file of doubles. */
export function npyValues(path: string): Float64Array {
  const bytes = readFileSync(path);
  const data = 10 + bytes.readUInt16LE(8);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset + data, bytes.byteOffset + bytes.length));
}

/** Sizes in µm. */
export interface Sizes {
  soma: number;
  length: number;
  diameter: number;
  compartments: number;
  resistivity: number;
}

/** A soma of one compartment, and at its end a dendrite. */
export function ballAndStick(
  { soma, length, diameter, compartments, resistivity }: Sizes,
  paint: morphology.CellOptions['paint'],
): morphology.Cell {
  const tube = (from: number, to: number, d: number) =>
    [from, to].map((x) => [x, 0, 0, d / 2] as [number, number, number, number]);
  const shape = morphology.fromBranches([
    { points: tube(0, soma, soma) },
    { parent: 0, points: tube(soma, soma + length, diameter) },
  ]);
  // NEURON's d_lambda rule in reverse: the dendrite in length constants at 100 Hz.
  const constants = length / (1e5 * Math.sqrt(diameter / (4 * Math.PI * 100 * resistivity)));
  return morphology.cell(shape, {
    compartments: { lengthConstant: constants / (compartments - 0.9) },
    resistivity,
    paint,
  });
}
