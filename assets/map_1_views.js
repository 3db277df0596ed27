/**
 * The maps that are on the page, and how arrays are fetched for them. Loaded first; every other map_*.js adds to it.
 * No WebGL, no request but to our own server.
 *
 * @typedef {Object} View
 * @property {L.Map} map the Leaflet map that dash-leaflet made
 * @property {Object<string, any>} layers our layers on it, by name
 * @property {number} turn counts what was asked for; an answer to an older turn is thrown away
 * @property {?Object} picture what is drawn now, as the server described it
 */
(() => {
  "use strict";
  if (!window.L) return;

  const views = new Map();
  const waiting = new Map();
  const kept = new Map();
  const MOST_KEPT = 48;

  L.Map.addInitHook(function remember() {
    const id = this.getContainer().id;
    if (!id) return;
    const view = { map: this, layers: {}, turn: 0, picture: null };
    views.set(id, view);
    this.on("unload", () => {
      this._animatingZoom = false;  // Leaflet would end the animation on a map that is gone
      if (views.get(id) === view) views.delete(id);
    });
    (waiting.get(id) || []).forEach((resolve) => resolve(view));
    waiting.delete(id);
  });

  /** @param {string} id @returns {Promise<View>} the map's view, as soon as the map exists */
  function viewOf(id) {
    if (views.has(id)) return Promise.resolve(views.get(id));
    return new Promise((resolve) => waiting.set(id, [...(waiting.get(id) || []), resolve]));
  }

  /** Fetch once and keep the last answers; a failure is not kept. @param {string} url @param {"arrayBuffer"|"json"} as */
  function fetched(url, as) {
    if (kept.has(url)) {
      const found = kept.get(url);
      kept.delete(url);
      kept.set(url, found);
      return found;
    }
    return hold(url, ask(url, as));
  }

  function hold(url, answer) {
    const held = answer.catch((problem) => {
      if (kept.get(url) === held) kept.delete(url);
      throw problem;
    });
    kept.set(url, held);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
    return held;
  }

  /** Keep what is known to lie under an address, unless it was fetched. @param {string} url @param {() => Promise} make */
  function keep(url, make) {
    // Whoever asks for it is told of a failure, and the next is sent to the server.
    if (!kept.has(url)) hold(url, make()).catch(() => {});
  }

  async function ask(url, as) {
    let answer;
    try {
      answer = await fetch(url, { credentials: "same-origin" });
    } catch (problem) {
      throw new Error("地图数据未能取得：与服务器的连接中断。");
    }
    if (!answer.ok) {
      const words = (await answer.text()).slice(0, 120);
      throw new Error(answer.status < 500 && words ? words : `地图数据未能取得（${answer.status}）。`);
    }
    return answer[as]();
  }

  /** Add a pane once. @param {L.Map} map @param {string} name @param {number} zIndex @returns {string} its name */
  function pane(map, name, zIndex) {
    if (!map.getPane(name)) {
      const made = map.createPane(name);
      made.style.zIndex = zIndex;
      made.style.pointerEvents = "none";
    }
    return name;
  }

  /** Numbers as the planner reads them: 12,345; shares with one decimal. */
  const count = (value) => Math.round(value).toLocaleString("zh-CN");
  function percent(share) {
    if (share === null || share === undefined || Number.isNaN(share)) return "—";
    // As in layers/wording.py: what is just below the whole or just above nothing is not rounded to it.
    if (share < 1 && share >= 0.9995) return "99.9 %";
    if (share > 0 && share < 0.0005) return "0.1 %";
    return `${(share * 100).toFixed(1)} %`;
  }

  /** Set properties of a component of Dash. @param {string} id @param {Object} properties */
  const tell = (id, properties) => window.dash_clientside.set_props(id, properties);

  /** Put a message into the status line. @param {string} text */
  const say = (text) => tell("status", { children: text });

  window.citymap = { views, viewOf, fetched, keep, pane, count, percent, tell, say };
})();
