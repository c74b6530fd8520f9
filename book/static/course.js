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

// A formula in running text cannot be broken into lines: where it is wider than its column, it scrolls by itself.
const fit = () => {
  for (const formula of document.querySelectorAll("article mjx-container:not([display])")) {
    formula.classList.remove("wide");
    const column = formula.parentElement.closest("p, li, dd, td, th, figcaption, div");
    formula.classList.toggle("wide", formula.getBoundingClientRect().width > column.clientWidth + 1);
  }
};
window.addEventListener("load", () => {
  const article = document.querySelector("article");
  if (article) window.MathJax?.startup?.promise?.then(() => new ResizeObserver(fit).observe(article));
});
