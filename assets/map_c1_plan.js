/**
 * A plan on the map: candidates, the sites that were chosen (numbered in the order of their marginal gain), near-ties,
 * points drawn by hand, and people whom nothing can reach. Shape and number tell what colour tells.
 *
 * @typedef {Object} PlanDrawing columns under candidates, rows elsewhere; places are degrees
 * @property {?{id: string[], name: string[], lat: number[], lon: number[], mark: number[]}} candidates mark: 0 none, 1 required, 2 forbidden
 * @property {Array<{number: number, id: string, name: string, lat: number, lon: number, words: string[]}>} chosen
 * @property {Array<{name: string, lat: number, lon: number, words: string[]}>} near
 * @property {Array<[number, number]>} points [lat, lon] drawn by hand
 * @property {Array<[number, number]>} lost [lat, lon] of people out of reach of every candidate
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const { tell } = citymap;
  const same = () => window.dash_clientside.no_update;
  const [NONE, REQUIRED, FORBIDDEN] = [0, 1, 2];
  const INK = "#14375f";
  const LOOKS = {
    [NONE]: { fill: "#ffffff", edge: "#5b4a9c" },
    [REQUIRED]: { fill: "#1b9e77", edge: "#0b5a42", sign: "必" },
    [FORBIDDEN]: { fill: "#ffffff", edge: "#a12d00", sign: "×" },
  };
  const FONT = '"Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';

  function at(frame, [x, y]) {
    return [x * frame.scale + frame.left, y * frame.scale + frame.top];
  }

  const MANY = 40;
  const NUMBERED = 20;
  const NEAR_ZOOM = 11.5;

  function write(context, text, x, y, { size, colour }) {
    context.font = `700 ${size}px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = colour;
    context.fillText(text, x, y + 0.5);
  }

  citymap.PlanLayer = citymap.CanvasLayer.extend({
    /** @param {?PlanDrawing} drawing */
    show(drawing) {
      this._drawing = drawing;
      const place = (lat, lon) => citymap.mercator(lat, lon);
      const { candidates = null, chosen = [], near = [], points = [], lost = [] } = drawing || {};
      this._parts = {
        candidates: candidates ? candidates.lat.map((lat, i) => place(lat, candidates.lon[i])) : [],
        chosen: chosen.map(({ lat, lon }) => place(lat, lon)),
        near: near.map(({ lat, lon }) => place(lat, lon)),
        points: points.map(([lat, lon]) => place(lat, lon)),
        lost: lost.map(([lat, lon]) => place(lat, lon)),
      };
      this.redraw();
    },
    draw(context, frame) {
      this._frame = frame;
      this._spots = [];
      if (!this._drawing || this._off) return;
      const { candidates, chosen, lost, near, points } = this._parts;
      lost.forEach((xy) => this._lost(context, at(frame, xy)));
      candidates.forEach((xy, i) => this._candidate(context, at(frame, xy), { i, frame }));
      points.forEach((xy) => this._point(context, at(frame, xy)));
      near.forEach((xy, i) => this._near(context, at(frame, xy), i));
      // The first of the plan last, so that it lies on top.
      for (let i = chosen.length - 1; i >= 0; i--) this._chosen(context, at(frame, chosen[i]), i);
    },
    /** Take the plan off the map or put it back. @param {boolean} off */
    hide(off) {
      if (Boolean(this._off) === off) return;
      this._off = off;
      this.redraw();
    },
    _lost(context, [x, y]) {
      const far = this._frame.zoom < 11;
      const arm = far ? 1.2 : 3;
      context.strokeStyle = "#d95f02";
      context.lineWidth = far ? 0.8 : 1.6;
      context.beginPath();
      [[-arm, -arm, arm, arm], [-arm, arm, arm, -arm]].forEach(([a, b, c, d]) => {
        context.moveTo(x + a, y + b);
        context.lineTo(x + c, y + d);
      });
      context.stroke();
    },
    _candidate(context, [x, y], { i, frame }) {
      if (x < -9 || y < -9 || x > frame.width + 9 || y > frame.height + 9) return;
      const { candidates } = this._drawing;
      const look = LOOKS[candidates.mark[i]];
      const radius = look.sign ? 7 : frame.zoom >= 13 ? 4.5 : candidates.id.length > 800 ? 2 : 3;
      citymap.traceMark(context, "diamond", x, y, radius);
      context.fillStyle = look.fill;
      context.fill();
      context.lineWidth = look.sign ? 2 : 1.4;
      context.strokeStyle = look.edge;
      context.stroke();
      if (look.sign) write(context, look.sign, x, y, { size: 9, colour: candidates.mark[i] === REQUIRED ? "#fff" : look.edge });
      this._spots.push({ kind: "candidate", i, x, y, radius: Math.max(radius, 4) });
    },
    _point(context, [x, y]) {
      context.beginPath();
      context.arc(x, y, 4.5, 0, 2 * Math.PI);
      context.fillStyle = "#5b4a9c";
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = "#fff";
      context.stroke();
    },
    _near(context, [x, y], i) {
      context.beginPath();
      context.arc(x, y, 8, 0, 2 * Math.PI);
      context.setLineDash([3, 2]);
      context.lineWidth = 2;
      context.strokeStyle = INK;
      context.stroke();
      context.setLineDash([]);
      this._spots.push({ kind: "near", i, x, y, radius: 8 });
    },
    _chosen(context, [x, y], i) {
      const crowded = this._parts.chosen.length > MANY && i >= NUMBERED && this._frame.zoom < NEAR_ZOOM;
      const radius = crowded ? 5 : 11;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fillStyle = INK;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = "#ffffff";
      context.stroke();
      this._spots.push({ kind: "chosen", i, x, y, radius });
      if (crowded) return;
      const number = String(this._drawing.chosen[i].number);
      write(context, number, x, y, { size: number.length > 2 ? 8.5 : 11, colour: "#ffffff" });
    },
    /** @param {L.LatLng} place @returns {?{kind: string, i: number}} the mark under the place */
    pick(place) {
      if (!this._frame || this._off) return null;
      const [x, y] = at(this._frame, citymap.mercator(place.lat, place.lng));
      let best = null;
      let least = 3;
      for (const spot of this._spots || []) {
        const away = Math.hypot(spot.x - x, spot.y - y) - spot.radius;
        if (away <= least) [best, least] = [spot, Math.max(away, 0)];
      }
      return best;
    },
    /** @returns {string[]} what is known of a mark without asking the server */
    wordsOf({ kind, i }) {
      const { candidates, chosen, near } = this._drawing;
      if (kind === "chosen") return [`${chosen[i].number}. ${chosen[i].name}`, ...chosen[i].words];
      if (kind === "near") return [near[i].name, ...near[i].words];
      const mark = ["候选点", "候选点（必选）", "候选点（禁选）"][candidates.mark[i]];
      return [candidates.name[i] || candidates.id[i], mark];
    },
    /** @returns {{id: string, name: string, lat: number, lon: number}} */
    siteOf({ kind, i }) {
      const { candidates } = this._drawing;
      if (kind !== "candidate") return this._drawing[kind][i];
      return { id: candidates.id[i], name: candidates.name[i], lat: candidates.lat[i], lon: candidates.lon[i] };
    },
  });

  /** Whether the tab 优选 is what the planner sees. @param {string} panel its id */
  const seen = (panel) => Boolean((document.getElementById(panel) || { getClientRects: () => [] }).getClientRects().length);

  function prepare(view, id, panel) {
    const layers = citymap.prepare(view, id);
    if (layers.plan) return layers.plan;
    const plan = new citymap.PlanLayer({ pane: citymap.pane(view.map, "citymap-plan", 445) }).addTo(view.map);
    layers.plan = plan;
    view.claims = [...(view.claims || []), (place) => claim(view, { place, panel })];
    view.hints = [...(view.hints || []), (place) => {
      const spot = seen(panel) && plan.pick(place);
      return spot ? plan.wordsOf(spot) : null;
    }];
    return plan;
  }

  /** A click on a mark, or anywhere while points are drawn or asked about, is the plan's own. */
  function claim(view, { place, panel }) {
    if (!seen(panel) || view.tool) return false;
    const mode = view.planMode || "look";
    const spot = mode === "draw" ? null : view.layers.plan.pick(place);
    if (!spot && mode === "look") return false;
    const site = spot ? view.layers.plan.siteOf(spot) : { lat: place.lat, lon: place.lng };
    const kind = mode === "look" ? "site" : mode;
    tell("plan-clicked", { data: { kind, id: site.id || "", name: site.name || "", lat: site.lat, lon: site.lon, at: Date.now() } });
    return true;
  }

  /** Draw what the server described. @param {?PlanDrawing} drawing @param {string} mode what a click means */
  async function show(drawing, mode, tab, id, panel) {
    const view = await citymap.viewOf(id);
    const plan = prepare(view, id, panel);
    view.planMode = mode;
    view.map.getContainer().classList.toggle("plan-aiming", mode !== "look" && seen(panel));
    if (plan._drawing !== drawing) plan.show(drawing);
    plan.hide(!seen(panel));
    return drawing ? drawing.key || "" : same();
  }

  const plan = { ...(window.dash_clientside || {}).plan, show };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { plan });
})();
