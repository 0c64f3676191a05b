/** Loads the study of `lapicque sweep`: a module or a JSON file. */
import { existsSync, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { limitOf } from '../files/limits.ts';
import { importScript } from '../files/script-module.ts';
import { readJsonObject } from '../files/text-file.ts';
import { type StudyOptions, type StudySetting, settingOf } from '../study/definition.ts';
import type { Study } from '../study/study.ts';
import type { ObjectiveModule } from '../study/trial-messages.ts';
import { broken, inScript } from './script-error.ts';

/** The argument of a study file's default export, if it is a function. */
export interface StudyContext {
  /** `--seed`, default 0. */
  seed: number;
}

/** A {@link Study} of any space. */
export type AnyStudy = Pick<Study, 'name' | 'definition' | 'fingerprint' | 'run'>;

/** The default export of a study file: the result of `study(…)`, its options, or a function that returns either. */
export type StudyModule =
  | AnyStudy
  | StudyOptions
  | ((context: StudyContext) => AnyStudy | StudyOptions | Promise<AnyStudy | StudyOptions>);

/** A loaded study, and the location of its objective for trial processes. */
export interface StudyFile {
  readonly setting: StudySetting;
  readonly objective: ObjectiveModule;
}

/**
 * Reads a study file.
 *
 * @param seed - overrides the study's own
 * @throws LapicqueError `io`, `malformed-file` for a module that cannot be loaded, `unsupported` for TypeScript if
 * neither Node nor esbuild reads it, `unknown-name` and `invalid-parameter` for its content
 */
export async function readStudy(path: string, seed?: number): Promise<StudyFile> {
  if (!existsSync(path)) throw new LapicqueError('io', { path, reason: 'no such file' });
  if (!statSync(path).isFile()) throw new LapicqueError('io', { path, reason: 'not a regular file' });
  const read = extname(path) === '.json' ? settingOf(await ofJson(path)) : await ofModule(path, seed);
  const setting =
    seed === undefined ? read : { ...read, definition: Object.freeze({ ...read.definition, seed }) };
  const objective: ObjectiveModule =
    typeof setting.objective === 'string'
      ? { module: setting.objective, exports: 'objective' }
      : { module: pathToFileURL(resolve(path)).href, exports: 'study', seed: seed ?? 0 };
  return { setting, objective };
}

/** Paths in a JSON file are relative to it. */
async function ofJson(path: string): Promise<StudyOptions> {
  const malformed = (reason: string) => broken('study', path, new SyntaxError(reason));
  const json = await readJsonObject(path, malformed, { limit: limitOf(undefined) });
  const options = { ...json } as unknown as StudyOptions;
  const from = (name: 'objective' | 'store') => {
    const value: unknown = options[name];
    if (value === undefined && name === 'store') return;
    if (typeof value !== 'string' || value === '')
      invalid(name, value, `the path of a ${name === 'store' ? 'folder' : 'module'}`);
    options[name] = resolve(dirname(path), value);
  };
  from('objective');
  from('store');
  return options;
}

async function ofModule(path: string, seed: number | undefined): Promise<StudySetting> {
  const { default: exported } = await inScript('study', path, () => importScript(path, 'studies'));
  const value: unknown =
    typeof exported === 'function'
      ? await inScript('study', path, () => exported({ seed: seed ?? 0 }))
      : exported;
  if (typeof value !== 'object' || value === null) {
    invalid(
      'study',
      value,
      'a result of study(…), its options, or a function that returns either, as default export',
    );
  }
  // By form, because a script may have loaded another copy of the library.
  const { setting } = value as { setting?: StudySetting };
  return setting?.definition === undefined ? settingOf(value as StudyOptions) : setting;
}
