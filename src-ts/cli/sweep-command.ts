/** `lapicque sweep` and its subcommands: arguments and options. */
import type { Command } from 'commander';
import { integer, invalid } from '../checks/check.ts';
import { asUsageError } from './failure.ts';
import { withMetrics } from './metrics-options.ts';
import { withRedis } from './redis-options.ts';
import { choiceOption, common, wholeOption } from './shared-options.ts';

const studyFiles = `
A module exports study(…), its options, or a function ({ seed }) => either of
them (type StudyModule). A .json file has the options, with paths relative to
itself:
  {
    "name": "decay", "objective": "./objective.js",
    "space": { "beta": { "kind": "uniform", "low": 0.5, "high": 0.99 } },
    "search": { "kind": "tpe" }
  }
Exit code 0: the study has the requested number of trials; 1: no trial is
complete, or the study could not continue; 130: interrupted.
`;

export function sweepCommand(program: Command): void {
  const sweep = common(
    program
      .command('sweep')
      .argument('[study]', 'a module (.js, .mjs, .ts) or .json')
      .description('run a study of many trials, or continue a stored one')
      .option(
        '--store <dir>',
        'the folder of results; default the study’s own, or its file’s name with .study',
      )
      .addOption(
        wholeOption('--jobs <n>', 'trials at a time, each in its own process; default all cores', 1, 1 << 16),
      )
      .addOption(
        wholeOption(
          '--trials <n>',
          'number of trials of the study at the end, including those in the store; default 100',
          1,
        ),
      )
      .option(
        '--shard <i/n>',
        'run the i-th of n shards of the trials, for several processes that share a folder',
        (text) => asUsageError(() => shardOf(text)),
      ),
    'seed of the study; default its own',
  );
  // Options after the name of a subcommand belong to it, because the two have options of the same names.
  program.enablePositionalOptions();
  sweep.enablePositionalOptions();
  withRedis(
    withMetrics(sweep),
    'send the trials to workers (sweep worker) through Redis, redis:// or rediss://',
  )
    .addHelpText('after', studyFiles)
    .action(async (study: string | undefined, options, command: Command) => {
      if (study === undefined) command.error("missing required argument 'study'");
      await (await import('./sweep.ts')).sweep(study!, options);
    });

  const worker = common(
    sweep
      .command('worker <study>')
      .description('run trials of a study that another process coordinates (sweep STUDY --redis URL)')
      .addOption(
        wholeOption('--jobs <n>', 'trials at a time, each in its own process; default all cores', 1, 1 << 16),
      )
      .addOption(wholeOption('--idle <s>', 'seconds without a trial after which to end; default never', 1))
      .addOption(
        wholeOption(
          '--lock <s>',
          'seconds without a heartbeat after which a worker’s trials go to another; default 30',
          1,
          3600,
        ),
      ),
    'seed of the study; the coordinator’s',
  );
  withRedis(withMetrics(worker), 'the coordinator’s Redis; default LAPICQUE_REDIS_URL').action(
    async (study, options) => (await import('./sweep-worker.ts')).sweepWorker(study, options),
  );
  storedCommands(sweep);
}

/** The commands that read a stored study. */
function storedCommands(sweep: Command): void {
  const stored = (name: string, description: string) =>
    sweep
      .command(`${name} <store>`)
      .description(description)
      .option('--json', 'print JSON to stdout, one object per line');
  stored('status', 'show the numbers of ended, running and interrupted trials').action(
    async (store, options) => (await import('./sweep-show.ts')).sweepStatus(store, options),
  );
  stored('show', 'show the trials as a table')
    .addOption(wholeOption('--trial <n>', 'one trial with its reports and files', 0))
    .addOption(wholeOption('--top <n>', 'only this number of trials, the best first', 1))
    .action(async (store, options) => (await import('./sweep-show.ts')).sweepShow(store, options));
  stored('best', 'show the best trial and its parameters').action(async (store, options) =>
    (await import('./sweep-show.ts')).sweepBest(store, options),
  );
  stored('export', 'write the trials to a file for other programs')
    .addOption(
      choiceOption(
        '--format <name>',
        'csv (default), jsonl (whole records, with reports) or parquet; default by the ending of --output',
        ['csv', 'jsonl', 'parquet'],
      ),
    )
    .option('--output <file>', 'default stdout')
    .action(async (store, _options, command: Command) =>
      (await import('./sweep-export.ts')).sweepExport(store, command.optsWithGlobals()),
    );
  stored('report', 'write a page with figures: history, importance, slices, pairs, Pareto front')
    .option('--output <folder>', 'default the store’s name with -report')
    .option('--format <names...>', 'html, png, svg; default html and png')
    .action(async (store, _options, command: Command) =>
      (await import('./sweep-report.ts')).sweepReport(store, command.optsWithGlobals()),
    );
}

/** `i/n`, counted from 1 as in test runners and in Slurm's `--array=1-4`. */
function shardOf(text: string): { index: number; count: number } {
  const [, number, count] =
    /^(\d+)\/(\d+)$/.exec(text) ?? invalid('--shard', text, 'i/n, such as 1/4, i from 1 to n');
  const parts = integer('--shard', Number(count), { min: 1, max: 1 << 20 });
  return { index: integer('--shard', Number(number), { min: 1, max: parts }) - 1, count: parts };
}
