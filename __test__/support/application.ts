// Runs an application of examples/applications and reads its line.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

interface Cost {
  value: number;
  unit: string;
  per: string;
}

export interface ApplicationLine {
  application: string;
  seeds: number[];
  figures: Record<string, { mean: number; sd: number; values: number[]; better: 'higher' | 'lower' }>;
  baseline: Record<string, { value: number; source: string }>;
  spikes?: Cost;
  operations?: Cost;
  energy?: Cost;
  latency?: Cost;
}

/** The line of `--reduced --json`, with further arguments. */
export async function reduced(name: string, ...args: string[]): Promise<ApplicationLine> {
  const program = `examples/applications/${name}.mjs`;
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--reduced', '--json', ...args], {
    timeout: 110_000,
  });
  return JSON.parse(stdout) as ApplicationLine;
}
