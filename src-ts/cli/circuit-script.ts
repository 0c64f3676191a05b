/** Loads the network of `lapicque simulate`: a built-in one, or a user's file. */
import { extname } from 'node:path';
import { options as checkOptions, finite, invalid, oneOf, timeStep } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { type Circuit, circuitOf, loadCircuit } from '../circuit/circuit.ts';
import type { CircuitDescription } from '../circuit/description.ts';
import * as builtIn from '../circuits/index.ts';
import type { CircuitContext, CircuitModule, CircuitScript } from '../circuits/script.ts';
import { limitOf } from '../files/limits.ts';
import { importScript } from '../files/script-module.ts';
import { readJsonObject } from '../files/text-file.ts';
import { loadSonata } from '../sonata/load-sonata.ts';
import type { SonataCircuit } from '../sonata/sonata-circuit.ts';
import { type CircuitName, checkCircuit, isBuiltIn } from './circuit-name.ts';
import { asUsageError, isOurs, WrongUse } from './failure.ts';
import { broken, inScript } from './script-error.ts';

const { brunel, brunelStdp, coba, cobahh, cuba, izhikevich, microcircuit } = builtIn;
const networks: Readonly<Record<CircuitName, (context: CircuitContext) => CircuitScript>> = {
  brunel,
  'brunel-stdp': brunelStdp,
  coba,
  cobahh,
  cuba,
  izhikevich,
  microcircuit,
};

/** Built-in networks that support `--method`. */
const methods: Readonly<Record<string, readonly string[]>> = { cobahh: ['exponential-euler', 'rk4'] };

/** A network, and the SONATA configuration that it is of, if it is. */
export interface FoundCircuit extends CircuitScript {
  readonly sonata?: SonataCircuit;
}

/**
 * The network with that name or file.
 *
 * @param reports - whether a network in SONATA records the reports of its configuration
 * @throws LapicqueError `io`, `malformed-file`, `unsupported`; usage error for an unknown name and for options that the
 * network does not have
 */
export async function scriptOf(
  name: string,
  context: CircuitContext,
  reports: boolean,
): Promise<FoundCircuit> {
  checkCircuit(name);
  if (isBuiltIn(name)) {
    asUsageError(() => checkMethod(name, context.method));
    return builtInOf(name, context);
  }
  if (['.json', '.safetensors'].includes(extname(name))) {
    asUsageError(() => checkAsItIs(name, context));
    return extname(name) === '.json' ? ofJson(name, context, reports) : { circuit: await loadCircuit(name) };
  }
  return ofModule(name, context);
}

/** Refuses `--scale` and `--method` for a finished network. */
function checkAsItIs(name: string, { scale = 1, method }: CircuitContext): void {
  const expected = (option: string) =>
    `no ${option}, because ${name} is a network and not a function that makes one`;
  if (scale !== 1) invalid('--scale', scale, expected('scale'));
  if (method !== undefined) invalid('--method', method, expected('method'));
}

/** Reports a network's argument by the name of its command-line option. */
function builtInOf(name: CircuitName, context: CircuitContext): CircuitScript {
  try {
    return networks[name](context);
  } catch (error) {
    if (!isOurs(error) || error.code !== 'invalid-parameter' || !(error.details.name in context)) throw error;
    const fields = { ...error.details, name: `--${error.details.name}` };
    throw new WrongUse(new LapicqueError('invalid-parameter', fields) as LapicqueError);
  }
}

function checkMethod(name: string, method: string | undefined): void {
  if (method === undefined) return;
  const translated = methods[name];
  if (translated === undefined) invalid('--method', method, `no value: ${name} has one method`);
  oneOf('--method', method, translated);
}

async function ofJson(path: string, { dt }: CircuitContext, reports: boolean): Promise<FoundCircuit> {
  const malformed = (reason: string) => broken('network', path, new SyntaxError(reason));
  const description = await readJsonObject(path, malformed, { limit: limitOf(undefined) });
  const isSonata = ['network', 'networks', 'simulation'].some((key) => key in description);
  if (!isSonata) return { circuit: circuitOf(description as unknown as CircuitDescription) };
  const sonata = await loadSonata(path, { reports, ...(dt === undefined ? {} : { dt }) });
  return { circuit: sonata.circuit, dt: sonata.dt, transient: 0, sonata };
}

async function ofModule(path: string, context: CircuitContext): Promise<CircuitScript> {
  const { default: exported } = await inScript(
    'network',
    path,
    () => importScript(path, 'circuit scripts') as Promise<{ default?: CircuitModule }>,
  );
  if (typeof exported !== 'function') asUsageError(() => checkAsItIs(path, context));
  const result = await inScript('circuit', path, () =>
    typeof exported === 'function' ? exported(context) : exported,
  );
  if (isCircuit(result)) return { circuit: result };
  if (typeof result !== 'object' || result === null) {
    invalid('circuit', result, 'circuit(…), { circuit, dt, transient } or a function, as default export');
  }
  const script = checkOptions('circuit script', result as CircuitScript, ['circuit', 'dt', 'transient']);
  if (!isCircuit(script.circuit)) invalid('circuit', script.circuit, 'a result of circuit(…)');
  if (script.dt !== undefined) timeStep('dt', script.dt);
  if (script.transient !== undefined) finite('transient', script.transient, { min: 0 });
  return script;
}

/** By form, because a script may have loaded another copy of the library. */
function isCircuit(value: unknown): value is Circuit {
  return typeof (value as Circuit | null)?.compile === 'function';
}
