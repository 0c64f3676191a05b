// Menu, theme, and search of every page. A classic script, because browsers load no modules from a folder.
// The block keeps these names from `window`, as long as they are constants: a function declaration would replace `window.open`.
{
  const root = document.documentElement.dataset.root;

  const startMenu = () => {
    const menu = document.querySelector('.menu');
    const navigation = document.querySelector('#navigation');
    menu.addEventListener('click', () => {
      const open = navigation.classList.toggle('open');
      menu.setAttribute('aria-expanded', String(open));
    });
    const current = navigation.querySelector('[aria-current]');
    if (current !== null && navigation.scrollHeight > navigation.clientHeight)
      navigation.scrollTop = current.offsetTop - navigation.clientHeight / 2;
  };

  /** What can be scrolled sideways can be reached with the keyboard. */
  const startScrolling = () => {
    const reachable = () => {
      for (const part of document.querySelectorAll('pre.code, .table, .scroll, .equations, .formula'))
        if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
        else part.removeAttribute('tabindex');
    };
    reachable();
    addEventListener('resize', reachable);
  };

  const startTheme = () => {
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
  };

  const loadScript = (path) =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = root + path;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${path} cannot be loaded`));
      document.head.append(script);
    });

  /** `tauMem` is also found by its parts. */
  const tokens = (text) =>
    text.split(/[^\p{L}\p{N}_]+/u).flatMap((word) => {
      const parts = word.split(/(?<=[a-z0-9])(?=[A-Z])|_/);
      return parts.length > 1 ? [word, ...parts] : [word];
    });

  /** Loads the records and indexes them, in pieces so that typing goes on. */
  const loadIndex = async () => {
    await Promise.all([loadScript('assets/minisearch.js'), loadScript('assets/search-records.js')]);
    const index = new window.MiniSearch({
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
    await index.addAllAsync(records, { chunkSize: 200 });
    return index;
  };

  /** The records that match a query, the best first. */
  const matches = (index, query) => {
    let results = index.search(query);
    if (results.length === 0) results = index.search(query, { combineWith: 'OR' });
    // A symbol of exactly this name comes first, and one that a program calls before a type.
    const exact = ({ heading, page }) => Number([heading, page, heading.split('.').pop()].includes(query));
    return results.sort((a, b) => exact(b) - exact(a) || b.score - a.score);
  };

  const element = (name, text) => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  };

  /** The text around the first term. */
  const excerpt = (text, terms) => {
    const lower = text.toLowerCase();
    const offsets = terms.map((term) => lower.indexOf(term)).filter((at) => at >= 0);
    const from = Math.max(0, Math.min(...offsets, text.length) - 40);
    return (from > 0 ? '… ' : '') + text.slice(from, from + 140);
  };

  const resultItem = ({ address, page, heading, text, terms }, id) => {
    const item = document.createElement('li');
    item.id = id;
    item.setAttribute('role', 'option');
    item.setAttribute('aria-selected', 'false');
    item.dataset.href = root + address;
    item.append(element('strong', heading === '' ? page : heading));
    item.append(element('small', heading === '' ? excerpt(text, terms) : `${page}: ${excerpt(text, terms)}`));
    return item;
  };

  /** The results below the input, one of which can be selected. */
  const resultList = (input) => {
    const list = document.querySelector('#found');
    let selected = -1;
    const unselect = () => {
      selected = -1;
      input.removeAttribute('aria-activedescendant');
    };
    const setOpen = (isOpen) => {
      list.hidden = !isOpen;
      input.setAttribute('aria-expanded', String(isOpen));
    };
    const close = () => {
      setOpen(false);
      unselect();
    };
    const follow = (item) => {
      close();
      location.href = item.dataset.href;
    };
    return {
      close,
      show(results) {
        const items = results.map((result, i) => resultItem(result, `found-${i}`));
        for (const item of items)
          item.addEventListener('mousedown', (event) => {
            event.preventDefault();
            follow(item);
          });
        list.replaceChildren(...items);
        unselect();
        setOpen(items.length > 0);
      },
      /** Selects the next result (1) or the one before (-1). */
      move(by) {
        const items = [...list.children];
        if (items.length === 0) return;
        items[selected]?.setAttribute('aria-selected', 'false');
        selected = (selected + by + items.length) % items.length;
        items[selected].setAttribute('aria-selected', 'true');
        items[selected].scrollIntoView({ block: 'nearest' });
        input.setAttribute('aria-activedescendant', items[selected].id);
      },
      isOpen: () => !list.hidden,
      followSelected: () => follow(list.children[Math.max(0, selected)]),
    };
  };

  const startSearch = () => {
    const input = document.querySelector('#search');
    const status = document.querySelector('.status');
    const list = resultList(input);
    let loading;
    /** The index, which is loaded at the first use. */
    const index = () => {
      loading ??= (async () => {
        status.textContent = 'Loading the index';
        const loaded = await loadIndex();
        status.textContent = '';
        return loaded;
      })();
      return loading;
    };
    const show = async () => {
      const query = input.value.trim();
      if (query === '') return list.close();
      const loaded = await index();
      if (input.value.trim() !== query) return;
      const results = matches(loaded, query);
      list.show(results.slice(0, 20));
      status.textContent = results.length === 0 ? 'Nothing found' : `${results.length} found`;
    };
    input.addEventListener(
      'focus',
      () => void index().catch((error) => (status.textContent = error.message)),
    );
    input.addEventListener('input', () => void show());
    input.addEventListener('blur', list.close);
    input.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        list.move(event.key === 'ArrowDown' ? 1 : -1);
      } else if (event.key === 'Enter' && list.isOpen()) {
        event.preventDefault();
        list.followSelected();
      } else if (event.key === 'Escape') {
        input.value = '';
        list.close();
      }
    });
  };

  /** The slash key goes to the search, unless the reader is typing. */
  const startSearchKey = () => {
    const input = document.querySelector('#search');
    document.addEventListener('keydown', (event) => {
      const typing = /^(?:input|textarea|select)$/i.test(document.activeElement?.tagName ?? '');
      if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        input.focus();
      }
    });
  };

  startMenu();
  startScrolling();
  startTheme();
  startSearch();
  startSearchKey();
}
