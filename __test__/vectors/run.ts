/** Runs the cases of a directory, one line each. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bptt } from './bptt.ts';
import { cable } from './cable.ts';
import type { Check } from './check.ts';
import { encoding } from './encode.ts';
import { events } from './events.ts';
import { forward } from './forward.ts';
import { hdf5 } from './hdf5.ts';
import { loss } from './loss.ts';
import { memory } from './memory.ts';
import { metrics } from './metrics.ts';
import { nir, nirFramework } from './nir.ts';
import { ode } from './ode.ts';
import { isCable, type Json, readJson, readSideCar, Skip } from './side-car.ts';
import { stats } from './stats.ts';
import { surrogate } from './surrogate.ts';
import { synapses } from './synapse.ts';
import { Comparison } from './tolerance.ts';
import { transform } from './transform.ts';

/** What became of a case. */
type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'not ok'; readonly reason: string }
  | { readonly kind: 'skip'; readonly reason: string };

const checks: Readonly<Record<string, Check>> = {
  bptt,
  encode: encoding,
  events,
  forward,
  hdf5,
  loss,
  memory,
  metrics,
  nir,
  nir_framework: nirFramework,
  ode,
  stats,
  plasticity: synapses,
  surrogate,
  synapse: synapses,
  transform,
};

/** How many cases ended how. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Runs every case below a directory, in the order of their paths.
 *
 * @param print - gets each line
 * @throws for a directory that cannot be read
 */
export async function runAll(directory: string, print: (line: string) => void): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  const files = await readdir(directory, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
    const outcome = await runFile(join(directory, file));
    if (outcome === undefined) continue;
    print(outcome.kind === 'ok' ? `ok ${file}` : `${outcome.kind} ${file}  ${outcome.reason}`);
    tally[({ ok: 'passed', 'not ok': 'failed', skip: 'skipped' } as const)[outcome.kind]] += 1;
  }
  return tally;
}

/** Runs one case; `undefined` for JSON that is no side-car. */
async function runFile(path: string): Promise<Outcome | undefined> {
  try {
    const json = await readJson(path);
    if (json !== undefined && isCable(json)) return await runCable(path, json);
    return json === undefined ? undefined : await runCase(path, json);
  } catch (error) {
    return { kind: 'not ok', reason: oneLine(error) };
  }
}

async function runCable(path: string, json: Json): Promise<Outcome> {
  try {
    const reason = await cable(path, json);
    return reason === undefined ? { kind: 'ok' } : { kind: 'not ok', reason };
  } catch (error) {
    if (error instanceof Skip) return { kind: 'skip', reason: error.message };
    throw error;
  }
}

async function runCase(path: string, json: Json): Promise<Outcome> {
  const check = checks[String(json.check)];
  if (check === undefined) {
    return { kind: 'skip', reason: `the check ${json.check} (${json.model}) is not built yet` };
  }
  const car = await readSideCar(path, json);
  const comparison = new Comparison(car);
  const entries = car.entries();
  const skipped: string[] = [];
  for (const [i, entry] of entries.entries()) {
    const here = entries.length === 1 ? '' : `cases[${i}]: `;
    try {
      await check(car, entry, comparison);
    } catch (error) {
      if (!(error instanceof Skip)) throw new Error(`${here}${oneLine(error)}`, { cause: error });
      skipped.push(`${here}${error.message}`);
    }
  }
  return verdict(comparison, skipped);
}

function verdict(comparison: Comparison, skipped: readonly string[]): Outcome {
  const [worst, ...others] = comparison.deviations.toSorted((a, b) => b.excess - a.excess);
  if (worst !== undefined) {
    const more =
      others.length === 0 ? '' : `, and ${others.length} more of ${comparison.compared.size} tensors`;
    return { kind: 'not ok', reason: `${worst.message}${more}` };
  }
  if (skipped.length > 0) {
    const more = skipped.length === 1 ? '' : `, and ${skipped.length - 1} more`;
    return { kind: 'skip', reason: `${skipped[0]}${more}` };
  }
  const left = comparison.ruled.filter((name) => !comparison.compared.has(name));
  if (left.length > 0) return { kind: 'not ok', reason: `not compared: ${left.join(', ')}` };
  if (comparison.compared.size === 0)
    return { kind: 'not ok', reason: 'the side-car gives nothing to compare' };
  return { kind: 'ok' };
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}
