/**
 * Integer arithmetic in types, so that an editor knows the output sizes of a convolution. Numbers are strings of decimal
 * digits, the last digit first, so the compiler's work depends on their length, not on their value. An operand that is not a
 * literal gives `number`.
 */

/** One decimal digit. */
export type Digit = keyof Units;

/** Each digit as a list of that length. */
export interface Units {
  '0': [];
  '1': [0];
  '2': [0, 0];
  '3': [0, 0, 0];
  '4': [0, 0, 0, 0];
  '5': [0, 0, 0, 0, 0];
  '6': [0, 0, 0, 0, 0, 0];
  '7': [0, 0, 0, 0, 0, 0, 0];
  '8': [0, 0, 0, 0, 0, 0, 0, 0];
  '9': [0, 0, 0, 0, 0, 0, 0, 0, 0];
}

/** The products of two digits. */
export interface Products {
  '0': ['0', '0', '0', '0', '0', '0', '0', '0', '0', '0'];
  '1': ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
  '2': ['0', '2', '4', '6', '8', '10', '12', '14', '16', '18'];
  '3': ['0', '3', '6', '9', '12', '15', '18', '21', '24', '27'];
  '4': ['0', '4', '8', '12', '16', '20', '24', '28', '32', '36'];
  '5': ['0', '5', '10', '15', '20', '25', '30', '35', '40', '45'];
  '6': ['0', '6', '12', '18', '24', '30', '36', '42', '48', '54'];
  '7': ['0', '7', '14', '21', '28', '35', '42', '49', '56', '63'];
  '8': ['0', '8', '16', '24', '32', '40', '48', '56', '64', '72'];
  '9': ['0', '9', '18', '27', '36', '45', '54', '63', '72', '81'];
}

/** `A + B` */
export type Add<A extends number, B extends number> = number extends A | B
  ? number
  : Read<AddDigits<Digits<A>, Digits<B>>>;

/** `A - B`, or `never` where that is below 0. */
export type Subtract<A extends number, B extends number> = number extends A | B
  ? number
  : Negative<SubtractDigits<Digits<A>, Digits<B>>>;

/** `A × B` */
export type Multiply<A extends number, B extends number> = number extends A | B
  ? number
  : A extends 1
    ? B
    : B extends 1
      ? A
      : Read<MultiplyDigits<Digits<A>, Digits<B>>>;

/** `floor(A / B)`; `number` for a division by 0. */
export type Divide<A extends number, B extends number> = number extends A | B
  ? number
  : B extends 1
    ? A
    : B extends 0
      ? number
      : Read<DivideDigits<Reversed<Digits<A>>, Digits<B>>>;

/** The product of all numbers; 1 for an empty list. */
export type Product<L extends readonly number[], Done extends number = 1> = L extends readonly [
  infer First extends number,
  ...infer Rest extends readonly number[],
]
  ? Product<Rest, Multiply<Done, First>>
  : L extends readonly []
    ? Done
    : number;

/** The digits of a number, in reverse order. */
export type Digits<N extends number> = Reversed<`${N}`>;

export type Reversed<S extends string, Done extends string = ''> = S extends `${infer First}${infer Rest}`
  ? Reversed<Rest, `${First}${Done}`>
  : Done;

/** The number of reversed digits, without leading zeros; `number` if they are not an integer, for example a fraction. */
export type Read<S extends string> = [S] extends [never]
  ? number
  : Trimmed<Reversed<S>> extends `${infer N extends number}`
    ? N
    : number;

/** As `Read` for a difference; `-` stands for a negative one. */
export type Negative<S extends string> = [S] extends [never] ? number : S extends '-' ? never : Read<S>;

/** Without leading zeros. */
export type Trimmed<S extends string> = S extends `0${infer Rest}`
  ? Rest extends ''
    ? S
    : Trimmed<Rest>
  : S;

/** Digit by digit; the length of `Carry` is the carry. */
export type AddDigits<
  A extends string,
  B extends string,
  Carry extends readonly 0[] = [],
  Done extends string = '',
> = A extends `${infer X extends Digit}${infer MoreA}`
  ? B extends `${infer Y extends Digit}${infer MoreB}`
    ? Carried<[...Units[X], ...Units[Y], ...Carry]> extends [infer C extends 0[], infer D extends string]
      ? AddDigits<MoreA, MoreB, C, `${Done}${D}`>
      : never
    : B extends ''
      ? Carry extends []
        ? `${Done}${A}`
        : AddDigits<A, '1', [], Done>
      : never
  : A extends ''
    ? B extends ''
      ? Carry extends []
        ? Done
        : `${Done}1`
      : AddDigits<B, A, Carry, Done>
    : never;

/** The carry and the digit of a sum of at most 19. */
export type Carried<Sum extends readonly 0[]> =
  `${Sum['length'] & number}` extends `1${infer D extends Digit}`
    ? [[0], D]
    : [[], `${Sum['length'] & number}`];

/** Digit by digit; the length of `Borrow` is the borrow. `-` if the difference is below 0. */
export type SubtractDigits<
  A extends string,
  B extends string,
  Borrow extends readonly 0[] = [],
  Done extends string = '',
> = B extends `${infer Y extends Digit}${infer MoreB}`
  ? A extends `${infer X extends Digit}${infer MoreA}`
    ? Units[X] extends [...Units[Y], ...Borrow, ...infer Left extends 0[]]
      ? SubtractDigits<MoreA, MoreB, [], `${Done}${Left['length']}`>
      : [...Units['9'], 0, ...Units[X]] extends [...Units[Y], ...Borrow, ...infer Left extends 0[]]
        ? SubtractDigits<MoreA, MoreB, [0], `${Done}${Left['length']}`>
        : never
    : A extends ''
      ? Trimmed<Reversed<B>> extends '0'
        ? Borrow extends []
          ? Done
          : '-'
        : '-'
      : never
  : B extends ''
    ? Borrow extends []
      ? `${Done}${A}`
      : SubtractDigits<A, '1', [], Done>
    : never;

/** Long multiplication: `Shift` has a zero for each processed digit of `B`. */
export type MultiplyDigits<
  A extends string,
  B extends string,
  Shift extends string = '',
  Done extends string = '0',
> = B extends `${infer Y extends Digit}${infer MoreB}`
  ? MultiplyDigits<A, MoreB, `${Shift}0`, AddDigits<Done, `${Shift}${MultiplyByDigit<A, Y>}`>>
  : B extends ''
    ? Done
    : never;

/** One row of a long multiplication; `Carry` comes from the previous digit. */
export type MultiplyByDigit<
  A extends string,
  Y extends Digit,
  Carry extends Digit = '0',
  Done extends string = '',
> = A extends `${infer X extends Digit}${infer MoreA}`
  ? AddDigits<Reversed<Products[X][Y]>, Carry> extends `${infer D extends Digit}${infer C}`
    ? MultiplyByDigit<MoreA, Y, C extends Digit ? C : '0', `${Done}${D}`>
    : never
  : A extends ''
    ? Carry extends '0'
      ? Done
      : `${Done}${Carry}`
    : never;

/** Long division. `A` and `Done` have the first digit first, `Rest` has the last one first. */
export type DivideDigits<
  A extends string,
  B extends string,
  Rest extends string = '',
  Done extends string = '',
> = A extends `${infer X extends Digit}${infer MoreA}`
  ? Times<`${X}${Rest}`, B> extends [infer D extends string, infer Left extends string]
    ? DivideDigits<MoreA, B, Left, `${Done}${D}`>
    : never
  : A extends ''
    ? Reversed<Done>
    : never;

/** How often (at most nine times) `B` goes into `A`, and the remainder. */
export type Times<A extends string, B extends string, Count extends readonly 0[] = []> =
  SubtractDigits<A, B> extends infer Left extends string
    ? Left extends '-'
      ? [`${Count['length'] & number}`, A]
      : Times<Left, B, [...Count, 0]>
    : never;
