#!/usr/bin/env node
/**
 * The command line: commands and options. The file of a command is loaded when the command runs, and the addon with it,
 * so that help and usage errors appear at once.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import tab from '@bomb.sh/tab/commander';
import { Command } from 'commander';
import { finite } from '../checks/check.ts';
import { printable } from '../checks/printable.ts';
import { energyModels } from '../costs/energy-models.ts';
import { eventFormatNames } from '../events/formats.generated.ts';
import { styled } from '../terminal/color.ts';
import { withExamples } from './examples.ts';
import { errorLine, exit, failureOf } from './failure.ts';
import { isJsonLog, logLine } from './log-lines.ts';
import { choiceOption, common, frameworkOption, needs, numberOption, wholeOption } from './shared-options.ts';
import { sweepCommand } from './sweep-command.ts';

const recipes = `
A module exports { network, data, fit, compile?, out? }, or a function
({ seed }) => such an object (type Recipe).
A .json file, with paths relative to itself:
  {
    "data": { "kind": "mnist", "batchSize": 128 },
    "layers": [
      { "kind": "dense", "inputs": 784, "outputs": 1000 },
      { "kind": "lif", "beta": 0.95 },
      { "kind": "dense", "inputs": 1000, "outputs": 10 },
      { "kind": "lif", "beta": 0.95 }
    ],
    "steps": 25, "epochs": 2,
    "loss": { "kind": "cross-entropy-membrane" },
    "optimizer": { "kind": "adam", "lr": 0.0005 }
  }
data is one of
  { kind: "mnist", folder? }
  { kind: "idx", images, labels, testImages?, testLabels? }
  { kind: "tensors", path, x?, y?, train?, test?, testPath?, timeMajor?,
    scale? } of a .safetensors, .npy or .npz file
and with encode: { kind: "rate" } it becomes spikes. Also: seed, dt, precision,
out, and the options of fit: schedule, earlyStopping, regularizers, method …
`;

const circuitFiles = `
A module exports circuit(…), { circuit, dt?, transient? }, or a function
({ scale, seed, dt, method }) => either of them (type circuits.CircuitModule).
A .json file is JSON.stringify(circuit(…)), optionally with dt; a .safetensors
file is written by save() of a circuit.
`;

/** Listed here, because the tasks themselves need the addon. */
const taskNames = [
  ...['dense_static', 'dense_rate', 'deep', 'conv', 'shd', 'slstm', 'lmu', 'lmu_parallel', 'ssa', 'digits'],
  ...['stream_dense', 'stream_shd', 'stream_deep'],
];

/** The options of reading a recording. */
function reading(command: Command): Command {
  const side = (flags: string, what: string) => wholeOption(flags, what, 1, 65535);
  return command
    .addOption(choiceOption('--format <name>', 'format of the file; default detected', eventFormatNames))
    .addOption(
      choiceOption('--origin <name>', 'time 0: stored (default), or first, the first event', [
        'stored',
        'first',
      ]),
    )
    .option('--allow-truncated', 'read the complete part of a truncated file')
    .addOption(side('--width <n>', 'width of the sensor, if the file does not contain it'))
    .addOption(side('--height <n>', 'height of the sensor'))
    .addOption(
      choiceOption('--chip <name>', 'AEDAT 2: the sensor', ['dvs128', 'davis128', 'davis240', 'davis346']),
    )
    .addOption(
      choiceOption('--half-order <name>', 'EVT2.1: little or legacy, overriding the header', [
        'little',
        'legacy',
      ]),
    )
    .addOption(wholeOption('--address-bytes <n>', 'headerless AER: bytes of an address, 2 or 4', 2, 4))
    .addOption(
      numberOption('--tick <us>', 'headerless AER: microseconds of a unit of time', (name, value) =>
        finite(name, value, { above: 0 }),
      ),
    )
    .option('--columns <names>', 'CSV and .npy: names of the columns, for example x,y,p,t')
    .addOption(
      choiceOption('--time-unit <unit>', 'CSV, .npy, .npz: us (default), ns, ms or s', [
        'us',
        'ns',
        'ms',
        's',
      ]),
    );
}

const manifest = createRequire(import.meta.url).resolve('lapicque/package.json');

const program = new Command('lapicque')
  .description('Spiking neural networks: train, run, inspect, measure.')
  .version((JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version, '--version')
  .helpOption('--help', 'show help')
  .helpCommand('help [command]', 'show help of a command')
  .configureHelp({ styleTitle: (title) => styled('bold', title) })
  .exitOverride()
  // We report errors ourselves, on one line or as JSON.
  .configureOutput({ outputError: () => {} });

common(
  program
    .command('train <recipe>')
    .description(
      'train from a recipe, a module (.js, .mjs, .ts) or .json: data, network and training options',
    )
    .option('--resume', 'continue from the checkpoint')
    .option('--out <file>', 'the trained model; default the recipe’s name with .safetensors')
    .option('--log <path>', 'record epochs and batches in a .csv or .jsonl file, or a folder for TensorBoard')
    .option('--append', 'add to the .csv or .jsonl file of --log if it exists; the default with --resume')
    .addOption(wholeOption('--epochs <n>', 'instead of the recipe’s', 1)),
  'seed of the initial weights and of the order of the samples',
)
  .addHelpText('after', recipes)
  .action(async (recipe, options) => (await import('./train.ts')).train(recipe, options));

const run = common(
  program
    .command('run <model>')
    .description('run a model on an input and write spikes and membrane of its output')
    .option(
      '--input <file>',
      '.npy, or .safetensors with a tensor "input": [time, batch, …]; or a recording of events (.raw, .dat, .aedat4, .es, …)',
    )
    .option('--output <file>', '.safetensors with spikes (U8), v (F32) and the recordings, [time, batch, …]')
    .addOption(
      numberOption('--dt <ms>', 'length of a time step; default the model’s', (name, value) =>
        finite(name, value, { above: 0 }),
      ),
    )
    .addOption(frameworkOption())
    .addOption(wholeOption('--steps <n>', 'the input is [batch, …], a constant current for n steps', 1))
    .option('--record <layer.variable...>', 'also write these, for example lif1.v or lif1.spikes')
    .addOption(
      choiceOption('--pace <pace>', 'of a recording: fast (as fast as possible, default) or real-time', [
        'fast',
        'real-time',
      ]),
    ),
);
reading(run);
needs(run, '--input', async (model) => (await import('./tensors.ts')).checkReadable(model, ['.nir'])).action(
  async (model, options) => (await import('./run.ts')).run(model, options),
);

common(
  program
    .command('generate <model>')
    .description('generate text with a language model (a model with a vocabulary), one character at a time')
    .option('--prompt <text>', 'text that the model reads first; it is printed too')
    .addOption(wholeOption('--length <n>', 'characters to generate', 0).default(500))
    .addOption(
      numberOption(
        '--temperature <t>',
        'divides the logits; 0 selects the most likely token',
        (name, value) => finite(name, value, { min: 0 }),
      ).default(1),
    ),
  'seed of the sampling; default 0',
).action(async (model, options) => (await import('./generate.ts')).generate(model, options));

common(
  program
    .command('inspect <file>')
    .description('describe a file: graph, shapes, parameters, sizes, operations and energy')
    .option('--input <file>', 'count the operations on this input instead of on random spikes')
    .addOption(
      numberOption('--dt <ms>', 'NIR: length of a time step; default the framework’s', (name, value) =>
        finite(name, value, { above: 0 }),
      ),
    )
    .addOption(frameworkOption())
    .addOption(wholeOption('--steps <n>', 'time steps per sample; default 25', 1))
    .addOption(
      numberOption(
        '--activity <share>',
        'fraction of random input spikes per step; default 0.1',
        (name, value) => finite(name, value, { min: 0, max: 1 }),
      ),
    )
    .addOption(
      choiceOption(
        '--energy <model>',
        'energy model: 45 nm arithmetic, the same with memory, or a chip; default horowitz-45nm-fp32',
        Object.keys(energyModels),
      ),
    )
    .option('--profile', 'of a model: how long each layer takes in a training step')
    .option('--figure <file>', 'with --profile: draw it (.svg, .png)'),
  'seed of the random spikes',
).action(async (file, options) => (await import('./inspect.ts')).inspect(file, options));

const events = program
  .command('events')
  .description('recordings of event cameras: AEDAT, Prophesee, N-MNIST, .es, CSV, numpy, HDF5');

common(
  reading(
    events
      .command('inspect <file>')
      .description('describe a recording: format, sensor, number and range of events, other contents'),
  ),
).action(async (file, options) => (await import('./events.ts')).inspectEvents(file, options));

for (const parent of [events, program]) {
  common(
    reading(
      parent
        .command('convert <in> <out>')
        .description(
          `write a recording in another format, by the extension of <out> or --to (.raw is EVT3): also .npz and .safetensors${parent === program ? '; tensors of torch (.pth, .pt) as .safetensors or .npz, an ONNX network as a model (.safetensors), a model as NIR (.nir) and back' : ''}`,
        )
        .option('--lossy', 'to .nir: also write parts that NIR cannot express, as metadata')
        .addOption(frameworkOption())
        .addOption(
          choiceOption('--for <framework>', 'to .nir: write for the importer of a framework', [
            'snntorch',
            'norse',
            'spikingjelly',
            'sinabs',
            'rockpool',
          ]),
        )
        .addOption(choiceOption('--to <format>', 'format of <out>', eventFormatNames))
        .addOption(
          choiceOption('--compression <name>', 'AEDAT 4: lz4 (default), zstd or none', [
            'lz4',
            'zstd',
            'none',
          ]),
        ),
    ),
  ).action(async (from: string, to: string, options) => {
    if (parent === program) {
      const { convertForeign, isForeign } = await import('./foreign-models.ts');
      if ([from, to].some((path) => path.toLowerCase().endsWith('.nir')))
        return (await import('./nir-model.ts')).convertModel(from, to, options);
      if (isForeign(from)) return convertForeign(from, to, options);
    }
    return (await import('./events.ts')).convertEvents(from, to, options);
  });
}

common(
  program
    .command('bench [task...]')
    .description(`run benchmark tasks, one line each; default all: ${taskNames.join(', ')}`)
    .addOption(wholeOption('--steps <n>', 'timed training steps; default 20', 1))
    .option('--size <n-n-n>', 'dense tasks: neurons from the input to the output; default 784-1000-10')
    .addOption(wholeOption('--T <n>', 'time steps per sample', 1))
    .addOption(wholeOption('--batch <n>', 'samples per batch', 1))
    .addOption(wholeOption('--layers <n>', 'deep tasks: hidden layers; default 5', 1))
    .addOption(wholeOption('--width <n>', 'deep tasks: neurons per layer; default 1024', 1))
    .addOption(wholeOption('--passes <n>', 'streams: timed passes per sample; default 1000', 1))
    .option(
      '--limits',
      'probe the machine for 3 s and print the least possible time of the task on it, and the fraction of it that is reached',
    )
    .option(
      '--against <folder>',
      'run each task in turns with the build in another folder (a clone or an installed package), and print how many times faster this one is, with the spread',
    )
    .addOption(wholeOption('--rounds <n>', 'pairs of runs with --against; default 5', 1)),
  'added to the seeds of the tasks',
).action(async (tasks, options) => (await import('./bench.ts')).bench(tasks, options));

const simulate = common(
  program
    .command('simulate <network>')
    .description(
      'simulate a large network: brunel, brunel-stdp, coba, cobahh, cuba, izhikevich, microcircuit, or a file (.js, .mjs, .ts, .json, .safetensors)',
    )
    .addOption(
      numberOption('--seconds <s>', 'measured biological time', (name, value) =>
        finite(name, value, { above: 0 }),
      ),
    )
    .addOption(
      numberOption(
        '--transient <s>',
        'biological time simulated before the measured time; default 0.2, microcircuit 0.5',
        (name, value) => finite(name, value, { min: 0 }),
      ),
    )
    .addOption(
      numberOption('--scale <x>', 'multiplies the neurons; default 1', (name, value) =>
        finite(name, value, { above: 0 }),
      ),
    )
    .addOption(
      numberOption('--dt <ms>', 'length of a time step; default 0.1, izhikevich 1', (name, value) =>
        finite(name, value, { above: 0 }),
      ),
    )
    .option('--method <name>', 'cobahh: exponential-euler (default) or rk4')
    .addOption(choiceOption('--precision <p>', 'f32 (default) or f64', ['f32', 'f64']))
    .option(
      '--record <file>',
      'write all recordings as .safetensors or .npz: spikes (times in ms, ids from 0), traces, means, weights',
    )
    .option(
      '--trace <names...>',
      'also variables of the first 10 neurons for the file of --record: E.v, E.current',
    )
    .option(
      '--limits',
      'probe the machine for 3 s and print the least possible time of the run on it, and the fraction of it that is reached',
    )
    .option(
      '--reports [folder]',
      'SONATA: write the spikes and reports of the configuration, default into its output_dir',
    ),
  'seed of wiring, initial values and noise; default 0',
);
needs(simulate, '--seconds', async (network) => (await import('./circuit-name.ts')).checkCircuit(network))
  .addHelpText('after', circuitFiles)
  .action(async (network, options) => (await import('./simulate.ts')).simulate(network, options));

common(
  program
    .command('verify <file>')
    .description(
      'check a NIR file: whether it is supported, the framework that wrote it, the assumptions (step, order, reset, comparison), and whether a round trip is exact',
    )
    .addOption(
      numberOption('--dt <ms>', 'length of a time step; default the framework’s', (name, value) =>
        finite(name, value, { above: 0 }),
      ),
    )
    .addOption(frameworkOption()),
).action(async (file, options) => (await import('./verify.ts')).verify(file, options));

common(
  program.command('doctor').description('describe the binary, the machine and the features in use'),
).action(async (options) => (await import('./doctor.ts')).doctor(options));

common(
  program
    .command('view <path...>')
    .description(
      'show trainings and studies while they run, recordings, events and networks in a browser: logs of trainings (.jsonl), folders of studies, files, or a folder with several of these',
    )
    .addOption(wholeOption('--port <n>', 'the port on 127.0.0.1; default a free one', 1, 65535))
    .option('--no-open', 'print the address only'),
).action(async (paths: string[], options) => (await import('./view.ts')).view(paths, options));

sweepCommand(program);
withExamples(program);

// `lapicque complete SHELL` prints a script for the shell, which asks `lapicque complete -- WORDS`.
tab(program);

// A reader that closes the pipe early (`lapicque bench --json
// head -1`) is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`lapicque: the output cannot be written: ${printable(error.message)}\n`);
  process.exit(exit.failed);
});

// Messages are dropped if nobody reads them any more (`lapicque train … 2>&1
// head -1`).
process.stderr.on('error', () => {});

try {
  await program.parseAsync();
} catch (error) {
  const failure = failureOf(error);
  if (failure !== undefined) {
    if (process.argv.includes('--json')) process.stdout.write(`${printable(JSON.stringify(failure.json))}\n`);
    if (isJsonLog()) logLine('error', 'error', failure.json);
    else process.stderr.write(`${errorLine(failure.message)}\n`);
    process.exitCode = failure.code;
  }
}
