/** NIR files as models of commands. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { invalid } from '../checks/check.ts';
import { Model } from '../model/model.ts';
import type { NirFramework } from '../nir/frameworks.ts';
import { readNir } from '../nir/import.ts';
import type { NirTarget } from '../nir/targets.ts';
import { writeNir } from '../nir/write.ts';
import { asUsageError } from './failure.ts';
import { interruption } from './interrupt.ts';
import { bytes, output } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { checkApart, checkReadable, checkWritable } from './tensors.ts';

/** Whether a path has the extension of NIR files. */
export function isNir(path: string): boolean {
  return extname(path).toLowerCase() === '.nir';
}

/** How a NIR file is read. */
export interface NirReadOptions {
  dt?: number;
  framework?: NirFramework | 'auto';
}

/** Refuses `--framework` for a file that is not NIR, where it would do nothing. */
export function checkFramework(path: string, { framework }: NirReadOptions): void {
  if (framework !== undefined && !isNir(path))
    asUsageError(() =>
      invalid('--framework', framework, `no --framework, because ${path} is not a NIR file`),
    );
}

/** Reads a NIR file as a model and prints the assumptions and warnings to stderr. */
export async function nirModel(
  path: string,
  { dt, framework, limitBytes, json }: CommonOptions & NirReadOptions,
  signal: AbortSignal,
): Promise<Model> {
  checkReadable(path, ['.nir']);
  const { model, report } = await readNir(path, {
    signal,
    ...(dt === undefined ? {} : { dt }),
    ...(framework === undefined ? {} : { framework }),
    ...(limitBytes === undefined ? {} : { limits: { bytes: limitBytes } }),
  });
  const out = output(json === true);
  for (const line of [...report.assumptions, ...report.warnings]) out.note(`${path}: ${line}`);
  return model;
}

/** `lapicque convert` from a NIR file to a model file, or back. */
export async function convertModel(
  from: string,
  to: string,
  options: CommonOptions & NirReadOptions & { lossy?: true; for?: NirTarget },
): Promise<void> {
  await prepare(options);
  checkFramework(from, options);
  if (options.for !== undefined && !isNir(to))
    asUsageError(() => invalid('--for', options.for, `no --for, because ${to} is not a NIR file`));
  const signal = interruption();
  checkApart('<out>', to, [from]);
  checkWritable(to);
  if (!isNir(to) && !to.endsWith('.safetensors'))
    invalid('<out>', to, 'a file name that ends in .nir or .safetensors');
  if (!isNir(from)) checkReadable(from);
  using model = isNir(from) ? await nirModel(from, options, signal) : await Model.load(from, { signal });
  const written = isNir(to)
    ? await writeNir(to, model, {
        signal,
        lossy: options.lossy === true,
        ...(options.for === undefined ? {} : { for: options.for }),
      })
    : undefined;
  if (written === undefined) await model.save(to, { signal });
  const out = output(options.json === true);
  for (const line of [...(written?.lost ?? []), ...(written?.notes ?? [])]) out.note(`${to}: ${line}`);
  const report = {
    from,
    to,
    bytes: statSync(to).size,
    lost: written?.lost ?? [],
    notes: written?.notes ?? [],
  };
  out.result(report, () => `${to}: ${isNir(to) ? 'NIR graph' : 'model'}, ${bytes(report.bytes)}`);
}
