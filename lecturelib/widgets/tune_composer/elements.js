// What the panel consists of.

const MAX_SEED = 2 ** 32 - 1;
const MAX_TEMPERATURE = 2;

function buildElements(metres, modes) {
  const number = { type: "number", min: "0", max: String(MAX_SEED), step: "1" };
  const range = { type: "range", min: "0", max: String(MAX_TEMPERATURE), step: "0.05" };
  // Otherwise JupyterLab takes Ctrl+A and others for the whole notebook.
  const text = { readonly: "", rows: "12", spellcheck: "false", "data-lm-suppress-shortcuts": "true" };
  return {
    metre: menuOf(metres),
    mode: menuOf(modes),
    temperature: element("input", range),
    degrees: element("span", { class: "degrees", "aria-hidden": "true" }), // the slider itself says it to screen readers
    seed: element("input", number),
    initial_abc: element("input", { type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off" }),
    problem: element("p", { class: "problem", role: "alert" }),
    compose: element("button", { type: "button", class: "main" }, "Compose"),
    play: element("button", { type: "button" }, "Play"),
    link: element("a", { class: "download" }, "Download as .abc"),
    abc: element("textarea", text),
    summary: element("p", { class: "summary", "aria-live": "polite" }),
  };
}

function arrange(parts) {
  const temperature = labelled("Temperature", parts.temperature);
  temperature.firstChild.append(": ", parts.degrees);
  const controls = element("div", { class: "pane" },
    element("div", { class: "pair" }, labelled("Metre", parts.metre), labelled("Mode, on C", parts.mode)),
    temperature,
    labelled("Seed", parts.seed),
    labelled("Initial ABC: how the music begins", parts.initial_abc),
    parts.problem,
    element("div", { class: "buttons" }, parts.compose, parts.play));
  const result = element("div", { class: "pane" }, labelled("Tune in ABC notation", parts.abc), parts.summary, parts.link);
  return panel("tune-composer", "Tune composer", {}, controls, result);
}
