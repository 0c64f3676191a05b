/** Which sampler and pruner a study has. TEMPORARY: random proposals until sampler.ts of the branch search is there. */
import type { StudyDefinition } from './definition.ts';
import type { Proposer, PruningSnapshot, TrialPruner } from './proposals.ts';
import type { Space, SpaceNode } from './space.ts';

export function prunerOf(_snapshot: PruningSnapshot): TrialPruner | undefined {
  return undefined;
}

export function samplerOf({ space, search }: StudyDefinition): Proposer {
  return {
    adaptive: ['tpe', 'cma-es', 'nsga2', 'custom'].includes(search.kind),
    propose: (_number, seed) => propose(space, random(seed)),
    tell: () => {},
    pruning: () => ({}),
  };
}

function propose(space: Space, next: () => number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(space).map(([name, node]) => [name, value(node, next)]));
}

function value(node: SpaceNode, next: () => number): unknown {
  const { kind } = node as { kind?: string };
  const {
    low,
    high,
    values,
    value: fixed,
  } = node as unknown as { low: number; high: number; values: unknown[]; value: unknown };
  const u = next();
  if (kind === 'uniform') return low + (high - low) * u;
  if (kind === 'log-uniform') return low * (high / low) ** u;
  if (kind === 'int') return low + Math.floor(u * (high - low + 1));
  if (kind === 'choice') return values[Math.floor(u * values.length)];
  return fixed;
}

function random(seed: number): () => number {
  let state = seed % 4294967296;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
