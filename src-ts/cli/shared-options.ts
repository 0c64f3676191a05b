/** Options of every command, and the parsers of their values. */
import { type Command, Option } from 'commander';
import { integer, invalid, oneOf } from '../checks/check.ts';
import { setStandardLimit } from '../files/limits.ts';
import { asUsageError } from './failure.ts';
import { settingLogFormat } from './log-lines.ts';

export interface CommonOptions {
  json?: true;
  seed?: number;
  threads?: number;
  limitBytes?: number;
}

/**
 * Adds `--json`, `--threads`, `--limit-bytes` and `--log-format`, and `--seed` if the command is random.
 *
 * @param seed - the use of the seed; absent for commands whose results do not depend on one
 */
export function common(command: Command, seed?: string): Command {
  if (seed !== undefined) command.addOption(wholeOption('--seed <n>', seed, 0));
  return command
    .addOption(wholeOption('--threads <n>', 'threads of the engine; results do not depend on it', 1))
    .addOption(
      wholeOption(
        '--limit-bytes <n>',
        'memory that the content of a file may take, unpacked; 4 times its size is always allowed (default: 268435456)',
        0,
      ),
    )
    .addOption(
      settingLogFormat(
        choiceOption(
          '--log-format <name>',
          'messages and progress on stderr: text (default) or json, one object per line',
          ['text', 'json'],
        ),
      ),
    )
    .option('--json', 'print one JSON object per line to stdout, and errors as JSON too');
}

/**
 * Makes an option mandatory. `makeOptionMandatory` is not used, because it checks before unknown options are reported:
 * a misspelled option would be reported as a missing one.
 *
 * @param look - checks the command's argument, which comes first
 */
export function needs(command: Command, name: string, look: (argument: string) => Promise<void>): Command {
  const option = command.options.find(({ long }) => long === name)!;
  return command.hook('preAction', async () => {
    await look(command.args[0]!);
    if (command.getOptionValue(option.attributeName()) === undefined)
      command.error(`required option '${option.flags}' not specified`);
  });
}

/** An option with an integer value. */
export function wholeOption(flags: string, description: string, min: number, max?: number): Option {
  const [name] = flags.split(' ') as [string];
  return new Option(flags, description).argParser((text) =>
    asUsageError(() => integer(name, numberOf(name, text), max === undefined ? { min } : { min, max })),
  );
}

/** An option with a finite number as its value. */
export function numberOption(
  flags: string,
  description: string,
  check: (name: string, value: number) => number,
): Option {
  const [name] = flags.split(' ') as [string];
  return new Option(flags, description).argParser((text) =>
    asUsageError(() => check(name, numberOf(name, text))),
  );
}

/** An option whose value is one of several names. */
export function choiceOption(flags: string, description: string, known: readonly string[]): Option {
  const [name] = flags.split(' ') as [string];
  return new Option(flags, description).argParser((text) => asUsageError(() => oneOf(name, text, known)));
}

/** `--framework` of commands that read NIR files. */
export function frameworkOption(): Option {
  return choiceOption(
    '--framework <name>',
    'NIR: the framework that wrote the file; default detected; nir takes the file literally',
    ['auto', 'nir', 'lapicque', 'snntorch', 'norse', 'spikingjelly', 'sinabs', 'rockpool'],
  );
}

function numberOf(name: string, text: string): number {
  // Number('') is 0.
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value)) invalid(name, text, 'a number');
  return value;
}

/** Applies `--threads` and `--limit-bytes`. */
export async function prepare({ threads, limitBytes }: CommonOptions): Promise<void> {
  if (limitBytes !== undefined) setStandardLimit(limitBytes);
  if (threads === undefined) return;
  const { setThreads } = await import('../engine/environment.ts');
  // The engine knows the maximum.
  asUsageError(() => setThreads(threads));
}
