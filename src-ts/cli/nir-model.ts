/** NIR files as models of commands. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { invalid } from '../checks/check.ts';
import { Model } from '../model/model.ts';
import { readNir } from '../nir/import.ts';
import { writeNir } from '../nir/write.ts';
import { interruption } from './interrupt.ts';
import { bytes, output } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { checkApart, checkReadable, checkWritable } from './tensors.ts';

/** Whether a path has the extension of NIR files. */
export function isNir(path: string): boolean {
  return extname(path).toLowerCase() === '.nir';
}

/** Reads a NIR file as a model and prints the assumptions and warnings to stderr. */
export async function nirModel(
  path: string,
  { dt, limitBytes, json }: CommonOptions & { dt?: number },
  signal: AbortSignal,
): Promise<Model> {
  checkReadable(path, ['.nir']);
  const { model, report } = await readNir(path, {
    signal,
    ...(dt === undefined ? {} : { dt }),
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
  options: CommonOptions & { lossy?: true },
): Promise<void> {
  await prepare(options);
  const signal = interruption();
  checkApart('<out>', to, [from]);
  checkWritable(to);
  if (!isNir(to) && !to.endsWith('.safetensors'))
    invalid('<out>', to, 'a file name that ends in .nir or .safetensors');
  if (!isNir(from)) checkReadable(from);
  using model = isNir(from) ? await nirModel(from, options, signal) : await Model.load(from, { signal });
  const written = isNir(to)
    ? await writeNir(to, model, { signal, lossy: options.lossy === true })
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
