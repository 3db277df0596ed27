/**
 * Faults of the service grids: a mark for each, whose shape and colour say the severity and whose letter says the kind,
 * the place itself when one looks closely, and what a repair would change.
 *
 * @typedef {Object} Marks columns, one entry per fault
 * @property {string[]} id @property {string[]} kind @property {string[]} severity
 * @property {Array<?number>} lat @property {Array<?number>} lon null where the grid has no shape at all @property {number[]} slot place in the row of marks at one spot
 * @property {Array<?Array>} rings where the fault has a place of its own: rings of [lat, lon]
 * @property {Object<string, {title: string, letter: string}>} kinds
 * @property {Object<string, {title: string, colour: string, shape: string, rank: number}>} severities
 */
(() => {
  "use strict";
  if (!window.citymap) return;

  const LETTERS_FROM_ZOOM = 11.5;
  const PLACES_FROM_ZOOM = 12;
  const SMALL_PX = 4.5;
  const LARGE_PX = 9.5;

  /** Trace a shape of a severity around a point. @param {"triangle"|"diamond"|"circle"} shape */
  citymap.traceMark = (context, shape, x, y, radius) => {
    context.beginPath();
    if (shape === "circle") context.arc(x, y, radius * 0.9, 0, 2 * Math.PI);
    const corners = {
      triangle: [[0, -1.2], [1.15, 0.85], [-1.15, 0.85]],
      diamond: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
    }[shape];
    (corners || []).forEach(([dx, dy], i) => context[i ? "lineTo" : "moveTo"](x + dx * radius, y + dy * radius));
    context.closePath();
  };

  citymap.FaultLayer = citymap.CanvasLayer.extend({
    /** @param {Marks} marks */
    show(marks) {
      this._marks = marks;
      this._xy = marks.lat.map((lat, i) => (lat === null ? null : citymap.mercator(lat, marks.lon[i])));
      const rank = (i) => marks.severities[marks.severity[i]].rank;
      // The gravest last, so that they lie on top.
      this._order = marks.id.map((_, i) => i).filter((i) => this._xy[i]).sort((a, b) => rank(b) - rank(a));
      this._chosen = this._chosen || new Set();
      this.redraw();
    },
    /** Mark the faults that are to be repaired. @param {string[]} ids */
    choose(ids) {
      this._chosen = new Set(ids);
      this.redraw();
    },
    /** Draw as if one fault were repaired. @param {?string} id null for none */
    leaveOut(id) {
      if ((this._without || null) === id) return;
      this._without = id;
      this.redraw();
    },
    draw(context, frame) {
      this._spots = [];
      if (!this._marks) return;
      if (frame.zoom >= PLACES_FROM_ZOOM) this._places(context, frame);
      const large = frame.zoom >= LETTERS_FROM_ZOOM;
      const radius = large ? LARGE_PX : SMALL_PX;
      for (const i of this._order) {
        if (this._marks.id[i] === this._without) continue;
        const [mx, my] = this._xy[i];
        const x = mx * frame.scale + frame.left + (large ? this._marks.slot[i] * 2.3 * radius : 0);
        const y = my * frame.scale + frame.top;
        if (x < -radius || y < -radius || x > frame.width + radius || y > frame.height + radius) continue;
        this._mark(context, i, { x, y, radius, large });
        this._spots.push({ i, x, y, radius });
      }
      this._frame = frame;
    },
    _mark(context, i, { x, y, radius, large }) {
      const { kinds, kind, severities, severity, id } = this._marks;
      const { shape, colour } = severities[severity[i]];
      if (this._chosen.has(id[i])) {
        citymap.traceMark(context, shape, x, y, radius + 4);
        context.fillStyle = "#0b6b50";
        context.fill();
      }
      citymap.traceMark(context, shape, x, y, radius);
      context.fillStyle = colour;
      context.fill();
      context.lineWidth = large ? 1.6 : 1;
      context.strokeStyle = "#ffffff";
      context.stroke();
      if (!large) return;
      context.font = '600 10.5px "Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillStyle = "#ffffff";
      context.fillText(kinds[kind[i]].letter, x, y + (shape === "triangle" ? 1.6 : 0.6));
    },
    _places(context, frame) {
      const { rings, severities, severity, id } = this._marks;
      rings.forEach((own, i) => {
        if (!own || id[i] === this._without) return;
        const { colour } = severities[severity[i]];
        context.beginPath();
        for (const ring of own) {
          ring.forEach(([lat, lon], k) => {
            const [mx, my] = citymap.mercator(lat, lon);
            context[k ? "lineTo" : "moveTo"](mx * frame.scale + frame.left, my * frame.scale + frame.top);
          });
        }
        context.globalAlpha = 0.45;
        context.fillStyle = colour;
        context.fill("evenodd");
        context.globalAlpha = 1;
        context.strokeStyle = colour;
        context.lineWidth = 1.6;
        context.stroke();
      });
    },
    /** @param {L.LatLng} at @returns {number} the fault whose mark is under the place, or -1 */
    pick(at) {
      if (!this._frame) return -1;
      const [mx, my] = citymap.mercator(at.lat, at.lng);
      const x = mx * this._frame.scale + this._frame.left;
      const y = my * this._frame.scale + this._frame.top;
      let best = -1;
      let least = 3;
      for (const spot of this._spots) {
        const away = Math.hypot(spot.x - x, spot.y - y) - spot.radius;
        if (away <= least) [best, least] = [spot.i, Math.max(away, 0)];
      }
      return best;
    },
    /** @returns {string[]} what is known of a fault without asking the server */
    wordsOf(i) {
      const { kinds, kind, severities, severity, id } = this._marks;
      return [kinds[kind[i]].title, `${severities[severity[i]].title} · ${id[i]}`];
    },
  });

  const OWN = { interactive: false, fill: true };
  const LOOKS = {
    chosen: { color: "#14375f", weight: 3, fillOpacity: 0 },
    place: { color: "#d6006c", weight: 2, fillColor: "#d6006c", fillOpacity: 0.45 },
    before: { color: "#7a4b00", weight: 2.5, dashArray: "6 5", fillColor: "#e6a23c", fillOpacity: 0.22 },
    after: { color: "#0b6b50", weight: 3, fillColor: "#17a67a", fillOpacity: 0.25 },
  };

  /** What was clicked, and the grids that a repair touches, before or after it. */
  citymap.FocusLayer = L.Layer.extend({
    initialize(options) {
      L.setOptions(this, options);
    },
    onAdd(map) {
      this._renderer = L.canvas({ pane: this.options.pane, padding: 0.25 });
      this._group = L.layerGroup([], { pane: this.options.pane }).addTo(map);
    },
    onRemove() {
      this._group.remove();
    },
    /** @param {?Object<string, Array>} shapes by look (a key of LOOKS): lists of polygons, each a list of rings of [lat, lon] */
    show(shapes) {
      this._group.clearLayers();
      const own = { ...OWN, renderer: this._renderer, pane: this.options.pane };
      Object.entries(shapes || {}).forEach(([look, polygons]) => {
        polygons.forEach((rings) => L.polygon(rings, { ...own, ...LOOKS[look] }).addTo(this._group));
      });
    },
  });
})();
