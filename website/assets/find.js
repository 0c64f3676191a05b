// The search of the site, without its page: how records are indexed and in which order results stand. A classic script, as browsers load no modules from a folder.
{
  // Words that say nothing about what is looked for.
  const empty = new Set(
    'a an and are as at can do does for how i in is it my of on or the this to use using what with'.split(
      ' ',
    ),
  );

  /** `tauMem` is also found by its parts. */
  const tokens = (text) =>
    text.split(/[^\p{L}\p{N}_]+/u).flatMap((word) => {
      const parts = word.split(/(?<=[a-z0-9])(?=[A-Z])|_/);
      return parts.length > 1 ? [word, ...parts] : [word];
    });

  /** A word as it is compared: `training`, `trains` and `trained` are `train`. */
  const stem = (term) => {
    const word = term.toLowerCase();
    if (empty.has(word)) return null;
    return word.length > 4 ? word.replace(/(?<=ss)es$|(?:ions?|ings?|ed|es|e|(?<!s)s)$/, '') : word;
  };

  // By the kind of a page: what explains stands before what lists, decisions and logs of measurements last.
  const weights = {
    start: 2.2,
    guide: 2,
    overview: 1.6,
    reference: 1.2,
    example: 0.9,
    api: 0.7,
    benchmark: 0.4,
    decision: 0.25,
    contributing: 0.25,
  };

  const options = {
    fields: ['keywords', 'heading', 'page', 'text'],
    storeFields: ['address', 'page', 'heading', 'text', 'kind'],
    tokenize: tokens,
    processTerm: stem,
    searchOptions: {
      boost: { keywords: 12, heading: 6, page: 4 },
      boostDocument: (_id, _term, { kind }) => weights[kind],
      prefix: (term) => term.length > 1,
      fuzzy: (term) => (term.length > 5 ? 0.2 : false),
      combineWith: 'AND',
    },
  };

  globalThis.lapicqueFind = {
    /** Indexes the records, in pieces so that typing goes on. */
    async index(MiniSearch, list) {
      const index = new MiniSearch(options);
      const records = list.map(([address, page, heading, text, kind, keywords = ''], id) => ({
        id,
        address,
        page,
        heading,
        text,
        kind,
        keywords,
      }));
      await index.addAllAsync(records, { chunkSize: 200 });
      return index;
    },
    /** The records that match a query, the best first. */
    matches(index, query) {
      let results = index.search(query);
      if (results.length === 0) results = index.search(query, { combineWith: 'OR' });
      // What has exactly this name counts more. A name that is not an English word, such as `fixedInDegree`, is meant, with or without its module;
      // an English word, such as `membrane`, is not looked for as a function of a module, `figure.membrane`.
      const isName = /[a-z][A-Z]/.test(query);
      const worth = ({ heading, page, score }) => {
        const name = heading || page;
        return score * ((isName ? name.split('.').pop() : name) === query ? (isName ? 100 : 3) : 1);
      };
      return results.sort((a, b) => worth(b) - worth(a));
    },
  };
}
