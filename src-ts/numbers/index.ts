// Public names of the room numbers.

export { type Discretisation, legendreDecoder, legendreMemory } from './legendre.ts';
export { setSeed } from './random-streams.ts';
