// The theme makes wide code reachable by keyboard, so that the arrow keys can scroll it, but measures it only
// once: code in a folded part has no width then. This measures it again whenever it comes into sight.
document.addEventListener("DOMContentLoaded", () => {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  for (const code of document.querySelectorAll("article pre")) observer.observe(code);
});

// Paper is white, whatever the screen is.
const paper = matchMedia("print");
let onScreen;
paper.addEventListener("change", () => {
  const page = document.documentElement;
  if (paper.matches) onScreen = page.dataset.theme;
  page.dataset.theme = paper.matches ? "light" : onScreen;
});
