// Which lectures a reader has finished, kept in this browser alone. Where it keeps nothing (a private window, a strict setting), nothing is shown.
{
  const root = new URL("..", document.currentScript.src).pathname;
  const here = location.pathname.slice(root.length);
  const KEY = `going-deeper:${root}:read`;

  const remembered = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? [];
    } catch {
      return [];
    }
  };

  const remember = (pages) => {
    try {
      pages.length ? localStorage.setItem(KEY, JSON.stringify(pages)) : localStorage.removeItem(KEY);
    } catch {}
    show();
  };

  const show = () => {
    const read = remembered();
    for (const link of document.querySelectorAll(".md-nav--primary a.md-nav__link[href], ol.map a")) {
      const item = link.closest("ol.map > li") ?? link;
      item.classList.toggle("read", read.includes(new URL(link.href).pathname.slice(root.length)));
    }
    const status = document.querySelector("p.progress");
    if (!status) return;
    const links = [...document.querySelectorAll("ol.map a")];
    const left = links.filter((link) => !link.closest("li").classList.contains("read"));
    status.hidden = left.length === links.length;
    status.querySelector("span").textContent = `You have read ${links.length - left.length} of ${links.length} lectures. This browser remembers it, nobody else does.`;
    const start = document.querySelector(".md-button--primary");
    start.dataset.first ??= start.textContent;
    start.textContent = !status.hidden && left.length ? `Go on with ${left[0].textContent}` : start.dataset.first;
    start.href = (!status.hidden && left.length ? left[0] : links[0]).href;
  };

  // A lecture counts as read when its end has been seen.
  if (document.querySelector(".place")) {
    new IntersectionObserver(([end], observer) => {
      if (!end.isIntersecting) return;
      observer.disconnect();
      remember([...new Set([...remembered(), here])]);
    }).observe(document.querySelector(".md-footer"));
  }
  document.querySelector("p.progress button")?.addEventListener("click", () => remember([]));
  show();
}
