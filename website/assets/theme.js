// Before the page is drawn: the theme that was chosen, and the menu of small screens.
(() => {
  document.documentElement.classList.add('scripted');
  try {
    const chosen = localStorage.getItem('lapicque-theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch {
    // A browser may keep nothing for pages of a folder.
  }
})();
