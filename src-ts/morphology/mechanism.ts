/** Membrane mechanisms: of the catalog, and as equations. */
import { options as checkOptions, definite, invalid, oneOf, text } from '../checks/check.ts';
import { addon, unwrap } from '../engine/native.ts';

/** A name of the catalog; `mechanisms()` describes each. */
export type MechanismName =
  | 'passive'
  | 'hh'
  | 'caHva'
  | 'caPool'
  | 'kCa'
  | 'ih'
  | `${'na' | 'k' | 'ca'}Traub`
  | `${'na' | 'kv' | 'km' | 'kCa' | 'ca'}Mainen`;

/**
 * A mechanism as equations. Voltages are in mV, times in ms, conductances in S/cm², currents in mA/cm² (outward positive),
 * concentrations in mM.
 */
export interface Mechanism {
  /** Letters, digits and `_`; not a name of the catalog. */
  name: string;
  /** Parameters with their default values. */
  parameters?: Readonly<Record<string, number>>;
  /**
   * The ions that it uses, by their names in {@link SimulateCellsOptions.ions}. For an ion `ca`, `eca` is the reversal potential, `cai` and
   * `cao` are the concentrations inside and outside, `ica` is the current. `cai' = …` makes the mechanism a pool of the ion.
   */
  ions?: readonly string[];
  /** Functions that the equations call, one per line: `alpha(v) = …`. */
  functions?: string;
  /**
   * One equation per line: `x' = …` for each state, `i = …` for a current without an ion, `ica = …` for that of an ion, `name = …` for
   * other values. The names `v`, `celsius` and the parameters are known. A derivative is linear in its own state.
   */
  equations: string;
  /** Initial values of states: a number or the name of a parameter. Other states begin where their derivative is 0. */
  initial?: Readonly<Record<string, number | string>>;
}

/** A mechanism of the catalog. */
export interface MechanismEntry extends Required<Omit<Mechanism, 'functions'>> {
  readonly name: MechanismName;
  /** Its purpose, and the source of its equations. */
  readonly meaning: string;
  readonly functions?: string;
}

/** The catalog of mechanisms with their equations and default parameters. */
export function mechanisms(): readonly MechanismEntry[] {
  const entries = JSON.parse(unwrap(addon.describeMechanisms())) as {
    meaning: string;
    definition: MechanismEntry;
  }[];
  return entries.map(({ meaning, definition }) => ({
    ...definition,
    initial: definition.initial ?? {},
    meaning,
  }));
}

/** A mechanism as the engine reads it, with the default values of its parameters. @internal */
export function mechanismOf(
  name: string,
  mechanism: MechanismName | Mechanism,
): {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly definition: string | Mechanism;
} {
  const known = mechanisms();
  if (typeof mechanism === 'string') {
    const names = known.map((entry) => entry.name);
    const entry = known[names.indexOf(oneOf(name, mechanism, names))]!;
    return { name: mechanism, parameters: entry.parameters, definition: mechanism };
  }
  const of = checkOptions(name, mechanism, [
    'name',
    'parameters',
    'ions',
    'functions',
    'equations',
    'initial',
  ]);
  text(`${name}.name`, of.name);
  text(`${name}.equations`, of.equations);
  if (known.some((entry) => entry.name === of.name))
    invalid(`${name}.name`, of.name, 'a name that the catalog does not have');
  definite(name, of);
  return { name: of.name, parameters: of.parameters ?? {}, definition: of };
}
