// Public names of the room numbers.

export { type Discretization, legendreDecoder, legendreMemory } from './legendre.ts';
export { setSeed } from './random-streams.ts';
