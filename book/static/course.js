// The theme makes wide code reachable by keyboard, so that the arrow keys can scroll it, but measures it only
// once: code in a folded part has no width then. This measures it again whenever it comes into sight.
document.addEventListener("DOMContentLoaded", () => {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  for (const code of document.querySelectorAll("article pre")) observer.observe(code);
});
