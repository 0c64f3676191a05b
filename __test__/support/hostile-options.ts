/** Values that no option of a form may have, whatever the form. */
import type { Form } from '../../src-ts/checks/plain-data.ts';

/** What stands for something else in every option. */
const wrong: readonly unknown[] = [
  'zzzzzzzz',
  {},
  Symbol('s'),
  () => 1,
  null,
  Number.NaN,
  [Number.NaN],
  [[]],
];

/** Each option of a form with each wrong value, beside those that must be given. */
export function hostile(form: Form, needed: object): { name: string; options: Record<string, unknown> }[] {
  return Object.keys(form.options).flatMap((name) =>
    wrong.map((value) => ({ name, options: { ...needed, [name]: value } })),
  );
}
