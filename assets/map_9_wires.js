/**
 * The wires of the map: what Dash's client-side callbacks call (window.dash_clientside.citymap). The names of stores
 * follow callbacks/citymap.py: <map>-picked, <map>-busy.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const { tell, say } = citymap;
  const same = () => window.dash_clientside.no_update;
  let lastUnit = "community";

  /** Lay out borders and names before anything is computed. */
  async function ground(given, id) {
    if (!given) return same();
    const view = await citymap.viewOf(id);
    const layers = citymap.prepare(view, id);
    view.ground = given;
    citymap.fitOnce(view, given);
    try {
      const [outlines, ...named] = await Promise.all(
        [given.outlines, ...given.names.map(({ url }) => url)].map((url) => (url ? citymap.fetched(url, "json") : null)),
      );
      if (!view.picture) citymap.drawGround(layers, { picture: given, outlines, named });
    } catch (problem) {
      say(problem.message);
    }
    return given.stamp;
  }

  function measure(started) {
    const drawn = performance.now();
    performance.measure("citymap:restyle", { start: started, end: drawn });
    const [asked] = performance.getEntriesByName("citymap:asked").slice(-1);
    if (asked) performance.measure("citymap:answer", { start: asked.startTime, end: drawn });
  }

  /** Tell whether this very picture was drawn last, and nothing else was asked for since. */
  const onScreen = ({ told, turn }, picture) =>
    Boolean(told) && told.turn === turn && told.words === JSON.stringify(picture);

  /** Draw the picture the server described. @returns {Promise<any>} its stamp and turn when it is on the screen */
  async function show(picture, id) {
    if (!picture) return same();
    const started = performance.now();
    const view = await citymap.viewOf(id);
    if (onScreen(view, picture)) {
      citymap.busy(view, id, false);
      return same();
    }
    const turn = ++view.turn;
    citymap.prepare(view, id);
    citymap.give(picture.given);
    try {
      citymap.fitOnce(view, picture);
      const loaded = await citymap.load(view, picture);
      if (view.turn !== turn) return same();
      Object.assign(view, { picture, told: { turn, words: JSON.stringify(picture) } });
      citymap.drawPart(view, id, loaded);
      measure(started);
      citymap.busy(view, id, false);
      await citymap.drawPlaces(view, picture, turn);
      citymap.switchPart(view, id);
      citymap.prepareOthers(picture.near || picture, view.ground);
    } catch (problem) {
      if (view.turn !== turn) return same();
      citymap.busy(view, id, false);
      say(problem.message);
      return { failed: problem.message, turn };
    }
    return { stamp: picture.stamp, turn, key: picture.key };
  }

  /** Colour what can be coloured before the server answers. */
  async function foresee(view, id, query) {
    const guess = citymap.foresee(view.picture, view.ground, query);
    if (!guess) return;
    const turn = ++view.turn;
    const started = performance.now();
    try {
      let loaded = await citymap.load(view, guess);
      const arrays = loaded.arrays || (await citymap.arraysOf(guess.near));
      if (view.turn !== turn) return;
      const count = loaded.part.kind === "cells" ? citymap.countCells : citymap.countUnits;
      loaded = { ...loaded, part: count(loaded.part, arrays) };
      view.picture = loaded.part.kind === guess.kind ? loaded.part : guess;
      view.foreseen = loaded.part;
      citymap.drawPart(view, id, loaded);
      measure(started);
      citymap.busy(view, id, false);
    } catch (problem) {
      // The server is asked for the same, and its failure is told.
    }
  }

  /** A control was moved: colour what it surely means, before the server has read it (see callbacks/choice.py). */
  function hurry(element, level, minutes, walker, query, id) {
    const view = citymap.views.get(id);
    const [moved] = window.dash_clientside.callback_context.triggered;
    if (!query || !view || !moved) return same();
    const asked = { ...query, element: element || query.element };
    const stepped = Number(level) > 0;
    if (level === "standard" && asked.element !== query.element) return same();
    if (walker && walker !== query.walker) Object.assign(asked, { walker, speed_m_s: null });
    if (moved.prop_id.startsWith("query-minutes.")) asked.minutes = Number(minutes) || query.minutes;
    else if (stepped) asked.minutes = Number(level);
    if (asked.minutes > 0 && asked.minutes <= 60) foresee(view, id, asked);
    return same();
  }

  /** Draw the proof of the clicked place, or take it away; the address of the page tells which place it is. */
  async function prove(proof, id) {
    const view = await citymap.viewOf(id);
    const layers = citymap.prepare(view, id);
    if (!proof) return same();
    view.proof = proof;
    point(view, proof.place);
    if (!proof.kind) {
      layers.proof.clear();
      layers.area.clear();
      return same();
    }
    layers.proof.show(proof);
    await shade(view, proof);
    if (view.proof !== proof) return same();
    // The card is laid over the map in the same moment: look where it leaves the map free.
    if (proof.bounds) requestAnimationFrame(() => citymap.reveal(view, proof.bounds));
    view.picked = true;
    return proof.kind;
  }

  /** Colour the cells of a proof; one that was taken away while they were fetched stays away. */
  async function shade(view, proof) {
    const { layers, picture } = view;
    const { cells } = proof;
    const url = picture && (picture.near || picture).urls.cells;
    if (!cells || !url) {
      layers.area.clear();
      return;
    }
    const geometry = citymap.readCells(await citymap.fetched(url, "arrayBuffer"));
    if (view.proof !== proof) return;
    const classes = new Uint8Array(geometry.count).fill(255);
    cells.forEach((cell) => (classes[cell] = 0));
    layers.area.show(geometry, classes, ["#d6006c"]);
  }

  /** Write the chosen place into the address, so that it can be sent to a colleague. */
  function point(view, place) {
    if (!place && !view.pointed) return;
    view.pointed = Boolean(place);
    const search = new URLSearchParams(window.location.search);
    ["cell", "facility", "place"].forEach((name) => search.delete(name));
    Object.entries(place || {}).forEach(([name, value]) => search.set(name, value));
    const address = `${window.location.pathname}?${search}${window.location.hash}`;
    window.history.replaceState(window.history.state, "", address);
  }

  /** Look at a place: {bounds} or {point}; what is to be picked there is picked. */
  async function look(goal, id) {
    if (!goal) return same();
    const view = await citymap.viewOf(id);
    citymap.prepare(view, id);
    view.home = null;
    view.away = true;
    if (goal.bounds) view.map.fitBounds(goal.bounds, { padding: [20, 20], maxZoom: 16 });
    if (goal.point) view.map.setView(goal.point, Math.max(view.map.getZoom(), goal.zoom || 16));
    if (goal.picked) tell(`${id}-picked`, { data: { ...goal.picked, at: Date.now() } });
    return goal.at || same();
  }

  /** The whole city again. */
  async function home(clicks, id) {
    const view = await citymap.viewOf(id);
    if (clicks && view.picture && view.picture.extent) citymap.fit(view, view.picture.extent);
    return same();
  }

  /** A switch of the page was moved: which change of the question that is. */
  function ask(content, drawnAs, query, id) {
    if (!query) return same();
    const view = citymap.views.get(id);
    if (view) {
      view.fixed = drawnAs === "unit";
      citymap.switchPart(view, id);
    }
    const change = {};
    if (content && content !== query.view) change.view = content;
    if (drawnAs === "cell" && query.unit !== "cell") change.unit = "cell";
    if (drawnAs && drawnAs !== "cell" && query.unit === "cell") change.unit = lastUnit;
    return Object.keys(change).length ? change : same();
  }

  /** The question changed: colour the map at once where that can be done, and let the switches agree with it. */
  function follow(query, id, contentId, drawnAsId) {
    if (!query) return same();
    performance.mark("citymap:asked");
    if (query.unit !== "cell") lastUnit = query.unit;
    const view = citymap.views.get(id);
    if (view) {
      citymap.busy(view, id, true);
      foresee(view, id, query);
    }
    tell(contentId, { value: query.view });
    tell(drawnAsId, { value: query.unit === "cell" ? "cell" : view && view.fixed ? "unit" : "auto" });
    return same();
  }

  const clear = (clicks) => (clicks ? { kind: "none", at: Date.now() } : same());

  // The server has already searched: what it sends is shown as it is.
  window.dashMantineFunctions = { ...window.dashMantineFunctions, everyOption: ({ options }) => options };
  const wires = { ground, show, prove, look, home, ask, follow, hurry, clear };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { citymap: wires });
})();
