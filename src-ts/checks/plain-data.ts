/**
 * Checks the form of options that go to the engine as plain data, so that an error names the full path of the
 * wrong option. The engine checks their ranges.
 */
import { finite, flag, integer, invalid, oneOf, options, unknownName } from './check.ts';

/** Refuses a value of the wrong form. */
export type Check = (path: string, value: unknown) => unknown;

/** The known options of an object, and the required ones. */
export interface Form {
  options: Readonly<Record<string, Check>>;
  needed?: readonly string[];
}

export const number: Check = (path, value) => finite(path, value);

export const yesOrNo: Check = (path, value) => flag(path, value);

/** An integer that is at least `min`. */
export function whole(min: number): Check {
  return (path, value) => integer(path, value, { min });
}

/** One of a list of names. */
export function choice(...known: readonly string[]): Check {
  return (path, value) => oneOfOption(path, value, known);
}

/** A list, of this length if one is given. */
export function listOf(item: Check, length?: number): Check {
  return (path, value) => {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length))
      invalid(
        path,
        value,
        length === undefined ? 'a list' : `a list of ${length === 2 ? 'two' : length} numbers`,
      );
    value.forEach((entry, i) => {
      item(`${path}[${i}]`, entry);
    });
  };
}

/** One, or a list of them. */
export function oneOrMany(item: Check): Check {
  const list = listOf(item);
  return (path, value) => (Array.isArray(value) ? list(path, value) : item(path, value));
}

/** As `oneOf`, for options whose name does not describe their values. */
export function oneOfOption<const N extends string>(path: string, value: unknown, known: readonly N[]): N {
  if (typeof value === 'string' && !(known as readonly string[]).includes(value))
    throw unknownName(`value of ${path}`, value, known);
  return oneOf(path, value, known);
}

/**
 * Options of a form at a path, or arguments if the path is ''. `name` is the owner's name in the message for
 * an unknown option.
 */
export function checkForm(path: string, value: unknown, form: Form, name = path): void {
  for (const key of Object.keys(form.options)) {
    // Named by its path rather than by its owner.
    if ((value as Record<string, unknown> | null)?.[key] === null)
      invalid(path === '' ? key : `${path}.${key}`, null, 'a value (leave the option out for its default)');
  }
  const checked = options(name, value as Record<string, unknown>, Object.keys(form.options));
  for (const [key, check] of Object.entries(form.options)) {
    if (checked[key] !== undefined || form.needed?.includes(key))
      check(path === '' ? key : `${path}.${key}`, checked[key]);
  }
}

/** Plain data whose `kind` selects the form; `such` describes them in an error. */
export function checkKind(
  path: string,
  value: unknown,
  forms: Readonly<Record<string, Form>>,
  such = "an object { kind: '…', … }",
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) invalid(path, value, such);
  const { kind, ...rest } = value as { kind?: unknown };
  if (typeof kind !== 'string') invalid(`${path}.kind`, kind, `one of ${Object.keys(forms).join(', ')}`);
  checkForm(path, rest, forms[oneOf(path, kind, Object.keys(forms))]!, `${path} ${kind}`);
}

/** Plain data of a kind with these options, frozen and checked; `what` is what the options are of. */
export function ofKind(
  path: string,
  kind: string,
  fields: object | undefined,
  forms: Readonly<Record<string, Form>>,
  what: string,
): Readonly<{ kind: string }> {
  if (fields !== undefined && (typeof fields !== 'object' || fields === null)) {
    invalid(what, fields, 'an object of options');
  }
  const node = Object.freeze({ kind, ...fields });
  checkKind(path, node, forms);
  return node;
}
