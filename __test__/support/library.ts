// All public names at once, for tests that walk through the whole library, and for programs in strings.
export * as analysis from '../../src-ts/doors/analysis.ts';
export * from '../../src-ts/doors/chip.ts';
export * from '../../src-ts/doors/circuit.ts';
export * as control from '../../src-ts/doors/control.ts';
export * from '../../src-ts/doors/data.ts';
export * from '../../src-ts/doors/events.ts';
export * from '../../src-ts/doors/figure.ts';
export * from '../../src-ts/doors/files.ts';
export * as morphology from '../../src-ts/doors/morphology.ts';
export * from '../../src-ts/doors/neurons.ts';
export * from '../../src-ts/doors/study.ts';
export * from '../../src-ts/doors/trace.ts';
export * from '../../src-ts/index.ts';
