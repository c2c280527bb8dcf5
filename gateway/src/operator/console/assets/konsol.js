// The console works without this. It refreshes what is under way, finds the search box, walks rows by j and k.
'use strict';
(() => {
  const typing = (at) => at instanceof HTMLElement && at.matches('input, select, textarea');
  const watch = () => {
    const box = document.querySelector('[data-segarkan]');
    if (!box) return;
    setTimeout(async () => {
      try {
        const answer = await fetch(location.href, { headers: { 'x-requested-with': 'konsol' } });
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(box.id);
        if (fresh) box.replaceWith(fresh);
      } catch { /* the next round may do better */ }
      watch();
    }, Number(box.dataset.segarkan));
  };
  document.addEventListener('keydown', (event) => {
    if (event.key === 'k' && (event.ctrlKey || event.metaKey)) {
      const search = document.getElementById('cari');
      if (search) { event.preventDefault(); search.focus(); }
      return;
    }
    if (typing(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key !== 'j' && event.key !== 'k') return;
    const links = [...document.querySelectorAll('.baris-pilih tbody th a')];
    if (links.length === 0) return;
    const at = links.indexOf(document.activeElement);
    const next = event.key === 'j' ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0);
    links[next].focus();
  });
  watch();
})();
