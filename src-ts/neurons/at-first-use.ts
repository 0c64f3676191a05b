/**
 * A function that gives the value of `make`, called once, when it is first needed: importing the library compiles no equations.
 */
export function atFirstUse<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
