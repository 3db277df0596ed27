/**
 * The wires of the page 选址 in the browser (window.dash_clientside.siting): tools and their keys, clicks that become
 * edits one after the other, and what is drawn of them. What is done goes through one queue, so that a quick second
 * click is saved on top of the first.
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const { tell } = citymap;
  const same = () => window.dash_clientside.no_update;
  const STREETS_FROM_ZOOM = 14;
  const ATTACH_M = 25;
  const GIVE_UP_MS = 30000;
  const NEAR_M = 300;
  const DRAWN_AS = ["unit", "view"];
  const IDLE = "选一件工具，再在地图上操作；按 Esc 放下工具。";
  let tools = {};
  let turn = 0;

  const note = (text) => tell("siting-note", { children: text });
  const view = (id = "siting-map") => citymap.views.get(id);

  /** Do one thing after the other. @param {Object} act {do, …} @param {L.LatLng[]} places where it happens */
  function enqueue(own, act, places = []) {
    own.queue.push({ ...act, at: Date.now() * 100 + (turn++ % 100), places });
    pump(own);
  }

  function pump(own) {
    const stuck = own.saving && Date.now() - own.since > GIVE_UP_MS;
    if ((own.saving && !stuck) || !own.queue.length) return;
    const { places, ...act } = own.queue.shift();
    Object.assign(own, { saving: act.at, since: Date.now() });
    own.layers.tool.wait(places.length ? [places] : []);
    citymap.busy(own, own.id, true);
    note("");
    performance.mark("siting:act");
    tell("siting-act", { data: act });
  }

  /** The answer to an act came, or the question followed it: go on with the next. */
  function settled(done, query, id) {
    const own = view(id);
    if (!own || !own.saving || !done || done.at !== own.saving) return same();
    if (done.scenario && query && query.scenario !== done.scenario) return same();
    own.saving = null;
    if (done.refused) {
      own.queue = [];
      own.layers.tool.wait([]);
      citymap.busy(own, id, false);
    }
    pump(own);
    return done.at;
  }

  async function prepared(id) {
    const own = await citymap.viewOf(id);
    const layers = citymap.prepare(own, id);
    if (layers.tool) return own;
    const pane = (name, z) => ({ pane: citymap.pane(own.map, `citymap-${name}`, z) });
    layers.edits = new citymap.EditLayer(pane("edits", 432)).addTo(own.map);
    layers.change = new citymap.ChangeLayer(pane("change", 415)).addTo(own.map);
    layers.tool = new citymap.ToolLayer(pane("tool", 445)).addTo(own.map);
    Object.assign(own, { id, queue: [], saving: null, line: [] });
    own.claims = [...(own.claims || []), () => Boolean(own.tool)];
    own.hints = [...(own.hints || []), (at) => hint(own, at)];
    own.after = [...(own.after || []), (part, arrays) => layers.change.show(part, arrays)];
    if (own.shown) layers.change.show(own.shown, own.arrays);
    listen(own);
    return own;
  }

  function hint({ layers, tool }, at) {
    const mark = layers.edits.pick(at);
    if (mark) return [`第 ${mark.number} 处改动`, mark.words];
    const thing = layers.tool.thing(layers.tool.pick(at));
    if (thing) return [thing.words, tool ? tool.title : ""];
    return null;
  }

  /** The facility under the pointer; a heap of them is opened by zooming in. */
  function facilityAt({ map, layers }, at) {
    const spot = layers.facilities.pick(at);
    if (!spot) {
      note("这里没有所选要素的设施；请单击地图上的设施圆点。");
      return null;
    }
    if (spot.members.length > 1) {
      map.fitBounds(spot.bounds.pad(0.2), { maxZoom: Math.max(map.getZoom() + 2, 14) });
      return null;
    }
    return spot.row;
  }

  const stampOf = (own) => (own.picture ? own.picture.stamp : "");
  const pair = ({ lat, lng }) => [lat, lng];

  /** A place on a street as near as the pointer, the place itself where there is none or streets are not known. */
  function snapped(own, at) {
    const found = citymap.snapStreet(own, at, ATTACH_M);
    return { at: found ? found.at : at, on: Boolean(found), known: found !== undefined };
  }

  const USE = {
    place: (own, at) => enqueue(own, { do: own.tool.key, lat: at.lat, lng: at.lng }, [at]),
    facility(own, at) {
      const row = facilityAt(own, at);
      if (row !== null) enqueue(own, { do: own.tool.key, row, stamp: stampOf(own) }, [at]);
    },
    street(own, at) {
      const end = snapped(own, at);
      if (end.known && !end.on) note(`${ATTACH_M} 米内没有可步行的道路；请单击道路。`);
      else enqueue(own, { do: own.tool.key, lat: end.at.lat, lng: end.at.lng }, [end.at]);
    },
    gate(own, at) {
      const thing = own.layers.tool.thing(own.layers.tool.pick(at));
      if (thing) enqueue(own, { do: own.tool.key, lat: thing.at.lat, lng: thing.at.lng }, [thing.at]);
      else note("这里没有关闭的门；请单击红色门形标记。");
    },
    site(own, at) {
      const thing = own.layers.tool.thing(own.layers.tool.pick(at));
      if (thing) enqueue(own, { do: own.tool.key, site: thing.id }, [thing.at]);
      else note("这里没有闲置资产；请单击蓝色方块标记。");
    },
    line(own, at, event) {
      const end = snapped(own, at);
      own.line.push(end.at);
      const more = event && event.originalEvent && event.originalEvent.shiftKey;
      if (own.line.length > 1 && !more) {
        enqueue(own, { do: own.tool.key, line: own.line.map(pair) }, own.line);
        own.line = [];
      }
      sketch(own, at);
    },
    drag: (own, at) => facilityAt(own, at) !== null && note("按住设施拖到新的位置，再松开。"),
  };

  function sketch(own, at) {
    const { tool, layers, line, drag } = own;
    if (drag) {
      layers.tool.sketch({ from: drag.from, ghost: at });
      return;
    }
    if (!tool || !["line", "street"].includes(tool.aim)) {
      layers.tool.sketch(null);
      return;
    }
    const end = snapped(own, at);
    const lost = tool.aim === "line" && end.known && !end.on;
    layers.tool.sketch({ line: tool.aim === "line" ? [...line, end.at] : [end.at], snapped: end.on ? end.at : null, lost });
  }

  function startDrag(own, event) {
    if (!own.tool || own.tool.aim !== "drag" || event.originalEvent.button) return;
    const spot = own.layers.facilities.pick(event.latlng);
    if (!spot || spot.members.length > 1) return;
    own.drag = { row: spot.row, from: event.latlng, stamp: stampOf(own) };
    own.map.dragging.disable();
  }

  function endDrag(own, event) {
    const { drag } = own;
    if (!drag) return;
    own.drag = null;
    own.map.dragging.enable();
    own.layers.tool.sketch(null);
    const moved = own.map.latLngToContainerPoint(drag.from).distanceTo(own.map.latLngToContainerPoint(event.latlng));
    if (moved < 4) return;
    own.dragged = Date.now();
    const { lat, lng } = event.latlng;
    enqueue(own, { do: own.tool.key, row: drag.row, stamp: drag.stamp, lat, lng }, [drag.from, event.latlng]);
  }

  function listen(own) {
    const { map } = own;
    let pending = null;
    map.on("mousedown", (event) => startDrag(own, event));
    map.on("mouseup", (event) => endDrag(own, event));
    map.on("click", (event) => {
      if (!own.tool || (own.dragged && Date.now() - own.dragged < 300)) return;
      if (USE[own.tool.aim]) USE[own.tool.aim](own, event.latlng, event);
    });
    map.on("mousemove", (event) => {
      const asked = pending !== null;
      pending = event.latlng;
      if (asked) return;
      requestAnimationFrame(() => {
        const at = pending;
        pending = null;
        if (at && (own.tool || own.drag)) sketch(own, at);
      });
    });
    document.addEventListener("keydown", own.onKey = (event) => press(own, event));
    map.on("unload", () => document.removeEventListener("keydown", own.onKey));
  }

  /** Whether keys mean tools now: the tools are seen, nothing is being written, and nothing lies over the page. */
  function listening({ target }) {
    const bar = document.querySelector(".siting-tools");
    const writing = target.closest && target.closest("input, textarea, select, [contenteditable=true], [role=dialog]");
    const covered = [...document.querySelectorAll("[role=dialog]")].some((one) => one.getClientRects().length);
    return bar && bar.getClientRects().length && !writing && !covered;
  }

  const clickOn = (ident) => {
    const button = document.getElementById(ident);
    if (button && !button.disabled) button.click();
  };

  function press(own, event) {
    if (!listening(event)) return;
    const letter = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !event.altKey && (letter === "z" || letter === "y")) {
      event.preventDefault();
      clickOn(letter === "y" || event.shiftKey ? "siting-redo" : "siting-undo");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && own.tool) {
      if (own.line.length) {
        own.line = [];
        own.layers.tool.sketch(null);
      } else tell("siting-tool", { data: null });
      return;
    }
    const wanted = Object.values(tools).find((one) => one.letter.toLowerCase() === letter);
    if (wanted) tell("siting-tool", { data: own.tool && own.tool.key === wanted.key ? null : wanted.key });
  }

  /** A button of a tool was pressed: take it, or lay it down. */
  function take(_clicks, given, now) {
    tools = given;
    const [moved] = window.dash_clientside.callback_context.triggered;
    if (!moved || !moved.value) return same();
    const { key } = JSON.parse(moved.prop_id.slice(0, moved.prop_id.lastIndexOf(".")));
    return key === now ? null : key;
  }

  /** Another tool is in hand: its fields, its help, and how the buttons look. */
  async function hold(key, given, show, id) {
    tools = given;
    const tool = given[key] || null;
    const buttons = window.dash_clientside.callback_context.outputs_list[2];
    const own = await prepared(id);
    Object.assign(own, { tool, line: [], drag: null });
    own.layers.tool.sketch(null);
    own.layers.tool.offer(null);
    own.map.getContainer().classList.toggle("siting-cursor", Boolean(tool));
    // What the last tool cost and was called says nothing of the next.
    ["cost", "name"].forEach((field) => tell({ type: "siting-field", key: field }, { value: "" }));
    if (tool && show === "before") tell("siting-show", { value: "after" });
    note("");
    const far = tool && ["line", "street"].includes(tool.aim) && own.map.getZoom() < STREETS_FROM_ZOOM;
    const chosen = ({ id: one }) => Boolean(tool) && one.key === tool.key;
    return [
      tool ? `siting-form siting-for-${tool.key}` : "siting-form",
      tool ? `${tool.help}${far ? "请先放大到能看清道路。" : ""}` : IDLE,
      buttons.map((one) => (chosen(one) ? "siting-tool chosen" : "siting-tool")),
      buttons.map((one) => (chosen(one) ? "true" : "false")),
    ];
  }

  /** Undo, redo, or remove an edit of the list. */
  function pressed(_undo, _redo, _removes, id) {
    const [moved] = window.dash_clientside.callback_context.triggered;
    const own = view(id);
    if (!moved || !moved.value || !own) return same();
    const name = moved.prop_id.slice(0, moved.prop_id.lastIndexOf("."));
    if (name === "siting-undo" || name === "siting-redo") enqueue(own, { do: name.slice(7) });
    else enqueue(own, { do: "drop", position: Number(JSON.parse(name).key) });
    return same();
  }

  function nearestFacility(own, at) {
    const { _places: places } = own.layers.facilities;
    if (!places) return null;
    const away = places.lat.map((lat, i) => own.map.distance(at, [lat, places.lon[i]]));
    const best = away.reduce((least, metres, i) => (metres < away[least] ? i : least), 0);
    return away.length && away[best] <= NEAR_M ? places.row[best] : null;
  }

  const TYPED = {
    line: (own, at) => (at.length > 1 ? { act: { line: at.map(pair) } } : { lacking: "请输入起点和终点：经度, 纬度, 经度, 纬度。" }),
    facility(own, [at]) {
      const row = nearestFacility(own, at);
      return row === null ? { lacking: `该处 ${NEAR_M} 米内没有所选要素的设施。` } : { act: { row, stamp: stampOf(own) } };
    },
    drag(own, [from, to]) {
      const row = nearestFacility(own, from);
      if (!to) return { lacking: "请输入设施所在和新的位置：经度, 纬度, 经度, 纬度。" };
      if (row === null) return { lacking: `该处 ${NEAR_M} 米内没有所选要素的设施。` };
      return { act: { row, stamp: stampOf(own), lat: to.lat, lng: to.lng } };
    },
    site(own, [at]) {
      const things = own.layers.tool._things;
      const away = things ? things.lat.map((lat, i) => own.map.distance(at, [lat, things.lon[i]])) : [];
      const best = away.reduce((least, metres, i) => (metres < away[least] ? i : least), 0);
      return away[best] <= NEAR_M ? { act: { site: things.id[best] } } : { lacking: `该处 ${NEAR_M} 米内没有闲置资产。` };
    },
  };

  /** A place was typed instead of clicked. */
  function typed(clicks, enters, place, key, given, id) {
    const own = view(id);
    if ((!clicks && !enters) || !own) return same();
    // The field itself knows what was typed before Dash does.
    const text = document.getElementById(place).value;
    const tool = given[key];
    const numbers = text.split(/[\s,，;；]+/).filter(Boolean).map(Number);
    if (!tool) return "请先选择一件工具。";
    if (numbers.length < 2 || numbers.length % 2 || numbers.some((n) => !Number.isFinite(n))) {
      return "位置不可用；请输入经度, 纬度，例如 112.75, 37.69。";
    }
    const at = [];
    for (let i = 0; i < numbers.length; i += 2) at.push(L.latLng(numbers[i + 1], numbers[i]));
    const made = TYPED[tool.aim] ? TYPED[tool.aim](own, at) : { act: { lat: at[0].lat, lng: at[0].lng } };
    if (made.lacking) return made.lacking;
    enqueue(own, { do: key, ...made.act }, at);
    return "";
  }

  async function marks(given, id) {
    if (!given) return same();
    const own = await prepared(id);
    own.layers.edits.show(given);
    if (!own.saving) own.layers.tool.wait([]);
    return given.length;
  }

  async function offered(given, id) {
    const own = await prepared(id);
    own.layers.tool.offer(given && own.tool && own.tool.aim === given.aim ? given : null);
    return given ? given.stamp : null;
  }

  /** Tell whether the map shows the question already: the answer to an edit brings the picture along. */
  const answered = ({ picture: { asked, key } }, query) =>
    key !== null && Object.keys(query).every((name) => DRAWN_AS.includes(name) || String(asked[name]) === String(query[name]));

  /** The question changed: say that the map is being computed until it is there. */
  function busy(query, id) {
    const own = view(id);
    if (query && own && own.picture && !answered(own, query)) citymap.busy(own, id, true);
    return same();
  }

  const NAMES = { before: ["现状", "A"], after: ["方案", "B"], change: ["差异", "差异"] };

  /** The switch over the map is labelled by what is compared; tab and pair go into the address. */
  function address(tab, first, second) {
    const comparing = tab === "compare";
    const search = new URLSearchParams(window.location.search);
    const said = { tab: tab === "edit" ? "" : tab, first: comparing ? first : "", second: comparing ? second : "" };
    Object.entries(said).forEach(([name, value]) => (value ? search.set(name, value) : search.delete(name)));
    const words = search.toString();
    const url = `${window.location.pathname}${words ? `?${words}` : ""}${window.location.hash}`;
    window.history.replaceState(window.history.state, "", url);
    if (comparing) tell("siting-tool", { data: null });
    return Object.entries(NAMES).map(([value, names]) => ({ value, label: names[comparing ? 1 : 0] }));
  }

  const wires = { settled, take, hold, pressed, typed, marks, offered, busy, address };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { siting: wires });
})();
