// anywidget's script for the browser is an AMD module. esbuild puts this function in place of the
// global `define`, so that the bundle needs no AMD loader and leaves no global behind.
import * as base from "@jupyter-widgets/base";

export let anywidget;

export function define(_dependencies, factory) {
  anywidget = factory(base);
}
