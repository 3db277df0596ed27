/**
 * The wires of the map of service grids: what Dash's client-side callbacks call (window.dash_clientside.gridmap).
 * Borders, names, extent and where the map looks are those of every map (map_9_wires.js).
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const { tell, say, count } = citymap;
  const same = () => window.dash_clientside.no_update;

  function prepare(view, id) {
    if (view.layers.rings) return view.layers;
    const { map } = view;
    const layers = citymap.prepare(view, id);
    const pane = (name, z) => ({ pane: citymap.pane(map, `citymap-${name}`, z) });
    const thin = { line: "rgba(51,65,85,0.35)", width: 0.4, lineNear: "rgba(30,41,59,0.8)", widthNear: 1.1, near: 12.5 };
    const thick = { line: "rgba(60,40,110,0.35)", width: 0.6, lineNear: "rgba(76,29,149,0.75)", widthNear: 2.4, near: 12.5 };
    layers.rings = new citymap.RingLayer({ ...pane("rings", 332), opacity: 0.9, ...thin }).addTo(map);
    layers.borders = new citymap.RingLayer({ ...pane("borders", 352), ...thick }).addTo(map);
    layers.focus = new citymap.FocusLayer(pane("focus", 425)).addTo(map);
    layers.faults = new citymap.FaultLayer(pane("faults", 435)).addTo(map);
    listen(view, id);
    return layers;
  }

  function wordsAt(view, at) {
    const { layers, grids } = view;
    const fault = layers.faults.pick(at);
    if (fault >= 0) return layers.faults.wordsOf(fault);
    const row = grids ? layers.rings.pick(at) : -1;
    return row >= 0 ? wordsOfGrid(view, row) : null;
  }

  const known = (value, unit) => (value === null ? "未填报" : `${count(value)} ${unit}`);

  function wordsOfGrid({ grids, names }, row) {
    const faults = grids.faults[row] || 0;
    const words = [names.name[row] || "（未命名网格）", `户数 ${known(names.households[row], "户")}`];
    words.push(`网格员 ${known(names.workers[row], "名")}`, faults ? `问题 ${faults} 项` : "未发现问题");
    const value = grids.words && grids.words[row];
    return value ? [...words, `${grids.title}：${value}`] : words;
  }

  function pick(view, id, at) {
    if (!view.grids) return;
    const { layers, marks, names } = view;
    const fault = layers.faults.pick(at);
    const row = fault < 0 ? layers.rings.pick(at) : -1;
    if (fault < 0 && row < 0) return;
    view.gridPicked = true;
    const what = fault >= 0 ? { kind: "fault", id: marks.id[fault] } : { kind: "grid", row, id: names.id[row] };
    tell(`${id}-picked`, { data: { ...what, stamp: view.grids.stamp, at: Date.now() } });
  }

  function listen(view, id) {
    const { map, layers } = view;
    let pending = null;
    map.on("click", (event) => pick(view, id, event.latlng));
    map.on("mousemove", (event) => {
      const waiting = pending !== null;
      pending = event.latlng;
      if (waiting) return;
      requestAnimationFrame(() => {
        const at = pending;
        pending = null;
        const words = at && view.grids ? wordsAt(view, at) : null;
        if (words) layers.tip.show(at, words);
        else layers.tip.hide();
        map.getContainer().classList.toggle("citymap-over-something", Boolean(words));
      });
    });
    map.on("mouseout movestart", () => {
      pending = null;
      layers.tip.hide();
    });
    // Escape closes what lies over the page first.
    const covered = () => [...document.querySelectorAll("[role=dialog]")].some((one) => one.getClientRects().length);
    const onKey = (event) => {
      if (event.key !== "Escape" || !view.gridPicked || covered()) return;
      view.gridPicked = false;
      tell(`${id}-picked`, { data: { kind: "none", at: Date.now() } });
    };
    document.addEventListener("keydown", onKey);
    map.on("unload", () => document.removeEventListener("keydown", onKey));
  }

  function made(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function legendRow(mark, title, ...values) {
    const row = made("tr");
    const name = made("th");
    name.scope = "row";
    name.append(mark, made("span", "", title));
    row.append(name, ...values.map((value) => made("td", "", value)));
    return row;
  }

  function swatch({ colour, pattern }) {
    const box = made("i", pattern ? `citymap-swatch citymap-${pattern}` : "citymap-swatch");
    box.style.backgroundColor = colour;
    return box;
  }

  /** The mark of a severity as the map draws it. */
  function symbol({ shape, colour }) {
    const canvas = made("canvas", "gridmap-symbol");
    [canvas.width, canvas.height] = [32, 32];
    const context = canvas.getContext("2d");
    citymap.traceMark(context, shape, 16, 16, 11);
    context.fillStyle = colour;
    context.fill();
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
  }

  function writeLegend(view, id) {
    const box = document.getElementById(`${id}-legend`);
    if (!box || !view.grids) return;
    const { title, classes, note } = view.grids;
    const table = made("table");
    table.append(made("caption", "", title));
    classes.forEach((one) => table.append(legendRow(swatch(one), one.title, `${count(one.grids)} 个`)));
    const parts = [table];
    if (view.marks) {
      const counts = {};
      view.marks.severity.forEach((key) => (counts[key] = (counts[key] || 0) + 1));
      const faults = made("table");
      faults.append(made("caption", "", "问题"));
      Object.entries(view.marks.severities).forEach(([key, one]) => {
        faults.append(legendRow(symbol(one), one.title, `${count(counts[key] || 0)} 项`));
      });
      parts.push(faults);
    }
    box.replaceChildren(...parts, made("p", "", note));
    const hint = document.getElementById(`${id}-hint`);
    if (hint) hint.textContent = "单击网格或问题查看详情，紫线为村（社区）边界，按 Esc 取消。";
  }

  const or = (url, as) => (url ? citymap.fetched(url, as) : Promise.resolve(null));

  /** Colour the grids by the theme the server described. @returns {Promise<any>} its key when it is on the screen */
  async function show(picture, id) {
    if (!picture) return same();
    const started = performance.now();
    const view = await citymap.viewOf(id);
    const turn = ++view.turn;
    const layers = prepare(view, id);
    citymap.fitOnce(view, picture);
    try {
      const { urls } = picture;
      const [grids, borders, names, outlines, ...named] = await Promise.all([
        or(urls.grids, "arrayBuffer"), or(urls.borders, "arrayBuffer"), or(urls.names, "json"), or(urls.outlines, "json"),
        ...picture.names.map(({ url }) => or(url, "json")),
      ]);
      if (view.turn !== turn) return same();
      Object.assign(view, { picture, grids: picture, names });
      const scale = { colours: picture.classes.map((one) => one.colour), patterns: picture.classes.map((one) => one.pattern) };
      layers.rings.show(citymap.ringsOf(grids), picture.of, scale.colours.map((_, at) => citymap.fillOf(scale, at)));
      if (borders) layers.borders.show(citymap.ringsOf(borders));
      citymap.drawGround(layers, { picture, outlines, named });
      writeLegend(view, id);
      citymap.busy(view, id, false);
      performance.measure("gridmap:show", { start: started, end: performance.now() });
    } catch (problem) {
      if (view.turn !== turn) return same();
      citymap.busy(view, id, false);
      say(problem.message);
      return { failed: problem.message, turn };
    }
    return { stamp: picture.stamp, turn, key: picture.key };
  }

  /** Draw the faults that the filters leave. */
  async function marks(given, id) {
    if (!given) return same();
    const view = await citymap.viewOf(id);
    const layers = prepare(view, id);
    view.marks = given;
    layers.faults.show(given);
    writeLegend(view, id);
    return given.key;
  }

  /** Mark the faults that were chosen for repair. */
  async function choose(ids, id) {
    const view = await citymap.viewOf(id);
    prepare(view, id).faults.choose(ids || []);
    return same();
  }

  /** Draw what was clicked, and the grids before or after the repair. */
  async function focus(drawing, side, id) {
    const view = await citymap.viewOf(id);
    const layers = prepare(view, id);
    const shapes = drawing && drawing.shapes;
    if (drawing && (drawing.fault || view.pointed)) address({ fault: drawing.fault || "" });
    view.pointed = Boolean(drawing && drawing.fault);
    if (!shapes) {
      layers.focus.show(null);
      layers.faults.leaveOut(null);
      return same();
    }
    view.gridPicked = true;
    const { before = [], after = [], ...always } = shapes;
    const repaired = side === "after" && after.length > 0;
    layers.focus.show(repaired ? { after } : { ...always, before });
    layers.faults.leaveOut(repaired ? drawing.fault : null);
    // The card is laid over the map in the same moment: look where it leaves the map free.
    const moved = view.drawing !== drawing;
    view.drawing = drawing;
    if (moved && drawing.bounds) requestAnimationFrame(() => citymap.reveal(view, drawing.bounds, { maxZoom: 18 }));
    return side;
  }

  const alike = (a, b) => a.length === b.length && a.every((id) => b.includes(id));

  /** The list of faults to repair: boxes of the table, the button of the card, and the two buttons over the table. */
  function chosen(selected, _add, _none, _repairable, rows, before, picked, tableId) {
    const [moved] = window.dash_clientside.callback_context.triggered;
    const held = before || [];
    if (!moved || !rows) return same();
    const there = new Set(rows.map(({ id }) => id));
    let now = held;
    if (moved.prop_id.startsWith(`${tableId}.`)) {
      // Rows that a filter hides keep their place in the list.
      const ticked = Array.isArray(selected) ? selected.map(({ id }) => id) : (selected && selected.ids) || [];
      now = [...held.filter((id) => !there.has(id)), ...ticked];
      return alike(now, held) ? same() : now;
    }
    if (!moved.value) return same();
    if (moved.prop_id.startsWith("grids-choose-none")) now = [];
    else if (moved.prop_id.startsWith("grids-choose-repairable")) {
      now = [...new Set([...held, ...rows.filter(({ repairable }) => repairable).map(({ id }) => id)])];
    } else if (picked && picked.kind === "fault") {
      now = held.includes(picked.id) ? held.filter((id) => id !== picked.id) : [...held, picked.id];
    }
    tell(tableId, { selectedRows: { ids: now.filter((id) => there.has(id)) } });
    return now;
  }

  function chosenWords(ids, picked) {
    const held = ids || [];
    const own = picked && picked.kind === "fault" && held.includes(picked.id);
    return [held.length ? `已列入修复 ${held.length} 项` : "", own ? "移出修复" : "列入修复"];
  }

  /** Look at a place at once: {bounds}; what is to be picked there is picked. */
  async function look(goal, id) {
    if (!goal) return same();
    const view = await citymap.viewOf(id);
    prepare(view, id);
    Object.assign(view, { home: null, away: true });
    if (goal.bounds) view.map.fitBounds(goal.bounds, { padding: [20, 20], maxZoom: 18, animate: false });
    if (goal.picked) tell(`${id}-picked`, { data: { ...goal.picked, at: Date.now() } });
    return goal.at || same();
  }

  /** The question changed: say that the map is being computed until it is there. */
  function busy(query, id) {
    const view = citymap.views.get(id);
    if (query && view && view.grids && view.grids.asks) citymap.busy(view, id, true);
    return same();
  }

  const clear = (clicks) => (clicks ? { kind: "none", at: Date.now() } : same());

  const USUAL = { theme: "faults", tab: "faults" };

  /** Write words of the page into its address, beside the question. @param {Object<string, string>} words "" for none */
  function address(words) {
    if (!window.location.pathname.endsWith("/grids")) return;
    const search = new URLSearchParams(window.location.search);
    Object.entries(words).forEach(([name, word]) => {
      if (word && word !== USUAL[name]) search.set(name, word);
      else search.delete(name);
    });
    const url = `${window.location.pathname}?${search}${window.location.hash}`;
    window.history.replaceState(window.history.state, "", url);
  }

  function mirror(view) {
    if (!view) return same();
    const { fault, ...words } = view;
    address(words);
    return same();
  }

  const reload = (version) => {
    if (version) window.location.reload();
    return same();
  };

  /** A row was clicked (not its box) or opened by Enter. */
  function openRow({ event, colDef, data, type }, setEventData) {
    if (type === "cellKeyDown" && event.key !== "Enter") return;
    if (!data || (colDef && !colDef.field)) return;
    setEventData({ id: String(data.row === undefined ? data.id : data.row), at: Date.now() });
  }
  const GRAVEST_FIRST = ["重", "中", "轻"];
  const bySeverity = (a, b) => GRAVEST_FIRST.indexOf(a) - GRAVEST_FIRST.indexOf(b);
  window.dashAgGridFunctions = { ...window.dashAgGridFunctions, openRow, bySeverity };

  const wires = { show, marks, choose, focus, look, busy, chosenWords, chosen, clear, mirror, reload };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { gridmap: wires });
})();
