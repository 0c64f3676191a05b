/**
 * Neurons with dendrites and axons: SWC files, mechanisms as equations, the cable equation.
 *
 * @example
 * ```ts
 * import * as morphology from 'lapicque/morphology';
 *
 * const shape = await morphology.fromSwc('cell.swc');
 * ```
 * @packageDocumentation
 */

export * from '../morphology/index.ts';
