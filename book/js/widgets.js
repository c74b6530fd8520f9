// Shows the widgets saved in a page without a Python kernel.
//
// The notebook's widget manager (@jupyter-widgets/html-manager) does this too, but weighs 3.6 MB, most of it
// controls and icon fonts that no page of this book uses. Here the same manager base class carries
// anywidget alone.
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import { Widget } from "@lumino/widgets";
import "anywidget-amd";
import { anywidget } from "./amd.js";

const MODULES = { "@jupyter-widgets/base": base, anywidget };

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

class StaticManager extends ManagerBase {
  async loadClass(className, moduleName) {
    const found = MODULES[moduleName]?.[className];
    if (!found) {
      throw new Error(`${moduleName}.${className}: the book shows anywidget widgets only`);
    }
    return found;
  }

  // No kernel listens, so a comm that swallows its messages is the truth about a static page.
  async _create_comm() {
    return { on_close() {}, on_msg() {}, send() {}, close() {} };
  }

  async _get_comm_info() {
    return {};
  }
}

async function showView(manager, script) {
  const { model_id: modelId } = JSON.parse(script.textContent);
  if (!manager.has_model(modelId)) return; // another manager's state
  const view = await manager.create_view(await manager.get_model(modelId));
  const place = document.createElement("div");
  script.before(place);
  Widget.attach(view.luminoWidget, place);
}

async function showWidgets() {
  for (const state of document.querySelectorAll(STATE)) {
    const manager = new StaticManager();
    await manager.set_state(JSON.parse(state.textContent));
    for (const script of document.querySelectorAll(VIEW)) await showView(manager, script);
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", showWidgets);
else showWidgets();
