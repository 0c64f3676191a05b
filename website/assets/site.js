// Menu, theme, and search of every page. A classic script, because browsers load no modules from a folder.
(() => {
  const root = document.documentElement.dataset.root;

  const menu = document.querySelector('.menu');
  const navigation = document.querySelector('#navigation');
  menu.addEventListener('click', () => {
    const open = navigation.classList.toggle('open');
    menu.setAttribute('aria-expanded', String(open));
  });
  const current = navigation.querySelector('[aria-current]');
  if (current !== null && navigation.scrollHeight > navigation.clientHeight)
    navigation.scrollTop = current.offsetTop - navigation.clientHeight / 2;

  // What can be scrolled sideways can be reached with the keyboard.
  const reachable = () => {
    for (const part of document.querySelectorAll('pre.code, .table, .scroll, .equations, .formula'))
      if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
      else part.removeAttribute('tabindex');
  };
  reachable();
  addEventListener('resize', reachable);

  const theme = document.querySelector('.theme');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () =>
    (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';
  const label = () =>
    theme.setAttribute('aria-label', isDark() ? 'Switch to the light theme' : 'Switch to the dark theme');
  theme.addEventListener('click', () => {
    const next = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem('lapicque-theme', next);
    } catch {
      // The choice then lasts as long as the page.
    }
    label();
  });
  label();

  const input = document.querySelector('#search');
  const found = document.querySelector('#found');
  const status = document.querySelector('.status');
  let index;
  let selected = -1;

  /** `tauMem` is also found by its parts. */
  const tokens = (text) =>
    text.split(/[^\p{L}\p{N}_]+/u).flatMap((word) => {
      const parts = word.split(/(?<=[a-z0-9])(?=[A-Z])|_/);
      return parts.length > 1 ? [word, ...parts] : [word];
    });

  function load(path) {
    return new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = root + path;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${path} cannot be loaded`));
      document.head.append(script);
    });
  }

  /** Loads the records at the first use, and indexes them in pieces so that typing goes on. */
  function open() {
    index ??= (async () => {
      status.textContent = 'Loading the index';
      await Promise.all([load('assets/minisearch.js'), load('assets/search-records.js')]);
      const search = new window.MiniSearch({
        fields: ['heading', 'page', 'text'],
        storeFields: ['address', 'page', 'heading', 'text'],
        tokenize: tokens,
        searchOptions: {
          boost: { heading: 6, page: 3 },
          prefix: (term) => term.length > 1,
          fuzzy: (term) => (term.length > 5 ? 0.2 : false),
          combineWith: 'AND',
        },
      });
      const records = window.lapicqueSearch.map(([address, page, heading, text], id) => ({
        id,
        address,
        page,
        heading,
        text,
      }));
      await search.addAllAsync(records, { chunkSize: 200 });
      status.textContent = '';
      return search;
    })();
    return index;
  }

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  /** The place of the first term within the text. */
  function excerpt(text, terms) {
    const lower = text.toLowerCase();
    const places = terms.map((term) => lower.indexOf(term)).filter((at) => at >= 0);
    const from = Math.max(0, Math.min(...places, text.length) - 40);
    return (from > 0 ? '… ' : '') + text.slice(from, from + 140);
  }

  async function show() {
    const query = input.value.trim();
    if (query === '') return close();
    const search = await open();
    if (input.value.trim() !== query) return;
    let results = search.search(query);
    if (results.length === 0) results = search.search(query, { combineWith: 'OR' });
    // A symbol of exactly this name comes first, and one that a program calls before a type.
    const exact = ({ heading, page }) => Number([heading, page, heading.split('.').pop()].includes(query));
    results.sort((a, b) => exact(b) - exact(a) || b.score - a.score);
    const shown = results.slice(0, 20);
    found.replaceChildren(
      ...shown.map(({ address, page, heading, text, terms }, i) => {
        const item = document.createElement('li');
        item.id = `found-${i}`;
        item.setAttribute('role', 'option');
        item.setAttribute('aria-selected', 'false');
        item.dataset.href = root + address;
        item.append(element('strong', heading === '' ? page : heading));
        item.append(
          element('small', heading === '' ? excerpt(text, terms) : `${page}: ${excerpt(text, terms)}`),
        );
        item.addEventListener('mousedown', (event) => {
          event.preventDefault();
          go(item);
        });
        return item;
      }),
    );
    selected = -1;
    input.removeAttribute('aria-activedescendant');
    found.hidden = shown.length === 0;
    input.setAttribute('aria-expanded', String(shown.length > 0));
    status.textContent = results.length === 0 ? 'Nothing found' : `${results.length} found`;
  }

  function close() {
    found.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    selected = -1;
  }

  function go(item) {
    close();
    location.href = item.dataset.href;
  }

  function select(next) {
    const items = [...found.children];
    if (items.length === 0) return;
    items[selected]?.setAttribute('aria-selected', 'false');
    selected = (next + items.length) % items.length;
    items[selected].setAttribute('aria-selected', 'true');
    items[selected].scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', items[selected].id);
  }

  input.addEventListener('focus', () => void open().catch((error) => (status.textContent = error.message)));
  input.addEventListener('input', () => void show());
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      select(selected + (event.key === 'ArrowDown' ? 1 : -1));
    } else if (event.key === 'Enter' && !found.hidden) {
      event.preventDefault();
      go(found.children[Math.max(0, selected)]);
    } else if (event.key === 'Escape') {
      input.value = '';
      close();
    }
  });
  document.addEventListener('keydown', (event) => {
    const typing = /^(?:input|textarea|select)$/i.test(document.activeElement?.tagName ?? '');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input.focus();
    }
  });
})();
