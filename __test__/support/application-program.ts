// Runs a program of examples/applications as its users do, and returns its line of JSON.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The result of a program: see examples/applications/support/program.mjs. */
export interface ApplicationResult {
  readonly figures: Readonly<Record<string, { readonly mean: number; readonly values: readonly number[] }>>;
  readonly baseline: Readonly<Record<string, { readonly value: number }>>;
}

export async function runApplication(name: string, ...options: string[]): Promise<ApplicationResult> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`examples/applications/${name}.mjs`, '--reduced', '--json', ...options],
    { timeout: 110_000 },
  );
  return JSON.parse(stdout) as ApplicationResult;
}

/** Imports a module of examples/applications/support, which is not part of the compiled tests. */
export async function supportModule(
  name: string,
): Promise<Record<string, (...values: unknown[]) => unknown>> {
  return (await import(
    new URL(`../../../examples/applications/support/${name}.mjs`, import.meta.url).href
  )) as Record<string, (...values: unknown[]) => unknown>;
}
