/**
 * A function that gives the value of `make`, called once, when it is first needed: importing the library compiles no equations.
 */
export function atFirstUse<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
