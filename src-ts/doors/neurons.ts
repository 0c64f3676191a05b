/**
 * Neurons for networks and circuits: built-in models, surrogate gradients, neurons from your own equations.
 *
 * @packageDocumentation
 */

export * from '../neurons/index.ts';
